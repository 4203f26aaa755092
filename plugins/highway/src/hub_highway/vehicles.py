"""Which vehicles an observation shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from hub_baselines.multi.game import Game, Observations
from numpy.typing import NDArray

from hub.errors import ImpossiblePairing
from hub_highway.histories import ABSENT, Floats, Ids


class Vehicles:
    """Rows and persistent numbers of the vehicles in an observation.

    Either a Dict of `vehicles`, a Box (R, F), and `ids`, a Box (R,) of whole numbers with 0 where a row shows nobody; or a Box (R, F)
    alone, whose rows are taken to show the same thing at every step.

    Args:
        agent: who asks, for the message.
        env_id: of which environment, likewise.
        game: what is observed.

    Raises:
        ImpossiblePairing: observations are of another form.
    """

    def __init__(self, agent: str, env_id: str, game: Game) -> None:
        space = game.observation_space
        named = isinstance(space, spaces.Dict) and set(space.spaces) == {"vehicles", "ids"}
        table: Any = space["vehicles"] if named else space  # type: ignore[index]
        if not isinstance(table, spaces.Box) or len(table.shape) != 2 or not np.issubdtype(table.dtype, np.floating):
            raise ImpossiblePairing(
                f"{agent} cannot act in {env_id}: it reads a table of vehicles, a Box (rows, numbers) of floating-point numbers, alone or"
                f" in a Dict as `vehicles` beside their numbers `ids`, and each player's observations are {space}"
            )
        self.rows, self.width = table.shape

    def read(self, observations: Observations, in_game: NDArray[np.bool_]) -> tuple[Floats, Ids]:
        """Return rows (..., P, R, F) and ids (..., P, R), both zeros for players out of the game (..., P)."""
        if isinstance(observations, dict):
            rows, ids = observations["vehicles"], observations["ids"]
        else:
            rows, ids = observations, np.broadcast_to(np.arange(1, self.rows + 1), (*in_game.shape, self.rows))
        return rows.astype(np.float32), np.where(in_game[..., None], ids, ABSENT).astype(np.int64)
