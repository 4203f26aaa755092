"""What the stable-baselines3 agents refuse before anything runs, and what they choose by themselves."""

import numpy as np
import pytest
from gymnasium import spaces
from hub_baselines.off_policy import DQNAgent, SACAgent, TD3Agent
from hub_baselines.on_policy import A2CAgent, PPOAgent

import hub
from hub.arguments import default_arguments, parse_arguments
from hub.errors import ImpossiblePairing, UsageError

BOX = spaces.Box(-1, 1, (3,), np.float32)


def a_task(observations=BOX, actions=spaces.Discrete(2), players=()):  # noqa: B008
    return hub.Task(env_id="acme/Maze-v0", observation_space=observations, action_space=actions, players=players)


@pytest.mark.parametrize(
    ("kind", "task", "reason"),
    [
        (DQNAgent, a_task(actions=BOX), "actions must be Discrete and the environment's are Box"),
        (SACAgent, a_task(), "actions must be Box and the environment's are Discrete"),
        (TD3Agent, a_task(actions=spaces.MultiBinary(2)), "actions must be Box"),
        (PPOAgent, a_task(observations=spaces.Text(3)), "observations must be Box or Discrete"),
        (A2CAgent, a_task(actions=spaces.Dict(a=spaces.Discrete(2))), "actions must be Box or Discrete"),
        (PPOAgent, a_task(players=("a", "b")), "plays alone and the environment has 2 players"),
        (PPOAgent, a_task(actions=spaces.Discrete(3, start=1)), "count from 0"),
        (PPOAgent, a_task(actions=spaces.MultiDiscrete([[2, 2], [2, 2]])), "in one row"),
        (PPOAgent, a_task(actions=spaces.MultiBinary((2, 2))), "in one row"),
        (SACAgent, a_task(actions=spaces.Box(-np.inf, np.inf, (2,))), "finite bounds"),
        (PPOAgent, a_task(actions=spaces.Box(0, 5, (2,), np.int64)), "floating-point numbers"),
        (PPOAgent, a_task(observations=spaces.Discrete(3, start=-1)), "count from 0"),
        (PPOAgent, a_task(observations=spaces.Dict(a=spaces.Dict(b=BOX))), "one-level Dict"),
        (PPOAgent, a_task(observations=spaces.Dict(a=spaces.Sequence(BOX))), "under 'a'"),
    ],
)
def test_an_impossible_pairing_is_refused_with_what_would_fit(kind, task, reason):
    with pytest.raises(ImpossiblePairing, match=rf"^{kind.name} cannot act in acme/Maze-v0: .*{reason}"):
        kind(task)


@pytest.mark.parametrize(
    ("observations", "policy"),
    [
        (BOX, "MlpPolicy"),
        (spaces.Box(0, 255, (84, 84, 3), np.uint8), "CnnPolicy"),
        (spaces.Box(0, 255, (4, 84, 84), np.uint8), "CnnPolicy"),
        (spaces.Box(0, 255, (8, 8, 3), np.uint8), "MlpPolicy"),
        (spaces.Dict(a=BOX, b=spaces.Discrete(2)), "MultiInputPolicy"),
    ],
)
def test_the_network_follows_from_the_observations(observations, policy):
    agent = PPOAgent(a_task(observations))
    assert agent._policy_name == policy
    inputs = a_task(observations).observation_space.sample()
    one = {key: np.asarray(value)[None] for key, value in inputs.items()} if isinstance(inputs, dict) else inputs[None]
    assert agent.act(one, np.array([0])).shape == (1,)


def test_small_images_within_a_dict_are_refused_as_pixels():
    task = a_task(observations=spaces.Dict(a=spaces.Box(0, 255, (8, 8, 3), np.uint8)))
    with pytest.raises(ImpossiblePairing, match="at least 36 x 36 pixels within a Dict, and smaller ones with small_images=numbers"):
        PPOAgent(task, small_images="pixels")


def test_a_network_for_other_observations_is_refused():
    with pytest.raises(ImpossiblePairing, match=r"with policy CnnPolicy: .* MlpPolicy fits"):
        PPOAgent(a_task(), policy="CnnPolicy")


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (PPOAgent, {"n_envs": 0}),
        (PPOAgent, {"learning_rate": -1.0}),
        (PPOAgent, {"batch_size": 1}),
        (PPOAgent, {"gamma": 1.1}),
        (PPOAgent, {"net_arch": [64, 0]}),
        (PPOAgent, {"net_arch": {"policy": [64]}}),
        (DQNAgent, {"exploration_fraction": 2.0}),
        (DQNAgent, {"threads": 0}),
    ],
)
def test_values_that_make_no_sense_are_refused_by_name(kind, arguments):
    with pytest.raises(UsageError, match=next(iter(arguments))):
        kind(a_task(), **arguments)


def test_arguments_are_typed_on_the_command_line():
    typed = parse_arguments(
        ["net_arch=[32, 16]", "activation=relu", "learning_rate=1e-4", "n_envs=2", "anneal=false"], PPOAgent, "agent ppo"
    )
    assert typed == {"net_arch": [32, 16], "activation": "relu", "learning_rate": 1e-4, "n_envs": 2, "anneal": False}
    assert PPOAgent(a_task(), **typed).weights()["mlp_extractor.policy_net.2.weight"].shape == (16, 32)
    assert parse_arguments(['net_arch={"pi": [8], "vf": [9]}'], PPOAgent, "agent ppo") == {"net_arch": {"pi": [8], "vf": [9]}}
    with pytest.raises(UsageError, match="did you mean learning_rate"):
        parse_arguments(["learning_rat=1"], PPOAgent, "agent ppo")
    with pytest.raises(UsageError, match="deterministic of agent dqn"):
        parse_arguments(["deterministic=false"], DQNAgent, "agent dqn")


@pytest.mark.parametrize("kind", [PPOAgent, A2CAgent, DQNAgent, SACAgent, TD3Agent])
def test_defaults_are_recorded_whole_and_build_the_agent(kind):
    defaults = default_arguments(kind)
    assert {"learning_rate", "n_envs", "gamma", "policy", "net_arch", "activation", "deterministic", "threads"} <= set(defaults)
    kind(a_task(actions=BOX if kind in (SACAgent, TD3Agent) else spaces.Discrete(2)), **defaults)
