"""Replay a result's receipts without its agent and say whether it is confirmed, refuted or not replayable.

Recomputes each episode by playing its recorded actions from its seed; the chain of episodes, the seeds, the summary.
Exit code 0 when every result is confirmed, 1 when one is refuted or not replayable, 2 when there is no such file.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("results", nargs="+", metavar="RESULT", help="result file, or the folder of a run")
    parser.add_argument("--json", action="store_true", help="print one JSON document: for each file its state, reasons, episodes and steps")


def run(arguments: Namespace) -> int:
    """Verify; 0 when all are confirmed, else 1."""
    from dataclasses import asdict

    from hub.results.verify import verify

    found: list[dict[str, Any]] = []
    for path in arguments.results:
        verdict = verify(path)
        found.append({"file": path, **asdict(verdict)})
        if not arguments.json:
            print(f"{path}: {verdict.state} ({verdict.episodes} episodes, {verdict.steps} steps replayed as recorded)")
            for reason in verdict.reasons:
                print(f"  {reason}")
    if arguments.json:
        import json

        print(json.dumps(found, indent=1))
    return 0 if all(entry["state"] == "confirmed" for entry in found) else 1
