"""List the installed plugins and their states; write a new one; block one.

states:
  ok            its environments, agents, protocols and papers can be used
  broken        importing or registering it failed, or it breaks the contract
  incompatible  it was written for another Python, hub or contract version
  clashing      another distribution installs a plugin of the same name
  blocked       you blocked it

Examples:
  hub plugins
  hub plugins --why acme
  hub plugins new acme --directory ~/src
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print JSON (before new, block, unblock or refresh)")
    parser.add_argument("--why", metavar="NAME", help="show a plugin's state, the full reason and the trace")
    actions = parser.add_subparsers(dest="action", metavar="new|block|unblock|refresh")
    new = actions.add_parser("new", help="write a package that registers an environment and an agent, with its tests")
    new.add_argument("name", help="the plugin's name, which is also its namespace: acme registers acme/Name-v0")
    new.add_argument("--directory", metavar="D", default=".", help="where to put the folder hub-NAME (default: here)")
    for action, what in (("block", "do not look into or use a plugin on this machine"), ("unblock", "let a blocked plugin in again")):
        actions.add_parser(action, help=what).add_argument("name", help="the plugin's name")
    actions.add_parser("refresh", help="look into every plugin again, also those that seem unchanged")


def run(arguments: Namespace) -> int:
    """List the plugins or do what was asked with one."""
    if arguments.action == "new":
        return _new(arguments.name, arguments.directory)
    if arguments.action in ("block", "unblock"):
        return _block(arguments.name, arguments.action)
    if arguments.action == "refresh":
        from hub.plugins import building, index

        building.rebuild(trust=False)
        index.forget()
    if arguments.why is not None:
        return _why(arguments.why, as_json=arguments.json)
    return _list(as_json=arguments.json)


def _list(*, as_json: bool) -> int:
    from hub.plugins import index
    from hub.plugins.rows import plugins

    columns = ("name", "distribution", "version", "state", "reason")
    rows = [{column: str(row[column]) for column in columns} for row in plugins()]
    if as_json:
        import json

        print(json.dumps(rows, indent=1))
    else:
        lines = [dict(zip(columns, columns, strict=True)), *rows]
        widths = {column: max(len(line[column]) for line in lines) for column in columns}
        print("\n".join("  ".join(line[column].ljust(widths[column]) for column in columns).rstrip() for line in lines))
    if index.current().unsaved:
        print(f"hub: every command looks into all plugins anew: {index.current().unsaved}", file=sys.stderr)
    return 0


def _why(name: str, *, as_json: bool) -> int:
    from hub.registry import find_plugin

    row: dict[str, Any] = find_plugin(name)
    if as_json:
        import json

        print(json.dumps({key: row[key] for key in ("name", "distribution", "version", "value", "state", "reason", "trace")}, indent=1))
        return 0
    print(f"{row['name']} ({row['distribution']} {row['version']}, {row['value']}) is {row['state']}")
    for text in (row["reason"], row["trace"].rstrip()):
        if text:
            print(f"\n{text}")
    return 0


def _block(name: str, action: str) -> int:
    from hub.plugins import blocking, index
    from hub.registry import find_plugin

    if action == "block":
        find_plugin(name)
        blocking.block(name)
        print(f"{name} is blocked")
        return 0
    from hub.errors import UnknownName
    from hub.plugins import building

    if name not in blocking.blocked():
        raise UnknownName("blocked plugin", name, blocking.blocked())
    blocking.unblock(name)
    building.rebuild()
    index.forget()
    print(f"{name} is let in again and {find_plugin(name)['state']}")
    return 0


def _new(name: str, directory: str) -> int:
    from hub.plugins.scaffold import write_plugin

    folder = write_plugin(name, directory)
    print(f"wrote {folder}; next:\n  pip install -e {folder}\n  pytest {folder}")
    print(f"  hub check {name}/Corridor-v0\n  hub check {name}\n  hub run --agent {name} --env {name}-corridor")
    return 0
