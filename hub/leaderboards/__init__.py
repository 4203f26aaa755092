"""Leaderboards: committed boards, the store, ranking."""
