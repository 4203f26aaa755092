"""random and constant: they act in any space, and an episode's actions depend on its seed alone."""

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector.utils import batch_space, iterate
from hub_baselines.constant import ConstantAgent, first_action
from hub_baselines.random_agent import RandomAgent
from hypothesis import given, settings
from hypothesis import strategies as st

import hub
from hub.errors import ImpossiblePairing, UsageError

SPACES = [
    spaces.Discrete(2),
    spaces.Discrete(3, start=-5),
    spaces.Discrete(3, start=4),
    spaces.Box(-1, 1, (2,), np.float32),
    spaces.Box(1, 2, (1, 2), np.float64),
    spaces.Box(0, 255, (4, 4, 3), np.uint8),
    spaces.Box(-np.inf, np.inf, (3,), np.float32),
    spaces.MultiBinary(5),
    spaces.MultiBinary((2, 3)),
    spaces.MultiDiscrete([3, 4]),
    spaces.MultiDiscrete([[2, 3], [4, 5]]),
    spaces.Text(5),
    spaces.Text(min_length=2, max_length=4, charset="ab"),
    spaces.Dict(a=spaces.Discrete(2), b=spaces.Text(3), c=spaces.Box(-1, 1, (2,))),
    spaces.Tuple((spaces.Discrete(2), spaces.MultiBinary(2))),
    spaces.OneOf((spaces.Discrete(3), spaces.Box(0, 1, (2,)))),
    spaces.Sequence(spaces.Discrete(3)),
    spaces.Sequence(spaces.Discrete(3), stack=True),
    spaces.Graph(spaces.Box(0, 1, (2,)), spaces.Discrete(3)),
]


def task_with(actions: gym.Space, players: tuple[str, ...] = ()) -> hub.Task:
    return hub.Task(env_id="x", observation_space=spaces.Discrete(2), action_space=actions, players=players)


def rows(space: gym.Space, actions, n: int) -> list:
    return list(iterate(batch_space(space, n), actions))


def play(agent: hub.Agent, space: gym.Space, episodes: dict[int, int], steps: int) -> dict[int, list[str]]:
    """Return each seed's actions, as text, played side by side in the given slots (slot -> seed)."""
    slots = np.array(list(episodes))
    agent.begin(list(episodes), list(episodes.values()))
    log: dict[int, list[str]] = {seed: [] for seed in episodes.values()}
    for _ in range(steps):
        for seed, action in zip(episodes.values(), rows(space, agent.act([None] * len(slots), slots), len(slots)), strict=True):
            log[seed].append(repr(action))
    return log


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_random_draws_valid_actions_that_depend_on_the_episode_alone(space):
    agent = RandomAgent(task_with(space))
    agent.begin([0, 3], [7, 8])
    actions = agent.act(None, np.array([3, 0]))
    assert batch_space(space, 2).contains(actions)
    assert all(space.contains(action) for action in rows(space, actions, 2))
    together = play(RandomAgent(task_with(space)), space, {0: 11, 1: 12, 2: 13}, 70)
    assert play(RandomAgent(task_with(space), seed=5), space, {9: 12}, 70)[12] == together[12]
    assert together[11] != together[12]


@settings(max_examples=25)
@given(seeds=st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=6, unique=True), late=st.integers(0, 80), data=st.data())
def test_random_episode_is_the_same_in_any_slot_order_and_start(seeds, late, data):
    space = spaces.MultiDiscrete([7, 7, 7])
    order = data.draw(st.permutations(range(len(seeds))))
    one = play(RandomAgent(task_with(space)), space, dict(enumerate(seeds)), 90)
    agent = RandomAgent(task_with(space))
    play(agent, space, {0: 99}, late)
    assert play(agent, space, {slot: seeds[slot] for slot in order}, 90) == one


def test_random_covers_the_space_evenly():
    space = spaces.Discrete(4)
    agent = RandomAgent(task_with(space))
    slots = np.arange(500)
    agent.begin(list(slots), list(slots))
    counts = sum(np.bincount(agent.act(None, slots), minlength=4) for _ in range(20))
    assert counts.sum() == 10_000
    assert (abs(counts - 2500) < 200).all()


def test_random_does_not_repeat_the_stream_that_the_environment_draws_from():
    space = spaces.Box(0, 1, (64,), np.float64)
    agent = RandomAgent(task_with(space))
    agent.begin([0], [123])
    from_environment = np.random.default_rng(123).random(64)
    assert not np.isin(agent.act(None, np.array([0]))[0], from_environment).any()


def test_random_leaves_the_tasks_space_and_global_generators_alone():
    space = spaces.Discrete(1000)
    space.seed(3)
    expected = spaces.Discrete(1000, seed=3).sample()
    state = np.random.get_state()[1].tobytes()
    agent = RandomAgent(task_with(space))
    agent.begin([0], [1])
    agent.act(None, np.array([0]))
    assert space.sample() == expected
    assert np.random.get_state()[1].tobytes() == state


def test_both_play_for_every_player_still_in_the_game():
    space = spaces.Dict(left=spaces.Discrete(3), right=spaces.Box(-1, 1, (2,)))
    observations = [{"left": 0, "right": 0}, {"right": 0}]
    for kind in (RandomAgent, ConstantAgent):
        kind.needs.check("x", task_with(space, ("left", "right")))
        agent = kind(task_with(space, ("left", "right")))
        agent.begin([0, 1], [1, 2])
        actions = agent.act(observations, np.array([0, 1]))
        assert [set(row) for row in actions] == [{"left", "right"}, {"right"}]
        assert all(space[player].contains(action) for row in actions for player, action in row.items())


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_constant_takes_the_first_action_of_any_space(space):
    assert space.contains(first_action(space))
    assert batch_space(space, 3).contains(ConstantAgent(task_with(space)).act(None, np.arange(3)))


@pytest.mark.parametrize(
    ("space", "value", "expected"),
    [
        (spaces.Discrete(3), 2, [2]),
        (spaces.Box(-1, 1, (2,), np.float32), [0.5, -1], [[0.5, -1.0]]),
        (spaces.MultiBinary(3), [0, 1, 0], [[0, 1, 0]]),
        (spaces.Text(6), "left", ["left"]),
        (spaces.Dict(move=spaces.Discrete(3), say=spaces.Text(4)), {"move": 2, "say": "hi"}, {"move": [2], "say": ["hi"]}),
        (spaces.Tuple((spaces.Discrete(3), spaces.MultiBinary(1))), [1, [1]], [[1], [[1]]]),
    ],
)
def test_constant_takes_the_action_it_is_given(space, value, expected):
    action = rows(space, ConstantAgent(task_with(space), action=value).act(None, np.arange(2)), 2)[1]
    assert space.contains(action)
    assert space.to_jsonable([action]) == expected


@pytest.mark.parametrize(
    ("space", "value"),
    [
        (spaces.Discrete(3), 3),
        (spaces.Discrete(3), 1.5),
        (spaces.Discrete(3), "left"),
        (spaces.Box(-1, 1, (2,)), [0.5]),
        (spaces.MultiDiscrete([3, 3]), [0.5, 1]),
        (spaces.Dict(move=spaces.Discrete(3)), {"mvoe": 1}),
        (spaces.Dict(move=spaces.Discrete(3)), 1),
    ],
)
def test_constant_refuses_an_action_outside_the_space_and_names_one_inside(space, value):
    with pytest.raises(UsageError, match=r"is not in the action space .* e\.g\. "):
        ConstantAgent(task_with(space), action=value)


class Unsaid(gym.Space):
    """A space of any text that leaves out how to draw one, as BrowserGym's does."""

    def contains(self, x):
        return isinstance(x, str)


def test_random_refuses_a_space_that_draws_nothing():
    with pytest.raises(ImpossiblePairing, match=r"^random cannot act in x: its action space .* draws no samples; take an agent"):
        RandomAgent(task_with(Unsaid()))
    assert ConstantAgent(task_with(Unsaid()), action="go").act(None, np.arange(2)) == ("go", "go")
