"""The domain "path": pulls along a closed walk through a network."""

from hub_envs.cormab.path.actions import PathActions
from hub_envs.cormab.path.environment import PathEnv, PathVectorEnv
from hub_envs.cormab.path.instances import path_problem
from hub_envs.cormab.path.network import Network

__all__ = ["Network", "PathActions", "PathEnv", "PathVectorEnv", "path_problem"]
