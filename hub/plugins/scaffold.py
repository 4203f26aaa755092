"""Writing a new plugin: a package with one environment, one agent and their tests, ready to be installed and changed."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from string import Template

from hub import __version__
from hub.errors import UsageError
from hub.plugins import discovery

_FILES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "registration.py": "src/{package}/registration.py",
    "corridor.py": "src/{package}/corridor.py",
    "walker.py": "src/{package}/walker.py",
    "init.py": "src/{package}/__init__.py",
    "tests.py": "tests/test_{package}.py",
}


def write_plugin(name: str, directory: str) -> Path:
    """Write a package for plugin `name` below `directory` and return its folder, `hub-NAME`.

    Raises:
        UsageError: the name cannot be a plugin's, the folder exists already, or it cannot be written.
    """
    problem = discovery.name_problem(name)
    if problem:
        raise UsageError(f"the name {problem}")
    folder = Path(directory).expanduser() / f"hub-{name}"
    if folder.exists():
        raise UsageError(f"{folder} exists already; choose another name or --directory")
    words = {
        "name": name,
        "package": f"hub_{name.replace('-', '_')}",
        "version": ".".join(__version__.split(".")[:2]),
    }
    templates = resources.files("hub.plugins") / "template"
    try:
        for source, target in _FILES.items():
            file = folder / target.format(**words)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(Template((templates / f"{source}.txt").read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
        (folder / "src" / words["package"] / "py.typed").touch()
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror or error}; choose another --directory") from error
    return folder
