"""Agents for open populations of `hub_envs`: they act on instances they never saw, from the observation alone."""
