"""Checks that an environment plays the same episodes in every process."""

from __future__ import annotations


from hub.checking.subjects import Subject
from hub.checking.transcripts import Transcript
from hub.checking.verdicts import Fault, NotApplicable


def spawned_process_agrees(subject: Subject) -> None:
    """A fresh process that builds the environment by its name plays the same episodes."""
    _require(
        subject,
        hash_seed="0",
        what="a fresh process played a different episode",
        right="the environment needs nothing that only the first process has set up",
    )


def hash_seeds_agree(subject: Subject) -> None:
    """Python's hash randomisation, new in every process, changes no episode."""
    for hash_seed in ("1", "2"):
        what = f"with PYTHONHASHSEED={hash_seed} an episode differs"
        _require(subject, hash_seed=hash_seed, what=what, right="nothing depends on the order of a set of strings; sort it")


def digests(transcripts: list[Transcript]) -> list[str]:
    """Return one digest an episode, in order."""
    return [one.digest() for one in transcripts]


def _require(subject: Subject, *, hash_seed: str, what: str, right: str) -> None:
    if subject.job is None:
        raise NotApplicable("no other process can build this environment by name")
    from hub.checking.isolation import digests_elsewhere

    expected, got = digests(subject.sketch), digests_elsewhere(subject.job, hash_seed)
    for index, (one, other) in enumerate(zip(expected, got, strict=True)):
        if one != other:
            raise Fault(what, where=f"episode {index}", right=right)
