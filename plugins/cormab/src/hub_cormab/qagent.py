"""What agents share whose weights are a Q-network."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from numpy.typing import NDArray

from hub.errors import UsageError
from hub_cormab.planner import Planner
from hub_cormab.qnetwork import QNetwork


class QAgent(Planner):
    """A planner that acts by a Q-network; a subclass says how, and calls `_take(self._untrained())` when it is ready to."""

    name: ClassVar[str]
    """What users call the agent."""
    _network: QNetwork

    @abc.abstractmethod
    def _take(self, network: QNetwork) -> None:
        """Act by `network` from now on; keep it as `_network`."""

    def _untrained(self) -> QNetwork:
        return QNetwork(self.problem.actions.size, self.problem.arms, generator=torch.Generator().manual_seed(self.seed))

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return the Q-network's parameters."""
        return dict(self._network.arrays())

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Take over a Q-network's parameters.

        Raises:
            UsageError: they are not those of a network for this task.
        """
        try:
            self._network.load_arrays(weights)
        except ValueError as error:
            raise UsageError(f"{self.name}: the checkpoint does not fit this task: {error}") from error
        self._take(self._network)
