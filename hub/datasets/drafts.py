"""Datasets appear on disk whole: they are written in a hidden folder under Minari's root, which it does not list, and moved once done."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hub.errors import HubError, UsageError

_ROOT = "MINARI_DATASETS_PATH"
_NAMESPACE_FILE = "namespace_metadata.json"


@contextlib.contextmanager
def draft(root: Path) -> Iterator[Path]:
    """Give an empty folder under `root`, Minari's, and remove it in the end; what killed processes left of theirs is removed too.

    Raises:
        HubError: something cannot be written in `root`.
    """
    prefix = f".hub-draft-{platform.node()}-"
    _sweep(root, prefix)
    folder: Path | None = None
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=root))
        yield folder
    except OSError as error:
        raise HubError(f"cannot write in {root}: {error.strerror or error}; free space there, or set {_ROOT} to another folder") from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def rooted_at(folder: Path) -> Iterator[None]:
    """Have Minari read and write datasets under `folder` instead of under its root."""
    before = os.environ.get(_ROOT)
    os.environ[_ROOT] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[_ROOT]
        else:
            os.environ[_ROOT] = before


def publish(folder: Path, name: str, root: Path, *, replace: bool) -> None:
    """Move dataset `name` from the draft `folder` to its place under `root`.

    Raises:
        UsageError: it is there already, and `replace` does not say to put it in its place.
    """
    target = root / name
    for namespace in reversed(Path(name).parents[:-1]):
        (root / namespace).mkdir(exist_ok=True)
        made = folder / namespace / _NAMESPACE_FILE
        if made.exists() and not (root / namespace / _NAMESPACE_FILE).exists():
            made.rename(root / namespace / _NAMESPACE_FILE)
    require_free(target, replace=replace)
    if target.exists():
        target.rename(folder / "replaced")
    (folder / name).rename(target)


def require_free(target: Path, *, replace: bool) -> None:
    """Raise `UsageError` if there is a dataset in `target` that nobody said to replace."""
    if target.exists() and not replace:
        raise UsageError(f"{target} is there already; --force replaces it")


def _sweep(root: Path, prefix: str) -> None:
    import psutil

    for left in root.glob(f"{prefix}*"):
        process = left.name.removeprefix(prefix).partition("-")[0]
        if not psutil.pid_exists(int(process)):
            shutil.rmtree(left, ignore_errors=True)
