"""The recording of an episode: what `hub run --record` keeps beside the result, so that a person can look at it again.

`RUN/episodes/INDEX.json` holds what happened in words and numbers, `RUN/episodes/INDEX/N.png` the screen as it was after N steps, where it
differs from the one before. A recording proves nothing: the result's receipt does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from hub.errors import DamagedFile
from hub.results.files import read_document
from hub.results.models import Episode, Record

FOLDER = "episodes"
"""Where a run keeps its recordings."""


class Seen(Record):
    """What there was to see: after the reset, or after a step."""

    screen: str | None = Field(description="file of the screen in the episode's folder; null where nothing shows one")
    texts: dict[str, str] = Field(description="texts of the observation, by their path in it, as far as they changed")


class Step(Seen):
    """An action and what it led to."""

    action: Any
    reward: float
    info: dict[str, bool | int | float | str] = Field(description="texts and numbers that the environment told of the step")


class Recording(Record):
    """What an episode looked like."""

    schema_: Literal["hub/recording/1"] = Field(default="hub/recording/1", alias="schema")
    env: str
    agent: str
    episode: Episode = Field(description="as in the result, without its receipt's actions and chain")
    first: Seen
    steps: list[Step]
    transcript: list[dict[str, Any]] = Field(description="what the agent says of its calls and thoughts; `step` is the step each led to")


def recording_file(run: Path, index: int) -> Path:
    """Return where a run's folder keeps the recording of episode `index`; its screens lie in the folder of the same name without suffix."""
    return run / FOLDER / f"{index}.json"


def read_recording(run: Path, episode: Episode) -> Recording | None:
    """Read the recording of an episode of the result in folder `run`; None where there is none.

    Raises:
        DamagedFile: it cannot be read, or is of another run's episode.
    """
    file = recording_file(run, episode.index)
    if not file.exists():
        return None
    found = read_document(file, Recording, file.name)
    if found.episode.digests != episode.digests:
        raise DamagedFile(f"{file} is the recording of another run's episode {episode.index}; its digests are not those of the result")
    return found
