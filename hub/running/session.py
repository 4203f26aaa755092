"""One session of work on a run: take up the journal, train, play what is missing, write the result.

Everything a later session needs is on disk before the next step begins: what the agent saves of its training in
`training.safetensors`, the trained agent in `agent/`, each finished episode in `journal.sqlite`. The result is made from the last
two alone, so it does not show how often the run was interrupted.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.errors import DamagedFile
from hub.files import write_atomically
from hub.registry import find_environment
from hub.results.files import canonical_bytes, read_result
from hub.results.generalisation import generalise
from hub.results.models import AgentRecord, Cost, Episode, ProtocolRecord, Result
from hub.results.recordings import FOLDER as RECORDINGS
from hub.results.recordings import recording_file
from hub.results.scores import episode_score
from hub.results.statistics import summarise
from hub.running.configuration import Configuration
from hub.running.engines import Job, Start
from hub.running.journal import Journal, open_journal
from hub.running.loop import Rules
from hub.running.meter import Meter
from hub.running.orders import Order
from hub.running.preparation import prepare_agent, standing
from hub.running.progress import Progress, RunningScore
from hub.running.receipts import chain
from hub.running.seeds import commitment, evaluation_seeds
from hub.running.settings import STEP_TIMEOUT_S, Settings


class Interrupted(KeyboardInterrupt):
    """The user, SIGTERM or SIGHUP ended a session; the message says what is kept."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a session left.

    Attributes:
        result: the run's result.
        path: its file.
        repeated: whether it had been finished before, so that nothing was run.
    """

    result: Result
    path: Path
    repeated: bool


def carry_out(order: Order, settings: Settings, progress: Progress) -> Outcome:
    """Carry a run through to its result, going on from whatever earlier sessions left in its folder.

    Raises:
        Interrupted: by Ctrl-C, SIGTERM or SIGHUP.
        UsageError: the folder holds another run.
        DamagedFile: its files are damaged.
        ProtocolViolation: environment or agent broke its contract or hangs.
        HubError: training failed, or the folder cannot be written.
    """
    with open_journal(order.folder, order.configuration) as journal:
        session = _Session(order, journal, progress)
        try:
            session.sweep()
            path = order.folder / "result.json"
            if settings.record:
                session.tell_unrecorded()
            if path.exists():
                return Outcome(session.finished_result(path), path, repeated=True)
            session.prepare_agent(settings.step_timeout)
            session.evaluate(settings)
            return Outcome(session.write_result(path), path, repeated=False)
        except Interrupted:
            raise
        except KeyboardInterrupt:
            raise Interrupted(session.standing()) from None


class _Session:
    """Work on an open journal; also listens to the engine."""

    def __init__(self, order: Order, journal: Journal, progress: Progress) -> None:
        self.order, self.journal, self.progress = order, journal, progress
        self.protocol = order.configuration.protocol
        self.agent: AgentRecord | None = None
        self._episodes = self.protocol.episodes * len(order.configuration.parts)
        self._before = 0
        self._score = RunningScore()
        self._meter = Meter()

    def sweep(self) -> None:
        """Remove the drafts of sessions that were killed while they wrote; the journal's lock says that nobody writes now."""
        for draft in (*self.order.folder.glob(".*.tmp"), *self.order.folder.glob(f"{RECORDINGS}/.*.tmp")):
            if draft.is_dir():
                shutil.rmtree(draft)
            else:
                draft.unlink()

    def tell_unrecorded(self) -> None:
        """Tell the user of episodes that are finished and were not recorded."""
        bare = [index for index in self.journal.indices if not recording_file(self.order.folder, index).exists()]
        if bare:
            self.progress.say(f"{len(bare)} episodes were finished before and not recorded; another --out plays them again")

    def standing(self) -> str:
        """Say what an interrupted session leaves."""
        if self.agent is None:
            return standing(self.order)
        return f"{len(self.journal.indices)} of {self._episodes} episodes are kept in {self.order.folder}"

    def prepare_agent(self, step_timeout: float) -> None:
        """Train, or find the trained agent."""
        self.journal.record([], "train", (0.0, 0.0))  # counts this session, also when it is killed before the first save
        if (self.order.folder / "agent").exists():
            self.agent = prepare_agent(self.order, step_timeout, self.progress)
            return
        meter = Meter()

        def count() -> None:
            self.journal.record([], "train", meter.read())

        try:
            self.agent = prepare_agent(self.order, step_timeout, self.progress, on_save=count)
        finally:  # what an interrupted session trained was paid for, too
            count()

    def evaluate(self, settings: Settings) -> None:
        """Play the episodes that the journal lacks."""
        assert self.agent is not None
        self._meter = Meter()
        titles = (f"evaluate {self.agent.name}", f"evaluate {self.agent.name} where it trained")
        for title, (kwargs, plan) in zip(titles, parts_of(self.order.configuration, self.agent), strict=False):
            self._play(title, kwargs, plan, settings)

    def _play(self, title: str, kwargs: dict[str, Any], whole_plan: Sequence[Start], settings: Settings) -> None:
        """Play what the journal lacks of one part of the run."""
        assert self.agent is not None
        plan = [(index, seed) for index, seed in whole_plan if index not in self.journal.indices]
        if not plan:
            return
        self._before = whole_plan[0][0]
        self._score = RunningScore()
        for episode in self.journal.episodes()[self._before :]:
            self._score.add(episode_score(episode, self.protocol.metric))
        self.progress.begin(title, len(whole_plan), "episodes", done=len(whole_plan) - len(plan))
        job = Job(
            env=self.order.env,
            kwargs=kwargs,
            agent=self.agent.name,
            checkpoint=self.order.folder / "agent",
            rules=rules_of(self.protocol),
            slots=settings.slots_for(len(plan), find_environment(self.order.env).spec.slots),
            step_timeout=settings.step_timeout,
            record=self.order.folder / RECORDINGS if settings.record else None,
        )
        settings.make_engine().play(job, plan, self)
        self.journal.record([], "eval", self._meter.read())

    def finished(self, episodes: Sequence[Episode], cpu_s: float) -> None:
        """Write episodes that finished to the journal."""
        self._meter.others_cpu_s += cpu_s
        self.journal.record(episodes, "eval", self._meter.read_if_due())
        for episode in episodes:
            self._score.add(episode_score(episode, self.protocol.metric))
        self.progress.advance_to(len(self.journal.indices) - self._before)
        self.progress.note(str(self._score))

    def stepped(self, steps: int) -> None:
        """Show steps."""
        self.progress.steps(steps)

    def notice(self, text: str) -> None:
        """Show text."""
        self.progress.say(text)

    def write_result(self, path: Path) -> Result:
        """Write `cost.json` and then `result.json`, whose presence says that the run is finished."""
        result = self._result()
        write_atomically(path.with_name("cost.json"), canonical_bytes(self._cost()))
        write_atomically(path, canonical_bytes(result))
        return result

    def finished_result(self, path: Path) -> Result:
        """Return the result that an earlier session wrote, if it is what the journal determines."""
        kept = (self.order.folder / "agent").exists()
        self.agent = prepare_agent(self.order, STEP_TIMEOUT_S, self.progress) if kept else read_result(path).agent
        result = self._result() if len(self.journal.indices) == self._episodes else None
        if result is None or canonical_bytes(result) != path.read_bytes():
            raise DamagedFile(
                f"{path} is not what the journal beside it determines: it was edited, exchanged or cut short."
                " Move it away and run the same command again: it is written anew from the journal"
            )
        return result

    def _result(self) -> Result:
        assert self.agent is not None
        configuration = self.order.configuration
        return result_of(configuration, self.agent, self.journal.episodes())

    def _cost(self) -> Cost:
        train_wall_s, train_cpu_s = self.journal.cost("train")
        eval_wall_s, eval_cpu_s = self.journal.cost("eval")
        return Cost(
            train_wall_s=train_wall_s,
            train_cpu_s=train_cpu_s,
            eval_wall_s=eval_wall_s,
            eval_cpu_s=eval_cpu_s,
            machine=platform.platform(),
            processor=platform.processor() or platform.machine(),
            cores=os.cpu_count() or 1,
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            resumed=max(0, self.journal.sessions() - 1),
        )


def rules_of(protocol: ProtocolRecord) -> Rules:
    """Return what the loop measures and where it ends episodes under a protocol."""
    return Rules(metrics=protocol.metrics, max_steps=protocol.max_steps, max_seconds=protocol.max_seconds)


def seeds_of(configuration: Configuration, agent: AgentRecord) -> list[int]:
    """Return the evaluation seeds of a run, committed to the frozen agent where the protocol is applied so."""
    protocol = configuration.protocol
    committed = None if protocol.seeds == "fixed" else commitment(agent.name, agent.config, agent.seed, agent.weights_sha256)
    return evaluation_seeds(protocol.name, protocol.version, configuration.env.id, protocol.episodes, commitment=committed)


def parts_of(configuration: Configuration, agent: AgentRecord) -> list[tuple[dict[str, Any], list[Start]]]:
    """Return what a run plays, as environment arguments and a plan: the evaluation, then the same seeds where the agent trained.

    The episodes of the second part are numbered on from those of the first.
    """
    seeds = seeds_of(configuration, agent)
    return [(kwargs, list(enumerate(seeds, start=number * len(seeds)))) for number, kwargs in enumerate(configuration.parts)]


def result_of(configuration: Configuration, agent: AgentRecord, episodes: Sequence[Episode]) -> Result:
    """Return the result that the episodes of all parts make."""
    protocol, linked = configuration.protocol, chain(episodes)
    own, trained = linked[: protocol.episodes], linked[protocol.episodes :]
    return Result(
        env=configuration.env,
        agent=agent,
        protocol=protocol,
        episodes=own,
        summary=summarise([episode_score(episode, protocol.metric) for episode in own], protocol.metric),
        generalisation=generalise(configuration.parts[1], protocol, own, trained) if trained else None,
        versions=configuration.versions,
        parent=configuration.parent,
    )
