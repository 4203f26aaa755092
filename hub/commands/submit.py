"""Offer a result to the leaderboard store.

The result is verified first: its receipts are replayed, and a result that is not confirmed is refused. So is that of an agent that only
demonstrates, with replies that were written or recorded before. Submitting the same document twice
changes nothing.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("result", metavar="RESULT", help="result file, or the folder of a run")
    parser.add_argument(
        "--store",
        metavar="URL",
        help="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME (default: leaderboard.sqlite in hub's folder)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: Namespace) -> int:
    """Submit; 0 when the store holds the result afterwards, 1 when it was refused."""
    import json

    from hub.errors import HubError
    from hub.leaderboards.store import default_url, open_store
    from hub.results.files import read_result
    from hub.results.verify import verify
    from hub.running.options import reserved_output

    result = read_result(arguments.result)
    if result.agent.demonstration is not None:
        raise HubError(f"{arguments.result} cannot be submitted: {result.agent.name} only demonstrates: {result.agent.demonstration}")
    added = False
    with reserved_output(arguments.json) as output:
        verdict = verify(result)
        if verdict.state == "confirmed":
            with open_store(arguments.store or default_url()) as store:
                added = store.add(result)
        if arguments.json:
            print(json.dumps({"state": verdict.state, "reasons": verdict.reasons, "added": added}), file=output)
        elif verdict.state != "confirmed":
            print(f"refused: {arguments.result} is {verdict.state}: {'; '.join(verdict.reasons)}")
        else:
            what = f"{result.agent.name} on {result.env.id}, {len(result.episodes)} episodes confirmed"
            print(f"submitted: {what}" if added else f"nothing to do: the store already holds this result ({what})")
            for remark in verdict.reasons:
                print(f"note: {remark}")
    return 0 if verdict.state == "confirmed" else 1
