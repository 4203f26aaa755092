"""What an output earns beside the expert's action: for its form, for the type of its action, for the exact action."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class Level(IntEnum):
    """How near an output comes to the expert's action."""

    MALFORMED = 0
    WRONG_TYPE = 1
    RIGHT_TYPE = 2
    EXACT = 3


REWARDS: Mapping[str, tuple[float, float, float, float]] = {"paper": (0.0, 0.1, 0.5, 1.0), "code": (0.0, 0.19, 0.55, 1.0)}
"""What each `Level` earns. `paper`: 0.1 form + 0.4 type + 0.5 exact, each only where the one before is there. `code`, as released: 0.1
form + 0.9 s, with s = 0.1, 0.5, 1 for a wrong type, the right type, the exact action."""
