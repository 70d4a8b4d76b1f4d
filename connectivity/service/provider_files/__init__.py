"""The round trip with a provider: the work file out, the same file back with its status, and what the providers are called and sell."""
