"""Providers' bills against the homes as they stood on the first of the month: what does not agree, what it costs, what was decided."""
