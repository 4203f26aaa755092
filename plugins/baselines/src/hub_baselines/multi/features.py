"""What an agent sees of the game besides itself: the hook for a paper's own perception, and the plain observation.

A player's networks read its features, its last action and its number (`hub_baselines.multi.inputs`). A paper that adds predictions,
attention or memories to the observation writes a subclass of `Features` and returns it from its agent's `features()`.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from torch import nn

from hub.errors import ImpossiblePairing
from hub_baselines.multi.game import Game, Observations

if TYPE_CHECKING:
    from hub_baselines.multi.rollout import Rollout


class Features(abc.ABC):
    """From observations to numbers that policies and values read. Their gradients never reach what computes them.

    One object serves training and evaluation. What it remembers of an episode it keeps by slot (`hub_baselines.multi.memory`); episodes
    in slots begin at any time, slots are any whole numbers from 0 on, and `read` may be asked for any of them in any order. A row must
    not depend on the other rows, to the last bit: networks are evaluated by `hub_baselines.tiles.Tiles`, with layers of
    `hub_baselines.multi.stacked`.

    What `networks` and `optimisers` return, under unchanging names, is all that training changes: it is saved and taken up with the agent.
    Whatever `learn` draws comes from torch's global generator, which is seeded while an agent learns, and saved.

    Attributes:
        size: numbers for each player.
    """

    size: int

    def begin(self, slots: Sequence[int]) -> None:  # noqa: B027  features without memory have nothing to begin
        """Forget what is remembered of `slots`: new episodes begin there."""

    @abc.abstractmethod
    def read(self, observations: Observations, in_game: NDArray[np.bool_], slots: NDArray[np.int64]) -> torch.Tensor:
        """Return the features of n games, and remember their frame: this is called once for each frame of a slot.

        Args:
            observations: arrays (n, P, ...), zeros for players out of the game; not to be changed.
            in_game: (n, P), who is in the game.
            slots: (n,), where each is played.

        Returns:
            (n, P, size) float32, with zeros for players out of the game.
        """

    def learn(self, rollout: Rollout) -> dict[str, float]:
        """Train own networks on a rollout, after policy and value have learned from it, and return losses for the learning curve."""
        return {}

    def networks(self) -> Mapping[str, nn.Module]:
        """Return own networks by name."""
        return {}

    def optimisers(self) -> Mapping[str, torch.optim.Optimizer]:
        """Return own networks' optimisers by name."""
        return {}

    def weights_changed(self) -> None:  # noqa: B027  features without networks have nothing to renew
        """Renew whatever copies of own networks there are (`Tiles`): weights were loaded into them from outside."""


class Flat(Features):
    """The observation's floating-point numbers in a row. Whole numbers in a `Dict` are identifiers, and are left out.

    Args:
        agent: whose features, in the message.
        env_id: of which environment.
        game: what is observed.

    Raises:
        ImpossiblePairing: the observation has no floating-point numbers, or other parts besides these and identifiers.
    """

    def __init__(self, agent: str, env_id: str, game: Game) -> None:
        space = game.observation_space
        parts: dict[str, Any] = dict(space.spaces) if isinstance(space, spaces.Dict) else {"": space}
        self._keys = sorted(key for key, part in parts.items() if isinstance(part, spaces.Box) and np.issubdtype(part.dtype, np.floating))
        if not self._keys or not all(isinstance(part, spaces.Box) for part in parts.values()):
            raise ImpossiblePairing(
                f"{agent} cannot act in {env_id}: it reads Box observations of floating-point numbers, alone or in a Dict beside Boxes of"
                f" whole-numbered identifiers, and each player's observations are {space}"
            )
        self.size = sum(int(np.prod(parts[key].shape)) for key in self._keys)

    def read(self, observations: Observations, in_game: NDArray[np.bool_], slots: NDArray[np.int64]) -> torch.Tensor:
        """Return (n, P, size); players out of the game observe zeros already."""
        parts = [observations[key] for key in self._keys] if isinstance(observations, dict) else [observations]
        rows = [part.reshape(*in_game.shape, -1).astype(np.float32) for part in parts]
        return torch.from_numpy(rows[0] if len(rows) == 1 else np.concatenate(rows, axis=-1))
