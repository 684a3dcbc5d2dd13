"""An explainable number: how well an estate was served in a quarter, and how sure that is."""
