"""What the provider `local` needs from this computer, whether it is there, and what installs what is not."""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gymnasium as gym


@dataclass(frozen=True)
class _Program:
    """A program, the Debian packages that bring it, and a pattern below / where it lies if not on the path."""

    name: str
    packages: tuple[str, ...]
    pattern: str = ""

    def place(self) -> str | None:
        if not self.pattern:
            return shutil.which(self.name)
        return next((str(path) for path in Path("/").glob(self.pattern)), None)


_SERVICES = (
    _Program("bwrap", ("bubblewrap",)),
    _Program("Xvfb", ("xvfb",)),
    _Program("openbox", ("openbox",)),
    _Program("dbus-daemon", ("dbus-x11",)),
    _Program("at-spi-bus-launcher", ("at-spi2-core",), "usr/libexec/at-spi-bus-launcher"),
    _Program("wmctrl", ("wmctrl",)),
    _Program("xdotool", ("xdotool",)),
    _Program("xclip", ("xclip",)),
)
"""What every desktop runs or what OSWorld's tasks expect in it."""

_APPLICATIONS = (
    _Program("libreoffice", ("libreoffice-calc", "libreoffice-writer", "libreoffice-gtk3")),
    _Program("chromium", ("chromium",)),
    _Program("mousepad", ("mousepad",)),
    _Program("xfce4-terminal", ("xfce4-terminal",)),
    _Program("pcmanfm", ("pcmanfm",)),
    _Program("gimp", ("gimp",)),
    _Program("accessibility of GTK 2", ("libatk-adaptor",), "usr/lib/*/gtk-2.0/modules/libatk-bridge.so"),
)
"""What our tasks are about; a task needs only its own."""

_PYTHON_PACKAGES = {
    "pyautogui": "pyautogui",
    "PIL": "pillow",
    "Xlib": "python-xlib",
    "lxml": "lxml",
    "openpyxl": "openpyxl",
    "docx": "python-docx",
}
_PIP_LINE = 'pip install "gymhub-envs[osworld]"'

DEBIAN_PACKAGES: tuple[str, ...] = tuple(package for program in (*_SERVICES, *_APPLICATIONS) for package in program.packages)
"""All Debian packages that the provider and our tasks use."""

Finding = Mapping[str, Any]
"""`name`, `ok`, `detail`, and `remedy`: what would mend it, None where nothing has to be mended."""


def debian_line(packages: tuple[str, ...] = DEBIAN_PACKAGES) -> str:
    """Return the command that installs packages, all of them by default."""
    return f"sudo apt-get install --no-install-recommends {' '.join(packages)}"


def examine() -> list[Finding]:
    """Look at everything that desktops and our tasks need."""
    return [*_essentials(), *map(_program, _APPLICATIONS)]


def require(*applications: str) -> None:
    """See to it that a desktop can start, and that it will have the named applications.

    Raises:
        gymnasium.error.DependencyNotInstalled: something is missing; the text names it and what installs it.
    """
    wanted = [program for program in _APPLICATIONS if program.name in applications]
    missing = [found for found in [*_essentials(), *map(_program, wanted)] if not found["ok"]]
    if not missing:
        return
    remedies = dict.fromkeys(_joined([str(found["remedy"]) for found in missing]))
    names = ", ".join(f"{found['name']} ({found['detail']})" for found in missing)
    raise gym.error.DependencyNotInstalled(f"the desktop needs {names}. {'; '.join(remedies)}. `hub doctor osworld` lists everything")


def _essentials() -> Iterator[Finding]:
    yield from map(_program, _SERVICES)
    yield _sandbox()
    for module, package in _PYTHON_PACKAGES.items():
        yield _finding(f"Python package {package}", find_spec(module) is not None, "importable", "not installed", _PIP_LINE)


def _program(program: _Program) -> Finding:
    place = program.place()
    return _finding(program.name, place is not None, place or "", "not installed", debian_line(program.packages))


def _finding(name: str, ok: bool, good: str, bad: str, remedy: str) -> Finding:
    return {"name": name, "ok": ok, "detail": good if ok else bad, "remedy": None if ok else remedy}


def _sandbox() -> Finding:
    error = _sandbox_error() if shutil.which("bwrap") else "bubblewrap is not installed"
    remedy = (
        "allow unprivileged user namespaces: sysctl kernel.unprivileged_userns_clone=1 (Debian),"
        " kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu), or --security-opt seccomp=unconfined (Docker)"
    )
    return _finding(
        "sandbox", not error, "bubblewrap may make namespaces", error, remedy if shutil.which("bwrap") else debian_line(("bubblewrap",))
    )


@functools.cache
def _sandbox_error() -> str:
    """Really try it, with the words that machines use; return why it failed, or nothing."""
    from hub_envs.osworld.local import bubble

    words = bubble.command(["--perms", "0755", "--tmpfs", bubble.HOME], ["/usr/bin/true"])
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else (done.stderr.strip() or f"bubblewrap ended with {done.returncode}")


def _joined(remedies: list[str]) -> list[str]:
    """Join all Debian lines into one; leave other remedies as they are."""
    start = debian_line(())
    packages = tuple(dict.fromkeys(word for line in remedies if line.startswith(start) for word in line.removeprefix(start).split()))
    return [*([debian_line(packages)] if packages else []), *(line for line in remedies if not line.startswith(start))]
