"""The committed form of a leaderboard: `board.json`, beside one folder of result documents for each agent."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from hub.results.models import ProtocolRecord, Record


class BoardTask(Record):
    """One task of a board."""

    name: str = Field(description="file name, without suffix, of this task's results", pattern=r"^[a-z0-9][a-z0-9_-]*$")
    kwargs: dict[str, Any] = Field(description="keyword arguments of the environment")
    upper_bound: float | None = Field(default=None, description="no policy's expected metric is better than this; null where none is known")


class BoundRecord(Record):
    """How the upper bounds were computed."""

    function: str = Field(description="`module:function`, called with the environment of each task")
    distribution: str
    version: str


class Published(Record):
    """A number printed in a paper; shown apart from what was measured here."""

    agent: str
    score: float
    unit: str = Field(description="what the number is, e.g. `mean return` or `normalised score`")
    source: str = Field(description="where it is printed: paper, table, row")


class BoardDocument(Record):
    """What a board is about."""

    schema_: Literal["hub/board/1"] = Field(default="hub/board/1", alias="schema")
    env: str = Field(description="the environment's id")
    protocol: ProtocolRecord
    train_steps: int | None = Field(default=None, description="most environment steps an agent may train for; null sets no limit")
    tasks: list[BoardTask] = Field(min_length=1)
    null_agents: list[str] = Field(description="agents that every ranking shows; the first one's mean is the zero of the normalised score")
    bound: BoundRecord | None = None
    published: list[Published] = Field(default_factory=list)
