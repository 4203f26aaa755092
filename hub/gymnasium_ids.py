"""Making registered environments known to Gymnasium by their ids.

Parallel environments too, so that `gymnasium.make_vec` builds their native batches and `gymnasium.make` says what to do instead.

Gymnasium reads no entry points, and importing it takes a tenth of a second, which `import hub` must not cost. So hub fills Gymnasium's
registry right after Gymnasium's own environments are in it: at once when it is imported already, else at the moment it is imported.
"""

from __future__ import annotations

from hub.imports import after_import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, NoReturn


def announce() -> None:
    """See to it that Gymnasium knows the ids of all plugins, from now on or from its import on."""
    after_import("gymnasium.envs", _fill)


def _fill(_: ModuleType) -> None:
    import functools

    from gymnasium.envs.registration import EnvSpec, registry

    from hub.plugins.rows import rows

    for row in rows("environments"):
        # an id that is there already is Gymnasium's own or was registered by the environment's package; neither is overridden
        if row["id"] not in registry:
            # filling the dictionary directly: gymnasium.register compares each new id with all others
            registry[row["id"]] = EnvSpec(
                id=row["id"],
                entry_point=row["entry_point"] if row["kind"] == "gymnasium" else functools.partial(_refuse, row["id"]),
                vector_entry_point=row["vector_entry_point"],
                kwargs=dict(row["kwargs"]),
                max_episode_steps=row["max_episode_steps"],
                nondeterministic=not row["deterministic"],
            )


def _refuse(env_id: str, **_: Any) -> NoReturn:
    """Be the entry point of a parallel environment."""
    from hub.errors import UsageError

    raise UsageError(
        f"{env_id} is a parallel environment of several players, which gymnasium.make cannot give;"
        f" hub.make({env_id!r}) builds it as PettingZoo's ParallelEnv"
    )
