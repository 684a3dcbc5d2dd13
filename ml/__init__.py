"""Arithmetic on text and numbers: no Django, no database, no settings; data in, data out."""
