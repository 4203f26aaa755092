"""Exact maximisation by branch and bound of our own: one linear program, kept warm, instead of a new integer program for each decision.

Best bound first. A node is a box (`relaxation`); its bound is the relaxation's optimum. The search splits the neuron whose output is
furthest from relu(z), weighed by what it can do to the network's value, into switched on (z >= 0, h = z) and off (z <= 0, h = 0); when all
neurons are right, it splits a fractional column. Sets that give rows on demand are asked at each optimum.

What is to be proved is nearly always known at once: `search` starts from a local maximum, which most often is the global one.
"""

from __future__ import annotations

import heapq
import time
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub_cormab.maximise.answer import ActionSet, Backend, LazyActionSet, Status
from hub_cormab.maximise.bounds import program_of
from hub_cormab.maximise.local_search import climb
from hub_cormab.maximise.network import Array, ReluNetwork
from hub_cormab.maximise.relaxation import Box, Point, Relaxation
from hub_cormab.maximise.search import SearchEmbedding, Start, status_of

TINY = 1e-7
"""Differences up to this are the solver's tolerance, not a fraction or a wrong neuron."""

GUESS_EVERY = 8
"""Nodes between two attempts to make a feasible action of a fractional optimum."""

ROOT_ROUNDS = 30
"""Most times that a state's first node is cut and solved again. Later nodes are cut at whole points only."""


class BranchBackend(Backend):
    """Maximises over any action set with linear constraints.

    Args:
        actions: the set.
        time_limit: seconds a decision may take; None sets no limit. With a limit, answers can differ from machine to machine.
        gap: relative gap between bound and value at which the search may stop; 0 goes on to the proof.
    """

    def __init__(self, actions: ActionSet, time_limit: float | None = None, gap: float = 0.0) -> None:
        self._actions, self._time_limit, self._gap = actions, time_limit, gap

    def embed(self, network: ReluNetwork) -> BranchEmbedding:
        """Build the linear program."""
        return BranchEmbedding(network, self._actions, self._time_limit, self._gap)


class BranchEmbedding(SearchEmbedding):
    """One network over one action set."""

    def __init__(self, network: ReluNetwork, actions: ActionSet, time_limit: float | None, gap: float) -> None:
        super().__init__(network, actions, gap)
        program = program_of(actions)
        self._time_limit = np.inf if time_limit is None else time_limit
        self.entries, self.integers = program.action_columns, np.flatnonzero(program.integrality)
        self.actions, self.importance = actions, importance(network)
        self.relaxation = Relaxation(network, program)

    def maximise_one(self, state: NDArray[Any]) -> tuple[NDArray[np.int8], float, float, Status]:
        """Search the boxes of `state` (J,) until the best action is proved or time is up."""
        deadline = time.monotonic() + self._time_limit
        start = self.begin(state)
        if start.bound - start.value <= self.room(start.value):
            return start.action, start.value, start.bound, status_of(start.value, start.bound, finished=True)
        return _Search(self, start, deadline).run()


class _Node(NamedTuple):
    """An open node; a heap orders nodes by falling bound, then by age."""

    key: float
    age: int
    box: Box
    point: Point


class _Search:
    """The search of one state."""

    def __init__(self, embedding: BranchEmbedding, start: Start, deadline: float) -> None:
        self._embedding, self._deadline, self._start = embedding, deadline, start
        self._action, self._value = start.action, start.value
        self._top, self._settled = start.bound, -np.inf
        self._open: list[_Node] = []
        self._solved = 0

    def run(self) -> tuple[NDArray[np.int8], float, float, Status]:
        """Return action, value, upper bound and status."""
        boxes = [self._embedding.relaxation.enter(self._start.part, self._start.bounds)]
        while True:
            for box in boxes:
                if time.monotonic() > self._deadline:
                    return self._answer(finished=False)
                self._examine(box)
            self._top = min(self._top, max(-self._open[0].key if self._open else -np.inf, self._settled, self._value))
            if not self._open or self._top - self._value <= self._embedding.room(self._value):
                return self._answer(finished=True)
            boxes = self._split(heapq.heappop(self._open))

    def _answer(self, *, finished: bool) -> tuple[NDArray[np.int8], float, float, Status]:
        bound = max(self._top, self._value)
        return self._action, self._value, bound, status_of(self._value, bound, finished=finished)

    def _examine(self, box: Box) -> None:
        """Solve a box and keep it open if something better may be in it."""
        point = self._optimum(box)
        if point is None:
            return
        self._guess(point)
        if self._hopeless(point):
            self._settled = max(self._settled, point.bound)
        else:
            heapq.heappush(self._open, _Node(-point.bound, self._solved, box, point))

    def _hopeless(self, point: Point) -> bool:
        return point.bound <= self._value + self._embedding.room(self._value)

    def _optimum(self, box: Box) -> Point | None:
        """Solve a box, with the rows that the set gives on demand; a whole point is cut until none is left."""
        relaxation, actions = self._embedding.relaxation, self._embedding.actions
        rounds = 0 if self._solved else ROOT_ROUNDS
        for already in count():
            point = relaxation.solve(box)
            self._solved += 1
            if point is None or not isinstance(actions, LazyActionSet) or self._hopeless(point):
                return point
            if (already >= rounds or time.monotonic() > self._deadline) and not self._is_whole(point):
                return point
            cuts = actions.separate(point.columns)
            if not len(cuts.lower):
                return point
            relaxation.add(cuts)
        return None

    def _is_whole(self, point: Point) -> bool:
        return float(_fractions(point.columns[self._embedding.integers]).max(initial=0.0)) <= TINY

    def _guess(self, point: Point) -> None:
        """Try for a better action near the relaxation's optimum."""
        embedding = self._embedding
        entries = point.columns[embedding.entries]
        tried = np.rint(entries).astype(np.int8)
        if _fractions(entries).max(initial=0.0) > TINY or not embedding.actions.is_feasible(tried[None])[0]:
            if self._solved % GUESS_EVERY != 1:
                return
            tried = embedding.actions.approximate_linear(np.where(entries > TINY, entries, 0.0)[None])[0]
        if embedding.value(tried, self._start.part) > self._value:
            self._action, self._value = climb(embedding.network, embedding.actions, self._start.part, tried[None])

    def _split(self, node: _Node) -> list[Box]:
        """Return the two boxes of a node, or none when it cannot be split: then its bound stands."""
        relaxation = self._embedding.relaxation
        box, point = node.box, node.point
        undecided = ~box.on & (box.upper[relaxation.post] > 0)
        wrong = np.where(undecided, np.abs(point.post - np.maximum(point.pre, 0.0)), 0.0)
        if wrong.max(initial=0.0) > TINY:
            return relaxation.switch(box, int((wrong * self._embedding.importance).argmax()))
        integers = self._embedding.integers
        fractions = _fractions(point.columns[integers])
        if fractions.max(initial=0.0) > TINY:
            column = int(integers[fractions.argmax()])
            return _halves(box, column, float(np.floor(point.columns[column])))
        # Whole and right within tolerances, and yet not at its bound: decide what is left, until nothing is.
        if undecided.any():
            return relaxation.switch(box, int(undecided.argmax()))
        loose = integers[box.lower[integers] < box.upper[integers]]
        if loose.size:
            column, at = int(loose[0]), float(np.rint(point.columns[loose[0]]))
            return _halves(box, column, at if at < box.upper[column] else at - 1)
        self._settled = max(self._settled, point.bound)
        return []


def _fractions(values: Array) -> Array:
    return np.abs(values - np.rint(values))


def _halves(box: Box, column: int, last: float) -> list[Box]:
    """Return the boxes with the column at most `last` and at least `last` + 1."""
    lower, upper = box.lower.copy(), box.upper.copy()
    upper[column], lower[column] = last, last + 1.0
    return [Box(lower, box.upper, box.on), Box(box.lower, upper, box.on)]


def importance(network: ReluNetwork) -> Array:
    """Return for each hidden neuron how far the output can move when the neuron moves by one, (neurons,)."""
    reach = [np.abs(network.weights[-1][0])]
    for weight in reversed(network.weights[1:-1]):
        reach.insert(0, reach[0] @ np.abs(weight))
    return np.concatenate(reach[: len(network.weights) - 1] or [np.zeros(0)])
