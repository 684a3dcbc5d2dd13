"""The only doors: which rows a person sees, which verbs a person may use."""
