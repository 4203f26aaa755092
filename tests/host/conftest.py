"""Installing plugins without pip: a module and its metadata written to a folder that is put on PYTHONPATH."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.plugins import index

EXAMPLES = Path(__file__).parent.parent / "fixtures" / "example_plugins"
BROKEN = Path(__file__).parent.parent / "fixtures" / "broken_plugins"


class Site:
    """A folder of installed plugins and a hub home of their own."""

    def __init__(self, folder: Path) -> None:
        self.packages = folder / "packages"
        self.home = folder / "home"
        self.packages.mkdir()
        self.environ = {
            **os.environ,
            "PYTHONPATH": str(self.packages),
            "HUB_HOME": str(self.home),
            "HUB_PROBE_SECONDS": "15",
            "HUB_PROBE_CPU_SECONDS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }

    def install(
        self, name: str, source: str, *, entry: str | None = None, value: str | None = None, metadata: str = "", version: str = "1.0"
    ) -> Path:
        """Install distribution `NAME` with one module and one plugin; return the module's file."""
        module = name.replace("-", "_")
        (self.packages / f"{module}.py").write_text(source)
        info = self.packages / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}")
        (info / "entry_points.txt").write_text(f"[hub.plugins]\n{entry or module} = {value or module}\n")
        (info / "RECORD").write_text("")
        return self.packages / f"{module}.py"

    def install_file(self, file: Path) -> None:
        """Install a plugin of the fixtures; its leading comments set the metadata."""
        comments = dict(
            line.removeprefix("# ").split(": ", 1) for line in file.read_text().splitlines() if line.startswith("# ") and ": " in line
        )
        metadata = "".join(f"{key.title()}: {comments[key]}\n" for key in ("requires-python", "requires-dist") if key in comments)
        self.install(file.stem, file.read_text(), entry=comments.get("name"), value=comments.get("value"), metadata=metadata)

    def install_package(self, folder: Path) -> None:
        """Install a source package as pip does an editable one: metadata, and its sources on the path."""
        project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        info = self.packages / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        info.mkdir()
        required = "".join(f"Requires-Dist: {line}\n" for line in project["dependencies"])
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n{required}")
        points = "".join(f"{name} = {value}\n" for name, value in project["entry-points"]["hub.plugins"].items())
        (info / "entry_points.txt").write_text(f"[hub.plugins]\n{points}")
        self.environ["PYTHONPATH"] += os.pathsep + str(folder / "src")

    def enter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make this process one in which these plugins are installed."""
        for name in ("HUB_HOME", "HUB_PROBE_SECONDS", "HUB_PROBE_CPU_SECONDS", "PYTHONPATH"):
            monkeypatch.setenv(name, self.environ[name])
        for folder in reversed(self.environ["PYTHONPATH"].split(os.pathsep)):
            monkeypatch.syspath_prepend(folder)
        index.forget()

    def states(self) -> dict[str, str]:
        """Return the state of each plugin."""
        done = self.hub("plugins", "--json")
        assert done.returncode == 0, done.stderr
        return {row["name"]: row["state"] for row in json.loads(done.stdout)}

    def hub(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the command line."""
        return self.python("-m", "hub", *words, **environ)

    def python(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run Python where these plugins are installed."""
        command = [sys.executable, *words]
        return subprocess.run(
            command, env={**self.environ, **environ}, cwd=self.packages.parent, capture_output=True, text=True, timeout=240, check=False
        )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A place with no plugins but those of this Python environment."""
    return Site(tmp_path)


GOOD = """
import hub

@hub.hookimpl
def hub_environments():
    return [hub.EnvironmentSpec(id=f"{name}/Maze-v{{version}}", entry_point="{name}:Maze", summary="a maze") for version in (0, 1)]

@hub.hookimpl
def hub_agents():
    return [hub.AgentSpec(name="walker", entry_point="{name}:Walker")]
"""


@pytest.fixture
def good() -> Callable[[str], str]:
    """The source of a plugin that is fine, by its name."""
    return lambda name: GOOD.format(name=name)


@pytest.fixture(scope="session")
def broken_files() -> list[Path]:
    """The broken plugins."""
    return sorted(BROKEN.glob("*.py"))


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory, broken_files: list[Path]) -> Site:
    """All broken plugins installed together, with two good ones and a pair that share a name."""
    site = Site(tmp_path_factory.mktemp("crowded"))
    for file in broken_files:
        site.install_file(file)
    for name in ("good_one", "good_two"):
        site.install(name, GOOD.format(name=name))
    for name in ("clash_left", "clash_right"):
        site.install(name, GOOD.format(name="clash"), entry="clash")
    return site


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The example third-party packages, installed for this process and for others."""
    site = Site(tmp_path)
    for folder in ("lighthouse", "duel"):
        site.install_package(EXAMPLES / folder)
    site.enter(monkeypatch)
    yield site
    index.forget()
