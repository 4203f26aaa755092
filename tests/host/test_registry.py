"""Finding what plugins registered, by the names people type."""

from __future__ import annotations

import sys
import types
from importlib.machinery import ModuleSpec

import gymnasium as gym
import pytest
from gymnasium.envs.registration import EnvSpec

from hub import foreign, registry
from hub.errors import BrokenPlugin, MissingExtra, NameClash, UnknownAgent, UnknownEnvironment, UnknownName
from hub.loading import load
from hub.plugins import index
from hub.specs import AgentSpec, CheckupSpec, DatasetSpec, EnvironmentSpec, PaperSpec, ProtocolSpec


@pytest.mark.parametrize("name", ["lighthouse-beam", "lighthouse/Beam", "lighthouse/Beam-v1", "Lighthouse-Beam-V1"])
def test_an_environment_is_found_by_all_its_names(examples, name):
    found = registry.find_environment(name)
    assert found.spec == EnvironmentSpec(
        id="lighthouse/Beam-v1",
        entry_point="hub_lighthouse.beam:Beam",
        kwargs={"ships": 3},
        max_episode_steps=20,
        summary="turn the beam to the ships",
    )
    assert (found.plugin.name, found.plugin.distribution, found.plugin.version) == ("lighthouse", "hub-lighthouse", "0.3.0")


def test_an_older_version_is_found_by_its_number(examples):
    assert registry.find_environment("lighthouse-beam-v0").spec.kwargs == {"ships": 2}


def test_a_parallel_environment_keeps_its_kind(examples):
    assert registry.find_environment("duel-coins").spec.kind == "parallel"


def test_agents_protocols_and_papers_are_found(examples):
    assert registry.find_agent("keeper").spec == registry.find_agent("lighthouse/keeper").spec
    assert isinstance(registry.find_agent("keeper").spec, AgentSpec)
    assert registry.find_paper("beam").spec == PaperSpec(
        name="beam", title="On Beams", authors="A. Keeper", year=2024, url="https://example.org/beam"
    )
    expected = ProtocolSpec(name="lighthouse-beam", env="lighthouse/Beam-v1", tasks=({}, {"ships": 5}), episodes=10)
    for name in ("lighthouse-beam", "lighthouse/Beam-v1", "lighthouse/lighthouse-beam"):
        found = registry.find_protocol(name)
        assert found is not None
        assert found.spec == expected
    assert registry.find_protocol("lighthouse/Beam-v0") is None


def test_a_dataset_is_found_by_its_name(examples):
    found = registry.find_dataset("lighthouse/beam/nights-v0")
    assert found.spec.recipe == "hub_lighthouse.logbook:nights"
    assert (found.spec.env_kwargs, found.spec.kwargs) == ({"ships": 4}, {"count": 3})
    assert found.plugin.distribution == "hub-lighthouse"
    with pytest.raises(UnknownName, match=r"did you mean lighthouse/beam/nights-v0\? \(`hub list datasets` shows all\)"):
        registry.find_dataset("lighthouse/beam/night-v0")


def test_rows_hold_every_field_and_the_plugin(examples):
    for rows, spec in (
        (registry.environments(), EnvironmentSpec),
        (registry.agents(), AgentSpec),
        (registry.protocols(), ProtocolSpec),
        (registry.papers(), PaperSpec),
        (registry.datasets(), DatasetSpec),
        (registry.checkups(), CheckupSpec),
    ):
        assert rows
        assert all(set(row) == {*spec.__dataclass_fields__, "plugin"} for row in rows)


@pytest.mark.parametrize("name", ["CartPole-v1", "cartpole-v1", "cartpole"])
def test_gymnasiums_own_environments_are_found(examples, name):
    found = registry.find_environment(name)
    assert found.spec.id == "CartPole-v1"
    assert found.spec.max_episode_steps == 500
    assert found.spec.vector_entry_point is not None
    assert (found.plugin.name, found.plugin.distribution) == ("gymnasium", "gymnasium")


def test_an_id_of_a_package_that_registers_when_imported_is_found(examples, monkeypatch):
    (examples.packages / "importable.py").write_text(
        "import gymnasium\nif 'Tower-v3' not in gymnasium.registry:\n"
        "    gymnasium.register('Tower-v3', entry_point='importable:Tower', kwargs={'height': 2})\n"
    )
    try:
        found = registry.find_environment("importable:Tower-v3")
        assert found.spec.kwargs == {"height": 2}
        assert found.plugin.distribution == "importable"
    finally:
        gym.registry.pop("Tower-v3", None)
        sys.modules.pop("importable", None)


@pytest.mark.parametrize("nondeterministic", [False, True])
def test_what_gymnasium_calls_nondeterministic_is_not_deterministic(examples, monkeypatch, nondeterministic):
    monkeypatch.setitem(gym.registry, "Dice-v0", EnvSpec("Dice-v0", entry_point="dice:Dice", nondeterministic=nondeterministic))
    assert registry.find_environment("Dice-v0").spec.deterministic is not nondeterministic


def test_a_module_that_would_register_but_is_not_installed_is_named(examples, monkeypatch):
    with pytest.raises(MissingExtra, match="pip install package-nobody-has"):
        registry.find_environment("package_nobody_has:Tower-v3")
    monkeypatch.setitem(sys.modules, "ale_py", None)
    with pytest.raises(MissingExtra, match="pip install ale-py"):
        registry.find_environment("ALE/Pong-v5")


def test_an_id_spelled_as_its_own_package_spells_it_is_that_packages(examples, monkeypatch):
    # with a plugin `lighthouse` whose short name is the same in lower case
    monkeypatch.setitem(foreign.REGISTERED_BY, "Lighthouse-", "gymnasium")
    monkeypatch.setitem(gym.registry, "Lighthouse-Beam-v1", EnvSpec("Lighthouse-Beam-v1", entry_point="elsewhere:Beam"))
    assert registry.find_environment("Lighthouse-Beam-v1").plugin.name == "gymnasium"
    assert registry.find_protocol("Lighthouse-Beam-v1") is None
    assert registry.find_environment("lighthouse-beam-v1").plugin.name == "lighthouse"
    assert registry.find_protocol("lighthouse-beam") is not None


def test_ids_without_a_namespace_are_their_packages_only_when_they_are_written_whole(examples, monkeypatch):
    package = types.ModuleType("highway_env")
    package.__spec__ = ModuleSpec("highway_env", None)
    monkeypatch.setitem(sys.modules, "highway_env", package)
    monkeypatch.setitem(gym.registry, "highway-fast-v0", EnvSpec("highway-fast-v0", entry_point="highway_env:Fast"))
    assert registry.find_environment("highway-fast-v0").spec.entry_point == "highway_env:Fast"
    monkeypatch.setitem(sys.modules, "highway_env", None)
    with pytest.raises(MissingExtra, match="pip install highway-env"):
        registry.find_environment("parking-ActionRepeat-v0")
    names = ("highway-fast", "highway-heterogeneous", "highway-heterogeneous-v0", "highway-v", "parking-lot-v0", "Highway-v0")
    assert [foreign.registered_by(name) for name in names] == [None] * len(names)


def test_mistyped_names_get_the_nearest(examples):
    with pytest.raises(UnknownEnvironment, match=r"unknown environment 'lighthouse-bean'; did you mean lighthouse-beam"):
        registry.find_environment("lighthouse-bean")
    with pytest.raises(UnknownEnvironment, match="CartPole-v1"):
        registry.find_environment("CartPool-v1")
    with pytest.raises(UnknownAgent, match="did you mean keeper"):
        registry.find_agent("keper")
    with pytest.raises(UnknownName, match="`hub plugins` shows all"):
        registry.find_plugin("lighthaus")


def test_names_of_blocked_plugins_say_so(examples):
    assert examples.hub("plugins", "block", "lighthouse").returncode == 0
    with pytest.raises(BrokenPlugin, match="'lighthouse', which is blocked"):
        registry.find_environment("lighthouse-beam")
    with pytest.raises(BrokenPlugin, match="hub plugins unblock lighthouse"):
        registry.find_agent("lighthouse/keeper")
    with pytest.raises(BrokenPlugin, match="dataset 'lighthouse/beam/nights-v0' belongs to plugin 'lighthouse', which is blocked"):
        registry.find_dataset("lighthouse/beam/nights-v0")
    assert examples.hub("plugins", "unblock", "lighthouse").returncode == 0
    index.forget()
    assert registry.find_environment("lighthouse-beam").spec.id == "lighthouse/Beam-v1"


def test_a_name_that_two_environments_share_is_refused(examples):
    env = "import hub\n@hub.hookimpl\ndef hub_environments():\n    return [hub.EnvironmentSpec(id='{}', entry_point='m:E')]\n"
    examples.install("first", env.format("a-b/C-v0"), entry="a-b")
    examples.install("second", env.format("a/B-C-v0"), entry="a")
    index.forget()
    with pytest.raises(NameClash, match="a-b/C-v0 or a/B-C-v0"):
        registry.find_environment("a-b-c")


def test_loading_names_the_pip_line_of_what_is_missing(examples):
    spec = registry.find_agent("lighthouse/oracle").spec
    with pytest.raises(
        MissingExtra, match=r"needs 'package_that_nobody_has', which is not installed: pip install 'hub-lighthouse\[oracle\]'"
    ):
        load(spec.entry_point, spec.requires)


def test_loading_returns_what_is_named():
    assert load("collections.abc:Mapping.get") is __import__("collections.abc").abc.Mapping.get


@pytest.mark.parametrize("entry_point", ["json:Missing", "json.missing:Thing", "antigravity_missing:Thing"])
def test_loading_what_does_not_exist_is_the_plugins_fault(entry_point):
    with pytest.raises(BrokenPlugin, match="cannot be imported"):
        load(entry_point)


def test_loading_a_module_that_raises_is_the_plugins_fault(tmp_path, monkeypatch):
    (tmp_path / "raising_module.py").write_text("raise RuntimeError('no\\nluck')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BrokenPlugin, match="RuntimeError: no luck"):
        load("raising_module:Thing", "raising")
