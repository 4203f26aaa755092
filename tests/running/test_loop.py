"""The lock-step loop: the same episodes for any number of slots, and what it says when somebody breaks the contract."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces

import hub
from hub.errors import HubError, ProtocolViolation
from hub.running.loop import Rules, play
from hub.running.worlds import open_world

from .playing import WIDTHS, Leaning, Sampling, episodes_of, single, task_of
from .tiny_environments import Faulty, Structured, WalkAlone


@pytest.mark.parametrize("agent", [Leaning, Sampling])
def test_the_number_of_slots_changes_nothing(agent):
    alone, *others = [episodes_of(open_world("CartPole-v1", {}, width), agent) for width in WIDTHS]
    assert [episode.index for episode in alone] == list(range(20))
    assert all(other == alone for other in others)


def test_structured_observations_and_actions_are_played_the_same_in_any_number_of_slots():
    alone, *others = [episodes_of(single(Structured, width)) for width in WIDTHS]
    assert all(other == alone for other in others)
    assert len({episode.digests.observations for episode in alone}) == 20


def test_the_order_of_the_plan_changes_no_episode():
    forth = {episode.seed: episode.digests for episode in episodes_of(single(WalkAlone, 3), seeds=range(8))}
    back = {episode.seed: episode.digests for episode in episodes_of(single(WalkAlone, 3), seeds=reversed(range(8)))}
    assert forth == back


def test_an_episode_is_what_gymnasium_plays():
    (episode,) = episodes_of(open_world("CartPole-v1", {"max_episode_steps": 30}, 4), Leaning, seeds=[7])
    env = gym.make("CartPole-v1", max_episode_steps=30)
    observation, _ = env.reset(seed=7)
    total, steps, over = 0.0, 0, False
    while not over:
        observation, reward, terminated, truncated, _ = env.step(int(observation[2] + observation[3] > 0))
        total, steps, over = total + reward, steps + 1, terminated or truncated
    assert (episode.return_, episode.length, episode.terminated) == (total, steps, terminated)


def test_metrics_are_combined_as_the_protocol_says():
    rules = Rules(metrics={"cost": "mean", "sum": "sum"})
    for episode in episodes_of(single(Structured), rules=rules):
        assert episode.metrics == {"cost": (episode.length - 1) / 2, "sum": episode.length / 4}
    assert {episode.metrics["cost"] for episode in episodes_of(single(Structured), rules=Rules(metrics={"cost": "last"}))} == {0.0}


def test_max_steps_truncates():
    episodes = episodes_of(single(Faulty), rules=Rules(max_steps=4), seeds=range(3))
    assert [(episode.length, episode.terminated) for episode in episodes] == [(4, False)] * 3


def test_on_step_counts_the_slots_that_play():
    world = single(WalkAlone, 3)
    counts = []
    episodes = list(play(world, Sampling(task_of(world)), enumerate(range(5)), Rules(), on_step=counts.append))
    assert sum(counts) == sum(episode.length for episode in episodes)
    assert max(counts) == 3


def test_an_empty_plan_plays_nothing():
    assert episodes_of(single(Faulty), seeds=[]) == []


def test_actions_are_recorded_unless_told_not_to():
    kept, bare = (episodes_of(single(Faulty), rules=Rules(record_actions=record), seeds=[1]) for record in (True, False))
    assert kept[0].actions is not None
    assert bare[0].actions is None
    assert kept[0].digests == bare[0].digests


BAD_ENVIRONMENTS = {
    "reward is nan; it must be a finite number": {"reward": float("nan")},
    "reward is inf; it must be a finite number": {"reward": float("inf")},
    "reward is None; it must be a finite number": {"reward": None},
    "reward is array([1., 1.]); it must be a finite number": {"reward": np.ones(2)},
    "observation holds nan at [1]; it must be between 0.0 and 100.0": {"observation": np.array([0, np.nan], np.float32)},
    "observation holds -1.0 at [0]; it must be between 0.0 and 100.0": {"observation": np.array([-1, 0], np.float32)},
    "observation has shape (3,); it must have shape (2,)": {"observation": np.zeros(3, np.float32)},
    "observation has dtype float64; it must be float32": {"observation": np.zeros(2)},
    "observation has dtype object; it must be float32": {"observation": np.array([None, None])},
    "terminated is 0; it must be True or False": {"terminated": 0},
    "info is None; it must be a dict": {"info": None},
    "info has no 'cost', which the protocol's metric reads every step; its keys are none": {"info": {}},
    "info['cost'] is nan; it must be a finite number": {"info": {"cost": float("nan")}},
    "step raised ValueError: no way": {"step": ValueError("no\nway")},
    "step returned something else than (observation, reward, terminated, truncated, info)": {"step": (1, 2, 3)},
}


@pytest.mark.parametrize("reason", BAD_ENVIRONMENTS)
def test_a_bad_step_is_one_clear_line(reason):
    world = single(lambda: Faulty(**BAD_ENVIRONMENTS[reason]))
    with pytest.raises(ProtocolViolation) as caught:
        episodes_of(world, seeds=[40], rules=Rules(metrics={"cost": "sum"}))
    assert str(caught.value) == f"environment tiny/Env-v0, episode 0 (seed 40), step 3: {reason}"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"reset": KeyError("x")}, "reset raised KeyError: 'x'"),
        ({"reset": np.zeros(2)}, "reset returned something else than the pair (observation, info dict)"),
        ({"observation": np.zeros(2, np.int64)}, "observation has dtype int64; it must be float32"),
    ],
)
def test_a_bad_reset_is_one_clear_line(fault, reason):
    with pytest.raises(ProtocolViolation, match=r"^environment tiny/Env-v0, episode 0 \(seed 40\), step 0: ") as caught:
        episodes_of(single(lambda: Faulty(at=0, **fault)), seeds=[40])
    assert str(caught.value).endswith(reason)


def test_the_cause_of_a_violation_is_kept():
    with pytest.raises(ProtocolViolation) as caught:
        episodes_of(single(lambda: Faulty(step=ValueError("deep"))))
    assert str(caught.value.__cause__) == "deep"


def test_a_violation_names_the_episode_it_happened_in():
    world = single(Faulty, 3)
    world._environments[2].fault = {"reward": float("nan")}
    with pytest.raises(ProtocolViolation, match=r"episode 2 \(seed 42\), step 3"):
        episodes_of(world)


BAD_ACTIONS = {
    "action holds 5; it must be between 0 and 1": lambda n: np.full(n, 5),
    "action has dtype float64; it must be int64": np.zeros,
    "action has 3 rows; it must have 2, one for each row of the batch": lambda n: np.zeros(n + 1, np.int64),
    "action has shape (1,); it must have shape ()": lambda n: np.zeros((n, 1), np.int64),
    "action is 0; it must be an array of 2 rows": lambda n: 0,
    "act raised IndexError: tuple index out of range": lambda n: ()[n],
}


@pytest.mark.parametrize("reason", BAD_ACTIONS)
def test_a_bad_action_is_one_clear_line(reason):
    class Bad(hub.Agent):
        def act(self, observations, slots):
            return BAD_ACTIONS[reason](len(slots))

    with pytest.raises(ProtocolViolation) as caught:
        episodes_of(single(Faulty), Bad)
    assert str(caught.value) == f"agent Bad, episode 0 (seed 40), step 1: {reason}"


def test_a_box_action_of_nan_is_refused():
    class Bad(hub.Agent):
        def act(self, observations, slots):
            return np.full((len(slots), 1), np.nan, np.float32)

    make = lambda: Structured(spaces.Discrete(2), spaces.Box(-np.inf, np.inf, (1,), np.float32))  # noqa: E731
    with pytest.raises(ProtocolViolation, match=r"action holds nan at \[0\]; it must be between -inf and inf"):
        episodes_of(single(make), Bad)


@pytest.mark.parametrize("method", ["begin", "episode_metrics"])
def test_exceptions_of_the_agents_other_methods_name_it_too(method):
    def fail(*_):
        raise RuntimeError("oh")

    agent = type("Failing", (Sampling,), {method: fail})
    with pytest.raises(ProtocolViolation, match=rf"^agent Failing, episode 0 \(seed 40\), step \d: {method} raised RuntimeError: oh$"):
        episodes_of(single(Faulty), agent)


def test_an_agents_own_errors_are_handed_on():
    class Refusing(hub.Agent):
        def act(self, observations, slots):
            raise HubError("not today")

    with pytest.raises(HubError, match=r"^not today$"):
        episodes_of(single(Faulty), Refusing)


def test_numbers_about_the_agent_must_be_finite():
    agent = type("Counting", (Sampling,), {"episode_metrics": lambda self, slot: {"tokens": float("nan")}})
    with pytest.raises(ProtocolViolation, match=r"episode_metrics\['tokens'\] is nan"):
        episodes_of(single(Faulty), agent)


def test_numbers_about_the_agent_are_recorded():
    agent = type("Counting", (Sampling,), {"episode_metrics": lambda self, slot: {"tokens": 3}})
    assert episodes_of(single(Faulty), agent)[0].agent_metrics == {"tokens": 3.0}


def test_what_the_agent_does_to_its_observations_changes_no_receipt():
    class Scribbling(Leaning):
        def act(self, observations, slots):
            actions = super().act(observations, slots)
            observations[:] = 0
            return actions

    plain, scribbled = (episodes_of(open_world("CartPole-v1", {}, 3), agent) for agent in (Leaning, Scribbling))
    assert plain == scribbled
