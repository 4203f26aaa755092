"""The declaration of the paper is whole: `hub reproduce iplan` could run every budget of it."""

from __future__ import annotations

import importlib

from hub_highway.reproduction import reproduction

from hub.environments import describe
from hub.registry import find_agent
from hub.reproduction.declared import choose, find_reproduction
from hub.running.orders import agent_class, typed


def test_the_declaration_passes_the_hosts_own_checks() -> None:
    declared = find_reproduction("iplan")
    for name in reproduction().budgets:
        assert choose(declared, name).studies


def test_every_entrant_takes_its_arguments_and_every_task_can_be_built() -> None:
    for budget in reproduction().budgets.values():
        for study in budget.studies:
            for kwargs in {str(task): task for task in study.tasks}.values():
                describe(study.env, kwargs)
            for entrant in study.entrants:
                typed(entrant.args, agent_class(find_agent(entrant.agent)), entrant.agent)


def test_probes_name_functions() -> None:
    for budget in reproduction().budgets.values():
        for study in budget.studies:
            for probe in study.probes:
                module, _, name = probe.function.partition(":")
                assert callable(getattr(importlib.import_module(module), name))


def test_trivial_drivers_stand_in_every_table_of_the_road() -> None:
    for budget in reproduction().budgets.values():
        for study in budget.studies:
            if study.env.startswith("highway/") and not study.name.endswith("autopilot"):
                assert {"random", "idle", "slower", "idm-mobil"} <= {entrant.label for entrant in study.entrants}
