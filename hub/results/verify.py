"""Verifying a result: everything in it that can be recomputed is recomputed, its episodes by replaying them without the agent.

A confirmed result shows that its scores are reachable on these seeds with these actions. It does not show which agent chose the actions,
nor that nobody searched for them; seeds committed to the frozen agent make a search useless before the agent is finished.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import Literal

from hub.errors import BrokenPlugin, HubError, UnknownEnvironment, UsageError
from hub.installed import distributions_by_package
from hub.registry import Found, find_environment
from hub.results.files import read_result
from hub.results.generalisation import generalise, training_kwargs
from hub.results.models import Episode, ProtocolRecord, Record, Result
from hub.results.replay import differing_streams, replay
from hub.results.scores import episode_scores
from hub.results.statistics import summarise
from hub.running.orders import choose_protocol, protocol_of, protocols_for
from hub.running.receipts import link
from hub.running.seeds import commitment, evaluation_seeds
from hub.specs import EnvironmentSpec

State = Literal["confirmed", "refuted", "not replayable"]
MOST_REASONS = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found.

    Attributes:
        state: `confirmed`, `refuted` (something in the document contradicts the rest or the replay), or `not replayable` (nothing
            contradicts, yet the episodes could not be played again).
        reasons: why it is not confirmed, one a line; for a confirmed result, remarks (another version of the environment's package).
        episodes: how many episodes were replayed and agreed.
        steps: how many steps they had.
    """

    state: State
    reasons: list[str] = field(default_factory=list)
    episodes: int = 0
    steps: int = 0


def verify(result: Result | str | os.PathLike[str]) -> Verdict:
    """Verify a result, or the one in a file or a run's folder.

    Checked are: the chain of episodes, seeds against the protocol, the summary and the generalisation gap, the protocol against the one
    registered here, and by replay every episode's return, length, metrics and digests, without what was seen where an environment is
    registered as deterministic in its outcomes only. No replay can check who the agent was;
    `agent_metrics` are bound by the chain.

    Raises:
        UsageError: there is no such file.
        DamagedFile: it is no result document of this version.
    """
    document = result if isinstance(result, Result) else read_result(result)
    contradictions = [*_broken_links(document), *_wrong_seeds(document), *_wrong_summary(document), *_wrong_generalisation(document)]
    contradictions += _wrong_clock(document)
    remarks = list(_ended_by_the_clock(document))
    obstacle: str | None = None
    agreed: list[Episode] = []
    seen_alike = 0
    try:
        name, found = _find(document)
        obstacle = _obstacle(document, found)
        contradictions += _wrong_protocol(document, found)
        remarks += _other_version(document, found)
    except (UsageError, BrokenPlugin) as error:
        obstacle = str(error)
    if obstacle is None:
        try:
            for kwargs, episodes in document.parts:
                for recorded, played in replay(document, name, kwargs, episodes):
                    differences = list(_differences(recorded, played, found.spec))
                    seen_alike += recorded.digests.observations == played.digests.observations
                    contradictions += differences
                    agreed += [] if differences else [recorded]
        except (UsageError, BrokenPlugin) as error:  # the environment cannot be built
            obstacle = str(error)
        except HubError as error:
            contradictions.append(f"{error}; the replay ended there")
        if found.spec.deterministic == "outcomes":
            remarks.append(
                f"what is seen of {document.env.id} may differ between machines, so actions and outcomes were compared;"
                f" {seen_alike} of {len(agreed)} episodes were seen as recorded, too"
            )
    reasons = [*contradictions, *([] if obstacle is None else [f"its episodes cannot be replayed: {obstacle}"])]
    state: State = "refuted" if contradictions else "confirmed" if obstacle is None else "not replayable"
    return Verdict(state, [*_shortened(reasons), *remarks], len(agreed), sum(episode.length for episode in agreed))


def _find(document: Result) -> tuple[str, Found[EnvironmentSpec]]:
    """Find the environment, if need be by importing the package that the document says it is from."""
    env = document.env
    try:
        return env.id, find_environment(env.id)
    except UnknownEnvironment as error:
        for package, distributions in distributions_by_package().items():
            if env.plugin == "gymnasium" and env.distribution in distributions:
                name = f"{package}:{env.id}"
                return name, find_environment(name)
        raise UsageError(
            f"environment {env.id} is not installed; it came with {env.distribution} {env.version}: pip install {env.distribution}"
        ) from error


def _obstacle(document: Result, found: Found[EnvironmentSpec]) -> str | None:
    """Say why the episodes cannot be replayed, if so."""
    if not found.spec.deterministic:
        return f"{found.spec.id} is registered as not deterministic"
    if not all(episodes for _, episodes in document.parts):
        return "there are none"
    bare = [episode.index for _, episodes in document.parts for episode in episodes if episode.actions is None]
    return f"episode {bare[0]} was recorded without its actions" if bare else None


def _broken_links(document: Result) -> Iterator[str]:
    previous = ""
    for position, episode in enumerate(episode for _, episodes in document.parts for episode in episodes):
        if episode.index != position:
            yield f"episode {episode.index}: it stands in place {position}"
        if episode.chain != link(previous, episode):
            yield f"episode {episode.index}: it is not what was sealed: its chain does not follow from its values and the episode before"
        previous = episode.chain
    for where, (_, episodes) in zip(("", " in the generalisation"), document.parts, strict=False):
        if len(episodes) != document.protocol.episodes:
            yield f"there are {len(episodes)} episodes{where}, and the protocol says {document.protocol.episodes}"


def _wrong_seeds(document: Result) -> Iterator[str]:
    protocol, agent = document.protocol, document.agent
    committed = None if protocol.seeds == "fixed" else commitment(agent.name, agent.config, agent.seed, agent.weights_sha256)
    for _, episodes in document.parts:
        seeds = evaluation_seeds(protocol.name, protocol.version, document.env.id, len(episodes), commitment=committed)
        for episode, seed in zip(episodes, seeds, strict=True):
            if episode.seed != seed:
                yield f"episode {episode.index}: its seed is {episode.seed}, the protocol's ({protocol.seeds}) is {seed}"


def _wrong_clock(document: Result) -> Iterator[str]:
    if document.protocol.max_seconds is None:
        for episode in _timed_out(document):
            yield f"episode {episode.index}: the clock ended it, and the protocol sets no wall-clock limit"


def _ended_by_the_clock(document: Result) -> Iterator[str]:
    count = sum(1 for _ in _timed_out(document))
    if count:
        yield f"the clock ended {count} episodes after {document.protocol.max_seconds} s; no replay can check that they took so long"


def _timed_out(document: Result) -> Iterator[Episode]:
    return (episode for _, episodes in document.parts for episode in episodes if episode.timed_out)


def _wrong_summary(document: Result) -> Iterator[str]:
    try:
        summary = summarise(episode_scores(document), document.protocol.metric)
    except HubError as error:
        yield f"the summary cannot be recomputed: {error}"
        return
    yield from _recomputed("summary", document.summary, summary)


def _wrong_generalisation(document: Result) -> Iterator[str]:
    """Compare with what the protocol asks for and the episodes make."""
    found, expected = document.generalisation, training_kwargs(document.env.kwargs, document.protocol)
    asked = expected != document.env.kwargs
    if found is None:
        if asked:
            yield f"there is no generalisation, and the protocol lets agents train with {document.protocol.training_kwargs}"
        return
    if not asked:
        yield "there is a generalisation, and the protocol lets agents train under the arguments they are evaluated under"
        return
    if found.kwargs != expected:
        yield f"generalisation: kwargs is {found.kwargs!r}, by the protocol it is {expected!r}"
    if len(found.episodes) != len(document.episodes):
        return  # the missing ones are told of with the chain
    try:
        again = generalise(expected, document.protocol, document.episodes, found.episodes)
    except HubError as error:
        yield f"the generalisation cannot be recomputed: {error}"
        return
    yield from _recomputed("generalisation: summary", found.summary, again.summary)
    yield from _recomputed("generalisation", found, again, leave_out={"kwargs", "episodes", "summary"})


def _recomputed(where: str, stated: Record, computed: Record, leave_out: Set[str] = frozenset()) -> Iterator[str]:
    for key in type(stated).model_fields:
        old, new = getattr(stated, key), getattr(computed, key)
        if key not in leave_out and old != new:
            yield f"{where}: {key} is {old!r}, recomputed from the episodes it is {new!r}"


def _wrong_protocol(document: Result, found: Found[EnvironmentSpec]) -> Iterator[str]:
    """Compare with the protocol registered here, where that is the one the document names."""
    claimed = document.protocol
    if claimed.name not in protocols_for(found):
        return
    here = protocol_of(choose_protocol(found, claimed.name), claimed.episodes, claimed.seeds)
    if here.version == claimed.version:
        for key in ProtocolRecord.model_fields:
            old, new = getattr(claimed, key), getattr(here, key)
            if old != new:
                yield f"protocol: {key} is {old!r}, protocol {claimed.name} version {claimed.version} has {new!r}"


def _other_version(document: Result, found: Found[EnvironmentSpec]) -> Iterator[str]:
    env, here = document.env, found.plugin
    if (env.distribution, env.version) != (here.distribution, here.version):
        yield f"recorded with {env.distribution} {env.version}, replayed with {here.distribution} {here.version}"


def _differences(recorded: Episode, played: Episode, spec: EnvironmentSpec) -> Iterator[str]:
    where = f"episode {recorded.index} (seed {recorded.seed})"
    for key in ("return_", "length", "terminated", "timed_out", "metrics", "returns"):
        old, new = getattr(recorded, key), getattr(played, key)
        if old != new:
            yield f"{where}: its {key.rstrip('_')} is {old}, replayed it is {new}"
    for stream in differing_streams(recorded, played, spec):
        yield f"{where}: its {stream} are others when replayed"


def _shortened(reasons: list[str]) -> list[str]:
    more = len(reasons) - MOST_REASONS
    return reasons if more <= 0 else [*reasons[:MOST_REASONS], f"and {more} more"]
