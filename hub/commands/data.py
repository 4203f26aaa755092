"""Record datasets of episodes, and show those on this machine or on Minari's server.

They are kept in Minari's own format under MINARI_DATASETS_PATH (~/.minari/datasets): what is recorded here loads with
`minari.load_dataset`, and what others recorded with `hub.load_dataset`.

Examples:
  hub data list
  hub data record minigrid/multiroom-n7-s4/optimal-v0
  hub data record mine/cartpole/random-v0 --agent random --env CartPole-v1 --episodes 20
  hub data info mine/cartpole/random-v0 --check
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from hub.errors import UsageError
from hub.running.options import reserved_output, terminable, whole

if TYPE_CHECKING:
    from hub.datasets.provenance import Provenance
    from hub.running.orders import Order
    from hub.running.progress import Progress

_COLUMNS = ("name", "state", "env", "episodes", "transitions", "size_mb", "summary")


def configure(parser: ArgumentParser) -> None:
    """Add the subcommands and their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|info|record|download")
    listing = actions.add_parser("list", help="list datasets: local ones, and those that a recipe could record", allow_abbrev=False)
    listing.add_argument("text", nargs="?", default="", metavar="SUBSTRING", help="only those whose name contains this")
    listing.add_argument("--remote", action="store_true", help="list what Minari's public server has instead")
    info = actions.add_parser("info", help="show where a dataset comes from and what it holds", allow_abbrev=False)
    info.add_argument("name", metavar="NAME")
    info.add_argument("--check", action="store_true", help="compare its arrays with the digest that was recorded")
    record = actions.add_parser("record", help="record a dataset by its recipe, or the episodes of an agent", allow_abbrev=False)
    record.add_argument("name", metavar="NAME", help="of the form namespace/name-v0")
    _add_agent(record)
    download = actions.add_parser("download", help="fetch a dataset from Minari's public server", allow_abbrev=False)
    download.add_argument("name", metavar="NAME")
    for action in (record, download):
        action.add_argument("--force", action="store_true", help="replace the dataset if it is there already")
    for action in (listing, info, record, download):
        action.add_argument("--json", action="store_true", help="print one JSON document to standard output and nothing else there")


def _add_agent(parser: ArgumentParser) -> None:
    parser.add_argument("--agent", metavar="A", help="let this agent play, as it is built; without it NAME is recorded by its recipe")
    parser.add_argument("--weights", metavar="DIR", help="let the agent play that `hub train` or `hub run` saved in this folder")
    parser.add_argument("--env", metavar="E", help="environment; that of the saved agent when left out")
    parser.add_argument("--agent-arg", action="append", default=[], metavar="K=V", help="set an argument of the agent; may be repeated")
    parser.add_argument("--env-arg", action="append", default=[], metavar="K=V", help="set an argument of the environment; may be repeated")
    parser.add_argument("--episodes", type=whole("--episodes", 1), metavar="N", help="how many to record (the protocol's number)")
    parser.add_argument("--seed", type=whole("--seed", 0), metavar="S", help="seeds the episodes and the agent's construction (0)")


def run(arguments: Namespace) -> int:
    """Do what was asked and return the exit code: 1 when `info --check` finds other arrays than those recorded."""
    return {"list": _list, "info": _info, "record": _record, "download": _download}[arguments.action](arguments)


def _list(arguments: Namespace) -> int:
    import json

    from hub.commands.list import table
    from hub.datasets.listing import here, there

    rows, damaged = (there(), []) if arguments.remote else here()
    rows = [row for row in rows if arguments.text.lower() in row["name"].lower()]
    if arguments.json:
        print(json.dumps(rows, indent=1))
    else:
        print(table(_COLUMNS, rows) if rows else "no datasets found")
    for line in damaged:
        print(f"hub: {line}", file=sys.stderr)
    return 0


def _info(arguments: Namespace) -> int:
    import json

    from hub.datasets.listing import facts_of

    facts = facts_of(arguments.name, check=arguments.check)
    print(json.dumps(facts, indent=1) if arguments.json else _shown(facts))
    if not arguments.check:
        return 0
    if facts["intact"] is None:
        raise UsageError(f"{arguments.name} was not recorded by hub and carries no digest that its arrays could be compared with")
    return 0 if facts["intact"] else 1


def _record(arguments: Namespace) -> int:
    from hub.datasets.store import folder_of
    from hub.running.progress import open_progress

    with reserved_output(arguments.json) as output, terminable():
        with open_progress() as progress:
            provenance = _recorded(arguments, progress)
        if arguments.json:
            print(provenance.model_dump_json(indent=1), file=output)
        else:
            contents = provenance.contents
            print(f"{arguments.name}: {contents.episodes:,} episodes, {contents.transitions:,} transitions", file=output)
            print(f"return: mean {contents.returns.mean:.4g}, from {contents.returns.min:.4g} to {contents.returns.max:.4g}", file=output)
            print(f"dataset: {folder_of(arguments.name)}", file=output)
    return 0


def _recorded(arguments: Namespace, progress: Progress) -> Provenance:
    from hub.datasets.recording import record_agent, record_recipe

    if arguments.agent is None and arguments.weights is None:
        for option in ("env", "env_arg", "agent_arg", "episodes", "seed"):
            if getattr(arguments, option) not in (None, []):
                spelled = "--" + option.replace("_", "-")
                raise UsageError(f"a recipe's arguments are its own; {spelled} goes with --agent or --weights")
        return record_recipe(arguments.name, progress, replace=arguments.force)
    seed = arguments.seed or 0
    return record_agent(arguments.name, _order(arguments, seed), _words(arguments, seed), seed, progress, replace=arguments.force)


def _order(arguments: Namespace, seed: int) -> Order:
    from hub.running.orders import order_evaluation, order_run

    if arguments.weights is not None:
        return order_evaluation(
            weights=arguments.weights,
            agent=arguments.agent,
            env=arguments.env,
            episodes=arguments.episodes,
            env_args=arguments.env_arg,
            agent_args=arguments.agent_arg,
        )
    if arguments.env is None:
        raise UsageError("say where the agent plays: --env E")
    return order_run(
        agent=arguments.agent,
        env=arguments.env,
        episodes=arguments.episodes,
        seed=seed,
        train_steps=0,
        env_args=arguments.env_arg,
        agent_args=arguments.agent_arg,
    )


def _words(arguments: Namespace, seed: int) -> list[str]:
    """Return the options that repeat the order, as words of a command."""
    words = []
    for option in ("agent", "weights", "env", "episodes"):
        value = getattr(arguments, option)
        words += [] if value is None else [f"--{option}", str(value)]
    for option in ("env_arg", "agent_arg"):
        words += [word for value in getattr(arguments, option) for word in ("--" + option.replace("_", "-"), value)]
    return [*words, "--seed", str(seed)]


def _download(arguments: Namespace) -> int:
    import json

    from hub.datasets.remote import download

    with reserved_output(arguments.json) as output, terminable():
        folder = download(arguments.name, replace=arguments.force)
        facts = {"name": arguments.name, "folder": str(folder)}
        print(json.dumps(facts) if arguments.json else f"dataset: {folder}", file=output)
    return 0


def _shown(facts: dict[str, Any]) -> str:
    provenance = facts.pop("provenance")
    lines = [f"dataset {facts.pop('name')}"]
    if provenance is not None:
        lines += _origin(provenance)
        facts.pop("description")  # the command, once more
    lines += [f"  {key.replace('_', ' ')}: {value}" for key, value in facts.items() if value not in (None, "", [])]
    return "\n".join(lines)


def _origin(provenance: dict[str, Any]) -> list[str]:
    contents, env = provenance["contents"], provenance["env"]
    maker = provenance["recipe"] or provenance["agent"]
    what = "recipe {function}, {kwargs}" if provenance["recipe"] else "agent {name}, {config}, seed {seed}, weights {weights_sha256}"
    returns = "mean {mean:.4g}, from {min:.4g} to {max:.4g}".format(**contents["returns"])
    versions = ", ".join(f"{name} {version}" for name, version in provenance["versions"].items())
    return [
        f"  record it again: {provenance['command']}",
        f"  made by: {what.format(**maker)} ({maker['distribution']} {maker['version']})",
        f"  played in: {env['id']}, {env['kwargs']} ({env['distribution']} {env['version']})",
        *([f"  seeds: {provenance['episode_seeds']}"] if provenance["episode_seeds"] else []),
        f"  different seeds: {contents['distinct_seeds']}",
        f"  return: {returns}",
        f"  sha256 of the arrays: {contents['arrays_sha256']}",
        f"  versions: {versions}",
    ]
