"""What an output earns beside the expert's action: for its form, for the type of its action, for the exact action."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class Level(IntEnum):
    """How near an output's action comes to the expert's."""

    UNREADABLE = 0
    WRONG_TYPE = 1
    RIGHT_TYPE = 2
    EXACT = 3


Rewards = tuple[tuple[float, float, float, float], tuple[float, float, float, float]]
"""What each `Level` earns: without the form that is asked for, and with it."""

REWARDS: Mapping[str, Rewards] = {
    "paper": ((0.0, 0.0, 0.0, 0.0), (0.0, 0.1, 0.5, 1.0)),
    "code": ((0.0, 0.09, 0.45, 0.9), (0.0, 0.19, 0.55, 1.0)),
}
"""`paper`: 0.1 form + 0.4 type + 0.5 exact, each only where the one before is there. `code`, as released: 0.1 form + 0.9 s, with s = 0.1,
0.5, 1 for a wrong type, the right type, the exact action, whatever the form."""
