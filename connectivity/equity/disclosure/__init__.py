"""Disclosure control: which figures are withheld, and the proof that a reader of everything published cannot work them out. Pure."""
