"""What the plugin tells hub is true: names lead to classes, protocols to environments, bounds to numbers."""

import importlib
import inspect
import tomllib
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from hub_cormab import registration

import hub

AGENTS = registration.hub_agents()


def load(entry_point: str) -> object:
    module, _, name = entry_point.partition(":")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("spec", AGENTS, ids=lambda spec: spec.name)
def test_agents_are_agents_that_say_what_they_do(spec: hub.AgentSpec) -> None:
    agent = load(spec.entry_point)
    assert inspect.isclass(agent)
    assert issubclass(agent, hub.Agent)
    assert agent.__doc__
    assert spec.summary
    assert spec.paper in (None, "sequoia")


@pytest.mark.parametrize("spec", registration.hub_environments(), ids=lambda spec: spec.id)
def test_environments_carry_the_model_they_are_tagged_with(spec: hub.EnvironmentSpec) -> None:
    env = gym.make(f"hub_envs:{spec.id}")
    assert spec.model is not None
    assert isinstance(env.unwrapped.model, load(spec.model))  # type: ignore[attr-defined, arg-type]


def test_agents_ask_for_a_model_that_an_environment_carries() -> None:
    models = {spec.model for spec in registration.hub_environments()}
    for agent in AGENTS:
        assert load(agent.entry_point).needs.model in models  # type: ignore[attr-defined]


@pytest.mark.parametrize("protocol", registration.hub_protocols(), ids=lambda protocol: protocol.name)
def test_a_protocols_tasks_null_agents_and_bound_exist(protocol: hub.ProtocolSpec) -> None:
    assert protocol.env in {spec.id for spec in registration.hub_environments()}
    assert len(protocol.tasks) == (3 if "open" in protocol.name else 20)
    assert set(protocol.null_agents) <= {agent.name for agent in AGENTS}
    env = gym.make(f"hub_envs:{protocol.env}", **protocol.tasks[-1])
    env.reset(seed=0)
    info = env.step(np.zeros(env.action_space.shape, dtype=np.int8))[4]
    assert set(protocol.metrics) <= set(info)
    if "open" in protocol.name:
        assert protocol.upper_bound is None
        return
    assert protocol.upper_bound is not None
    bound = load(protocol.upper_bound)
    assert callable(bound)
    assert 5 < bound(env) < 40


def test_the_papers_claims_are_its_own_words_about_its_agent() -> None:
    (paper,) = registration.hub_papers()
    assert paper.name in {agent.name for agent in AGENTS}
    assert any("24.8" in claim for claim in paper.claims)


def test_requirements_are_extras_that_the_package_declares() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    wanted = {agent.requires for agent in AGENTS if agent.requires}
    # SEQUOIA needs its solvers for one of its methods only, and names the extra itself when that is asked for.
    assert wanted == {f"{project['name']}[{extra}]" for extra in set(project["optional-dependencies"]) - {"solvers", "test"}}
