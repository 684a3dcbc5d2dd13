"""Who manages what, where, since when."""
