"""The data file of a reproduction: everything its page and its figure are made from, one file a budget."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from hub.reproduction.spec import Measure, Quantity, Role
from hub.results.models import AgentRecord, EnvironmentRecord, ProtocolRecord, Record, SparseRecord

Verdict = Literal["holds", "does not hold", "undecided", "not tested"]


class TaskRecord(Record):
    """One instance of a study's environment."""

    name: str
    kwargs: dict[str, Any] = Field(description="keyword arguments of the environment, as declared")
    upper_bound: float | None = Field(default=None, description="no policy's expected score is better than this; null where none is known")


class EntrantRecord(Record):
    """An agent that takes part, as declared."""

    label: str
    agent: str
    role: Role
    args: dict[str, Any]
    train_steps: int | None = Field(description="steps asked for; null for the agent's own default")


class ProbeRecord(Record):
    """Something else that is asked of trained agents, as declared."""

    name: str
    title: str
    function: str = Field(description="`module:function` that asks it")
    labels: list[str] = Field(description="the entrants it is asked of")


class StudyRecord(SparseRecord):
    """One study, as far as it was asked for."""

    later: ClassVar[frozenset[str]] = frozenset({"curve", "threshold", "datasets", "probes"})

    name: str
    title: str
    env: str = Field(description="the environment's id")
    protocol: ProtocolRecord
    upper_bound: str | None = Field(default=None, description="`module:function` that gave the tasks' upper bounds")
    declared_tasks: int = Field(description="how many tasks the budget has; `tasks` are those asked for")
    tasks: list[TaskRecord]
    entrants: list[EntrantRecord]
    curve: str | None = Field(default=None, description="the number, reported while agents train, that `curve` of a run holds")
    threshold: float | None = Field(default=None, description="the value of that number from which on training counts as done")
    datasets: list[str] = Field(default=[], description="names of the datasets that agents learn from")
    probes: list[ProbeRecord] = Field(default=[], description="what else is asked of the trained agents")


class CurveRecord(Record):
    """What an agent reported of one number while it trained."""

    steps: list[int] = Field(min_length=1, description="environment steps taken, increasing")
    values: list[float] = Field(description="the newest value at each of them")

    @model_validator(mode="after")
    def _alike(self) -> CurveRecord:
        if len(self.steps) != len(self.values):
            raise ValueError(f"a curve has {len(self.values)} values for {len(self.steps)} steps")
        return self


class RunRecord(SparseRecord):
    """One entrant on one task."""

    later: ClassVar[frozenset[str]] = frozenset({"training_scores", "curve", "probes"})

    study: str
    task: str
    entrant: str = Field(description="its label")
    env: EnvironmentRecord
    agent: AgentRecord
    scores: list[float] = Field(description="the protocol's metric of each episode")
    training_scores: list[float] | None = Field(
        default=None, description="the same from the same seeds under the arguments agents train under, where these differ"
    )
    metrics: dict[str, float] = Field(default={}, description="means over episodes of the environment's and the agent's metrics")
    steps: int = Field(description="steps of all evaluation episodes, which is how many decisions the agent took")
    result_sha256: str = Field(description="digest of the run's result.json")
    train_cpu_s: float
    eval_cpu_s: float
    curve: CurveRecord | None = Field(default=None, description="absent where the study asks for none or the agent did not report it")
    probes: dict[str, dict[str, float]] = Field(default={}, description="for each probe of this entrant, by name, its numbers by theirs")


class FailureRecord(SparseRecord):
    """What was asked for and could not be had."""

    later: ClassVar[frozenset[str]] = frozenset({"probe"})

    study: str
    task: str
    entrant: str | None = Field(description="label; null where it is the task's upper bound")
    probe: str | None = Field(default=None, description="name of the probe that failed; absent where it is the run")
    reason: str


class ClaimRecord(SparseRecord):
    """A claim of the paper and what these runs say of it."""

    later: ClassVar[frozenset[str]] = frozenset({"measure", "quantity"})

    text: str
    verdict: Verdict
    measure: Measure = "improvement"
    quantity: Quantity = "score"
    at_least: float = Field(description="the improvement or difference claimed")
    estimate: float | None = Field(default=None, description="the measure over the best of the others; null when not tested")
    low: float | None = Field(default=None, description="lower end of its 95 % interval")
    high: float | None = Field(default=None, description="upper end of its 95 % interval")
    best: dict[str, str] = Field(default={}, description="for each study, the label of the best of the others")
    reason: str = Field(default="", description="why it was not tested")


class ReproductionDocument(SparseRecord):
    """What a budget of a reproduction was, and what came of it."""

    later: ClassVar[frozenset[str]] = frozenset({"datasets"})

    schema_: Literal["hub/reproduction/1"] = Field(default="hub/reproduction/1", alias="schema")
    paper: str
    budget: str
    command: str = Field(description="the command that makes this file")
    studies: list[StudyRecord] = Field(min_length=1)
    claims: list[ClaimRecord]
    failures: list[FailureRecord]
    runs: list[RunRecord]
    versions: dict[str, str] = Field(description="Python and the packages that took part")
    datasets: dict[str, str] = Field(default={}, description="digest of the arrays of each dataset that agents learned from, by name")
    machines: list[str] = Field(description="where the runs were made, for the CPU seconds")


class BoundDocument(Record):
    """A task's upper bound, kept beside the task's runs so that it is computed once."""

    schema_: Literal["hub/bound/1"] = Field(default="hub/bound/1", alias="schema")
    env: EnvironmentRecord
    function: str
    value: float


class ProbeDocument(Record):
    """What a probe found in one trained agent, kept in the folder of its run so that it is asked once."""

    schema_: Literal["hub/probe/1"] = Field(default="hub/probe/1", alias="schema")
    agent: AgentRecord = Field(description="the agent as it was asked, with the digest of its weights")
    function: str
    values: dict[str, float]
