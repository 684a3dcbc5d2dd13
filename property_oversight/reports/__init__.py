"""Numbers for people: what waits, what came in, and the tables that offices take away."""
