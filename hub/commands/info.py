"""Show what is known of an environment, agent, protocol, paper, dataset or plugin.

A name that means several things shows all of them.

Try:
  hub info cormab-matching
  hub info CartPole-v1
  hub info sequoia --json
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    Facts = dict[str, Any]


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("name", metavar="NAME", help="any name that `hub list` or `hub plugins` shows, or an id that Gymnasium knows")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: Namespace) -> int:
    """Print what is known."""
    import json

    from hub.facts import known
    from hub.running.options import reserved_output

    with reserved_output(arguments.json) as output:
        facts = known(arguments.name)
        if arguments.json:
            print(json.dumps(facts, indent=1, default=str), file=output)
        else:
            print("\n\n".join(_shown(kind, about) for kind, about in facts.items()), file=output)
    return 0


def _shown(kind: str, facts: Facts) -> str:
    lines = [f"{kind} {facts.get('id') or facts['name']}"]
    for key, value in facts.items():
        if key in ("id", "name", "doc", "parameters") or value in (None, "", [], {}):
            continue
        lines.append(f"  {key.replace('_', ' ')}: {value}")
    if kind == "paper" and facts["reproduction"]:
        lines.append(f"  reproduce it with: hub reproduce {facts['name']}")
    if kind == "dataset":
        lines.append(f"  record it with: hub data record {facts['name']}")
    for parameter in facts.get("parameters", []):
        default = "" if parameter["default"] is None else f" = {parameter['default']}"
        lines.append(f"  takes {parameter['name']}: {parameter['type']}{default}")
    if facts.get("doc"):
        lines += ["", *(f"  {line}".rstrip() for line in facts["doc"].splitlines())]
    return "\n".join(lines)
