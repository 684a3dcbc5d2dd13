"""Supervisory talks (约谈): proposed by rules, decided by an officer, walked to their end."""
