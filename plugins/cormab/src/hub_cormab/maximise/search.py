"""What every search for a maximum begins with: bounds, a good action, and perhaps already the proof. And searches left to a solver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub_cormab.maximise.answer import GAP, ActionSet, Embedding, Status
from hub_cormab.maximise.bounds import Bounder, NetworkBounds
from hub_cormab.maximise.local_search import climb
from hub_cormab.maximise.network import Array, ReluNetwork
from hub_cormab.maximise.program import Program, network_program


class Start(NamedTuple):
    """What is known of a state before the search.

    Attributes:
        part: (h,) what the state adds to the first layer.
        bounds: of all layers.
        action: (N,) a good feasible one.
        value: the network's value of it.
    """

    part: Array
    bounds: NetworkBounds
    action: NDArray[np.int8]
    value: float

    @property
    def bound(self) -> float:
        """No feasible action's value exceeds this."""
        return max(self.value, float(self.bounds.output.upper[0]))


class SearchEmbedding(Embedding):
    """One network over one action set, maximised by a search.

    Args:
        network: the network.
        actions: the set.
        gap: relative gap between bound and value at which a search may stop; 0 goes on to the proof.

    Raises:
        ValueError: the network's actions have another length than the set's.
    """

    def __init__(self, network: ReluNetwork, actions: ActionSet, gap: float) -> None:
        super().__init__(network)
        if network.action_size != actions.size:
            raise ValueError(f"the network takes actions of length {network.action_size}, the set's have {actions.size}")
        self._actions, self._gap = actions, gap
        self._bounder = Bounder(network, actions)

    def begin(self, state: NDArray[Any]) -> Start:
        """Bound the network in `state` (J,) and climb to a good action."""
        part = self.network.state_part(state)
        bounds = self._bounder.bound(part)
        slopes = np.stack([bounds.ceiling, np.zeros_like(bounds.ceiling)])
        action, value = climb(self.network, self._actions, part, self._actions.approximate_linear(slopes))
        return Start(part, bounds, action, value)

    def value(self, action: NDArray[Any], part: Array) -> float:
        """Return the network's value of `action` (N,) in the state that adds `part` to the first layer."""
        return float(self.network.above(self.network.action_weights @ np.asarray(action, dtype=np.float64) + part[None])[0])

    def room(self, value: float) -> float:
        """Return how far above `value` the bound may stay when the search stops."""
        return max(GAP, self._gap * abs(value))


class Solved(NamedTuple):
    """What a solver made of a program.

    Attributes:
        columns: (C,) the best solution found, if one was.
        bound: the solver's upper bound on the objective.
        finished: whether the search ended by itself.
    """

    columns: Array | None
    bound: float
    finished: bool


class ProgramEmbedding(SearchEmbedding):
    """One network over one action set, maximised by a solver of mixed-integer programs.

    Args:
        network: the network.
        actions: the set.
        gap: relative gap at which the search may stop.
        solve: the solver.
    """

    def __init__(self, network: ReluNetwork, actions: ActionSet, gap: float, solve: Callable[[Program], Solved]) -> None:
        super().__init__(network, actions, gap)
        self._solve = solve

    def maximise_one(self, state: NDArray[Any]) -> tuple[NDArray[np.int8], float, float, Status]:
        """Build and solve the program for `state` (J,). The action is what the solver's columns round to, and is evaluated again."""
        start = self.begin(state)
        if start.bound - start.value <= self.room(start.value):
            return start.action, start.value, start.bound, status_of(start.value, start.bound, finished=True)
        solved = self._solve(network_program(self.network, self._actions, start.part, start.bounds))
        action, value = start.action, start.value
        if solved.columns is not None:
            found = np.rint(solved.columns[self._actions.constraints.action_columns]).astype(np.int8)
            reached = self.value(found, start.part)
            if reached > value:
                action, value = found, reached
        bound = max(value, min(solved.bound, start.bound))
        return action, value, bound, status_of(value, bound, finished=solved.finished)


def status_of(value: float, bound: float, *, finished: bool) -> Status:
    """Return how a search ended that left `bound` above `value`."""
    if bound - value <= GAP:
        return "optimal"
    return "tolerance" if finished else "time limit"
