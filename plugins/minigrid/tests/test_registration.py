"""What the plugin tells hub is true: names lead to classes, recipes and environments."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest
from hub_minigrid import registration

import hub
from hub.datasets.naming import namespace_of

AGENTS = registration.hub_agents()
ENVIRONMENTS = {spec.id for spec in registration.hub_environments()}


def load(entry_point: str) -> object:
    module, _, name = entry_point.partition(":")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("spec", AGENTS, ids=lambda spec: spec.name)
def test_agents_are_agents_that_know_their_names(spec: hub.AgentSpec) -> None:
    agent = load(spec.entry_point)
    assert inspect.isclass(agent)
    assert issubclass(agent, hub.Agent)
    assert agent.name == spec.name  # type: ignore[attr-defined]
    assert agent.default_train_steps > 0
    assert spec.paper == "minigrid-il"


def test_every_environment_has_a_protocol_that_holds_levels_back() -> None:
    protocols = registration.hub_protocols()
    assert [protocol.env for protocol in protocols] == [spec.id for spec in registration.hub_environments()]
    assert len({protocol.name for protocol in protocols}) == len(protocols)
    for protocol in protocols:
        assert protocol.tasks == ({"levels": "test"},)
        assert protocol.training_kwargs == {"levels": "train"}
        if protocol.upper_bound is not None:
            assert callable(load(protocol.upper_bound))


def test_datasets_have_recipes_environments_and_spaces_of_names() -> None:
    names = [spec.name for spec in registration.hub_datasets()]
    assert len(set(names)) == len(names)
    for spec in registration.hub_datasets():
        assert namespace_of(spec.name) is not None
        assert spec.env in ENVIRONMENTS
        signature = inspect.signature(load(spec.recipe))  # type: ignore[arg-type]
        signature.bind(spec.env, spec.env_kwargs, print, **spec.kwargs)


def test_the_demonstrations_that_a_recipe_wants_are_registered() -> None:
    specs = registration.hub_datasets()
    wanted = {spec.kwargs["settings"]["demos"] for spec in specs if "demos" in spec.kwargs.get("settings", {})}
    assert wanted
    assert wanted <= {spec.name for spec in specs}


def test_an_environment_of_each_family_is_made() -> None:
    families = {}
    for name in sorted(ENVIRONMENTS):
        families.setdefault(name.partition("-")[0], name)
    for name in families.values():
        env = gym.make(f"hub_envs:{name}", levels="any")
        assert env.reset(seed=0)[1]["level"] == 0
        env.close()


def test_registration_imports_nothing_heavy() -> None:
    code = (
        "import sys, hub_minigrid.registration as r; r.hub_agents(), r.hub_datasets(), r.hub_environments(), r.hub_protocols();"
        "print({'torch', 'numba', 'minigrid', 'minari'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_the_readme_tells_of_every_agent_and_every_dataset() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    for spec in AGENTS:
        assert f"`{spec.name}`" in readme
    for dataset in registration.hub_datasets():
        assert dataset.name in readme
