"""Program years: when they run, who pays, their extensions, and what each wants to reach."""
