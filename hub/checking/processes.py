"""Checks that an environment or agent plays the same episodes in every process."""

from __future__ import annotations

from typing import Any, Protocol

from hub.checking.verdicts import FaultError, NotApplicableError


class Playing(Protocol):
    """A subject whose episodes another process can repeat."""

    job: dict[str, Any] | None

    def digests(self) -> list[str]:
        """Return one digest an episode, in order."""


def spawned_process_agrees(subject: Playing) -> None:
    """A fresh process that builds the subject by its name plays the same episodes."""
    _require(
        subject,
        hash_seed="0",
        what="a fresh process played a different episode",
        right="it needs nothing that only the first process has set up",
    )


def hash_seeds_agree(subject: Playing) -> None:
    """Python's hash randomisation, new in every process, changes no episode."""
    for hash_seed in ("1", "2"):
        what = f"with PYTHONHASHSEED={hash_seed} an episode differs"
        _require(subject, hash_seed=hash_seed, what=what, right="nothing depends on the order of a set of strings; sort it")


def _require(subject: Playing, *, hash_seed: str, what: str, right: str) -> None:
    if subject.job is None:
        raise NotApplicableError("no other process can build this subject by name")
    from hub.checking.isolation import digests_elsewhere

    expected, got = subject.digests(), digests_elsewhere(subject.job, hash_seed)
    for index, (one, other) in enumerate(zip(expected, got, strict=True)):
        if one != other:
            raise FaultError(what, where=f"episode {index}", right=right)
