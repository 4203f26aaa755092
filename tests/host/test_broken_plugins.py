"""Installed plugins that are wrong hurt nobody, and each is shown with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def test_every_broken_plugin_is_reported_with_its_reason(crowded, broken_files):
    done = crowded.hub("plugins", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["distribution"]: row for row in json.loads(done.stdout)}
    wrong = []
    for file in broken_files:
        state, reason = file.read_text().splitlines()[0].removeprefix("# ").split(": ", 1)
        row = rows[file.stem]
        if row["state"] != state or reason not in row["reason"]:
            wrong.append((file.stem, row["state"], row["reason"]))
    assert not wrong
    assert len(broken_files) >= 25
