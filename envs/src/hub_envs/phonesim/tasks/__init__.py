"""The phone's tasks."""
