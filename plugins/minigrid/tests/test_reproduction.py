"""What the declared reproduction would run can be run, and its claims are about what is there."""

from __future__ import annotations

import pytest
from hub_minigrid.registration import hub_datasets
from hub_minigrid.reproduction import PAPERS, ROOMS

import hub
from hub.checkpoints import agent_class
from hub.registry import find_agent
from hub.reproduction.declared import choose, find_reproduction

DECLARED = find_reproduction("minigrid-il")
BUDGETS = DECLARED.reproduction.budgets
ROOMS_ENV = f"minigrid/{ROOMS.task}-v0"
STUDIES = {study.name: study for budget in BUDGETS.values() for study in budget.studies}


def test_the_budgets_are_there_and_the_small_one_is_one_task_with_three_seeds() -> None:
    (study,) = choose(DECLARED, "small").studies
    assert study.tasks == ({"levels": "test", "num_levels": 600},) * 3
    assert {budget for budget in BUDGETS if choose(DECLARED, budget)} == {"small", "sweep", "middle", "paper"}


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_entrants_can_be_built_with_their_arguments(study: hub.Study) -> None:
    task = hub.describe(ROOMS_ENV, {})
    for entrant in study.entrants:
        agent = agent_class(find_agent(entrant.agent))(task, seed=0, **entrant.args)
        assert entrant.agent == "random" or entrant.label == "random" or agent.default_train_steps > 0


@pytest.mark.parametrize("study", STUDIES.values(), ids=lambda study: study.name)
def test_what_entrants_imitate_is_recorded_before_they_run(study: hub.Study) -> None:
    registered = {spec.name: spec for spec in hub_datasets()}
    imitated = {entrant.args["demos"] for entrant in study.entrants if "demos" in entrant.args}
    assert imitated <= set(study.datasets) <= set(registered)
    for position, name in enumerate(study.datasets):
        wanted = registered[name].kwargs.get("settings", {}).get("demos")
        assert wanted is None or wanted in study.datasets[:position]


@pytest.mark.parametrize("claim", DECLARED.reproduction.claims, ids=lambda claim: claim.text)
def test_every_claim_is_tested_by_its_studies(claim: hub.Claim) -> None:
    for name in claim.studies or ():
        labels = {entrant.label for entrant in STUDIES[name].entrants}
        assert {claim.agent, *claim.over} <= labels


def test_thresholds_lie_below_the_optimum_and_frames_are_the_papers() -> None:
    assert STUDIES["rooms-7-4"].threshold == 0.702
    assert {scale.frames for scale in PAPERS} == {10_000_000, 30_000_000}
