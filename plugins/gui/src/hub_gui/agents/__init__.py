"""Agents that act on screens."""
