"""Replay a result's receipts without its agent and say whether it is confirmed, refuted or not replayable.

Recomputes each episode by playing its recorded actions from its seed; the chain of episodes, the seeds, the summary.
A file that cannot be read does not stop the others. Exit code 0 when every result is confirmed, 1 when one is refuted, not replayable or
damaged, 2 when there is no such file.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("results", nargs="+", metavar="RESULT", help="result file, or the folder of a run")
    parser.add_argument("--json", action="store_true", help="print one JSON document: for each file its state, reasons, episodes and steps")


def run(arguments: Namespace) -> int:
    """Verify each result and return the exit code."""
    import json
    import sys
    from dataclasses import asdict

    from hub.errors import HubError
    from hub.results.files import read_result
    from hub.results.verify import verify
    from hub.running.options import reserved_output

    found: list[dict[str, Any]] = []
    code = 0
    with reserved_output(arguments.json) as output:
        for path in arguments.results:
            try:
                result = read_result(path)
            except HubError as error:
                print(f"hub: {error}", file=sys.stderr)
                found.append({"file": path, "state": "unreadable", "reasons": [str(error)], "episodes": 0, "steps": 0})
                code = max(code, error.exit_code)
                continue
            verdict = verify(result)
            found.append({"file": path, **asdict(verdict)})
            code = max(code, int(verdict.state != "confirmed"))
            if not arguments.json:
                print(f"{path}: {verdict.state} ({verdict.episodes} episodes, {verdict.steps} steps replayed as recorded)")
                for reason in verdict.reasons:
                    print(f"  {reason}")
        if arguments.json:
            print(json.dumps(found, indent=1), file=output)
    return code
