"""Agents that play several players: they learn, resume to the same bits, act alike at any width, and refuse what does not fit."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from gymnasium import spaces
from hub_baselines.multi.agent import PlayersAgent
from hub_baselines.multi.features import Features, Flat
from hub_baselines.multi.game import game_of
from hub_baselines.multi.ippo import IPPO, MAPPO
from hub_baselines.multi.learning import Learner
from hub_baselines.multi.memory import SlotMemory
from hub_baselines.multi.q_learning import sequences, unrolled
from hub_baselines.multi.qmix import QMIX

import hub
from hub.arguments import default_arguments
from hub.errors import ImpossiblePairing, UsageError
from hub.running.loop import Rules, play
from hub.running.worlds import open_world

SMALL_PPO = {"n_envs": 8, "n_steps": 16, "epochs": 4, "minibatches": 2, "learning_rate": 2e-3, "restart_every": 3}
SMALL_Q = {"n_envs": 8, "n_steps": 8, "updates": 4, "batch": 16, "epsilon_steps": 1000, "learning_rate": 3e-3, "restart_every": 3}
EACH = [(IPPO, SMALL_PPO), (IPPO, {**SMALL_PPO, "shared": True}), (MAPPO, SMALL_PPO), (QMIX, SMALL_Q)]
SIGNALS = "toys/NativeSignals-v0"


def signals(**kwargs) -> hub.Task:
    return hub.describe("toys/Signals-v0" if kwargs else SIGNALS, kwargs)


def episodes(agent: hub.Agent, slots: int = 16, count: int = 16):
    world = open_world(agent.task.env_id, agent.task.env_kwargs, slots)
    played = list(play(world, agent, enumerate(range(1000, 1000 + count)), Rules()))
    world.close()
    return sorted(played, key=lambda episode: episode.index)


def mean_return(agent: hub.Agent) -> float:
    return float(np.mean([episode.return_ for episode in episodes(agent)]))


@pytest.mark.parametrize(("kind", "settings", "steps"), [(*each, 1600) for each in EACH[:3]] + [(*EACH[3], 2400)])
def test_each_learns_to_answer_signals(kind, settings, steps):
    agent, reports = kind(signals(), **settings), []
    before = mean_return(agent)
    training = hub.Training(agent.task, steps=steps, seed=1, on_report=reports.append)
    agent.learn(training)
    assert steps - 8 * 16 < training.done <= steps
    assert before < 10 < 16 < mean_return(agent) <= 24, "of 8 for each of three players"
    means = [numbers["return_mean"] for numbers in reports]
    assert 0 <= means[0] <= means[-1] <= 8, "the mean over players"


class Unfinished:
    """Where a training is saved, in memory."""

    def __init__(self, saved=None):
        self._saved, self.writes = saved, []

    def read(self):
        return self._saved

    def write(self, arrays, facts, **counts):
        plain = json.loads(json.dumps(facts))
        self.writes.append(SimpleNamespace(arrays={name: np.array(array) for name, array in arrays.items()}, facts=plain, **counts))


class Drifting(Features):
    """The signal beside a running mean of all signals of the episode, mixed by a weight that learns: memory and networks of its own."""

    def __init__(self, game):
        self.size, self._mean = 6, SlotMemory(len(game.players), 3)
        self._layer = torch.nn.Linear(3, 3)
        self._optimiser = torch.optim.Adam(self._layer.parameters(), lr=1e-2)

    def begin(self, slots):
        self._mean.begin(slots)

    def read(self, observations, in_game, slots):
        self._mean[slots] = 0.5 * self._mean[slots] + 0.5 * observations["signal"]
        return torch.from_numpy(np.concatenate([observations["signal"], self._mean[slots] * in_game[..., None]], axis=-1))

    def learn(self, rollout):
        noise = torch.rand(3)
        loss = (self._layer(noise) - torch.from_numpy(rollout.observations["signal"]).mean((0, 1, 2))).square().sum()
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
        return {"drift_loss": float(loss.detach())}

    def networks(self):
        return {"drift": self._layer}

    def optimisers(self):
        return {"drift": self._optimiser}


class Drifters(IPPO):
    """Independent PPO with features of its own."""

    name = "drifters"

    def features(self):
        return Drifting(self.game)


@pytest.mark.parametrize(("kind", "settings"), [*EACH, (Drifters, SMALL_PPO)])
def test_a_training_taken_up_again_ends_in_the_same_bits(kind, settings, monkeypatch):
    def learned(file=None):
        agent = kind(signals(), seed=2, **settings)
        training = hub.Training(agent.task, steps=700, seed=4, file=file)
        agent.learn(training)
        return agent.weights(), training

    settings = {**settings, "restart_every": 2}
    monkeypatch.setattr("hub.training.SAVE_EVERY_S", 0.0)
    monkeypatch.setattr("hub.training.SAVE_SHARE", 1.0)
    file = Unfinished()
    whole, training = learned(file)
    assert len(file.writes) >= 2
    for saved in (file.writes[1], file.writes[-1]):
        assert 0 < saved.steps < training.done
        resumed, taken_up = learned(Unfinished(saved))
        assert taken_up.done == training.done
        assert taken_up.curve == training.curve
        assert all(array.tobytes() == resumed[name].tobytes() for name, array in whole.items())


def test_training_repeats_for_a_seed_and_differs_for_another():
    def learned(seed):
        agent = IPPO(signals(), seed=1, **SMALL_PPO)
        agent.learn(hub.Training(agent.task, steps=300, seed=seed))
        return agent.weights()

    torch.manual_seed(9)
    one = learned(1)
    drawn = torch.rand(())
    torch.manual_seed(10)
    again, other = learned(1), learned(2)
    assert all(array.tobytes() == again[name].tobytes() for name, array in one.items())
    assert any(array.tobytes() != other[name].tobytes() for name, array in one.items())
    torch.manual_seed(9)
    assert torch.rand(()) == drawn, "the global generator is left as it was"


@pytest.mark.parametrize(("kind", "settings"), [*EACH, (Drifters, SMALL_PPO)])
def test_an_episode_is_the_same_bits_beside_any_others_and_weights_travel(kind, settings):
    donor, agent = kind(signals(), seed=3, **settings), kind(signals(), seed=4, **settings)
    alone = [episode.digests.actions for episode in episodes(donor, slots=1)]
    assert len(set(alone)) > 8
    for slots in (2, 5, 16):
        assert [episode.digests.actions for episode in episodes(donor, slots)] == alone
    assert [episode.digests.actions for episode in episodes(agent, slots=3)] != alone
    agent.load_weights(donor.weights())
    assert [episode.digests.actions for episode in episodes(agent, slots=3)] == alone
    with pytest.raises(UsageError, match="do not fit"):
        agent.load_weights({})


@pytest.mark.parametrize("shared", [True, False])
def test_independent_players_share_nothing_and_shared_ones_all(shared):
    agent = IPPO(signals(), shared=shared)
    assert {len(array) for array in agent.weights().values()} == {1 if shared else 3}


def test_what_others_see_changes_no_action_of_an_independent_player():
    agent = IPPO(signals(), seed=1, **SMALL_PPO)
    rng = np.random.default_rng(0)
    for twist in (0, 1):
        agent.begin([twist], [0])
    for _ in range(6):
        frames = rng.random((2, 3, 3)).astype(np.float32)
        frames[1, 0] = frames[0, 0]
        seen = [
            {player: {"signal": frame} | {"ids": np.zeros(2, int)} for player, frame in zip(agent.game.players, row, strict=True)}
            for row in frames
        ]
        actions = agent.act(seen, np.array([0, 1]))
        assert actions[0]["red"] == actions[1]["red"]


def test_identifiers_never_reach_networks_and_players_out_of_the_game_give_no_action():
    agent = IPPO(signals(), seed=1)
    assert agent.inputs.size == 3 + 3 + 3
    agent.begin([0, 7], [0, 0])
    one = {"signal": np.array([0, 1, 0], np.float32), "ids": np.array([5, 9])}
    actions = agent.act([{"green": one}, {"green": {**one, "ids": np.array([0, 1])}, "red": one}], np.array([7, 0]))
    assert [sorted(row) for row in actions] == [["green"], ["green", "red"]]
    assert actions[0]["green"] == actions[1]["green"]


def test_rows_of_players_out_of_the_game_teach_nothing():
    def taught(garbage: float):
        agent = IPPO(signals(), seed=1, **SMALL_PPO)
        training = hub.Training(agent.task, steps=1000, seed=3)
        learner = Learner(agent, training)
        learner.begin()
        rollout = learner._collector.play(16)
        assert not rollout.in_game.all()
        out = torch.from_numpy(~rollout.in_game)
        rollout.inputs[out] = garbage
        rollout.notes["values"][out] = garbage
        rollout.rewards[out.numpy()] = garbage
        learner._algorithm.update(rollout)
        learner.close()
        return agent.weights()

    one, other = taught(0.0), taught(50.0)
    assert all(np.array_equal(array, other[name]) for name, array in one.items())


def test_replayed_sequences_are_unrolled_as_they_were_played():
    agent = QMIX(signals(), seed=1, **SMALL_Q)
    learner = Learner(agent, hub.Training(agent.task, steps=1000, seed=3))
    learner.begin()
    learner._collector.play(5)
    rollout = learner._collector.play(12)
    learner.close()
    drawn = sequences(rollout)
    assert drawn["inputs"].shape == (8, 13, 3, 9)
    assert drawn["begun"].any(), "an episode begins within"
    with torch.no_grad():
        scores = unrolled(agent.actor, drawn)
    torch.testing.assert_close(scores[:, :-1].argmax(-1), greedy(agent, rollout))


def greedy(agent, rollout):
    """Return the best actions (n, T, P) from the memories that were stored while playing."""
    with torch.no_grad():
        scores, _ = agent.actor(rollout.inputs.reshape(1, -1, 9), rollout.notes["hidden"].reshape(1, -1, 64))
    return scores.argmax(-1).reshape(rollout.actions.shape).transpose(0, 1)


def test_exploration_falls_in_a_line():
    agent = QMIX(signals(), epsilon=0.1, epsilon_steps=100)
    training = hub.Training(agent.task, steps=1000)
    algorithm = agent.algorithm(training, np.random.default_rng(0))
    assert algorithm.epsilon == 1
    training._counter.steps = 50
    assert algorithm.epsilon == pytest.approx(0.55)
    training._counter.steps = 700
    assert algorithm.epsilon == pytest.approx(0.1)


@pytest.mark.parametrize("kind", [MAPPO, QMIX])
def test_a_central_view_needs_an_environment_that_gives_its_state(kind):
    with pytest.raises(
        ImpossiblePairing, match=rf"^{kind.name} cannot act in toys/Signals-v0: .*it fits PettingZoo environments with state"
    ):
        kind(signals(state=False))
    IPPO(signals(state=False))


def a_task(observation) -> hub.Task:
    both = dict.fromkeys(("a", "b"), observation)
    actions = spaces.Dict({player: spaces.Discrete(2) for player in both})
    return hub.Task(env_id="acme/Duel-v0", observation_space=spaces.Dict(both), action_space=actions, players=("a", "b"))


@pytest.mark.parametrize(
    "observation",
    [
        spaces.Discrete(3),
        spaces.Box(0, 255, (4, 4, 3), np.uint8),
        spaces.Dict(a=spaces.Box(0, 1, (2,)), b=spaces.Discrete(3)),
        spaces.Dict(a=spaces.Box(0, 9, (2,), np.int64)),
    ],
)
def test_observations_without_floating_point_numbers_are_refused(observation):
    with pytest.raises(ImpossiblePairing, match=r"^ippo cannot act in acme/Duel-v0: it reads Box observations of floating-point numbers"):
        IPPO(a_task(observation))


def test_flat_features_are_the_numbers_in_a_row():
    task = a_task(
        spaces.Dict(b=spaces.Box(0, 1, (2, 2), np.float64), a=spaces.Box(0, 1, (1,), np.float32), c=spaces.Box(0, 9, (1,), np.int64))
    )
    features = Flat("ippo", task.env_id, game_of("ippo", task))
    parts = {"b": np.arange(8.0).reshape(1, 2, 2, 2), "a": np.array([[[8.0], [9.0]]], np.float32), "c": np.ones((1, 2, 1), np.int64)}
    read = features.read(parts, np.ones((1, 2), bool), np.array([0]))
    assert read.dtype == torch.float32
    assert read.tolist() == [[[8, 0, 1, 2, 3], [9, 4, 5, 6, 7]]]


@pytest.mark.parametrize(
    ("kind", "arguments", "named"),
    [
        (IPPO, {"n_envs": 0}, "n_envs"),
        (IPPO, {"n_steps": 0}, "n_steps"),
        (IPPO, {"restart_every": 0}, "restart_every"),
        (IPPO, {"epochs": 0}, "epochs"),
        (IPPO, {"gamma": 1.5}, "gamma"),
        (IPPO, {"entropy": -0.1}, "entropy"),
        (MAPPO, {"n_envs": 2, "n_steps": 3, "minibatches": 7}, "minibatches"),
        (QMIX, {"epsilon": 1.2}, "epsilon"),
        (QMIX, {"capacity": 0}, "capacity"),
        (QMIX, {"target_rate": 0.0}, "target_rate"),
    ],
)
def test_values_that_make_no_sense_are_refused_by_name(kind, arguments, named):
    with pytest.raises(UsageError, match=rf"^{named} of agent {kind.name} cannot be"):
        kind(signals(), **arguments)


def test_a_budget_smaller_than_a_rollout_is_refused():
    agent = IPPO(signals(), **SMALL_PPO)
    with pytest.raises(UsageError, match="ippo plays 128 steps for each update"):
        agent.learn(hub.Training(agent.task, steps=127))


@pytest.mark.parametrize("kind", [IPPO, MAPPO, QMIX])
def test_defaults_are_recorded_whole_and_build_the_agent(kind):
    defaults = default_arguments(kind)
    assert {"n_envs", "n_steps", "learning_rate", "gamma", "restart_every"} <= set(defaults)
    assert isinstance(kind(signals(), **defaults), PlayersAgent)
