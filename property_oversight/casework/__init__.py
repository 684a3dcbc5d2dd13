"""The conductor: the one way in, the story of a complaint, the rounds, the commands."""
