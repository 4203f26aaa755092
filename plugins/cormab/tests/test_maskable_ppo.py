"""MaskablePPO: the bandit it sees is the bandit, its actions are allowed, its training repeats and helps."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hub_cormab import registration
from hub_cormab.baselines.maskable_ppo import MaskablePPOAgent
from hub_cormab.pull_by_pull import Partial, PullByPull, longest
from hub_envs.cormab import (
    CapacityVectorEnv,
    CormabVectorEnv,
    InterventionsVectorEnv,
    MatchingVectorEnv,
    PathVectorEnv,
)

import hub
from hub.errors import MissingExtra, UsageError
from hub.loading import load
from hub.training import Training

Make = Callable[..., CormabVectorEnv]
BANDITS: tuple[tuple[str, Make, dict[str, Any]], ...] = (
    ("Matching", MatchingVectorEnv, {"instance": 1, "arms": 6, "budget": 2}),
    ("Capacity", CapacityVectorEnv, {"instance": 1, "arms": 6, "budget": 2}),
    ("Path", PathVectorEnv, {"instance": 1, "arms": 8, "budget": 2}),
    ("Interventions", InterventionsVectorEnv, {"instance": 1, "arms": 12, "interventions": 6, "budget": 3}),
)
TINY = {"n_envs": 4, "n_steps": 10, "batch_size": 20, "n_epochs": 3}


def task_of(name: str, make: Make, kwargs: dict[str, Any]) -> hub.Task:
    env = make(1, **kwargs)
    return hub.Task(
        env_id=f"cormab/{name}-v0",
        observation_space=env.single_observation_space,
        action_space=env.single_action_space,
        env_kwargs=kwargs,
        model=env.model,
        model_tag="hub_envs.cormab:Problem",
    )


MATCHING = task_of(*BANDITS[0])


def mean_step_reward(agent: hub.Agent, episodes: int = 60) -> float:
    problem, slots = MATCHING.model, np.arange(episodes)
    env = MatchingVectorEnv(episodes, problem=problem, autoreset_mode="Disabled")
    levels, _ = env.reset(seed=7)
    total = 0.0
    for _ in range(problem.horizon):
        levels, _, _, _, infos = env.step(agent.act(levels, slots))
        total += float(infos["expected_reward"].mean())
    return total / problem.horizon


@pytest.mark.parametrize(("name", "make", "kwargs"), BANDITS, ids=[name for name, _, _ in BANDITS])
def test_choices_play_the_bandit(name: str, make: Make, kwargs: dict[str, Any]) -> None:
    plain = make(3, autoreset_mode="SameStep", **kwargs)
    problem, rng = plain.model, np.random.default_rng(0)
    built = PullByPull(make(3, autoreset_mode="SameStep", **kwargs), problem)
    levels, _ = plain.reset(seed=5)
    seen, _ = built.reset(seed=5)
    size, length = problem.actions.size, longest(problem.actions)
    for step in range(problem.horizon + 2):
        actions = np.zeros((3, size), dtype=np.int8)
        for choice in range(length):
            assert seen.shape == (3, 4 * problem.arms + size + 1)
            assert (seen[:, : 4 * problem.arms].reshape(3, problem.arms, 4).argmax(axis=2) == levels).all()
            assert (seen[:, 4 * problem.arms : -1] == actions).all()
            masks = built.action_masks()
            for row, mask in enumerate(masks):
                for entry in range(size):
                    grown = actions[row].copy()
                    grown[entry] = 1
                    fits = not actions[row, entry] and problem.actions.violation(grown) is None
                    assert mask[entry] == (fits and not seen[row, -1])
                assert mask[-1]
            choices = np.array([rng.choice(np.flatnonzero(mask)) for mask in masks])
            for row in np.flatnonzero(choices < size):
                actions[row, choices[row]] = 1
            seen, rewards, terminated, truncated, infos = built.step(choices)
            if choice < length - 1:
                assert not rewards.any()
                assert not (terminated | truncated).any()
        before = levels
        levels, _, _, over, plainly = plain.step(actions)
        assert (rewards == problem.expected_reward(before, actions)).all()
        assert (truncated == over).all()
        assert over.all() == (step == problem.horizon - 1)
        if over.all():
            assert (infos["final_obs"] == Partial(problem.actions, 3).observe(np.stack(plainly["final_obs"]))).all()


def test_every_feasible_action_can_be_built() -> None:
    for _, make, kwargs in BANDITS:
        actions = make(1, **kwargs).model.actions
        every = actions.enumerate(10_000)
        assert every is not None
        assert longest(actions) == every.sum(axis=1).max()


@pytest.mark.parametrize(("name", "make", "kwargs"), BANDITS, ids=[name for name, _, _ in BANDITS])
def test_actions_are_allowed_and_depend_on_the_row_alone(name: str, make: Make, kwargs: dict[str, Any]) -> None:
    agent = MaskablePPOAgent(task_of(name, make, kwargs), seed=1)
    rng = np.random.default_rng(0)
    agent.load_weights({key: rng.normal(size=value.shape).astype(np.float32) for key, value in agent.weights().items()})
    states = rng.integers(0, 4, size=(70, agent.problem.arms))
    together = agent.act(states, np.arange(70))
    assert agent.problem.actions.is_feasible(together).all()
    assert len(np.unique(together, axis=0)) > 1
    assert (np.concatenate([agent.act(states[[row]], np.array([row])) for row in range(70)]) == together).all()


def test_training_repeats_spends_the_budget_and_leaves_global_generators_alone() -> None:
    state = torch.random.get_rng_state(), np.random.get_state()[1]
    agents = [MaskablePPOAgent(MATCHING, seed=2, **TINY) for _ in range(2)]
    for agent in agents:
        training = Training(MATCHING, steps=103, seed=4)
        agent.learn(training)
        assert training.remaining == 3
    one, other = (agent.weights() for agent in agents)
    assert all((one[name] == other[name]).all() for name in one)
    assert (torch.random.get_rng_state() == state[0]).all()
    assert (np.random.get_state()[1] == state[1]).all()


def test_training_helps() -> None:
    agent = MaskablePPOAgent(MATCHING, seed=2, n_envs=16, n_steps=5, batch_size=40, learning_rate=3e-3)
    before = mean_step_reward(agent)
    agent.learn(Training(MATCHING, steps=1200, seed=4))
    assert mean_step_reward(agent) > 1.2 * before


def test_weights_are_handed_on_and_others_refused() -> None:
    one, other = MaskablePPOAgent(MATCHING, seed=1), MaskablePPOAgent(MATCHING, seed=2)
    states = np.random.default_rng(0).integers(0, 4, size=(40, 6))
    other.load_weights(one.weights())
    assert (one.act(states, np.arange(40)) == other.act(states, np.arange(40))).all()
    with pytest.raises(UsageError, match="do not fit maskable-ppo with this task and net_arch"):
        other.load_weights(MaskablePPOAgent(MATCHING, net_arch=[8]).weights())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"n_envs": 0}, "n_envs of agent maskable-ppo cannot be 0"),
        ({"gamma": 1.5}, "gamma of agent maskable-ppo cannot be 1.5"),
        ({"batch_size": 1}, "batch_size of agent maskable-ppo cannot be 1"),
        ({"net_arch": [64, 0]}, "net_arch of agent maskable-ppo cannot be"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        MaskablePPOAgent(MATCHING, **arguments)


def test_a_budget_without_a_step_for_each_bandit_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot learn from 3 training steps in 4 bandits: give --train-steps of at least 4"):
        MaskablePPOAgent(MATCHING, **TINY).learn(Training(MATCHING, steps=3))


def test_without_the_extra_the_pip_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    (spec,) = (agent for agent in registration.hub_agents() if agent.name == "maskable-ppo")
    monkeypatch.delitem(sys.modules, "hub_cormab.baselines.maskable_ppo")
    monkeypatch.setitem(sys.modules, "sb3_contrib", None)
    with pytest.raises(MissingExtra, match=r"pip install 'gymhub-cormab\[deep\]'"):
        load(spec.entry_point, spec.requires)
