"""The result document: everything another person needs to re-run, verify and rank a run.

A result holds only what a run determines: two runs of the same configuration, interrupted or not, give the same bytes. What differs from
run to run (CPU and wall time, hardware, dates) stands in `cost.json` beside it.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA: Literal["hub/result/1"] = "hub/result/1"


class Record(BaseModel):
    """Base of all parts: unknown keys are refused, so that a newer or hand-made document cannot be half understood."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True, allow_inf_nan=False)


class EnvironmentRecord(Record):
    """The environment that was played."""

    id: str
    kwargs: dict[str, Any] = {}
    plugin: str
    distribution: str
    version: str


class AgentRecord(Record):
    """The agent that played."""

    name: str
    config: dict[str, Any] = {}
    seed: int
    plugin: str
    distribution: str
    version: str
    train_steps: int = Field(default=0, description="environment steps the agent trained for")
    weights_sha256: str | None = Field(default=None, description="digest of its safetensors file; null for an agent without weights")


class ProtocolRecord(Record):
    """The protocol as it was applied."""

    name: str
    version: int
    episodes: int
    seeds: Literal["fixed", "committed"] = "fixed"
    metric: str = "return"
    metrics: dict[str, Literal["mean", "sum", "last"]] = {}
    higher_is_better: bool = True
    max_steps: int | None = None


class ActionLog(Record):
    """An episode's actions: compressed canonical bytes, leaf after leaf, or JSON where a leaf has no fixed form (hub.running.receipts)."""

    encoding: Literal["zlib+base64", "json"]
    data: str | list[Any]


class Digests(Record):
    """BLAKE2b-128 digests of an episode's streams; each is taken over one digest for each leaf of the space (hub.running.receipts)."""

    actions: str
    observations: str = Field(description="the first one included")
    outcomes: str = Field(description="rewards, terminations and truncations")


class Episode(Record):
    """One evaluated episode."""

    index: int
    seed: int
    return_: float = Field(alias="return")
    length: int
    terminated: bool
    metrics: dict[str, float] = {}
    agent_metrics: dict[str, float] = {}
    returns: dict[str, float] = Field(default={}, description="each player's return in a parallel environment")
    actions: ActionLog | None = None
    digests: Digests
    chain: str = Field(default="", description="BLAKE2b-128 over the previous episode's chain and all of this episode but its actions")


class Summary(Record):
    """Statistics of the protocol's metric over the episodes; the interval is a bootstrap interval of the IQM."""

    metric: str
    mean: float
    median: float
    std: float
    iqm: float
    ci_low: float
    ci_high: float
    confidence: float = 0.95


class Result(Record):
    """A run's record; see the published JSON Schema `docs/schema/result-1.json`."""

    schema_: Literal["hub/result/1"] = Field(default=SCHEMA, alias="schema")
    env: EnvironmentRecord
    agent: AgentRecord
    protocol: ProtocolRecord
    episodes: list[Episode]
    summary: Summary
    versions: dict[str, str] = Field(description="Python and the packages that took part")
    parent: str | None = Field(default=None, description="digest of the result whose trained agent this one evaluates")


class Cost(Record):
    """What a run cost on the machine it ran on; written beside the result as `cost.json`."""

    schema_: Literal["hub/cost/1"] = Field(default="hub/cost/1", alias="schema")
    train_wall_s: float
    train_cpu_s: float
    eval_wall_s: float
    eval_cpu_s: float
    machine: str
    processor: str
    cores: int
    finished: str = Field(description="ISO 8601, UTC")
    resumed: int = Field(default=0, description="how often the run was taken up again")
