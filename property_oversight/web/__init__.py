"""The people's face: one file an audience."""
