"""Coupled restless bandits (coRMAB): arms with their own chains, pulled together under combinatorial constraints.

Source: Xu, Wilder, Khalil, Tambe, "Reinforcement learning with combinatorial actions for coupled restless bandits", ICLR 2025.
"""

from hub_envs.cormab.actions import ActionSet
from hub_envs.cormab.constraints import LinearConstraints
from hub_envs.cormab.matching import MatchingActions, matching_problem
from hub_envs.cormab.problem import Problem

__all__ = ["ActionSet", "LinearConstraints", "MatchingActions", "Problem", "matching_problem"]
