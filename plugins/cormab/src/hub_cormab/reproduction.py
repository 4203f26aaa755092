"""How SEQUOIA's paper is reproduced: instances, sizes, rivals and claims, for `hub reproduce sequoia`.

The released commands run J = 20 arms with budget B = 5, J = 40 with 10 and J = 100 with 20 (interventions: N = 2 B of them), 50 episodes of
20 steps, and compare null, random, sampling (100 draws), exact myopic, iterative myopic and iterative DQN. The abstract states one number:
an improvement of 24.8 % on average over the four problems.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import hub

SIZES: Mapping[int, int] = {20: 5, 40: 10, 100: 20}
"""Arms and budget of the released commands."""

DOMAINS = ("matching", "capacity", "path", "interventions")

RIVALS = ("myopic", "iterative-myopic", "iterative-dqn", "sampling", "random-feasible")
"""The paper's baselines; its null agent is every study's zero."""

IMPLEMENTED = (
    "All four bandits, with expected rewards as the score, and the path problem's walks made real: the released program lets a "
    "free-standing loop count as a visit.",
    "SEQUOIA with proved maxima: every decision of the evaluation carries a value and a bound; what was not proved in time is counted.",
    "All of the paper's baselines, the iterative ones repaired: an addition is looked up anew each time, and always by its own criterion.",
    "What the paper lacks, as references: a price policy, Whittle indices, and (budget `paper`) MaskablePPO choosing pull by pull.",
    "The fluid upper bound, which no policy exceeds.",
)


def reproduction() -> hub.Reproduction:
    """Return the paper's claims and the budgets they can be tested under."""
    twenty = tuple(f"{domain}-20" for domain in DOMAINS)
    larger = tuple(f"{domain}-{arms}" for arms in (40, 100) for domain in DOMAINS)
    claims = (
        hub.Claim(
            text="With 20 arms, SEQUOIA beats the paper's baselines on average over the four problems.",
            agent="sequoia",
            over=RIVALS,
            studies=twenty,
        ),
        hub.Claim(
            text="With 20 arms, SEQUOIA beats the best of them by 24.8 % on average over the four problems.",
            agent="sequoia",
            over=RIVALS,
            studies=twenty,
            at_least=0.248,
            published=hub.Published(value=24.8, unit="%", where="abstract, over problems and sizes"),
        ),
        *(
            hub.Claim(
                text=f"With 20 arms, SEQUOIA beats exact myopic play on {domain}.", agent="sequoia", over=("myopic",), studies=(study,)
            )
            for domain, study in zip(DOMAINS, twenty, strict=True)
        ),
        hub.Claim(
            text="With 40 and 100 arms, SEQUOIA beats exact myopic play on average over the four problems.",
            agent="sequoia",
            over=("myopic",),
            studies=larger,
        ),
    )
    return hub.Reproduction(claims=claims, implemented=IMPLEMENTED, budgets={"small": small(), "sizes": sizes(), "paper": paper()})


def small() -> hub.Budget:
    """Return the budget for a look: all four problems at their smallest size."""
    return hub.Budget(
        summary="20 arms, ten instances of each problem, every rival of the paper; about half an hour on two cores",
        studies=tuple(study(domain, 20, instances=10, episodes=20, deep=False) for domain in DOMAINS),
        scaled_down=(
            "20 episodes an instance instead of 50.",
            "SEQUOIA and iterative DQN train for 8,000 steps in our own preset; the agent's page lists it against the released settings.",
            "Sizes 40 and 100 are left to the budgets `sizes` and `paper`, MaskablePPO to `paper`.",
        ),
    )


def sizes() -> hub.Budget:
    """Return the budget that shows what size does: 40 and 100 arms, few instances, without the rivals that learn."""
    forty = tuple(study(domain, 40, instances=3, episodes=5, learners=False, deep=False) for domain in DOMAINS)
    hundred = tuple(study(domain, 100, instances=2, episodes=2, learners=False, deep=False, train_steps=4000) for domain in DOMAINS)
    return hub.Budget(
        summary="40 and 100 arms, three and two instances of each problem; about an hour on two cores",
        studies=forty + hundred,
        scaled_down=(
            "Three instances of five episodes with 40 arms, two instances of two episodes with 100: intervals are wide, and say so.",
            "SEQUOIA trains for 8,000 steps with 40 arms and 4,000 with 100, on climbed maxima; it acts on proved ones.",
            "A decision stops after ten seconds with its gap; the pages count how many did.",
            "Of the rivals, those that learn are left out.",
        ),
    )


def paper() -> hub.Budget:
    """Return the budget of the paper: every size, thirty instances, fifty episodes."""
    return hub.Budget(
        summary="20, 40 and 100 arms, thirty instances of each problem, fifty episodes, every rival; weeks of one core",
        studies=tuple(study(domain, arms, instances=30, episodes=50) for arms in SIZES for domain in DOMAINS),
        scaled_down=(),
    )


def study(
    domain: str, arms: int, *, instances: int, episodes: int, learners: bool = True, deep: bool = True, train_steps: int | None = None
) -> hub.Study:
    """Return one problem at one size.

    Args:
        domain: one of `DOMAINS`.
        arms: one of `SIZES`.
        instances: how many, from number 100 on; boards use those before.
        episodes: evaluated on each.
        learners: whether the rivals that learn take part.
        deep: whether MaskablePPO does.
        train_steps: of SEQUOIA; its own default when None.
    """
    budget = SIZES[arms]
    sizes: dict[str, Any] = {"arms": arms, "budget": budget} | ({"interventions": 2 * budget} if domain == "interventions" else {})
    entrants = [
        hub.Entrant(agent="sequoia", role="paper", train_steps=train_steps, args={} if arms == 20 else {"time_limit": 10.0}),
        *(hub.Entrant(agent=name) for name in RIVALS if learners or name != "iterative-dqn"),
        hub.Entrant(agent="cormab/null", role="null"),
        hub.Entrant(agent="price-policy", role="reference"),
        *([] if domain == "interventions" else [hub.Entrant(agent="whittle", role="reference")]),
        *([hub.Entrant(agent="maskable-ppo", role="reference")] if deep else []),
    ]
    return hub.Study(
        name=f"{domain}-{arms}",
        title=f"{domain.capitalize()}, {arms} arms",
        env=f"cormab-{domain}",
        tasks=tuple({"instance": 100 + number, **sizes} for number in range(instances)),
        episodes=episodes,
        entrants=tuple(entrants),
    )
