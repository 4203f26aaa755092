"""Minari's public server. It is asked by a child process, which can be ended whatever it waits for; nothing else in hub asks it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from hub.datasets import asking, store
from hub.datasets.drafts import draft, publish, require_free, rooted_at
from hub.errors import HubError, MissingExtra, UsageError, nearest

LIST_SECONDS = 30.0
"""How long the server may take to say what it has."""


def remote_metadata(prefix: str = "") -> dict[str, dict[str, Any]]:
    """Return Minari's metadata of every dataset on the server whose name begins with `prefix`, by its name.

    Raises:
        MissingExtra: the package that asks the server is not installed.
        HubError: the server cannot be reached, or does not answer in time.
    """
    found: dict[str, dict[str, Any]] = _ask("list", prefix, LIST_SECONDS)
    return found


def download(name: str, *, replace: bool = False) -> Path:
    """Fetch a dataset from the server, whole or not at all, and return its folder.

    Raises:
        UsageError: the server has no such dataset, or it is on this machine already and `replace` is false.
        MissingExtra: the package that asks the server is not installed.
        HubError: the server cannot be reached, or the dataset cannot be written.
    """
    target, root = store.folder_of(name), store.root()
    require_free(target, replace=replace)
    known = remote_metadata(name.partition("/")[0])
    if name not in known:
        near = nearest(name, known)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UsageError(f"Minari's server has no dataset {name!r} that this Minari reads{hint} (`hub data list --remote` shows all)")
    with draft(root) as folder:
        with rooted_at(folder):
            _ask("download", name, None)
            brought = list(store.local_metadata())
        for each in sorted(brought, key=name.__eq__):  # what it is put together from comes first
            if each == name or not (root / each).exists():
                publish(folder, each, root, replace=replace)
    return target


def _ask(action: str, about: str, seconds: float | None) -> Any:
    store.minari()  # without it the child could say only that it is missing
    command = [sys.executable, "-m", asking.__name__, action, about]
    chatter = subprocess.DEVNULL if action == "list" else None  # a download shows its progress there
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=chatter, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise HubError(f"Minari's server did not answer within {seconds:g} s; is there a connection to it?") from None
    try:
        document = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise HubError(f"the process that asked Minari's server ended with exit code {done.returncode} and no answer") from None
    if "error" in document:
        if document["missing"]:
            raise MissingExtra(f"asking Minari's server needs one more package: {document['error']}")
        raise HubError(f"Minari's server cannot be asked for {about or 'its datasets'}: {document['error']}; is there a connection to it?")
    return document["answer"]
