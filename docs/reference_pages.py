"""MkDocs hook: writes the reference pages from the registry, docstrings and `--help`, so that they cannot go stale."""

from __future__ import annotations

import argparse
import importlib
import inspect
import os
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

EXIT_CODES = """Every listing also takes `--json`. Exit codes: 0 done, 1 the thing asked for failed, 2 usage,
3 a plugin that was asked for is broken, 130 interrupted."""

ENVIRONMENT_FACTS = ("plugin", "entry_point", "vector_entry_point", "kind", "model", "requires")
AGENT_FACTS = ("plugin", "entry_point", "paper", "requires")

os.environ["COLUMNS"] = "100"  # argparse wraps its help to the terminal


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to the documentation."""
    pages = {"reference/cli.md": command_line(), "reference/protocols.md": protocols(), "reference/api.md": API}
    pages |= environments() | agents() | decisions(files)
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    return files


def command_line() -> str:
    """Return a page with the help text of every command."""
    from hub.cli import COMMANDS

    parts = [
        "# Command line",
        EXIT_CODES,
    ]
    for name in COMMANDS:
        module = importlib.import_module(f"hub.commands.{name}")
        parser = argparse.ArgumentParser(
            prog=f"hub {name}", description=module.__doc__, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        module.configure(parser)
        parts += [f"## hub {name}", f"```text\n{parser.format_help()}```"]
        parts += [f"```text\n{sub.format_help()}```" for sub in _subparsers(parser)]
    return "\n\n".join(parts)


def _subparsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    found = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return [sub for action in found for sub in action.choices.values()]


def environments() -> dict[str, str]:
    """Return a page for each registered environment and an index."""
    from hub import registry
    from hub.naming import command_line_name

    pages, lines = {}, ["# Environments", "| id | on the command line | plugin | |", "| --- | --- | --- | --- |"]
    for row in registry.environments():
        short = command_line_name(row["id"])
        lines.append(f"| [`{row['id']}`]({short}.md) | `{short}` | {row['plugin']} | {row['summary']} |")
        pages[f"reference/environments/{short}.md"] = _page(row["id"], row, ENVIRONMENT_FACTS, with_module=False)
    return pages | {"reference/environments/index.md": "\n".join([lines[0], "", *lines[1:]])}


def agents() -> dict[str, str]:
    """Return a page for each registered agent and an index."""
    from hub import registry

    pages, lines = {}, ["# Agents", "| name | plugin | |", "| --- | --- | --- |"]
    for row in registry.agents():
        lines.append(f"| [`{row['name']}`]({row['plugin']}-{row['name']}.md) | {row['plugin']} | {row['summary']} |")
        pages[f"reference/agents/{row['plugin']}-{row['name']}.md"] = _page(row["name"], row, AGENT_FACTS, with_module=True)
    return pages | {"reference/agents/index.md": "\n".join([lines[0], "", *lines[1:]])}


def _page(title: str, row: dict[str, Any], facts: tuple[str, ...], with_module: bool) -> str:
    from hub.loading import load

    subject = load(row["entry_point"], row["requires"])
    table = [f"| {key.replace('_', ' ')} | `{row[key]}` |" for key in facts if row.get(key)]
    settings = [
        f"| `{parameter.name}` | `{_plain(parameter.annotation)}` | {_default(parameter)} |"
        for parameter in inspect.signature(subject).parameters.values()
        if parameter.name not in ("task", "self") and parameter.kind is not parameter.VAR_KEYWORD
    ]
    return "\n".join(
        [
            *(f"# {title}", "", row["summary"], "", "| | |", "| --- | --- |", *table, ""),
            *("## What it promises", "", *_said(subject, with_module), ""),
            *("## Arguments", "", "| name | type | default |", "| --- | --- | --- |", *settings),
        ]
    )


def _said(subject: Any, with_module: bool) -> list[str]:
    """Return its docstring, which mkdocstrings renders, for an agent after its module's, which tells the method and its departures."""
    about = [inspect.getdoc(inspect.getmodule(subject)) or "", ""] if with_module else []
    return [
        *about,
        f"::: {subject.__module__}.{subject.__qualname__}",
        "    options: {members: [], show_root_heading: false, show_bases: false}",
    ]


def _default(parameter: inspect.Parameter) -> str:
    return "" if parameter.default is parameter.empty else f"`{parameter.default!r}`"


def _plain(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    return text.replace(" | ", " or ")


def protocols() -> str:
    """Return a page with every registered protocol."""
    from hub import registry

    lines = ["# Protocols", "", "| name | version | environment | tasks | episodes | metric |", "| --- | --- | --- | --- | --- | --- |"]
    lines += [
        f"| `{row['name']}` | {row['version']} | `{row['env']}` | {len(row['tasks'])} | {row['episodes']} | {row['metric']} |"
        for row in registry.protocols()
    ]
    lines += ["", "An environment without a protocol of its own is judged by `standard` version 1: 100 episodes, metric return."]
    return "\n".join(lines)


def decisions(files: Files) -> dict[str, str]:
    """Return the index of decision notes, each named by its first heading."""
    lines = ["# Decisions", "", "What a successor would otherwise ask.", ""]
    for file in files.documentation_pages():
        if file.src_uri.startswith("decisions/"):
            title = file.content_string.splitlines()[0].lstrip("# ")
            lines.append(f"- [{title}]({file.src_uri.removeprefix('decisions/')})")
    return {"decisions/index.md": "\n".join(lines)}


API = """# Python

Everything below may be relied upon; anything else may change.

::: hub.agent
::: hub.training.Training
::: hub.specs
::: hub.datasets.episodes
    options: {members: [OfflineDataset, OfflineEpisode, Transitions]}
::: hub.datasets.store
    options: {members: [load_dataset]}
::: hub.reproduction.spec
::: hub.environments
    options: {members: [make, make_vec, describe]}
::: hub.running.run
    options: {members: [run, evaluate]}
::: hub.running.adoption
::: hub.results.verify
    options: {members: [verify, Verdict]}
::: hub.errors
"""
