"""The desk: what was said, by whom, when, of what kind, how far along; no estate, no company."""
