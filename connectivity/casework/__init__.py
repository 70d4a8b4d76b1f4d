"""What every staff journey does with a household: loads it for a change, names it, finds it again, leads from a merged one to the one that stands."""
