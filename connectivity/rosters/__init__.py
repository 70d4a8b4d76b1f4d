"""STAFF: the district's whole roster in one file: read, compare, hold, apply, receipt, undo."""
