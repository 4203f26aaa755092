"""What the plugin tells hub is true: names lead to classes and environments, and protocols to tasks that can be built."""

from __future__ import annotations

import importlib
import inspect

import numpy as np
import pytest
from hub_highway import navigation, registration

import hub
from hub.environments import describe
from hub.errors import ImpossiblePairing

AGENTS = registration.hub_agents()
PROTOCOLS = [*registration.hub_protocols(), *navigation.hub_protocols()]


def load(entry_point: str) -> object:
    module, _, name = entry_point.partition(":")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("spec", AGENTS, ids=lambda spec: spec.name)
def test_agents_are_agents_that_know_their_names(spec: hub.AgentSpec) -> None:
    agent = load(spec.entry_point)
    assert inspect.isclass(agent)
    assert issubclass(agent, hub.Agent)
    assert agent.name == spec.name  # type: ignore[attr-defined]
    assert (agent.default_train_steps > 0) == (spec.paper == "iplan")


def test_environments_are_those_of_the_plugins_own_names() -> None:
    assert {spec.id.partition("/")[0] for spec in registration.hub_environments()} == {"highway"}
    assert {spec.id.partition("/")[0] for spec in navigation.hub_environments()} == {"navigation"}
    assert {spec.env for spec in PROTOCOLS} == {spec.id for spec in [*registration.hub_environments(), *navigation.hub_environments()]}


@pytest.mark.parametrize("spec", PROTOCOLS, ids=lambda spec: spec.name)
def test_every_task_of_a_protocol_can_be_built_and_tells_every_metric(spec: hub.ProtocolSpec) -> None:
    for kwargs in (*spec.tasks, {**spec.tasks[0], **spec.training_kwargs}):
        task = describe(spec.env, kwargs)
        env = hub.make(spec.env, **kwargs)
        env.reset(seed=0)
        if task.players:
            infos = env.step(dict.fromkeys(env.agents, 1))[4]
            assert all(set(spec.metrics) <= set(info) for info in infos.values())
        else:
            assert set(spec.metrics) <= set(env.step(1)[4])
    assert set(spec.beside) <= set(spec.metrics)
    assert spec.metric in (*spec.metrics, "return")


def test_held_out_drivers_are_others_than_those_of_training() -> None:
    (held_out,) = (spec for spec in PROTOCOLS if spec.training_kwargs)
    for kwargs in held_out.tasks:
        assert {**kwargs, **held_out.training_kwargs} != kwargs


@pytest.mark.parametrize(("name", "action"), [("idle", 1), ("slower", 4)])
def test_drivers_that_do_not_think_do_one_thing_and_know_where(name: str, action: int) -> None:
    (spec,) = (spec for spec in AGENTS if spec.name == name)
    kind = load(spec.entry_point)
    several = kind(describe("highway-heterogeneous"))  # type: ignore[operator]
    assert several.act([{"agent_0": None}, {"agent_1": None, "agent_3": None}], np.arange(2)) == [
        {"agent_0": action},
        {"agent_1": action, "agent_3": action},
    ]
    alone = kind(describe("highway-heterogeneous-solo"))  # type: ignore[operator]
    assert alone.act(np.zeros((3, 15, 5)), np.arange(3)).tolist() == [action] * 3
    with pytest.raises(ImpossiblePairing, match=rf"{name} cannot act in CartPole-v1: .*highway/"):
        kind(describe("CartPole-v1"))  # type: ignore[operator]
