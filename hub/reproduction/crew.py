"""Doing planned pieces in processes of their own, several at a time, so that one that crashes or hangs takes no other with it."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

from hub.errors import HubError
from hub.loading import one_line
from hub.reproduction.plan import Planned
from hub.running.options import terminable
from hub.running.workers import PATIENCE_S, cause_of_death


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a piece.

    Attributes:
        piece: which.
        succeeded: whether its outcome is there.
        news: for the user; why it failed where it did.
    """

    piece: Planned
    succeeded: bool
    news: str


def work_through(pieces: Sequence[Planned], workers: int) -> Iterator[Done]:
    """Do all pieces in `workers` spawned processes and yield each as it ends; no outcome depends on the number of processes.

    Whoever stops listening early ends the processes; what they were at goes on from its journal next time.
    """
    queue = deque(pieces)
    busy: list[_Worker] = []
    try:
        while queue or busy:
            while queue and len(busy) < workers:
                busy.append(_Worker())
                busy[-1].take(queue.popleft())
            ready = wait([worker.connection for worker in busy])
            for worker in [worker for worker in busy if worker.connection in ready]:
                done, alive = worker.hear()
                if alive and queue:
                    worker.take(queue.popleft())
                else:
                    busy.remove(worker)
                    worker.dismiss()
                yield done
    finally:
        for worker in busy:
            worker.process.terminate()
        for worker in busy:
            worker.dismiss()


class _Worker:
    """One spawned process, seen from the parent."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), name="hub-reproduce")  # no daemon: an agent may start processes
        self.process.start()
        theirs.close()
        self.piece: Planned

    def take(self, piece: Planned) -> None:
        """Hand it a piece."""
        self.piece = piece
        with contextlib.suppress(ConnectionError):  # it died meanwhile: the next reading says so
            self.connection.send(piece)

    def hear(self) -> tuple[Done, bool]:
        """Return what became of its piece, and whether it can take another."""
        try:
            succeeded, news = self.connection.recv()
        except (EOFError, ConnectionError):
            self.process.join()
            return Done(self.piece, False, f"its process {cause_of_death(self.process.exitcode or 0)}"), False
        return Done(self.piece, succeeded, news), True

    def dismiss(self) -> None:
        """Let it end."""
        self.connection.close()
        self.process.join(PATIENCE_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _serve(connection: Connection) -> None:
    """Be a worker: do what the parent hands out until it hands out nothing more, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    with terminable(), contextlib.suppress(EOFError, ConnectionError, KeyboardInterrupt):
        while True:
            piece: Planned = connection.recv()
            connection.send(_attempt(piece))


def _attempt(piece: Planned) -> tuple[bool, str]:
    try:
        return True, piece.do()
    except HubError as error:
        return False, one_line(error)
    except MemoryError:
        return False, "out of memory"
    except Exception as error:  # a bug somewhere must not cost the other pieces
        return False, f"{type(error).__name__}: {one_line(error)}"
