"""Acting: the actions of stable-baselines3's own `predict`, and the same bits whatever the batch."""

import numpy as np
import pytest
import torch
from gymnasium.vector.utils import batch_space
from hub_baselines.off_policy import DQNAgent, SACAgent, TD3Agent
from hub_baselines.on_policy import PPOAgent

from hub.errors import UsageError

OBSERVATIONS = ["box", "grid", "discrete", "multidiscrete", "multibinary", "image", "dict"]
ACTIONS = ["discrete", "multidiscrete", "multibinary", "box"]


def pick(observations, rows):
    return {key: value[rows] for key, value in observations.items()} if isinstance(observations, dict) else observations[rows]


def untied(agent):
    """Spread the weights, so that actions differ between observations, and return the agent."""
    generator = np.random.default_rng(1)
    agent.load_weights(
        {name: (value + generator.normal(0, 0.1, value.shape)).astype(value.dtype) for name, value in agent.weights().items()}
    )
    return agent


@pytest.mark.parametrize("deterministic", [True, False])
@pytest.mark.parametrize("observations", OBSERVATIONS)
def test_actions_do_not_depend_on_the_batch(task, batch, observations, deterministic):
    agent = untied(PPOAgent(task(observations, "box"), deterministic=deterministic))
    inputs = batch(agent.task.observation_space, 32)

    def actions(order: np.ndarray, width: int) -> np.ndarray:
        agent.begin(list(range(32)), list(range(100, 132)))
        pieces = [agent.act(pick(inputs, part), part) for part in np.split(order, range(width, 32, width))]
        return np.concatenate(pieces)[np.argsort(order)]

    reference = actions(np.arange(32), 32)
    assert len(np.unique(reference, axis=0)) > 3
    for width in (1, 2, 7):
        assert (actions(np.arange(32), width) == reference).all()
    assert (actions(np.random.default_rng(0).permutation(32), 7) == reference).all()


@pytest.mark.parametrize("actions", ACTIONS)
@pytest.mark.parametrize("observations", ["box", "dict"])
def test_ppo_acts_as_stable_baselines3_predicts(task, batch, observations, actions):
    agent = untied(PPOAgent(task(observations, actions)))
    inputs = batch(agent.task.observation_space, 50)
    mine = agent.act(inputs, np.arange(50))
    theirs, _ = agent._policy.predict(inputs, deterministic=True)
    assert batch_space(agent.task.action_space, 50).contains(mine)
    assert np.allclose(mine, theirs, atol=1e-6)
    assert len(np.unique(mine, axis=0)) > 1


@pytest.mark.parametrize("kind", [SACAgent, TD3Agent, DQNAgent])
@pytest.mark.parametrize("observations", ["grid", "image"])
def test_off_policy_agents_act_as_stable_baselines3_predicts(task, batch, kind, observations):
    agent = untied(
        kind(task(observations, "discrete" if kind is DQNAgent else "box"), **({} if observations == "grid" else {"net_arch": [16]}))
    )
    inputs = batch(agent.task.observation_space, 20)
    mine = agent.act(inputs, np.arange(20))
    theirs, _ = agent._policy.predict(inputs, deterministic=True)
    assert batch_space(agent.task.action_space, 20).contains(mine)
    assert np.allclose(mine, theirs, atol=1e-5)


@pytest.mark.parametrize("actions", ACTIONS)
def test_draws_follow_the_policys_distribution(task, batch, actions):
    agent = untied(PPOAgent(task("box", actions), deterministic=False))
    observation = batch(agent.task.observation_space, 1)
    n = 3000
    agent.begin(list(range(n)), list(range(n)))
    mine = agent.act(np.repeat(observation, n, axis=0), np.arange(n)).reshape(n, -1)
    torch.manual_seed(0)
    theirs, _ = agent._policy.predict(np.repeat(observation, n, axis=0), deterministic=False)
    theirs = theirs.reshape(n, -1)
    assert np.allclose(mine.mean(axis=0), theirs.mean(axis=0), atol=0.08)
    assert np.allclose(mine.std(axis=0), theirs.std(axis=0), atol=0.08)


def test_sac_draws_follow_the_policys_distribution(task, batch):
    agent = untied(SACAgent(task("box", "box"), deterministic=False))
    observations = np.repeat(batch(agent.task.observation_space, 1), 3000, axis=0)
    agent.begin(list(range(3000)), list(range(3000)))
    torch.manual_seed(0)
    theirs, _ = agent._policy.predict(observations, deterministic=False)
    mine = agent.act(observations, np.arange(3000))
    assert np.allclose(mine.mean(axis=0), theirs.mean(axis=0), atol=0.08)
    assert np.allclose(mine.std(axis=0), theirs.std(axis=0), atol=0.08)


def test_an_episodes_draws_come_from_its_seed(task, batch):
    agent = PPOAgent(task("box", "box"), deterministic=False)
    one, other = (batch(agent.task.observation_space, 1, seed=s) for s in (1, 2))
    agent.begin([0, 5], [7, 8])
    first = [agent.act(one, np.array([0])), agent.act(other, np.array([0]))]
    agent.begin([5], [7])
    assert (agent.act(one, np.array([5])) == first[0]).all()
    assert (agent.act(other, np.array([5])) == first[1]).all()


def test_weights_of_another_network_are_refused_with_the_first_difference(task):
    agent = PPOAgent(task())
    with pytest.raises(UsageError, match=r"net_arch: mlp_extractor\.policy_net\.0\.weight has shape \(9, 7\), not \(64, 7\)"):
        agent.load_weights(PPOAgent(task(), net_arch=[9]).weights())
    with pytest.raises(UsageError, match="unknown"):
        agent.load_weights({**agent.weights(), "further": np.zeros(1)})
    with pytest.raises(UsageError, match="missing"):
        agent.load_weights({})
