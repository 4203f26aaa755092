"""The sandbox itself: which parts of this computer a guest sees, as a bubblewrap command line.

A guest sees programs and nothing else: /usr, /etc (without its secrets), the Python that runs us, all read-only. Homes, temporary files,
sockets of services, data disks and the network are not there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

GUEST = Path(__file__).parent / "guest"
HOME = "/home/user"
MODULES = ("pyautogui", "Xlib", "PIL", "pyscreeze", "pytweening", "pymsgbox")
"""What the guest imports, beside the standard library."""

_LARGEST = str(2**30)  # bytes that a file system in memory may take
_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_PROGRAM_DATA = ("/opt", "/var/cache/fontconfig", "/var/lib/libreoffice", "/var/spool/libreoffice", "/var/lib/dictionaries-common")
_SECRET_FILES = ("/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers")
_SECRET_FOLDERS = ("/etc/ssh", "/etc/ssl/private", "/etc/sudoers.d")
_NAMESPACES = ("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net", "--unshare-cgroup-try")
_IDENTITY = ("--uid", "1000", "--gid", "1000", "--hostname", "desktop", "--die-with-parent", "--new-session", "--clearenv")

ENVIRONMENT = {
    "HOME": HOME,
    "USER": "user",
    "LOGNAME": "user",
    "SHELL": "/bin/bash",
    "PATH": "/run/desktop/bin:/usr/local/bin:/usr/bin:/bin:/usr/games",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "DISPLAY": ":0",
    "XAUTHORITY": f"{HOME}/.Xauthority",
    "XDG_RUNTIME_DIR": "/run/user",
    "XDG_SESSION_TYPE": "x11",
    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/bus",
    "GSETTINGS_BACKEND": "keyfile",
    "GTK_MODULES": "gail:atk-bridge",
    "GTK_A11Y": "atspi",
    "GTK_OVERLAY_SCROLLING": "0",
    "QT_ACCESSIBILITY": "1",
    "SAL_USE_VCLPLUGIN": "gtk3",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def command(home: Sequence[str], program: Sequence[str], *, options: Sequence[str] = ()) -> list[str]:
    """Return the command line that runs `program` in a sandbox.

    Args:
        home: bubblewrap's words that put something at `HOME`.
        program: what to run, with its arguments.
        options: more words for bubblewrap itself.
    """
    words = ["bwrap", *options, *_NAMESPACES, *_IDENTITY, *_system(), *_memory(), *_python(), *_guest(), *home, "--remount-ro", "/"]
    for name, value in {**ENVIRONMENT, "DESKTOP_PYTHON": python(), "DESKTOP_PYTHONPATH": ":".join(_packages())}.items():
        words += ["--setenv", name, value]
    return [*words, "--chdir", HOME, "--", *program]


def guest(module: str, *arguments: str) -> list[str]:
    """Return the program that runs a module of `hub_envs.osworld.local.guest` inside."""
    paths = ":".join(["/run/desktop/lib", *_packages()])
    return ["/usr/bin/env", f"PYTHONPATH={paths}", python(), "-P", "-m", f"desktop.{module}", *arguments]


def python() -> str:
    """Return the interpreter that runs us, without the links of a virtual environment, which need not exist inside."""
    return os.path.realpath(sys.executable)


def _system() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc", "--proc", "/proc", "--dev", "/dev")
    for path in (Path("/") / name for name in _SYSTEM):
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.exists():
            yield from ("--ro-bind", str(path), str(path))
    for name in _PROGRAM_DATA:
        yield from ("--ro-bind-try", name, name)
    for name in _SECRET_FILES:
        if Path(name).exists():
            yield from ("--ro-bind", "/dev/null", name)
    for name in _SECRET_FOLDERS:
        if Path(name).is_dir():
            yield from ("--tmpfs", name, "--remount-ro", name)


def _memory() -> Iterator[str]:
    for name in ("/tmp", "/var/tmp", "/home", "/root", "/run"):  # noqa: S108 - the guest's own
        yield from ("--perms", "1777", "--size", _LARGEST, "--tmpfs", name)
    yield from ("--symlink", "/run", "/var/run")


def _python() -> Iterator[str]:
    """Bind what Python needs to where it lies, wherever that is."""
    for folder in (os.path.realpath(sys.base_prefix), *_packages()):
        if not folder.startswith("/usr/") and folder != "/usr":
            yield from ("--ro-bind", folder, folder)


def _packages() -> list[str]:
    """Return the folders that `MODULES` lie in, each once."""
    specs = [find_spec(name) for name in MODULES]
    origins = [spec.origin for spec in specs if spec is not None and spec.origin]
    folders = [Path(origin).parent.parent if Path(origin).name == "__init__.py" else Path(origin).parent for origin in origins]
    return list(dict.fromkeys(map(str, folders)))


def _guest() -> Iterator[str]:
    yield from ("--ro-bind", str(GUEST), "/run/desktop/lib/desktop")
    for name in ("passwd", "group"):
        yield from ("--ro-bind", str(GUEST / "etc" / name), f"/etc/{name}")
    yield from ("--ro-bind", str(GUEST / "etc" / "machine-id"), "/var/lib/dbus/machine-id")
    for name in ("machine-id", "chromium.d"):
        if Path("/etc", name).exists():
            yield from ("--ro-bind", str(GUEST / "etc" / name), f"/etc/{name}")
