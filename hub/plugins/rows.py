"""Listings as plain rows, taken from the index; light enough for start-up."""

from __future__ import annotations

from hub.plugins import index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Row = dict[str, Any]

KINDS = ("environments", "agents", "protocols", "papers", "datasets", "checkups")
"""What plugins register; hook `hub_KIND` returns each."""


def rows(kind: str) -> list[Row]:
    """Return all fields of every description of a kind, and the plugin it comes from, ordered by plugin; only of plugins that are ok."""
    found = index.current()
    defaults = found.defaults.get(kind, {})
    return [{**defaults, **row, "plugin": plugin["name"]} for plugin in plugins() if plugin["state"] == "ok" for row in plugin[kind]]


def plugins() -> list[Row]:
    """Return a row for each installed plugin, blocked ones marked, ordered by name.

    `state` is `ok`, `broken`, `incompatible`, `blocked` or `clashing`; `reason` says why it is not ok.
    """
    from hub.plugins.blocking import blocked

    barred = blocked()
    return [_barred(row) if row["name"] in barred else row for row in index.current().plugins]


def _barred(row: Row) -> Row:
    emptied: Row = {kind: [] for kind in KINDS}
    return {
        **row,
        **emptied,
        "state": "blocked",
        "reason": f"blocked on this machine; `hub plugins unblock {row['name']}` lets it in again",
        "trace": "",
    }
