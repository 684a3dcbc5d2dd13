"""What the petition office is told: everything that happened, numbered once, after commit."""
