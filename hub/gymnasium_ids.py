"""Making registered environments known to Gymnasium by their ids.

Gymnasium reads no entry points, and importing it takes a tenth of a second, which `import hub` must not cost. So hub fills Gymnasium's
registry right after Gymnasium's own environments are in it: at once when it is imported already, else at the moment it is imported.
"""

from __future__ import annotations

from hub.imports import after_import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


def announce() -> None:
    """See to it that Gymnasium knows the ids of all plugins, from now on or from its import on."""
    after_import("gymnasium.envs", _fill)


def _fill(_: ModuleType) -> None:
    from gymnasium.envs.registration import EnvSpec, registry

    from hub.plugins.rows import rows

    for row in rows("environments"):
        # an id that is there already is Gymnasium's own or was registered by the environment's package; neither is overridden
        if row["kind"] == "gymnasium" and row["id"] not in registry:
            # filling the dictionary directly: gymnasium.register compares each new id with all others
            registry[row["id"]] = EnvSpec(
                id=row["id"],
                entry_point=row["entry_point"],
                vector_entry_point=row["vector_entry_point"],
                kwargs=dict(row["kwargs"]),
                max_episode_steps=row["max_episode_steps"],
                nondeterministic=not row["deterministic"],
            )
