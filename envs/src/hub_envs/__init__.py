"""Environments from reinforcement-learning research, batched first.

Importing this package puts its ids into Gymnasium's registry, so that `gymnasium.make("hub_envs:cormab/Matching-v0")` works anywhere,
and `gymnasium.make("cormab/Matching-v0")` from then on. An id that is there already stays as it is. Games of several players are there for
`gymnasium.make_vec`; one game is PettingZoo's, made by its class.
"""

from functools import partial as _partial
from typing import Any as _Any
from typing import NoReturn as _NoReturn

from gymnasium.envs.registration import EnvSpec as _EnvSpec
from gymnasium.envs.registration import registry as _registry
from gymnasium.error import Error as _Error

from hub_envs.catalogue import CORMAB, ENVIRONMENTS, HIGHWAY, MINIGRID, NAVIGATION, Entry

__all__ = ["CORMAB", "ENVIRONMENTS", "HIGHWAY", "MINIGRID", "NAVIGATION", "Entry"]


def _refuse(entry: Entry, **_: _Any) -> _NoReturn:
    """Be the entry point of a parallel environment."""
    raise _Error(
        f"{entry.id} is a game of several players, which gymnasium.make cannot give: {entry.entry_point} is its PettingZoo form,"
        f" and gymnasium.make_vec gives batches"
    )


for _entry in ENVIRONMENTS:
    # `gymnasium.register` scans all ids at each call; the registry itself is a plain mapping.
    if _entry.id not in _registry:
        _registry[_entry.id] = _EnvSpec(
            id=_entry.id,
            entry_point=_entry.entry_point if _entry.kind == "gymnasium" else _partial(_refuse, _entry),
            vector_entry_point=_entry.vector_entry_point,
            kwargs=dict(_entry.kwargs),
            nondeterministic=_entry.deterministic is False,
        )
