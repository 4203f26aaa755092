"""Run a paper's agent and its baselines, and judge each of the paper's claims: holds, does not hold, undecided.

Datasets that its agents learn from are recorded first, where the machine lacks them.
Leaves the data file BUDGET.json, the figure BUDGET.svg and the page README.md in the folder of --out. The same command takes up an
interrupted reproduction; runs that are finished are not run again. Exit code 1 says that a claim does not hold or that a run failed.

Try:
  hub reproduce sequoia --list
  hub reproduce sequoia --budget small --workers 2
  hub reproduce sequoia --studies matching-20 --tasks 2 --out trial
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.running.options import whole

if TYPE_CHECKING:
    from hub.reproduction.declared import Declared
    from hub.reproduction.models import ReproductionDocument
    from hub.reproduction.spec import Budget


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("paper", metavar="PAPER", help="a paper that declares a reproduction (`hub list papers`)")
    parser.add_argument("--budget", default="small", metavar="B", help="scale, e.g. small or paper (small)")
    parser.add_argument("--studies", metavar="S,S", help="only these studies of the budget")
    parser.add_argument("--tasks", type=whole("--tasks", 1), metavar="N", help="only the first N tasks of each study")
    parser.add_argument("--workers", type=whole("--workers", 1), default=1, metavar="W", help="runs at a time, each in a process (1)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of page, figure and data (reproductions/PAPER)")
    parser.add_argument("--runs", type=Path, default=Path("runs/reproduce"), metavar="DIR", help="folder of the runs (runs/reproduce)")
    parser.add_argument("--list", action="store_true", help="show what the budget would run, and run nothing")
    parser.add_argument("--render", action="store_true", help="write page and figure anew from the data file, and run nothing")
    parser.add_argument("--json", action="store_true", help="print the data document (with --list, the list) and nothing else")


def run(arguments: Namespace) -> int:
    """Reproduce and return the exit code."""
    import sys

    from hub.reproduction.declared import choose, find_reproduction
    from hub.running.options import reserved_output, terminable

    with reserved_output(arguments.json) as output, terminable():
        declared = find_reproduction(arguments.paper)
        budget = choose(declared, arguments.budget, arguments.studies.split(",") if arguments.studies else None, arguments.tasks)
        if arguments.list:
            print(_listing(budget, arguments.json), file=output)
            return 0
        folder = arguments.out or Path("reproductions") / declared.paper.name
        try:
            document = _rendered(declared, arguments, folder) if arguments.render else _reproduced(declared, budget, arguments, folder)
        except KeyboardInterrupt:
            print("hub: interrupted; finished runs and episodes are kept, and the same command goes on from them", file=sys.stderr)
            return 130
        if arguments.json:
            output.write((folder / f"{document.budget}.json").read_text(encoding="utf-8"))
        else:
            _report(document, declared, folder)
    return 1 if document.failures or any(claim.verdict == "does not hold" for claim in document.claims) else 0


def _rendered(declared: Declared, arguments: Namespace, folder: Path) -> ReproductionDocument:
    from hub.reproduction.publishing import publish, read_data

    return publish(declared, read_data(declared.paper.name, arguments.budget, folder), folder)


def _reproduced(declared: Declared, budget: Budget, arguments: Namespace, folder: Path) -> ReproductionDocument:
    from hub.reproduction.collecting import collect
    from hub.reproduction.datasets import provide
    from hub.reproduction.figure import require_matplotlib
    from hub.reproduction.plan import plan
    from hub.reproduction.probing import plan_probes
    from hub.reproduction.publishing import publish
    from hub.reproduction.running import carry_out_all
    from hub.running.progress import open_progress

    require_matplotlib()  # rather now than after hours of runs
    name = declared.paper.name
    with open_progress() as progress:
        datasets = provide(budget, progress)
    pieces = plan(budget, arguments.runs / name / arguments.budget)
    done = carry_out_all(f"reproduce {name}, {arguments.budget}", pieces, arguments.workers)
    probes = plan_probes(budget, [each.piece for each in done if each.succeeded])
    if probes:
        done += carry_out_all(f"probe {name}, {arguments.budget}", probes, arguments.workers)
    document = collect(
        paper=name,
        name=arguments.budget,
        command=_command(name, arguments),
        declared=declared.reproduction.budgets[arguments.budget],
        asked=budget,
        done=done,
        datasets=datasets,
    )
    return publish(declared, document, folder)


def _command(paper: str, arguments: Namespace) -> str:
    """Return the command that makes the same numbers."""
    import shlex

    words = ["hub", "reproduce", paper, "--budget", arguments.budget]
    words += ["--studies", arguments.studies] if arguments.studies else []
    words += ["--tasks", str(arguments.tasks)] if arguments.tasks else []
    return shlex.join(words)


def _report(document: ReproductionDocument, declared: Declared, folder: Path) -> None:
    from hub.reproduction.judging import is_outside
    from hub.reproduction.wording import measured

    budget = declared.reproduction.budgets[document.budget]
    for claim, printed in zip(document.claims, declared.reproduction.claims, strict=True):
        if not is_outside(printed, budget):
            print(f"{claim.verdict}: {claim.text}\n  {measured(claim)}")
    for failure in document.failures:
        what = f"probe {failure.probe} of {failure.entrant}" if failure.probe else failure.entrant or "upper bound"
        print(f"failed: {failure.study}/{failure.task} {what}: {failure.reason}")
    print(f"page: {folder / 'README.md'}")


def _listing(budget: Budget, as_json: bool) -> str:
    import json

    rows: list[dict[str, Any]] = [
        {
            "study": study.name,
            "title": study.title,
            "env": study.env,
            "tasks": len(study.tasks),
            "episodes": study.episodes,
            "entrants": [entrant.label for entrant in study.entrants],
            "datasets": list(study.datasets),
            "runs": len(study.tasks) * len(study.entrants),
        }
        for study in budget.studies
    ]
    if as_json:
        return json.dumps(rows, indent=1)
    lines = [budget.summary]
    for row in rows:
        episodes = "the protocol's" if row["episodes"] is None else row["episodes"]
        lines.append(f"{row['study']}: {row['title']} ({row['env']}), {row['tasks']} tasks, {episodes} episodes each, {row['runs']} runs")
        lines.append(f"  {', '.join(row['entrants'])}")
        lines += [f"  learning from {', '.join(row['datasets'])}"] if row["datasets"] else []
    lines.append(f"{sum(row['runs'] for row in rows)} runs in all")
    return "\n".join(lines)
