"""A community rates a firm, owners and site panels too: rounds, questions, evaluations."""
