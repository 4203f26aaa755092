"""The process engine: spawned workers take episodes one by one from this process and send finished ones back.

A worker that dies (killed, out of memory, crashed in C code) loses only what it was playing: those episodes are queued again and another
worker takes its place. Three deaths end the run with an error that names the signal and the episodes.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import shutil
import signal
import time
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import hub.errors
from hub.errors import HubError, ProtocolViolation
from hub.results.models import Episode
from hub.running.engines import Job, Listener, Start, play_job
from hub.running.hangs import read_hang
from hub.running.meter import Meter
from hub.running.watchdog import open_watchdog, temporary_folder

MOST_DEATHS = 3
PATIENCE_S = 3.0
"""How long a worker may take to end when it is told to."""

OUT_OF_MEMORY = 86
"""Exit code of a worker that ran out of memory where Python could still notice."""


class ProcessEngine:
    """Plays in `workers` processes of `job.slots` slots each."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def play(self, job: Job, plan: Sequence[Start], listener: Listener) -> None:
        """Play all episodes of `plan`; see `hub.running.engines.Engine`."""
        with contextlib.ExitStack() as stack:
            folder = temporary_folder("hub-workers-")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            pool = _Pool(job, plan, listener, folder)
            stack.callback(pool.stop)
            pool.play(min(self.workers, len(plan)))


class _Worker:
    """One spawned process, seen from the parent."""

    def __init__(self, job: Job, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        folder.mkdir()
        self.folder = folder
        self.playing: dict[int, int] = {}
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(job, folder, theirs), daemon=False, name=f"hub-{folder.name}")
        self.process.start()
        theirs.close()

    def messages(self) -> Iterator[tuple[Any, ...]]:
        """Yield what has arrived. Raises `EOFError` when the worker is gone and all that it said has been read."""
        try:
            while self.connection.poll():
                yield self.connection.recv()
        except ConnectionError:
            raise EOFError from None

    def stop(self) -> None:
        self.connection.close()
        self.process.join(PATIENCE_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


class _Pool:
    def __init__(self, job: Job, plan: Sequence[Start], listener: Listener, folder: Path) -> None:
        self.job, self.listener, self.folder = job, listener, folder
        self.queue = deque(plan)
        self.workers: list[_Worker] = []
        self.deaths = 0
        self.started = 0

    def play(self, count: int) -> None:
        for _ in range(count):
            self._start()
        while self.workers:
            ready = wait([worker.connection for worker in self.workers])
            for worker in [worker for worker in self.workers if worker.connection in ready]:
                self._hear(worker)

    def stop(self) -> None:
        for worker in self.workers:
            worker.connection.close()  # all at once, so that they end side by side
        for worker in self.workers:
            worker.stop()

    def _start(self) -> None:
        self.started += 1
        self.workers.append(_Worker(self.job, self.folder / f"worker-{self.started}"))

    def _hear(self, worker: _Worker) -> None:
        """Act on all messages of a worker; the episodes among them become durable in one commit."""
        ended: list[Episode] = []
        cpu_s, gone, failure = 0.0, False, None
        try:
            for kind, *content in worker.messages():
                if kind == "next":
                    self._assign(worker)
                elif kind == "finished":
                    ended += content[0]
                    cpu_s += content[1]
                elif kind == "stepped":
                    self.listener.stepped(content[0])
                else:
                    failure = content
        except EOFError:
            gone = True
        for episode in ended:
            del worker.playing[episode.index]
        if ended or cpu_s:
            self.listener.finished(ended, cpu_s)
        if failure is not None:
            raise _rebuilt(*failure)
        if gone:
            self._bury(worker)

    def _assign(self, worker: _Worker) -> None:
        start = self.queue.popleft() if self.queue else None
        if start is not None:
            worker.playing[start[0]] = start[1]
        with contextlib.suppress(ConnectionError):  # it died meanwhile: the next reading says so
            worker.connection.send(start)

    def _bury(self, worker: _Worker) -> None:
        worker.process.join()
        worker.connection.close()
        self.workers.remove(worker)
        code = worker.process.exitcode or 0
        if code == 0 and not worker.playing:
            return
        hang = read_hang(worker.folder)
        if hang is not None:
            raise ProtocolViolation(f"{hang}. Finished episodes are kept, and the same command goes on from them")
        self.deaths += 1
        lost = sorted(worker.playing.items())
        told = f"{cause_of_death(code)} while it {_playing(lost)} of {self.job.env} with {self.job.agent}"
        if self.deaths >= MOST_DEATHS:
            raise HubError(
                f"a worker {told}; {self.deaths} have died, so the run stops."
                " Finished episodes are kept and the same command goes on from them; with fewer --workers or --slots it needs less memory"
            )
        self.listener.notice(f"a worker {told}; another one plays them again")
        self.queue.extendleft(reversed(lost))
        self._start()


def cause_of_death(code: int) -> str:
    """Say how a process ended that ended with `code`; the sentence's subject is missing."""
    if code == OUT_OF_MEMORY:
        return "ran out of memory"
    if code >= 0:
        return f"ended with exit code {code}"
    name = signal.Signals(-code).name
    return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")


def _playing(lost: Sequence[Start]) -> str:
    if not lost:
        return "started or ended, between episodes"
    numbers = ", ".join(str(index) for index, _ in lost[:8]) + (f" and {len(lost) - 8} more" if len(lost) > 8 else "")
    return f"played episode{'s' if len(lost) > 1 else ''} {numbers}"


def _rebuilt(kind: str, message: str, trace: str) -> Exception:
    """Return the error that a worker raised; errors with constructors of their own keep their class and message."""
    cls = getattr(hub.errors, kind, None)
    if isinstance(cls, type) and issubclass(cls, HubError):
        error = cls.__new__(cls, message)
        Exception.__init__(error, message)
        error.add_note(trace)  # `--debug` shows it
        return error
    return RuntimeError(f"a worker failed with {kind}: {message}\n{trace}")


def work(job: Job, folder: Path, connection: Connection) -> None:
    """Be a worker: play what the parent hands out until it hands out nothing more, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    try:
        with open_watchdog(job.step_timeout, folder) as watchdog:
            sender = _Sender(connection)
            play_job(job, _handed_out(connection), sender, watchdog)
            sender.account()
    except (BrokenPipeError, ConnectionResetError, EOFError):
        return  # the parent is gone or has enough
    except MemoryError:
        raise SystemExit(OUT_OF_MEMORY) from None
    except BaseException as error:
        if isinstance(error.__cause__, MemoryError):
            raise SystemExit(OUT_OF_MEMORY) from None
        connection.send(("failed", type(error).__name__, str(error), traceback.format_exc()))


def _handed_out(connection: Connection) -> Iterator[Start]:
    while True:
        connection.send(("next",))
        start: Start | None = connection.recv()
        if start is None:
            return
        yield start


class _Sender:
    """The listener in a worker: tells the parent."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._meter, self._told = connection, Meter(), -time.process_time()  # starting up counts too

    def finished(self, episodes: Sequence[Episode], cpu_s: float) -> None:
        self._connection.send(("finished", list(episodes), self._since(self._meter.read_if_due())))

    def account(self) -> None:
        """Tell of the CPU time not told yet."""
        self._connection.send(("finished", [], self._since(self._meter.read())))

    def _since(self, spent: tuple[float, float] | None) -> float:
        if spent is None:
            return 0.0
        new, self._told = spent[1] - self._told, spent[1]
        return new

    def stepped(self, steps: int) -> None:
        self._connection.send(("stepped", steps))

    def notice(self, text: str) -> None:
        raise HubError(text)
