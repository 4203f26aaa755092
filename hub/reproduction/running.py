"""Carrying out a budget for the command line: the progress line, and what remains to be said of the pieces when all have ended."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from hub.reproduction.crew import Done, work_through
from hub.reproduction.plan import Planned
from hub.running.progress import open_progress


def carry_out_all(title: str, pieces: Sequence[Planned], workers: int) -> list[Done]:
    """Do all pieces, showing how far that is on standard error, and return what became of each, in their order.

    On a terminal that is a line that moves, with a line of its own for each failure; elsewhere a line for each piece.
    """
    lasting = not sys.stderr.isatty()
    found: dict[tuple[str, str, str], Done] = {}
    with open_progress() as progress:
        progress.begin(title, len(pieces), "jobs")
        for count, done in enumerate(work_through(pieces, workers), start=1):
            piece = done.piece
            found[piece.study, piece.task, piece.title] = done
            line = f"{piece.study}/{piece.task} {piece.title}: {done.news}"
            progress.advance_to(count)
            progress.note(line if done.succeeded else "")
            if lasting or not done.succeeded:
                progress.say(f"{count}/{len(pieces)} {'' if done.succeeded else 'FAILED '}{line}")
    return [found[piece.study, piece.task, piece.title] for piece in pieces]
