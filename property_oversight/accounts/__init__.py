"""People and the hats they wear."""
