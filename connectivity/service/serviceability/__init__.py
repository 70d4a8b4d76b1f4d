"""What serves an address: addresses out to a provider without names, its answers back, corrections looked at, and homes that no wire reaches."""
