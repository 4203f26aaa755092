"""This package's own tasks in OSWorld's format: seeded, with oracles, and with solutions that only look right.

`python -m hub_envs.osworld.tasks` lists them; with a name and `--seed` it prints an instance as OSWorld's JSON.
"""

from hub_envs.osworld.tasks.registry import NAMES, TASKS, instance, parameters, pick, programs, unknown, write
from hub_envs.osworld.tasks.scripts import PlayedPlan, Scripts

__all__ = ["NAMES", "TASKS", "PlayedPlan", "Scripts", "instance", "parameters", "pick", "programs", "unknown", "write"]
