"""What is measured: every base count of a program year as of any date, from dated events. Unprotected: for `disclosure` alone."""
