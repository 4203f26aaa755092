"""The domain "capacity": workers carry arms whole, and the costs of a worker's arms must fit the worker's capacity."""

from hub_envs.cormab.capacity.actions import CapacityActions
from hub_envs.cormab.capacity.environment import CapacityEnv, CapacityVectorEnv
from hub_envs.cormab.capacity.instances import capacity_problem

__all__ = ["CapacityActions", "CapacityEnv", "CapacityVectorEnv", "capacity_problem"]
