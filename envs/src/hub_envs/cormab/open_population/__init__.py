"""Open populations: every episode a new instance, of another size, whose arms come and go; for policies that are trained once."""

from hub_envs.cormab.open_population.capacity import OpenCapacityEnv, OpenCapacityVectorEnv
from hub_envs.cormab.open_population.matching import OpenMatchingEnv, OpenMatchingVectorEnv
from hub_envs.cormab.open_population.reading import Reader, Situation

__all__ = ["OpenCapacityEnv", "OpenCapacityVectorEnv", "OpenMatchingEnv", "OpenMatchingVectorEnv", "Reader", "Situation"]
