"""How a paper is reproduced: plain, frozen descriptions that a plugin's function returns. Nothing here runs anything.

The plugin registers `hub.PaperSpec(name="beam", ..., reproduction="hub_acme.reproduction:reproduction")`; that function takes no argument
and returns a `Reproduction`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["paper", "baseline", "reference", "null"]
"""What an entrant is in a comparison.

`paper`: the paper's own agent. `baseline`: what the paper compares it with; the best of these is what improvements on the page refer to.
`reference`: an agent that the paper lacks. `null`: an agent that does nothing; the first one's mean is the zero of the normalised score.
"""

Measure = Literal["improvement", "difference"]
"""How an agent is compared with the best of others: relative to that one's value, or by the difference of the two."""

Quantity = Literal["score", "curve"]
"""What of an agent is compared: its evaluation score, or the mean height of its learning curve (sample efficiency)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """An agent in one configuration.

    Attributes:
        agent: its registered name.
        args: its keyword arguments (JSON values).
        train_steps: environment steps it trains for on each task; the agent's own default when None.
        label: what claims and the page call it, unique in its study; the agent's name without its plugin's when left out.
        role: see `Role`.
    """

    agent: str
    args: Mapping[str, Any] = field(default_factory=dict)
    train_steps: int | None = None
    label: str = ""
    role: Role = "baseline"

    def __post_init__(self) -> None:
        if not self.label:
            object.__setattr__(self, "label", self.agent.rpartition("/")[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Something else that is asked of trained agents than how well they score: what they learned.

    Attributes:
        name: short name, e.g. `driver-types`; also a file's.
        title: what a reader is shown.
        function: `"module:function"`, called as `function(agent, task, seed)` with a trained `hub.Agent`, the `hub.Task` it was judged on
            and the number of the study's task; returns finite numbers by name, the same ones every time.
        labels: the entrants it is asked of.
    """

    name: str
    title: str
    function: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Several agents on the same tasks of one environment, evaluated on the same episode seeds (common random numbers).

    Attributes:
        name: short name, e.g. `matching-20`; also a folder's.
        title: what a reader is shown.
        env: the environment, by id or command-line name.
        protocol: name of the protocol that says what is measured; the environment's default one when None.
        tasks: keyword arguments of the environment, one mapping for each instance. On task number k every agent is built and trained with
            seed k, so that what differs between tasks includes the luck of training; the same mapping several times is one instance with
            as many training seeds.
        episodes: evaluation episodes for each task; the protocol's number when None.
        entrants: who takes part.
        upper_bound: `"module:function"`, called with the environment, returns a number that no policy's expected score exceeds; the
            protocol's function when None, and no bound is shown where it has none either.
        curve: the number that agents report while they train (`training.report(return_mean=...)`) and whose curve the page shows. It is
            better where scores are: higher or lower, as the protocol says.
        threshold: the value of that number from which on training counts as done; the page tells the steps until it is first reached.
        datasets: names of registered datasets that agents learn from; those that are not on the machine are recorded before any run.
        probes: what else is asked of the trained agents, after all runs.
    """

    name: str
    title: str
    env: str
    tasks: tuple[Mapping[str, Any], ...]
    entrants: tuple[Entrant, ...]
    episodes: int | None = None
    protocol: str | None = None
    upper_bound: str | None = None
    curve: str | None = None
    threshold: float | None = None
    datasets: tuple[str, ...] = ()
    probes: tuple[Probe, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One scale of a reproduction.

    Attributes:
        summary: what it runs and about how long that takes.
        studies: what is run.
        scaled_down: sentences on what is smaller than in the paper.
    """

    summary: str
    studies: tuple[Study, ...]
    scaled_down: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A number as the paper prints it; shown beside what was measured, never mixed with it.

    Attributes:
        value: the number.
        unit: what it counts, e.g. `% over the best baseline`.
        where: the place in the paper, e.g. `abstract`.
    """

    value: float
    unit: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence of the paper: an agent is better than each of some others, by at least so much, averaged over studies.

    See `hub.reproduction.judging` for how it is judged.

    Attributes:
        text: the sentence.
        agent: label of the entrant that is said to be better.
        over: labels of the entrants that it is said to be better than, each of them.
        studies: names of the studies it is about; all of a budget when None. A budget that lacks one of them does not test the claim.
        measure: `improvement`, relative to the best of the others, or `difference` from it, which also exists where that one scores 0.
        quantity: what is compared, the evaluation `score` or the mean height of the learning `curve` over the budget.
        at_least: what is claimed of the measure: an improvement of 0.248 is 24.8 %, a difference has the unit of the quantity.
        published: the number that the paper prints for it, if any.
    """

    text: str
    agent: str
    over: tuple[str, ...]
    studies: tuple[str, ...] | None = None
    measure: Measure = "improvement"
    quantity: Quantity = "score"
    at_least: float = 0.0
    published: Published | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """What a plugin declares of its paper.

    Attributes:
        claims: what is judged.
        budgets: scales by name; `small` runs on a laptop, `paper` as the authors did.
        implemented: sentences on what of the paper is implemented, and where it departs from it.
    """

    claims: tuple[Claim, ...]
    budgets: Mapping[str, Budget]
    implemented: tuple[str, ...] = ()
