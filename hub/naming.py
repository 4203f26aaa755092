"""Names of environments: Gymnasium ids (`cormab/Matching-v0`) and what people type for them (`cormab-matching`).

A command-line name is the id in lower case with `-` for `/`; the version may be left out and then means the newest.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def split_version(env_id: str) -> tuple[str, int | None]:
    """Split `cormab/Matching-v0` into `("cormab/Matching", 0)`; the version is None where the id has none."""
    base, separator, digits = env_id.rpartition("-v")
    if separator and digits.isdecimal():
        return base, int(digits)
    return env_id, None


def command_line_name(env_id: str) -> str:
    """Return the command-line name of an id without its version: `cormab-matching` for `cormab/Matching-v0`."""
    return folded(split_version(env_id)[0])


def folded(name: str) -> str:
    """Return `name` as it is compared: lower case, `-` for `/`."""
    return name.lower().replace("/", "-")


def matching(name: str, env_ids: Iterable[str]) -> list[str]:
    """Return the ids that `name` may mean, the newest version of each; several when the name is ambiguous.

    An id written exactly matches only itself.
    """
    wanted = folded(name)
    newest: dict[str, str] = {}
    for env_id in env_ids:
        if env_id == name:
            return [env_id]
        base, version = split_version(env_id)
        if folded(env_id) == wanted:
            newest[env_id] = env_id
        elif folded(base) == wanted and (base not in newest or (version or 0) > (split_version(newest[base])[1] or 0)):
            newest[base] = env_id
    return sorted(newest.values())
