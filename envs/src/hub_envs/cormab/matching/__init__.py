"""The domain "schedules": workers visit arms in time slots, and the pulls of a step must fit a matching."""

from hub_envs.cormab.matching.actions import MatchingActions
from hub_envs.cormab.matching.environment import MatchingEnv, MatchingVectorEnv
from hub_envs.cormab.matching.instances import matching_problem

__all__ = ["MatchingActions", "MatchingEnv", "MatchingVectorEnv", "matching_problem"]
