"""Trajectory-aware relative policy optimisation (Ye et al., "Mobile-Agent-v3", arXiv 2508.15144): one outcome for a whole episode."""
