"""Environments from reinforcement-learning research, batched first."""
