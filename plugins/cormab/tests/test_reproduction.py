"""What the declared reproduction would run can be run."""

from __future__ import annotations

import pytest
from hub_cormab.reproduction import DOMAINS, RIVALS, SIZES, reproduction, study

from hub import registry
from hub.environments import describe


@pytest.mark.parametrize("domain", DOMAINS)
def test_entrants_and_tasks_exist(domain: str) -> None:
    declared = study(domain, 40, instances=2, episodes=1, rivals=RIVALS, deep=True)
    for entrant in declared.entrants:
        assert registry.find_agent(entrant.agent)
    first, second = (describe(declared.env, task).model for task in declared.tasks)
    assert first.arms == second.arms == 40
    assert (first.chances != second.chances).any()


def test_the_budget_of_the_paper_plays_every_problem_at_every_size() -> None:
    names = {declared.name for declared in reproduction().budgets["paper"].studies}
    assert names == {f"{domain}-{arms}" for domain in DOMAINS for arms in SIZES}
