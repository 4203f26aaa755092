"""Training: it learns, spends exactly its budget, repeats for a seed, leaves the process as it was, and its weights travel."""

import random

import gymnasium as gym
import numpy as np
import pytest
import torch
from hub_baselines.off_policy import DQNAgent, SACAgent, TD3Agent
from hub_baselines.on_policy import A2CAgent, PPOAgent, _rollouts
from hub_baselines.random_agent import RandomAgent

import hub
from hub.errors import UsageError
from hub.training import Training

EACH = [
    (PPOAgent, "box", "multibinary", {"n_steps": 16, "n_envs": 4, "n_epochs": 2}),
    (PPOAgent, "dict", "box", {"n_steps": 16, "n_envs": 4, "n_epochs": 1}),
    (A2CAgent, "multidiscrete", "multidiscrete", {"n_envs": 4}),
    (DQNAgent, "discrete", "discrete", {"learning_starts": 50, "train_freq": 8, "gradient_steps": 2, "n_envs": 3}),
    (SACAgent, "grid", "box", {"learning_starts": 250}),
    (TD3Agent, "multibinary", "box", {"learning_starts": 250, "n_envs": 2}),
]


def trained(agent: hub.Agent, steps: int, seed: int = 0) -> Training:
    training = Training(agent.task, steps=steps, seed=seed)
    agent.learn(training)
    return training


def mean_return(agent: hub.Agent, env_id: str, episodes: int = 20) -> float:
    env = gym.make_vec(env_id, episodes, vectorization_mode="sync")
    observations, _ = env.reset(seed=list(range(episodes)))
    agent.begin(list(range(episodes)), list(range(episodes)))
    returns, alive = np.zeros(episodes), np.ones(episodes, bool)
    while alive.any():
        observations, rewards, terminated, truncated, _ = env.step(agent.act(observations, np.arange(episodes)))
        returns += rewards * alive
        alive &= ~(terminated | truncated)
    return float(returns.mean())


def cartpole() -> hub.Task:
    env = gym.make("CartPole-v1")
    return hub.Task(env_id="CartPole-v1", observation_space=env.observation_space, action_space=env.action_space)


def test_ppo_learns_cartpole_with_its_defaults():
    agent = PPOAgent(cartpole())
    reports = []
    training = Training(agent.task, steps=10_000, seed=1, on_report=reports.append)
    agent.learn(training)
    assert training.done == 10_000
    assert mean_return(agent, "CartPole-v1") > 5 * mean_return(RandomAgent(cartpole()), "CartPole-v1")
    assert len(reports) >= 8
    assert reports[-1]["return_mean"] > reports[0]["return_mean"]


@pytest.mark.parametrize(("kind", "observations", "actions", "settings"), EACH)
def test_each_algorithm_spends_its_budget_learns_something_and_its_weights_travel(task, batch, kind, observations, actions, settings):
    agent = kind(task(observations, actions), seed=3, **settings)
    before = agent.weights()
    training = trained(agent, 303)
    assert training.done == 303 - 303 % settings.get("n_envs", 1)
    after = agent.weights()
    assert any((before[name] != after[name]).any() for name in before)
    assert all(np.isfinite(value).all() for value in after.values())
    twin = kind(task(observations, actions), seed=4, **settings)
    twin.load_weights(after)
    inputs = batch(agent.task.observation_space, 9)
    agent.begin(list(range(9)), list(range(9)))
    assert (agent.act(inputs, np.arange(9)) == twin.act(inputs, np.arange(9))).all()
    assert all((value == after[name]).all() for name, value in twin.weights().items())


@pytest.mark.parametrize(
    ("kind", "settings"), [(PPOAgent, {"n_steps": 32}), (DQNAgent, {"learning_starts": 20, "train_freq": 16, "gradient_steps": 4})]
)
def test_training_repeats_for_a_seed_and_differs_for_another(task, kind, settings):
    def weights(seed: int) -> dict[str, np.ndarray]:
        agent = kind(task(), seed=seed, **settings)
        trained(agent, 400, seed)
        return agent.weights()

    random.seed(1)
    one = weights(5)
    random.seed(2)
    np.random.seed(2)
    torch.manual_seed(2)
    again, other = weights(5), weights(6)
    assert all((one[name] == again[name]).all() for name in one)
    assert any((one[name] != other[name]).any() for name in one)


def test_global_generators_and_threads_are_as_before(task):
    torch.set_num_threads(2)
    try:
        random.seed(9)
        np.random.seed(9)
        torch.manual_seed(9)
        agent = PPOAgent(task(), n_steps=8, n_epochs=1)
        trained(agent, 128)
        assert torch.get_num_threads() == 2
        drawn = random.random(), np.random.random(), torch.rand(()).item()
        random.seed(9)
        np.random.seed(9)
        torch.manual_seed(9)
        assert drawn == (random.random(), np.random.random(), torch.rand(()).item())
    finally:
        torch.set_num_threads(1)


def test_training_goes_on_from_loaded_weights(task):
    agent = PPOAgent(task(), learning_rate=1e-9, n_steps=16, n_epochs=1)
    start = {name: value + 0.5 for name, value in agent.weights().items()}
    agent.load_weights(start)
    trained(agent, 128)
    assert all(np.allclose(value, start[name], atol=1e-5) for name, value in agent.weights().items())


def test_a_budget_too_small_for_one_update_is_refused(task):
    with pytest.raises(UsageError, match="at least 16"):
        trained(PPOAgent(task()), 7)
    with pytest.raises(UsageError, match="at least 4"):
        trained(DQNAgent(task(), n_envs=4), 3)


@pytest.mark.parametrize(("steps", "longest"), [(0, 5), (1, 5), (5, 5), (6, 5), (6250, 128), (128, 128), (1000, 1)])
def test_rollouts_share_the_steps_evenly_and_use_them_all(steps, longest):
    lengths = _rollouts(steps, longest)
    assert sum(length * count for length, count in lengths.items()) == steps
    assert all(0 < length <= longest for length in lengths)
    assert max(lengths, default=0) - min(lengths, default=0) <= 1
