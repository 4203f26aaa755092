"""Computers: OSWorld's tasks on a real desktop."""
