"""List the environments, agents, protocols, papers or datasets that the installed plugins register.

Examples:
  hub list envs
  hub list agents,papers cormab
  hub list envs --plugin cormab --json
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    Row = dict[str, Any]

_KINDS = {"envs": "environments", "agents": "agents", "protocols": "protocols", "papers": "papers", "datasets": "datasets"}
_COLUMNS = {
    "envs": ("id", "name", "kind", "plugin", "summary"),
    "agents": ("name", "plugin", "paper", "summary"),
    "protocols": ("name", "version", "env", "plugin", "metric", "episodes"),
    "papers": ("name", "plugin", "year", "reproduce", "title"),
    "datasets": ("name", "env", "plugin", "summary"),
}


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("kinds", metavar="envs|agents|protocols|papers|datasets", help="what to list; several separated by commas")
    parser.add_argument("text", nargs="?", default="", metavar="SUBSTRING", help="only those whose name or summary contains this")
    parser.add_argument("--plugin", metavar="P", help="only those that this plugin registers")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: Namespace) -> int:
    """Print the listing."""
    from hub.plugins.rows import plugins

    kinds = _kinds(arguments.kinds)
    if arguments.plugin is not None:
        _check_plugin(arguments.plugin)
    listed = {kind: [row for row in _rows(kind) if _wanted(row, arguments)] for kind in kinds}
    if arguments.json:
        import json

        print(json.dumps(listed[kinds[0]] if len(kinds) == 1 else listed, indent=1))
    else:
        print("\n\n".join(table(_COLUMNS[kind], rows) if rows else f"no {kind} found" for kind, rows in listed.items()))
    unusable = [row["name"] for row in plugins() if row["state"] not in ("ok", "blocked")]
    if unusable:
        more = f" and {len(unusable) - 3} more" if len(unusable) > 3 else ""
        print(f"hub: not listed: what unusable plugins bring ({', '.join(unusable[:3])}{more}); `hub plugins` says why", file=sys.stderr)
    return 0


def _kinds(text: str) -> list[str]:
    from hub.errors import UsageError, nearest

    kinds = text.split(",")
    for kind in kinds:
        if kind not in _KINDS:
            near = nearest(kind, _KINDS) or list(_KINDS)
            raise UsageError(f"cannot list {kind!r}; did you mean {' or '.join(near)}?")
    return kinds


def _check_plugin(name: str) -> None:
    from hub.errors import UnknownName
    from hub.plugins.rows import plugins

    names = [row["name"] for row in plugins()]
    if name not in names:
        raise UnknownName("plugin", name, names)


def _rows(kind: str) -> list[Row]:
    from hub.naming import command_line_name
    from hub.plugins.rows import rows

    found = rows(_KINDS[kind])
    if kind == "envs":
        return [{"name": command_line_name(row["id"]), **row} for row in found]
    if kind == "papers":
        return [{**row, "reproduce": f"hub reproduce {row['name']}" if row["reproduction"] else ""} for row in found]
    return found


def _wanted(row: Row, arguments: Namespace) -> bool:
    if arguments.plugin not in (None, row["plugin"]):
        return False
    text = arguments.text.lower()
    return any(text in str(row.get(field, "")).lower() for field in ("id", "name", "summary", "title"))


def table(columns: tuple[str, ...], rows: list[Row]) -> str:
    """Return `rows` under the names of `columns`; what is None is left blank."""
    # plain text, not rich: importing rich costs more than everything else this command does
    lines = [columns, *(tuple("" if row[column] is None else str(row[column]) for column in columns) for row in rows)]
    widths = [max(len(line[position]) for line in lines) for position in range(len(columns))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
