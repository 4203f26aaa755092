"""Where a dataset comes from: what made it, how it is made again, what it holds, and a digest that tells whether it still holds that.

It stands under `hub` in the metadata that Minari keeps beside the arrays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from hub.datasets.episodes import OfflineEpisode, leaves
from hub.results.models import AgentRecord, EnvironmentRecord, Record
from hub.running.canonical import array_bytes, sized

KEY = "hub"
"""Where Minari's metadata keep it."""


class RecipeRecord(Record):
    """The recipe that made a dataset, of a plugin."""

    function: str = Field(description="'module:function'")
    kwargs: dict[str, Any] = Field(default={})
    plugin: str
    distribution: str
    version: str


class Returns(Record):
    """Undiscounted returns of the episodes."""

    mean: float
    min: float
    max: float


class Contents(Record):
    """What the arrays hold."""

    episodes: int
    transitions: int
    distinct_seeds: int = Field(description="different seeds among the episodes; where a seed names a level, different levels")
    returns: Returns
    arrays_sha256: str = Field(description="SHA-256 over every array, dtype and shape included, and the seeds")


class Provenance(Record):
    """Everything that is known of a dataset's making; exactly one of `recipe` and `agent` is set."""

    schema_: Literal["hub/dataset/1"] = Field(default="hub/dataset/1", alias="schema")
    command: str = Field(description="the command that records the same episodes again")
    env: EnvironmentRecord
    recipe: RecipeRecord | None = None
    agent: AgentRecord | None = None
    episode_seeds: str = Field(default="", description="where an agent's episodes have their seeds from")
    versions: dict[str, str] = Field(description="Python and the packages that took part")
    contents: Contents

    @property
    def maker(self) -> str:
        """The recipe's or the agent's name with whose it is, for messages and for Minari's `algorithm_name`."""
        if self.recipe is not None:
            return f"{self.recipe.function} of {self.recipe.distribution} {self.recipe.version}"
        assert self.agent is not None
        return f"{self.agent.name} of {self.agent.distribution} {self.agent.version}"


def contents_of(episodes: Sequence[OfflineEpisode]) -> Contents:
    """Return the numbers and the digest of at least one episode, whose arrays are all numpy's."""
    returns = [episode.return_ for episode in episodes]
    return Contents(
        episodes=len(episodes),
        transitions=sum(episode.length for episode in episodes),
        distinct_seeds=len({episode.seed for episode in episodes} - {None}),
        returns=Returns(mean=sum(returns) / len(returns), min=min(returns), max=max(returns)),
        arrays_sha256=arrays_digest(episodes),
    )


def arrays_digest(episodes: Sequence[OfflineEpisode]) -> str:
    """Return the SHA-256 over all arrays and seeds of the episodes, in hexadecimal; it depends neither on machine nor on file format."""
    digest = hashlib.sha256()
    for episode in episodes:
        parts = {name: getattr(episode, name) for name in ("observations", "actions", "rewards", "terminations", "truncations")}
        digest.update(sized(json.dumps(episode.seed).encode()))
        for path, array in leaves(parts):
            kind = [list(path), array.dtype.newbyteorder("<").str, list(array.shape)]
            digest.update(sized(json.dumps(kind).encode()))
            digest.update(sized(array_bytes(array)))
    return digest.hexdigest()
