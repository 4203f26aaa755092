"""docs/hooks.md tells of every hook, limit and state."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub import hookspecs, specs
from hub.commands import plugins
from hub.plugins import discovery, probing

TEXT = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text()
HOOKS = [name for name, value in vars(hookspecs).items() if hasattr(value, "hub_spec")]


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented(hook):
    assert f"| `{hook}` |" in TEXT


def test_no_hook_is_documented_that_is_not_there():
    assert set(re.findall(r"\| `(hub_\w+)` \|", TEXT)) == set(HOOKS)
    assert {f"hub_{kind}" for kind in specs.DESCRIPTIONS} == set(HOOKS)


def test_every_limit_is_documented():
    limits = set(re.findall(r"HUB_PROBE_\w+", Path(probing.__file__).read_text()))
    assert limits == set(re.findall(r"HUB_PROBE_\w+", TEXT))
    assert len(limits) == 3


def test_every_state_is_documented_here_and_in_the_help():
    states = {"ok", "broken", "incompatible", "clashing", "blocked"}
    assert set(re.findall(r"^\| `(\w+)` \| .* \| ", TEXT, re.MULTILINE)) >= states
    assert all(re.search(rf"^  {state} ", plugins.__doc__, re.MULTILINE) for state in states)


def test_reserved_names_are_documented():
    assert all(f"`{name}`" in TEXT for name in discovery.RESERVED)


def test_the_stated_contract_version_is_the_present_one():
    assert f"hub_api_version = {hookspecs.API_VERSION}" in TEXT
