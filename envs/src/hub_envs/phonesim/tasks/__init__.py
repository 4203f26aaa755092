"""The phone's tasks."""

from hub_envs.phonesim.tasks.task import PhoneTask

TASKS: dict[str, PhoneTask] = {}
