"""How far the program has come: who is stalled, the funnel, and who leaves when."""
