"""What hub sees of this plugin."""

import subprocess
import sys
from pathlib import Path

from hub_baselines.registration import hub_agents

import hub
from hub.loading import load


def test_every_registered_agent_can_be_imported_and_says_what_it_needs():
    for spec in hub_agents():
        agent = load(spec.entry_point, spec.requires)
        assert issubclass(agent, hub.Agent)
        assert spec.summary
        assert agent.__doc__


def test_registration_imports_nothing_heavy():
    code = "import sys, hub_baselines.registration as r; r.hub_agents(); print({'torch', 'numpy', 'gymnasium'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_the_readme_tells_of_every_agent_and_every_module():
    folder = Path(__file__).parents[1]
    readme = (folder / "README.md").read_text()
    for spec in hub_agents():
        assert f"`{spec.name}`" in readme
    for module in (folder / "src/hub_baselines").glob("*.py"):
        if module.stem not in ("__init__", "registration", "sandbox_child", "zip_contents"):
            assert f"hub_baselines.{module.stem}" in readme
    for module in (folder / "src/hub_baselines/multi").glob("[!_]*.py"):
        assert f"multi.{module.stem}`" in readme
