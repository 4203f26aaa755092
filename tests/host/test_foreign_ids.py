"""Ids of MiniWoB++ and BrowserGym are their packages' own: found by name, played as they are."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import types
from importlib.machinery import ModuleSpec

import gymnasium as gym
import pytest
from gymnasium.envs.registration import EnvSpec

import hub
from hub import registry
from hub.errors import MissingExtra, UnknownEnvironment


@pytest.mark.parametrize(
    ("name", "package", "requirement"),
    [
        ("miniwob/click-test-2-v1", "miniwob", "miniwob"),
        ("browsergym/miniwob.click-test", "browsergym", "browsergym-miniwob"),
        ("browsergym/webarena.310", "browsergym", "browsergym-webarena"),
        ("browsergym/workarena.servicenow.order-ipad-pro", "browsergym", "browsergym-workarena"),
        ("browsergym/openended", "browsergym", "browsergym-core"),
    ],
)
def test_a_package_that_is_not_installed_is_named(examples, monkeypatch, name, package, requirement):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"environment {name} is registered by .* not installed: pip install {requirement}$"):
        registry.find_environment(name)


def test_each_benchmark_of_browsergym_is_imported_by_itself(examples, monkeypatch):
    def module(name):
        made = types.ModuleType(name)
        made.__spec__, made.__path__ = ModuleSpec(name, None), []
        monkeypatch.setitem(sys.modules, name, made)

    module("browsergym")
    module("browsergym.miniwob")
    spec = EnvSpec("browsergym/miniwob.click-test", entry_point=lambda: None, nondeterministic=True)
    monkeypatch.setitem(gym.registry, spec.id, spec)
    found = registry.find_environment(spec.id)
    assert (found.spec.id, found.spec.deterministic) == (spec.id, False)
    with pytest.raises(MissingExtra, match=r"'browsergym\.webarena', which is not installed: pip install browsergym-webarena"):
        registry.find_environment("browsergym/webarena.310")
    with pytest.raises(UnknownEnvironment):
        registry.find_environment("browsergym/nobodys.task")


@pytest.mark.parametrize(
    ("name", "nondeterministic", "deterministic", "slots"),
    [
        ("miniwob/click-test-2-v1", False, False, 1),  # whatever it says of itself: its reward falls with the seconds
        ("browsergym/miniwob.click-test", False, "outcomes", 4),
        ("browsergym/miniwob.click-test", True, False, 4),
        ("elsewhere/Test-v0", False, True, None),
    ],
)
def test_what_the_registry_does_not_say_is_known(examples, monkeypatch, name, nondeterministic, deterministic, slots):
    for package in ("miniwob", "browsergym", "browsergym.miniwob"):
        made = types.ModuleType(package)
        made.__spec__, made.__path__ = ModuleSpec(package, None), []
        monkeypatch.setitem(sys.modules, package, made)
    monkeypatch.setitem(gym.registry, name, EnvSpec(name, entry_point=lambda: None, nondeterministic=nondeterministic))
    spec = registry.find_environment(name).spec
    assert (spec.deterministic, spec.slots) == (deterministic, slots)


@pytest.fixture
def click_test(monkeypatch):
    for program, package, variable in (
        ("chromium", "chromium", "MINIWOB_CHROME_BINARY"),
        ("chromedriver", "chromium-driver", "MINIWOB_CHROMEDRIVER"),
    ):
        found = shutil.which(program)
        if found is None:
            pytest.skip(f"needs {program}: apt install {package}")
        monkeypatch.setenv(variable, found)
    if importlib.util.find_spec("miniwob") is None:
        pytest.skip("needs MiniWoB++: pip install miniwob")
    env = hub.make("miniwob/click-test-2-v1")
    yield env
    env.close()


@pytest.mark.browser
def test_miniwob_is_played_as_it_is(click_test):
    env = click_test
    first, _ = env.reset(seed=3)
    again, _ = env.reset(seed=3)
    assert first["utterance"] == again["utterance"]
    assert [element["text"] for element in first["dom_elements"]] == [element["text"] for element in again["dom_elements"]]
    wanted = again["utterance"].removeprefix("Click button ").rstrip(".")
    button = next(e for e in again["dom_elements"] if e["tag"] == "button" and e["text"] == wanted)
    _, reward, terminated, truncated, _ = env.step(env.unwrapped.create_action("CLICK_ELEMENT", ref=button["ref"]))
    assert (reward > 0, terminated, truncated) == (True, True, False)
    # the other button is no success
    observation, _ = env.reset(seed=3)
    other = next(e for e in observation["dom_elements"] if e["tag"] == "button" and e["text"] != wanted)
    assert env.step(env.unwrapped.create_action("CLICK_ELEMENT", ref=other["ref"]))[1] < 0
