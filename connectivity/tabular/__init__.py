"""People's files, pure: what a spreadsheet or a machine reads and writes."""
