"""The phone's tasks."""

from hub_envs.phonesim.tasks import across, browser, calendar, contacts, conversations, files, lists, messages, notes, settings
from hub_envs.phonesim.tasks.task import PhoneTask

_MODULES = (contacts, messages, conversations, notes, calendar, settings, files, browser, across, lists)

TASKS: dict[str, PhoneTask] = {task.name: task for module in _MODULES for task in module.TASKS}
"""All tasks by their names, in a fixed order."""
