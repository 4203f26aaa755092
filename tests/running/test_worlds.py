"""Worlds: batches answer as single environments do, games of several players run in the same loop, layouts stack as Gymnasium does."""

import contextlib

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector.utils import concatenate, create_empty_array
from hypothesis import given, settings
from hypothesis import strategies as st

import hub
from hub.environments import make
from hub.errors import ProtocolViolation
from hub.running.canonical import value_bytes
from hub.running.loop import Rules
from hub.running.receipts import decode_actions
from hub.running.worlds import NativeWorld, ParallelWorld, SingleWorld, open_world
from hub.running.worlds.layouts import Layout, place, take
from hub.running.worlds.leaves import MisfitError

from .any_space import any_space, samples
from .playing import WIDTHS, episodes_of, single
from .tiny_environments import STRUCTURED, Walk, WalkAlone

RULES = Rules(metrics={"cost": "mean"})
COMBINATIONS = {
    "mean": lambda numbers: float(np.mean(numbers)),
    "sum": lambda numbers: float(np.sum(numbers)),
    "last": lambda numbers: numbers[-1],
}


@pytest.mark.parametrize("width", WIDTHS)
def test_a_native_batch_gives_the_episodes_of_single_environments(width):
    assert episodes_of(NativeWorld("tiny/Env-v0", Walk(width)), rules=RULES) == episodes_of(single(WalkAlone, 3), rules=RULES)


def test_fewer_episodes_than_native_slots():
    assert episodes_of(NativeWorld("tiny/Env-v0", Walk(7)), seeds=[3, 4]) == episodes_of(single(WalkAlone), seeds=[3, 4])


class RetiringWalk(Walk):
    """Lets slots retire, and counts the episodes that are started."""

    def __init__(self, num_envs):
        super().__init__(num_envs)
        self.retired = np.zeros(num_envs, bool)
        self.started = 0

    def reset(self, *, seed=None, options=None):
        self.started += np.count_nonzero(options["reset_mask"])
        return super().reset(seed=seed, options=options)

    def retire(self, mask):
        self.retired = mask
        self.place[mask] = 1.0  # somewhere, where any action is allowed

    def step(self, actions):
        self.over &= ~self.retired
        returned = super().step(actions)
        self.over &= ~self.retired
        return returned


def test_slots_without_an_episode_retire_where_they_can_instead_of_being_restarted():
    batch = RetiringWalk(3)
    played = episodes_of(NativeWorld("tiny/Env-v0", batch), rules=RULES)
    assert played == episodes_of(single(WalkAlone, 3), rules=RULES)
    assert batch.started == len(played)


def test_cormab_is_played_natively_and_as_single_environments_alike():
    rules = Rules(metrics={"expected_reward": "mean"})
    native = open_world("cormab-matching", {}, 7)
    alone = SingleWorld("cormab/Matching-v0", [make("cormab-matching") for _ in range(3)])
    assert isinstance(native, NativeWorld)
    act = lambda self, observations, slots: np.zeros((len(slots), *native.actions.space.shape), np.int8)  # noqa: E731
    zeros = type("Zeros", (hub.Agent,), {"act": act})
    assert episodes_of(native, zeros, range(9), rules) == episodes_of(alone, zeros, range(9), rules)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"reset": lambda **_: np.zeros(3)}, "step 0: reset of the batched environment returned something else than the pair"),
        ({"reset": lambda **_: (np.zeros((2, 4)), {})}, r"step 0: observation has shape \(4,\); it must have shape \(1,\)"),
        ({"step": lambda _: ()}, "step 1: step of the batched environment returned something else than"),
        ({"step": lambda _: 1 // 0}, "step 1: step of the batched environment raised ZeroDivisionError"),
    ],
)
def test_what_is_wrong_with_a_native_batch_is_said(change, reason):
    batch = Walk(2)
    for name, function in change.items():
        setattr(batch, name, function)
    with pytest.raises(ProtocolViolation, match=f"^environment tiny/Env-v0, episode 0 .*{reason}"):
        episodes_of(NativeWorld("tiny/Env-v0", batch))


def test_a_native_info_that_some_slots_lack_is_refused():
    batch = Walk(2)
    whole_step = batch.step
    batch.step = lambda actions: (*whole_step(actions)[:4], {"cost": np.zeros(2), "_cost": np.array([True, False])})
    with pytest.raises(ProtocolViolation, match=r"episode 1 \(seed 41\), step 1: info has no 'cost'"):
        episodes_of(NativeWorld("tiny/Env-v0", batch), rules=RULES)


class Balancing(hub.Agent):
    def act(self, observations, slots):
        return (observations @ np.array([0.02, 0.05, 1, 0.3], np.float32) > 0).astype(np.int64)


def test_the_time_limit_is_gymnasiums():
    for limit, expected in ((12, 12), (-1, 600), (None, 500)):
        kwargs = {} if limit is None else {"max_episode_steps": limit}
        (episode,) = episodes_of(open_world("CartPole-v1", kwargs, 1), Balancing, [7], Rules(max_steps=600))
        assert (episode.length, episode.terminated) == (expected, False)


@pytest.mark.filterwarnings("ignore:.*Casting input x")
@settings(max_examples=60)
@given(space=any_space, count=st.integers(1, 4), seed=st.integers(0, 2**20))
def test_values_of_any_space_are_stacked_as_gymnasium_stacks_them(space, count, seed):
    values, layout = samples(space, count, seed), Layout(space)
    joined = layout.join(layout.stack(values))
    theirs = concatenate(space, values, create_empty_array(space, count))
    assert bytes_of(space, joined, count) == bytes_of(space, theirs, count)
    for row, value in zip(layout.rows(layout.accept(joined, count)), values, strict=True):
        assert space.contains(row)
        assert value_bytes(space, row) == value_bytes(space, value)


def bytes_of(space, batch, count):
    layout = Layout(space)
    return [value_bytes(space, row) for row in layout.rows(layout.accept(batch, count))]


@settings(max_examples=40)
@given(space=any_space, seed=st.integers(0, 2**20))
def test_rows_are_taken_and_placed(space, seed):
    values, layout = samples(space, 4, seed), Layout(space)
    columns = layout.stack(values)
    place(columns, np.array([0, 2]), layout.stack([values[3], values[1]]))
    found = list(layout.rows(take(columns, np.array([0, 1, 2]))))
    assert [value_bytes(space, row) for row in found] == [value_bytes(space, values[row]) for row in (3, 1, 1)]


@pytest.mark.filterwarnings("ignore:.*Casting input x")
@settings(max_examples=60)
@given(space=any_space, other=any_space, seed=st.integers(0, 2**20))
def test_what_a_layout_accepts_is_in_the_space(space, other, seed):
    (value,) = samples(other, 1, seed)
    layout = Layout(space)
    with contextlib.suppress(MisfitError):
        (row,) = layout.rows(layout.stack([value]))
        assert space.contains(row)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"image": np.zeros((8, 8), np.uint8)}, "['image'] has shape (8, 8); it must have shape (8, 8, 3)"),
        ({"words": "a" * 13}, "['words'] is 'aaaaaaaaaaaaa'; it must be in Text(0, 12"),
        ({"inner": (1, np.zeros(2, np.float32))}, "['inner'][0] holds 1; it must be between 2 and 6"),
        ({"inner": (2,)}, "['inner'] is (2,); it must be in Tuple("),
        ({"history": (np.full(2, 3, np.float32),)}, "['history'] is (array([3., 3.], dtype=float32),); it must be in Sequence("),
        ({"extra": 1}, " holds 'extra'; its keys must be history, image, inner, words"),
    ],
)
def test_misfits_are_named_by_their_path(value, reason):
    (good,) = samples(STRUCTURED, 1, 0)
    with pytest.raises(MisfitError) as caught:
        Layout(STRUCTURED).stack([good, good | value])
    assert caught.value.row == 1
    assert caught.value.reason.startswith(reason)


def test_a_lacking_key_is_named():
    (good,) = samples(STRUCTURED, 1, 0)
    del good["words"]
    with pytest.raises(MisfitError, match="lacks 'words'"):
        Layout(STRUCTURED).stack([good])


class Shrinking:
    """A game that players leave one by one."""

    possible_agents = ("ann", "bob", "cy")

    def __init__(self, **fault):
        self.fault = fault

    def observation_space(self, player):
        return spaces.Box(0, 9, (1,), np.int64)

    def action_space(self, player):
        return spaces.Discrete(4)

    def reset(self, seed=None, options=None):
        self.agents, self.t = list(self.fault.get("agents", self.possible_agents)), 0
        return self._seen(), {}

    def _seen(self):
        return {player: np.array([self.t]) for player in self.agents} | self.fault.get("seen", {})

    def step(self, actions):
        self.t += 1
        if "outcome" in self.fault:
            return self.fault["outcome"]
        acting, self.agents = self.agents, self.agents[1:]
        rewards = {player: float(actions[player] + 1) for player in acting} | self.fault.get("rewards", {})
        gone = {player: player == acting[0] for player in acting}
        infos = {player: {"cost": float(self.t**2 + len(player))} for player in acting} | self.fault.get("infos", {})
        return self._seen(), rewards, gone, dict.fromkeys(acting, False), infos

    def close(self):
        pass


class Everybody(hub.Agent):
    def act(self, observations, slots):
        return [{player: int(value[0]) for player, value in row.items()} for row in observations]


def parallel(slots=2, **fault):
    return ParallelWorld("tiny/Game-v0", [Shrinking(**fault) for _ in range(slots)])


@pytest.mark.parametrize("width", WIDTHS)
def test_players_leave_a_game_and_it_ends_with_the_last(width):
    space = parallel().actions.space
    for episode in episodes_of(parallel(width), Everybody, rules=RULES):
        assert (episode.length, episode.terminated, episode.return_) == (3, True, 3 * 1 + 2 * 2 + 3)
        assert episode.returns == {"ann": 1.0, "bob": 3.0, "cy": 6.0}
        assert decode_actions(space, episode.actions, 3)[0][1:] == [{"bob": 1, "cy": 1}, {"cy": 2}]


@pytest.mark.parametrize("how", COMBINATIONS)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_metric_is_combined_over_each_players_own_steps_and_then_averaged_over_players(how, width):
    costs = {player: [float(t**2 + len(player)) for t in range(1, leaves + 1)] for player, leaves in (("ann", 1), ("bob", 2), ("cy", 3))}
    expected = sum(COMBINATIONS[how](cost) for cost in costs.values()) / 3
    for episode in episodes_of(parallel(width), Everybody, rules=Rules(metrics={"cost": how})):
        assert episode.metrics == {"cost": pytest.approx(expected)}


def test_a_player_that_never_entered_the_game_counts_in_no_metric():
    (episode, *_) = episodes_of(parallel(agents=("bob",)), Everybody, rules=RULES)
    assert (episode.length, episode.metrics) == (1, {"cost": 4.0})


def test_infos_of_who_is_out_of_the_game_are_not_read():
    stale = {"infos": {"ann": {"cost": 0.0}, "bob": {"cost": 0.0}}}
    (episode, *_) = episodes_of(parallel(**stale), Everybody, rules=Rules(metrics={"cost": "sum"}))
    assert episode.metrics == {"cost": (3 + 6 + 11) / 3}


@pytest.mark.parametrize(
    ("infos", "reason"),
    [
        ({"bob": {}}, "player 'bob': info has no 'cost', which the protocol's metric reads every step; its keys are none"),
        ({"bob": None}, "player 'bob': info has no 'cost'"),
        ({"cy": {"cost": float("nan")}}, r"player 'cy': info\['cost'\] is nan; it must be a finite number"),
    ],
)
def test_a_player_whose_info_lacks_a_metric_is_named(infos, reason):
    with pytest.raises(ProtocolViolation, match=rf"^environment tiny/Game-v0, episode 0 \(seed 40\), step 1: {reason}"):
        episodes_of(parallel(infos=infos), Everybody, rules=RULES)


@pytest.mark.parametrize("how", ["mean", "sum"])
def test_metrics_too_large_to_be_summed_are_refused(how):
    huge = {"infos": {player: {"cost": 1e308} for player in Shrinking.possible_agents}}
    with pytest.raises(ProtocolViolation, match="sum of its rewards or metrics is no finite number"):
        episodes_of(parallel(**huge), Everybody, rules=Rules(metrics={"cost": how}))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"agents": ()}, "step 0: reset left no player in the game"),
        ({"seen": {"ann": np.array([12])}}, r"step 0: observation\['ann'\] holds 12 at \[0\]; it must be between 0 and 9"),
        ({"rewards": {"bob": float("nan")}}, "step 1: player 'bob': reward is nan"),
        ({"outcome": ()}, "step 1: step returned something else than"),
        ({"outcome": ({}, {}, {}, {}, {})}, "step 1: player 'ann' acted and has no reward"),
    ],
)
def test_what_is_wrong_with_a_game_is_said(fault, reason):
    with pytest.raises(ProtocolViolation, match=rf"^environment tiny/Game-v0, episode 0 \(seed 40\), {reason}"):
        episodes_of(parallel(**fault), Everybody)


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ({"ann": 0}, "action is for players ann; it must be for ann, bob, cy, the players in the game"),
        ({"ann": 0, "bob": 9, "cy": 0}, r"action\['bob'\] holds 9; it must be between 0 and 3"),
        ({"eve": 0}, "action holds 'eve'; its keys must be ann, bob, cy"),
        (7, "action is 7; it must be in "),
    ],
)
def test_what_is_wrong_with_an_action_of_several_players_is_said(action, reason):
    agent = type("Bad", (hub.Agent,), {"act": lambda self, observations, slots: [action for _ in slots]})
    with pytest.raises(ProtocolViolation, match=rf"^agent Bad, episode 0 \(seed 40\), step 1: {reason}"):
        episodes_of(parallel(), agent)
