"""The home folder that every episode starts with: programs' settings and warmed profiles, made once and kept in the cache folder.

A first start of LibreOffice takes six seconds and of GIMP ten, and both greet newcomers with dialogs. So they are started once, in a
sandbox, on a home that holds our settings, and what they leave there is the template; each sandbox copies it.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hub_envs.osworld.local import bubble

SETTINGS = Path(__file__).parent / "settings"
"""What lies in the home's `.config` before programs warm it."""

_FOLDERS = ("Desktop", "Documents", "Downloads", "Pictures")
_PROGRAMS = ("libreoffice", "gimp", "chromium", "mousepad", "xfce4-terminal", "pcmanfm")
_WARMING = {
    "libreoffice": ["libreoffice", "--headless", "--norestore", "--terminate_after_init"],
    "gimp": ["gimp", "--no-interface", "--batch", "(gimp-quit 0)"],
}
_SECONDS_TO_WARM = 180


def folder() -> Path:
    """Return where templates are kept: `$HUB_ENVS_CACHE`, else `hub-envs` in the user's cache folder."""
    import platformdirs

    return Path(os.environ.get("HUB_ENVS_CACHE") or platformdirs.user_cache_dir("hub-envs", appauthor=False)) / "osworld"


def template() -> Path:
    """Return the template for the programs that are installed now, made if there is none yet; processes that want it at once make it once.

    Raises:
        OSError: it cannot be kept.
    """
    made = folder() / f"home-{_digest()}"
    if made.is_dir():
        return made
    made.parent.mkdir(parents=True, exist_ok=True)
    with open(made.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.is_dir():
            logging.getLogger(__name__).warning("making the desktop's home folder, once: %s", made)
            _make(made)
    return made


def _make(made: Path) -> None:
    with tempfile.TemporaryDirectory(dir=made.parent, prefix=".making-") as place:
        home = Path(place) / "home"
        shutil.copytree(SETTINGS, home / ".config")
        for name in _FOLDERS:
            (home / name).mkdir()
        for name, words in _WARMING.items():
            if shutil.which(name):
                _warm(home, words)
        for leftover in (*home.rglob("*.lock"), *home.rglob(".~lock*")):
            leftover.unlink()
        home.rename(made)


def _warm(home: Path, words: list[str]) -> None:
    """Start a program once. Should it fail, desktops work all the same: the program is slow and talkative when it first starts in each."""
    command = bubble.command(["--bind", str(home), bubble.HOME], words)
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=_SECONDS_TO_WARM, stdin=subprocess.DEVNULL)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        logging.getLogger(__name__).warning("%s was not warmed for desktops: %s %s", words[0], error, str(error.stderr or "")[-1000:])


def _digest() -> str:
    """Return what a template depends on, in 16 hexadecimal digits: programs' files, our settings, and how they are put together."""
    told = hashlib.blake2b(digest_size=8)
    for line in (*map(_stamp, _PROGRAMS), Path(__file__).read_bytes(), *_settings()):
        told.update(line)
    return told.hexdigest()


def _stamp(program: str) -> bytes:
    path = shutil.which(program)
    if path is None:
        return b"-"
    stat = Path(path).resolve().stat()
    return f"{program} {stat.st_size} {stat.st_mtime_ns};".encode()


def _settings() -> Iterator[bytes]:
    for path in sorted(path for path in SETTINGS.rglob("*") if path.is_file()):
        yield str(path.relative_to(SETTINGS)).encode()
        yield path.read_bytes()
