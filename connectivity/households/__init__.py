"""STAFF: find, register and edit a household, its connectivity answers and its enrollment."""
