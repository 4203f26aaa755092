"""Ranks, tie groups, intervals and normalised scores, on made-up scores."""

from __future__ import annotations

import numpy as np
import pytest

from hub.leaderboards.entries import OVERSHOOT, gather, obstacle
from hub.leaderboards.models import BoardDocument
from hub.leaderboards.ranking import rank
from hub.results.models import Result
from hub.results.statistics import iqm, summarise

EPISODES = 30
TASKS = 5


def document(bounds=None, **protocol):
    settings = {"name": "p", "version": 1, "episodes": EPISODES, **protocol}
    return BoardDocument.model_validate(
        {
            "env": "x/Y-v0",
            "protocol": settings,
            "tasks": [{"name": str(t), "kwargs": {"t": t}, "upper_bound": bounds and bounds[t]} for t in range(TASKS)],
            "null_agents": ["idle"],
        }
    )


def result(agent, task, scores, seeds=None, **agent_fields):
    digests = {"actions": "", "observations": "", "outcomes": ""}
    episodes = [
        {"index": i, "seed": (seeds or range(EPISODES))[i], "return": float(score), "length": 1, "terminated": True, "digests": digests}
        for i, score in enumerate(scores)
    ]
    return Result.model_validate(
        {
            "schema": "hub/result/1",
            "env": {"id": "x/Y-v0", "kwargs": {"t": task}, "plugin": "x", "distribution": "x", "version": "1"},
            "agent": {"name": agent, "seed": 0, "plugin": "x", "distribution": "x", "version": "1", **agent_fields},
            "protocol": {"name": "p", "version": 1, "episodes": EPISODES},
            "episodes": episodes,
            "summary": summarise(scores, "return").model_dump(),
            "versions": {},
        }
    )


def runs(agent, mean, *, noise=1.0, seed=0, seeds=None, **fields):
    """Results of an agent on every task; equal `seed` gives equal luck."""
    luck = np.random.default_rng(seed).normal(size=(TASKS, EPISODES))
    return [result(agent, t, mean + t + noise * luck[t], seeds, **fields) for t in range(TASKS)]


def ranking(board, *agents):
    sourced = [("board", each) for results in agents for each in results]
    return rank(board, gather(board, sourced))


def test_clear_differences_make_groups_of_their_own():
    found = ranking(document(), runs("bad", 0.0, seed=1), runs("good", 9.0, seed=2), runs("middling", 4.0, seed=3))
    assert [(place.entry.label, place.rank) for place in found] == [("good", 1), ("middling", 2), ("bad", 3)]


def test_agents_that_luck_alone_parts_share_a_rank():
    other_seeds = list(range(100, 100 + EPISODES))
    found = ranking(document(), runs("a", 1.0, seed=1), runs("b", 1.02, seed=2, seeds=other_seeds), runs("worse", 0.0, seed=3))
    assert {place.entry.label: place.rank for place in found} == {"a": 1, "b": 1, "worse": 3}


def test_same_seeds_part_what_other_seeds_cannot():
    """Equal luck cancels in the paired difference; the same scores on other seeds are compared unpaired and tie."""
    paired = ranking(document(), runs("a", 1.0), runs("b", 1.05))
    assert [place.rank for place in paired] == [1, 2]
    unpaired = ranking(document(), runs("a", 1.0), runs("b", 1.05, seeds=list(range(100, 100 + EPISODES))))
    assert [place.rank for place in unpaired] == [1, 1]


def test_score_is_the_iqm_over_tasks_of_the_mean_over_episodes():
    (place,) = ranking(document(), runs("a", 1.0))
    means = [np.mean([episode.return_ for episode in each.episodes]) for each in runs("a", 1.0)]
    assert place.score.estimate == pytest.approx(iqm(means))
    assert place.mean == pytest.approx(np.mean(means))
    assert place.score.low < place.score.estimate < place.score.high
    assert place.normalised_mean is None


def test_several_runs_of_an_agent_count_together():
    (place,) = ranking(document(), runs("a", 1.0), runs("a", 3.0, seed=1))
    assert len(place.entry.results) == 2 * TASKS
    assert place.mean == pytest.approx(4.0, abs=0.5)


def test_null_agent_scores_0_and_the_bound_100():
    board = document(bounds=[10.0 + t for t in range(TASKS)])
    found = ranking(board, runs("idle", 0.0, noise=0.0), runs("perfect", 10.0, noise=0.0), runs("half", 5.0, noise=0.0))
    assert {place.entry.label: place.score.estimate for place in found} == pytest.approx({"perfect": 100.0, "half": 50.0, "idle": 0.0})
    assert {place.entry.label: place.mean for place in found} == pytest.approx({"perfect": 12.0, "half": 7.0, "idle": 2.0})


def test_where_less_is_better_the_least_ranks_first():
    found = ranking(document(higher_is_better=False), *[relabelled(runs(agent, mean)) for agent, mean in (("slow", 9.0), ("fast", 1.0))])
    assert [place.entry.label for place in found] == ["fast", "slow"]
    bounded = document(bounds=[t - 1.0 for t in range(TASKS)], higher_is_better=False)
    normalised = ranking(bounded, *[relabelled(runs(agent, mean, noise=0.0)) for agent, mean in (("idle", 9.0), ("fast", -1.0))])
    assert [(place.entry.label, place.score.estimate) for place in normalised] == [("fast", 100.0), ("idle", 0.0)]


def relabelled(results):
    return [each.model_copy(update={"protocol": each.protocol.model_copy(update={"higher_is_better": False})}) for each in results]


def test_without_the_null_agent_scores_stay_as_they_are():
    (place,) = ranking(document(bounds=[10.0] * TASKS), runs("a", 1.0))
    assert place.normalised_mean is None


def test_agent_that_missed_a_task_is_not_ranked():
    assert ranking(document(), runs("a", 1.0)[1:]) == []


def test_ranking_does_not_depend_on_the_order_of_results():
    agents = [runs("a", 1.0, seed=1), runs("b", 1.01, seed=2), runs("c", 5.0, seed=3)]
    forward, backward = ranking(document(), *agents), ranking(document(), *reversed(agents))
    assert [(p.entry.label, p.rank, p.score) for p in forward] == [(p.entry.label, p.rank, p.score) for p in backward]


def test_configurations_of_an_agent_are_entries_of_their_own():
    board = document()
    entries = gather(
        board,
        [("board", each) for each in runs("a", 1.0, config={"lr": 1, "width": 8})]
        + [("store", each) for each in runs("a", 1.0, config={"lr": 2, "width": 8})]
        + [("store", each) for each in runs("a", 1.0, config={"lr": 1, "width": 8}, version="2")],
    )
    assert sorted((entry.label, entry.source) for entry in entries) == [
        ("a", "board"),
        ("a (lr=1, x 2, store)", "store"),
        ("a (lr=2, x 1, store)", "store"),
    ]


@pytest.mark.parametrize(
    ("part", "fields", "reason"),
    [
        ("env", {"id": "x/Z-v0"}, "its environment is x/Z-v0"),
        ("env", {"kwargs": {"t": 77}}, 'arguments {"t": 77} are no task of the board'),
        ("env", {"kwargs": {"t": 0.0}}, "are no task of the board"),
        ("protocol", {"version": 2}, "its protocol's version is 2, the board's is 1"),
        ("protocol", {"seeds": "committed"}, "its protocol's seeds is 'committed'"),
        ("agent", {"train_steps": 106}, "trained for 106 steps, the protocol allows 100"),
    ],
)
def test_results_that_cannot_count_say_why(part, fields, reason):
    board = document().model_copy(update={"train_steps": 100})
    fitting = result("a", 0, [1.0] * EPISODES, train_steps=int(100 * OVERSHOOT))
    assert obstacle(board, fitting) is None
    changed = fitting.model_copy(update={part: getattr(fitting, part).model_copy(update=fields)})
    assert reason in obstacle(board, changed)


def test_results_with_too_few_episodes_do_not_count():
    fitting = result("a", 0, [1.0] * EPISODES)
    assert "29 episodes, the protocol asks for 30" in obstacle(document(), fitting.model_copy(update={"episodes": fitting.episodes[1:]}))
