"""Checks of agents: what an agent does in an episode depends on that episode alone."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import safetensors.numpy

from hub.agent import Agent
from hub.checking.agents import AgentSubject, Onlooker, require_same
from hub.checking.leaves import fingerprints, first_difference
from hub.checking.randomness import global_states, kept_global_state, seed_globals
from hub.checking.surroundings import captured_output
from hub.checking.verdicts import FaultError, NotApplicableError
from hub.running.worlds.layouts import Layout, take

WIDTHS = (2, 3)


def plays_within_action_space(subject: AgentSubject) -> None:
    """The agent builds and plays, and every action lies in the action space."""
    subject.play_alone()


def agent_docstring_tells(subject: AgentSubject) -> None:
    """The agent's class says what it does."""
    kind = type(subject.build(subject.plan.seed))
    if not inspect.cleandoc(vars(kind).get("__doc__") or ""):
        raise FaultError("the class has no docstring", where=kind.__qualname__, right="one that says what the agent does, and from where")


def episode_seed_decides(subject: AgentSubject) -> None:
    """Two agents built alike take the same actions in an episode of the same seed."""
    got = subject.play(subject.build(subject.plan.seed), subject.seeds, slots=1)
    require_same(
        subject.reference, got, "an agent built alike took other actions", "all randomness of an episode comes from the seed given to begin"
    )


def begin_forgets(subject: AgentSubject) -> None:
    """Begin forgets: an episode does not depend on those played before it in the same slot."""
    agent = subject.build(subject.plan.seed)
    backwards = subject.play(agent, subject.seeds[::-1], slots=1)[::-1]
    require_same(
        subject.reference,
        backwards,
        "after other episodes in its slot, the agent took other actions",
        "begin clears what the slot remembers",
    )


def rows_are_independent(subject: AgentSubject) -> None:
    """A batch of n rows is n batches of one: neighbours, their number and slots change no action."""
    for width in WIDTHS:
        got = subject.play(subject.build(subject.plan.seed), subject.seeds, slots=width)
        what = f"beside {width - 1} other episodes the agent took other actions"
        require_same(subject.reference, got, what, "each row is computed by itself; mind batch norms, shared generators and matrix tilings")


def row_order_is_free(subject: AgentSubject) -> None:
    """The order of the rows in a batch changes no action."""
    agent = _Backwards(subject.build(subject.plan.seed))
    got = subject.play(agent, subject.seeds, slots=3)
    require_same(
        subject.reference,
        got,
        "with its rows in reverse order the agent took other actions",
        "row i belongs to slots[i], whatever the order",
    )


def observations_not_modified(subject: AgentSubject) -> None:
    """Act leaves the observations it is given as they were."""
    agent = _Guard(subject.build(subject.plan.seed))
    subject.play(agent, subject.seeds, slots=2)
    if agent.changed is not None:
        raise FaultError("act changed the observations it was given", where=agent.changed, right="normalise and scale a copy")


def returned_actions_stay(subject: AgentSubject) -> None:
    """Actions returned earlier do not change when the agent acts again."""
    agent = _Guard(subject.build(subject.plan.seed))
    subject.play(agent, subject.seeds, slots=2)
    for number, (actions, before) in enumerate(agent.returned, start=1):
        key = first_difference(before, fingerprints(actions, "action"))
        if key is not None:
            raise FaultError(
                "the actions returned here changed later", where=f"call {number} of act, {key}", right="new arrays at every call"
            )


def agent_ignores_global_random(subject: AgentSubject) -> None:
    """Actions do not depend on the global random generators."""
    with kept_global_state():
        agent = _Reseeding(subject.build(subject.plan.seed), 2)
        got = subject.play(agent, subject.seeds, slots=1)
    what = "the actions depend on a global random generator"
    require_same(subject.reference, got, what, "a generator a slot, seeded in begin")


def agent_leaves_global_random(subject: AgentSubject) -> None:
    """Acting leaves the global random generators as they were."""
    with kept_global_state():
        seed_globals(12345)
        agent = _StateGuard(subject.build(subject.plan.seed))
        subject.play(agent, subject.seeds[:1], slots=1)
    if agent.touched is not None:
        right = "a generator a slot, seeded in begin"
        raise FaultError(f"the global generator of {agent.touched[0]} was advanced or seeded", where=agent.touched[1], right=right)


def weights_round_trip(subject: AgentSubject) -> None:
    """Weights that are saved as safetensors and loaded into a fresh agent are the same, and so are its actions."""
    donor = subject.build(subject.plan.seed + 1)
    weights = {name: np.array(array, order="C") for name, array in donor.weights().items()}
    if not weights:
        raise NotApplicableError("the agent has no weights")
    saved = safetensors.numpy.load(safetensors.numpy.save(weights))
    heirs = [subject.build(subject.plan.seed) for _ in range(2)]
    heirs[0].load_weights(saved)
    heirs[1].load_weights(weights)
    for heir in heirs:
        key = first_difference(fingerprints(weights, "weights"), fingerprints(dict(heir.weights()), "weights"))
        if key is not None:
            raise FaultError("loaded weights are not what weights() gives back", where=key, right="load_weights takes over every array")
    first, second = (subject.play(heir, subject.seeds, slots=1) for heir in heirs)
    require_same(first, second, "agents with the same weights took different actions", "weights() holds all that training changes")


def saved_weights_are_snapshots(subject: AgentSubject) -> None:
    """Arrays that weights returned do not change when the agent takes over others."""
    agent, donor = subject.build(subject.plan.seed), subject.build(subject.plan.seed + 1)
    weights = dict(agent.weights())
    if not weights:
        raise NotApplicableError("the agent has no weights")
    before = fingerprints(weights, "weights")
    agent.load_weights({name: np.array(array) for name, array in donor.weights().items()})
    key = first_difference(before, fingerprints(weights, "weights"))
    if key is not None:
        raise FaultError("an array that weights() returned changed when others were loaded", where=key, right="weights returns copies")


def agent_prints_nothing(subject: AgentSubject) -> None:
    """Nothing is written to standard output while the agent plays."""
    with captured_output() as output:
        subject.play(subject.build(subject.plan.seed), subject.seeds[:1], slots=1)
    text = output.read_bytes().decode(errors="replace")
    output.unlink()
    if text:
        raise FaultError(f"{len(text)} characters were printed, beginning with {text[:60]!r}", where="standard output", right="logging")


class _Backwards(Onlooker):
    """Hands the rows to the agent in reverse order."""

    def __init__(self, agent: Agent) -> None:
        super().__init__(agent)
        self._layouts = Layout(agent.task.observation_space), Layout(agent.task.action_space)

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        if self.agent.task.players:
            return self.agent.act(observations[::-1], slots[::-1])[::-1]
        order, (seen, done) = np.arange(len(slots))[::-1], self._layouts
        actions = self.agent.act(seen.join(take(seen.accept(observations, len(slots)), order)), slots[::-1].copy())
        return done.join(take(done.accept(actions, len(slots)), order))


class _Guard(Onlooker):
    """Remembers what the agent returned, and whether it changed what it was given."""

    def __init__(self, agent: Agent) -> None:
        super().__init__(agent)
        self.changed: str | None = None
        self.returned: list[tuple[Any, dict[str, bytes]]] = []

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        before = fingerprints(observations, "observations")
        actions = self.agent.act(observations, slots)
        key = first_difference(before, fingerprints(observations, "observations"))
        self.returned.append((actions, fingerprints(actions, "action")))
        if key is not None and self.changed is None:
            self.changed = f"call {len(self.returned)} of act, {key}"
        return actions


class _Reseeding(Onlooker):
    """Sets the global generators before every call."""

    def __init__(self, agent: Agent, seed: int) -> None:
        super().__init__(agent)
        self._global_seed = seed

    def begin(self, slots: Any, seeds: Any) -> None:
        seed_globals(self._global_seed)
        super().begin(slots, seeds)

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        seed_globals(self._global_seed)
        return super().act(observations, slots)


class _StateGuard(Onlooker):
    """Remembers the first call that touched a global generator."""

    def __init__(self, agent: Agent) -> None:
        super().__init__(agent)
        self._before = global_states()
        self.touched: tuple[str, str] | None = None

    def begin(self, slots: Any, seeds: Any) -> None:
        self._before = global_states()
        super().begin(slots, seeds)
        self._look("begin")

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        self._before = global_states()
        actions = super().act(observations, slots)
        self._look("act")
        return actions

    def _look(self, where: str) -> None:
        changed = [name for name, state in global_states().items() if self._before.get(name, state) != state]
        if changed and self.touched is None:
            self.touched = changed[0], where
