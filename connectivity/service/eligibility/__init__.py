"""Who is eligible: policies, yearly runs, determinations of each household, overrides and appeals, what-if."""
