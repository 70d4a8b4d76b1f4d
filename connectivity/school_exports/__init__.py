"""SCHOOLS: the students of one school, on a page and as a file."""
