"""Reference data: what lies in data/, checked as a whole, carried into the database, and read back from there by every host."""
