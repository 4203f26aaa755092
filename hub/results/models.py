"""The result document: everything another person needs to re-run, verify and rank a run.

A result holds only what a run determines: two runs of the same configuration, interrupted or not, give the same bytes. What differs from
run to run (CPU and wall time, hardware, dates) stands in `cost.json` beside it.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, SerializerFunctionWrapHandler, model_serializer
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

SCHEMA: Literal["hub/result/1"] = "hub/result/1"


class Record(BaseModel):
    """Base of all parts: unknown keys are refused, so that a newer or hand-made document cannot be half understood."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True, allow_inf_nan=False)


class SparseRecord(Record):
    """A record that is written without those of its `later` fields that hold their default, so that older documents keep their bytes."""

    later: ClassVar[frozenset[str]] = frozenset()
    """Names of fields with defaults, added after documents without them were published."""

    @model_serializer(mode="wrap")
    def _leave_out(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        fields = type(self).model_fields
        silent = {name for name in self.later if getattr(self, name) == fields[name].get_default(call_default_factory=True)}
        return {key: value for key, value in written.items() if key not in silent}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the fields, which a serialiser of its own would hide."""
        return handler({key: value for key, value in schema.items() if key != "serialization"})


class EnvironmentRecord(Record):
    """The environment that was played."""

    id: str
    kwargs: dict[str, Any] = {}
    plugin: str
    distribution: str
    version: str


class AgentRecord(SparseRecord):
    """The agent that played."""

    later: ClassVar[frozenset[str]] = frozenset({"demonstration"})

    name: str
    config: dict[str, Any] = {}
    seed: int
    plugin: str
    distribution: str
    version: str
    train_steps: int = Field(default=0, description="environment steps the agent trained for")
    weights_sha256: str | None = Field(default=None, description="digest of its safetensors file; null for an agent without weights")
    demonstration: str | None = Field(default=None, description="why no leaderboard may take its results; absent when one may")

    @property
    def label(self) -> str:
        """The agent's name in tables, marked where it only demonstrates."""
        return self.name if self.demonstration is None else f"{self.name} (demonstration)"


class ProtocolRecord(SparseRecord):
    """The protocol as it was applied."""

    later: ClassVar[frozenset[str]] = frozenset({"beside", "max_seconds", "training_kwargs"})

    name: str
    version: int
    episodes: int
    seeds: Literal["fixed", "committed"] = "fixed"
    metric: str = "return"
    metrics: dict[str, Literal["mean", "sum", "last"]] = {}
    beside: list[str] = Field(default=[], description="metrics that tables show beside the score; absent when there are none")
    higher_is_better: bool = True
    max_steps: int | None = None
    max_seconds: float | None = Field(default=None, description="wall-clock limit of an episode; absent when there is none")
    training_kwargs: dict[str, Any] = Field(
        default={}, description="keyword arguments laid over the environment's while an agent trains; absent when there are none"
    )


class ActionLog(Record):
    """An episode's actions: compressed canonical bytes, leaf after leaf, or JSON where a leaf has no fixed form (hub.running.receipts).

    That of several players, which nobody would read, is compressed too.
    """

    encoding: Literal["zlib+base64", "json+zlib+base64", "json"]
    data: str | list[Any]


class Digests(Record):
    """BLAKE2b-128 digests of an episode's streams; each is taken over one digest for each leaf of the space (hub.running.receipts)."""

    actions: str
    observations: str = Field(description="the first one included")
    outcomes: str = Field(description="rewards, terminations and truncations")


class Episode(SparseRecord):
    """One evaluated episode."""

    later: ClassVar[frozenset[str]] = frozenset({"timed_out"})

    index: int
    seed: int
    return_: float = Field(alias="return")
    length: int
    terminated: bool
    timed_out: bool = Field(default=False, description="the protocol's wall-clock limit ended it; absent when it did not")
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


class Generalisation(Record):
    """How much better the agent is where it trained: the episodes played once more, from the same seeds, under training's arguments."""

    kwargs: dict[str, Any] = Field(description="the environment's arguments with the protocol's `training_kwargs` laid over them")
    episodes: list[Episode] = Field(description="numbered and chained on from the result's own episodes")
    summary: Summary
    gap: float = Field(
        description="mean of the protocol's metric in these episodes minus that in the result's own, negated where lower is better:"
        " positive when the agent is worse where it did not train"
    )
    ci_low: float = Field(description="bootstrap interval of the gap; the two episodes of a seed are redrawn together")
    ci_high: float
    confidence: float = 0.95


class Result(SparseRecord):
    """A run's record; see the published JSON Schema `docs/schema/result-1.json`."""

    later: ClassVar[frozenset[str]] = frozenset({"generalisation"})

    schema_: Literal["hub/result/1"] = Field(default=SCHEMA, alias="schema")
    env: EnvironmentRecord
    agent: AgentRecord
    protocol: ProtocolRecord
    episodes: list[Episode]
    summary: Summary
    generalisation: Generalisation | None = Field(
        default=None, description="absent where agents train under the arguments that they are evaluated under"
    )
    versions: dict[str, str] = Field(description="Python and the packages that took part")
    parent: str | None = Field(default=None, description="digest of the result whose trained agent this one evaluates")

    @property
    def parts(self) -> list[tuple[dict[str, Any], list[Episode]]]:
        """Environment arguments and the episodes played under them: the evaluation, then the generalisation where there is one."""
        trained = [] if self.generalisation is None else [(self.generalisation.kwargs, self.generalisation.episodes)]
        return [(self.env.kwargs, self.episodes), *trained]


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
