"""Agents for coupled restless bandits."""
