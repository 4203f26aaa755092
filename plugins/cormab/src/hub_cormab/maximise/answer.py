"""What a maximiser is, what it is asked, and what it answers."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from hub_cormab.maximise.network import ReluNetwork

if TYPE_CHECKING:
    from hub_envs.cormab.constraints import Cuts, LinearConstraints

Status = Literal["optimal", "tolerance", "time limit"]
"""How a search ended.

`optimal`: upper bound - value <= `GAP`; `tolerance`: it ended with a gap, permitted or left by arithmetic; `time limit`: it did not finish.
"""

GAP = 1e-6
"""Largest difference between bound and value at which an answer counts as proved."""


class ActionSet(Protocol):
    """A set of 0/1 actions that a linear mixed-integer program can describe; it holds at least one action.

    `hub_envs.cormab.ActionSet` is one; `LinearActionSet` makes one of constraints alone.
    """

    @property
    def size(self) -> int:
        """N, the length of an action."""

    @property
    def constraints(self) -> LinearConstraints:
        """The set as linear constraints, possibly over further columns."""

    def is_feasible(self, actions: NDArray[Any]) -> NDArray[np.bool_]:
        """Say for each row of `actions` (n, N) whether it belongs to the set; (n,)."""

    def enumerate(self, limit: int) -> NDArray[np.int8] | None:
        """Return every action, (M, N), or None when there are more than `limit`."""

    def maximise_linear(self, weights: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
        """Return for each row w of `weights` (n, N) an action that maximises w . a, exactly; (n, N)."""

    def approximate_linear(self, weights: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
        """Return for each row w of `weights` (n, N) an action of large w . a, quickly; (n, N)."""


@runtime_checkable
class LazyActionSet(ActionSet, Protocol):
    """An action set with more rows than one would write down: a relaxation, and rows on demand (`hub_envs.cormab.LazyActionSet`)."""

    @property
    def relaxation(self) -> LinearConstraints:
        """A superset, as linear constraints."""

    def separate(self, point: NDArray[np.floating[Any]]) -> Cuts:
        """Return rows over the relaxation's columns that hold for every action of the set and that `point` (C,) breaks."""


@dataclass(frozen=True, eq=False)
class Maximum:
    """The best actions found for n states, and how good they are at least and at most.

    Attributes:
        actions: (n, N) feasible zeros and ones.
        values: (n,) the network's values of `actions`, computed in float64.
        upper_bounds: (n,) no feasible action's value exceeds these.
        status: (n,) how each search ended.
    """

    actions: NDArray[np.int8]
    values: NDArray[np.float64]
    upper_bounds: NDArray[np.float64]
    status: tuple[Status, ...]

    @property
    def proved(self) -> NDArray[np.bool_]:
        """Which answers are certified optimal, (n,)."""
        return np.array([status == "optimal" for status in self.status], dtype=np.bool_)


class Embedding(abc.ABC):
    """One network over one action set, ready to be maximised in any number of states."""

    def __init__(self, network: ReluNetwork) -> None:
        self.network = network

    @abc.abstractmethod
    def maximise_one(self, state: NDArray[Any]) -> tuple[NDArray[np.int8], float, float, Status]:
        """Return action (N,), value, upper bound and status for `state` (J,)."""

    def maximise(self, states: NDArray[Any]) -> Maximum:
        """Maximise the network in each of `states` (n, J).

        A row's answer depends on that row alone, to the last bit: every distinct state is solved by itself, and solved once.

        Raises:
            ValueError: `states` is not (n, J).
        """
        states = np.asarray(states)
        if states.ndim != 2 or states.shape[1] != self.network.state_size:
            raise ValueError(f"states must be (n, {self.network.state_size}), not {states.shape}")
        if not len(states):
            return Maximum(np.zeros((0, self.network.action_size), dtype=np.int8), np.zeros(0), np.zeros(0), ())
        distinct, inverse = np.unique(states, axis=0, return_inverse=True)
        answers = [self.maximise_one(state) for state in distinct]
        rows = inverse.ravel()
        actions, values, bounds, status = zip(*answers, strict=True)
        return Maximum(np.array(actions)[rows], np.array(values)[rows], np.array(bounds)[rows], tuple(status[row] for row in rows))


class Backend(abc.ABC):
    """A way of maximising networks over one action set; what depends on the set alone is prepared here, once."""

    @abc.abstractmethod
    def embed(self, network: ReluNetwork) -> Embedding:
        """Prepare `network` for maximisation.

        Raises:
            ValueError: the network's actions have another length than the set's.
        """
