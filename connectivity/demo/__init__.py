"""A synthetic program for demonstration and for load: reproducible by seed, on real streets, with nobody real in it."""
