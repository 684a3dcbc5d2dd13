"""The finding: which estate, which contract, which firm a complaint concerns, on what evidence."""
