"""The errors hub shows its users.

Every error says what happened, where, and what to do about it in one line, and carries the exit code
that the command line ends with. Anything that is not a `HubError` is a bug of ours, not a user's mistake.
"""
# ruff: noqa: N818 - the names are the field's words, not FooError

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class HubError(Exception):
    """Something that was asked for failed; the command line ends with `exit_code` 1."""

    exit_code = 1


class UsageError(HubError):
    """What was asked for cannot be asked: a bad value, an unknown name, an impossible pairing."""

    exit_code = 2


_LISTINGS = {
    "environment": "hub list envs",
    "plugin": "hub plugins",
    "name": "hub list envs,agents,protocols,papers,datasets",
    "blocked plugin": "hub plugins",
    "checkup": "hub doctor",
}
"""The commands that list names of a kind, where it is not `hub list KINDs`."""


class UnknownName(UsageError):
    """No such environment, agent, protocol, paper, dataset or plugin; the message lists the nearest names."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        near = nearest(name, known)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"unknown {kind} {name!r}{hint} (`{_LISTINGS.get(kind, f'hub list {kind}s')}` shows all)")


class UnknownEnvironment(UnknownName):
    """No environment has that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__("environment", name, known)


class UnknownAgent(UnknownName):
    """No agent has that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__("agent", name, known)


class NameClash(UsageError):
    """Several plugins register the same name; the message names all sides and how to say which is meant."""


class ImpossiblePairing(UsageError):
    """The agent cannot act in this environment; the message says why and what would fit."""


class MissingExtra(UsageError):
    """An optional dependency is not installed; the message gives the exact pip line."""


class BrokenPlugin(HubError):
    """A plugin that was asked for is broken, incompatible or blocked."""

    exit_code = 3


class ProtocolViolation(HubError):
    """An environment or agent broke its contract while it ran (a NaN, an observation or action outside its space, a hang)."""


class DamagedFile(HubError):
    """A journal, result or checkpoint cannot be read: truncated, edited, or of a newer format."""


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return up to `most` names from `known` that a typist may have meant by `name`, best first."""
    import difflib

    by_lower = {candidate.lower(): candidate for candidate in known}
    return [by_lower[low] for low in difflib.get_close_matches(name.lower(), by_lower, n=most, cutoff=0.5)]
