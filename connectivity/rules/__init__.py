"""What the program decides, pure: no Flask, no database. Vocabularies, states, names, codes."""
