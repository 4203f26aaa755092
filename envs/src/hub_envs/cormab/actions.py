"""What every set of allowed joint pulls can do, whatever couples the arms."""

from __future__ import annotations

import abc
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hub_envs.cormab.constraints import Cuts, LinearConstraints

Actions = NDArray[np.int8]
"""(n, N) zeros and ones, a row an action."""


class ActionSet(abc.ABC):
    """The allowed actions, a subset of {0, 1}^N that always holds the zero action.

    All methods work on batches: n rows, one action (or one weight vector) a row.
    """

    @property
    @abc.abstractmethod
    def size(self) -> int:
        """N, the length of an action."""

    @property
    @abc.abstractmethod
    def constraints(self) -> LinearConstraints:
        """The set as linear constraints, for a solver."""

    @abc.abstractmethod
    def violation(self, action: NDArray[Any]) -> str | None:
        """Name the first constraint that `action` (N,) breaks, in words and numbers; None when it is feasible."""

    @abc.abstractmethod
    def is_feasible(self, actions: NDArray[Any]) -> NDArray[np.bool_]:
        """Say for each row of `actions` (n, N), zeros and ones, whether it is allowed; (n,)."""

    @abc.abstractmethod
    def pack(self, priorities: NDArray[np.floating[Any]]) -> Actions:
        """Add entries in falling order of priority (ties: lower index first), each one as long as the action stays feasible.

        Args:
            priorities: (n, N); entries of `-inf` are never added.

        Returns:
            (n, N) feasible actions.
        """

    @abc.abstractmethod
    def enumerate(self, limit: int) -> Actions | None:
        """Return every feasible action, (M, N) in a fixed order, or None when there are more than `limit`."""

    @abc.abstractmethod
    def maximise_linear(self, weights: NDArray[np.floating[Any]]) -> Actions:
        """Return for each row w of `weights` (n, N) a feasible action that maximises w . a, exactly."""

    def approximate_linear(self, weights: NDArray[np.floating[Any]]) -> Actions:
        """Return for each row w of `weights` (n, N) a feasible action of large w . a, quickly: entries of positive weight, heaviest first.

        Sets whose exact maximum is as quick return that.
        """
        return self.pack(np.where(weights > 0, weights, -np.inf))

    def sample_feasible(self, rng: np.random.Generator, n: int) -> Actions:
        """Draw n random feasible actions, (n, N): entries in uniformly random order, each added if the action stays feasible.

        Every draw is maximal (nothing can be added to it), so this is the play of somebody who uses all resources blindly.
        It takes exactly n * N uniforms from `rng`.
        """
        return self.pack(rng.random((n, self.size)))


class LazyActionSet(ActionSet):
    """Allowed actions whose rows are too many to write down: a relaxation, and cuts on demand.

    A solver works on `relaxation` and asks `separate` about the points it finds. Cuts hold for every feasible action, whatever the
    objective, so they may be kept from one solve to the next.
    """

    @property
    @abc.abstractmethod
    def relaxation(self) -> LinearConstraints:
        """A superset: every feasible action is the action part of a point that meets it and every cut; other actions may be, too."""

    @abc.abstractmethod
    def separate(self, point: NDArray[np.floating[Any]]) -> Cuts:
        """Return cuts that `point` breaks.

        Args:
            point: (C,) values of the relaxation's columns that meet it, whole or fractional.

        Returns:
            Cuts, each broken by `point`; none (K = 0) when none was found. An integral point without cuts has a feasible action;
            of a fractional point it says nothing.
        """
