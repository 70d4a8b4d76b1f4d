"""Connectivity: enroll households in a city's student home-internet program, show whom it reaches, hand schools their own rows."""
