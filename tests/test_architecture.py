"""Who may import whom, read from the source; and that the lowest versions we test are the lowest we claim."""

import ast
import itertools
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
OURS = {"hub", "hub_envs", "hub_baselines", "hub_cormab", "hub_minigrid", "hub_highway", "hub_gui"}
MAY_IMPORT = {
    "hub": ("hub", {"hub"}),
    "envs/src/hub_envs": ("hub_envs", {"hub_envs"}),
    "plugins/baselines/src/hub_baselines": ("hub_baselines", {"hub", "hub_envs", "hub_baselines"}),
    "plugins/cormab/src/hub_cormab": ("hub_cormab", {"hub", "hub_envs", "hub_baselines", "hub_cormab"}),
    "plugins/minigrid/src/hub_minigrid": ("hub_minigrid", {"hub", "hub_envs", "hub_baselines", "hub_minigrid"}),
    "plugins/highway/src/hub_highway": ("hub_highway", {"hub", "hub_envs", "hub_baselines", "hub_highway"}),
    "plugins/gui/src/hub_gui": ("hub_gui", {"hub", "hub_envs", "hub_baselines", "hub_gui"}),
}


def imported(path):
    """Top-level packages that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_arrows_run_one_way(folder):
    _, allowed = MAY_IMPORT[folder]
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / folder).rglob("*.py")
        for name in imported(path)
        if name in OURS - allowed
    }
    assert not wrong


@pytest.mark.parametrize("heavy", ["numpy", "gymnasium", "torch", "pydantic", "pluggy", "rich"])
def test_importing_the_host_imports_nothing_heavy(heavy):
    code = f"import sys, hub, hub.cli; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def lower_bounds():
    bounds = {}
    for pyproject in [ROOT / "pyproject.toml", *ROOT.glob("envs/pyproject.toml"), *ROOT.glob("plugins/*/pyproject.toml")]:
        project = tomllib.loads(pyproject.read_text())["project"]
        for line in itertools.chain(project["dependencies"], *project.get("optional-dependencies", {}).values()):
            requirement = Requirement(line)
            if requirement.name.startswith("gymhub"):
                continue
            lowest = [spec.version for spec in requirement.specifier if spec.operator == ">="]
            assert len(lowest) == 1, f"{pyproject}: {line} states no lower bound"
            bounds.setdefault(requirement.name.lower(), set()).add(lowest[0])
    return bounds


def test_one_dependency_has_one_lower_bound():
    assert {name: versions for name, versions in lower_bounds().items() if len(versions) > 1} == {}


def test_lowest_txt_pins_every_lower_bound():
    pins = dict(line.split("==") for line in (ROOT / "tests/lowest.txt").read_text().splitlines() if line and not line.startswith("#"))
    assert pins == {name: versions.pop() for name, versions in lower_bounds().items()}


def test_ci_installs_the_programs_that_the_doctor_asks_for():
    from hub_envs.osworld.doctor import DEBIAN_PACKAGES

    installed = set((ROOT / ".ci/debian.txt").read_text().split())
    # chromium-driver is MiniWoB++'s, the headless shell the phone's
    assert installed == set(DEBIAN_PACKAGES) | {"chromium-driver", "chromium-headless-shell"}
