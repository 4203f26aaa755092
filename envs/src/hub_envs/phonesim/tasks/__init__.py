"""The phone's tasks."""

from hub_envs.phonesim.tasks import contacts, messages
from hub_envs.phonesim.tasks.task import PhoneTask

TASKS: dict[str, PhoneTask] = {task.name: task for module in (contacts, messages) for task in module.TASKS}
"""All tasks by their names, in a fixed order."""
