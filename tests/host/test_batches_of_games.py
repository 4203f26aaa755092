"""A parallel environment with a native batch: what `hub.make_vec` and training make of it, and that evaluation does without it."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import hub
from hub.environments import describe
from hub.errors import UsageError
from hub.running.worlds import ParallelWorld, open_world
from hub.training import Training

ACTIONS = np.array([[0, 0], [0, 1], [1, 1]])


def test_the_native_batch_is_built_by_name(examples):
    batch = hub.make_vec("duel-coins", 3, rounds=4, autoreset_mode=AutoresetMode.DISABLED)
    assert (batch.players, batch.rounds, batch.metadata["autoreset_mode"]) == (("even", "odd"), 4, AutoresetMode.DISABLED)


def test_training_counts_games_and_shows_what_only_their_batch_has(examples):
    training = Training(describe("duel-coins"), steps=100)
    batch = training.make_vec(3, AutoresetMode.DISABLED)
    batch.reset()
    assert batch.players == training.task.players
    for step in range(1, 11):
        infos = batch.step(ACTIONS)[-1]
        assert training.done == 3 * step
    assert infos["rewards"].tolist() == [[1, 0], [0, 1], [1, 0]]
    assert not batch.in_game.any()
    with pytest.raises(AttributeError, match="nothing"):
        _ = batch.nothing


def test_evaluation_plays_the_parallel_environment(examples):
    assert isinstance(open_world("duel-coins", {}, 2), ParallelWorld)


def test_without_a_native_batch_what_to_do_instead_is_said(examples):
    examples.install(
        "pair",
        "import hub\n@hub.hookimpl\ndef hub_environments():\n"
        "    return [hub.EnvironmentSpec(id='pair/Alone-v0', entry_point='hub_duel.coins:Coins', kind='parallel')]\n",
    )
    said = r"^pair/Alone-v0 is a parallel environment .* no batched form of it is registered .*; `hub.make` builds one at a time$"
    with pytest.raises(UsageError, match=said):
        hub.make_vec("pair-alone", 3)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_example_passes_the_checks_of_batches(examples):
    from hub.checking.opening import open_environment
    from hub.checking.subjects import Plan
    from hub.checking.suites import run_check, suite

    subject = open_environment(Plan(steps=100), name="duel-coins", kwargs={})
    rows = [run_check(check, subject) for check in suite(subject) if "batch" in check.__name__]
    assert [row.state for row in rows] == ["passed"] * 4
