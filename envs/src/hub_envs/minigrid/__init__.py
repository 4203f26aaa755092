"""MiniGrid, batched and compiled: the same steps, on levels that MiniGrid generates once.

Source: Chevalier-Boisvert et al., "Minigrid & Miniworld: modular & customizable reinforcement learning environments for goal-oriented
tasks", NeurIPS 2023 (Datasets and Benchmarks); package `minigrid`.
"""

from hub_envs.minigrid.level import Level, level_of
from hub_envs.minigrid.single import MiniGridEnv
from hub_envs.minigrid.store import LevelSet, LevelStore, build_levels
from hub_envs.minigrid.tasks import MULTI_ROOMS, Task, task_of
from hub_envs.minigrid.vector import MiniGridVectorEnv

__all__ = [
    "MULTI_ROOMS",
    "Level",
    "LevelSet",
    "LevelStore",
    "MiniGridEnv",
    "MiniGridVectorEnv",
    "Task",
    "build_levels",
    "level_of",
    "task_of",
]
