"""Computers and phones for hub: what acts on screens, and what learns to."""
