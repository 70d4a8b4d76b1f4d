"""COUNCIL: need, reach and gap on a map of the 77 community areas."""
