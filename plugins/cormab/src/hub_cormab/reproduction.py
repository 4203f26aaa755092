"""How SEQUOIA's paper is reproduced: instances, sizes, rivals and claims, for `hub reproduce sequoia`.

The released commands run J = 20 arms with budget B = 5, J = 40 with 10 and J = 100 with 20 (interventions: N = 2 B of them), 50 episodes of
20 steps, and compare null, random, sampling (100 draws), exact myopic, iterative myopic and iterative DQN. The abstract states one number:
an improvement of 24.8 % on average over the four problems.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import hub

SIZES: Mapping[int, int] = {20: 5, 40: 10, 100: 20}
"""Arms and budget of the released commands."""

DOMAINS = ("matching", "capacity", "path", "interventions")

STILL = ("myopic", "iterative-myopic", "sampling", "random-feasible")
"""The paper's baselines that do not learn; its null agent is every study's zero."""

RIVALS = (*STILL, "iterative-dqn")
"""All of them."""

IMPLEMENTED = (
    "All four bandits, with expected rewards as the score, and the path problem's walks made real: the released program lets a "
    "free-standing loop count as a visit.",
    "SEQUOIA with proved maxima: every decision of the evaluation carries a value and a bound; what was not proved in time is counted.",
    "All of the paper's baselines, the iterative ones repaired: an addition is looked up anew each time, and always by its own criterion.",
    "What the paper lacks, as references: a price policy, Whittle indices, and MaskablePPO choosing pull by pull (where learners compete).",
    "The fluid upper bound, which no policy exceeds.",
)


def reproduction() -> hub.Reproduction:
    """Return the paper's claims and the budgets they can be tested under."""
    twenty = tuple(f"{domain}-20" for domain in DOMAINS)
    forty = tuple(f"{domain}-40" for domain in DOMAINS)
    published = hub.Published(value=24.8, unit="%", where="abstract, over problems and sizes")
    claims = (
        hub.Claim(
            text="With 20 arms, SEQUOIA beats the paper's baselines that do not learn, on average over the four problems.",
            agent="sequoia",
            over=STILL,
            studies=twenty,
        ),
        hub.Claim(
            text="With 20 arms, SEQUOIA beats the best of them by 24.8 %, on average over the four problems.",
            agent="sequoia",
            over=STILL,
            studies=twenty,
            at_least=0.248,
            published=published,
        ),
        *(_over_myopic(domain, 20) for domain in DOMAINS),
        hub.Claim(
            text="With 20 arms, SEQUOIA beats iterative DQN, on average over the four problems.",
            agent="sequoia",
            over=("iterative-dqn",),
            studies=twenty,
        ),
        hub.Claim(
            text="With 40 arms, SEQUOIA beats exact myopic play, on average over the four problems.",
            agent="sequoia",
            over=("myopic",),
            studies=forty,
        ),
        *(_over_myopic(domain, 100) for domain in DOMAINS if domain != "path"),
    )
    budgets = {"small": small(), "learners": learners(), "sizes": sizes(), "paper": paper()}
    return hub.Reproduction(claims=claims, implemented=IMPLEMENTED, budgets=budgets)


def _over_myopic(domain: str, arms: int) -> hub.Claim:
    text = f"With {arms} arms, SEQUOIA beats exact myopic play on {domain}."
    return hub.Claim(text=text, agent="sequoia", over=("myopic",), studies=(f"{domain}-{arms}",))


def small() -> hub.Budget:
    """Return the budget for a look: all four problems at their smallest size."""
    return hub.Budget(
        summary="20 arms, ten instances of each problem, every rival that does not learn; about twenty minutes on two cores",
        studies=tuple(study(domain, 20, instances=10, episodes=20, rivals=STILL) for domain in DOMAINS),
        scaled_down=(
            "20 episodes an instance instead of 50.",
            "SEQUOIA trains for 8,000 steps in our own preset; the agent's page lists it against the released settings.",
            "Rivals that learn are left to the budgets `learners` and `paper`, sizes 40 and 100 to `sizes` and `paper`.",
        ),
    )


def learners() -> hub.Budget:
    """Return the budget that compares what learns: two instances of each problem at its smallest size."""
    return hub.Budget(
        summary="20 arms, two instances of each problem, SEQUOIA beside what else learns; about ten minutes on two cores",
        studies=tuple(study(domain, 20, instances=2, episodes=20, rivals=("myopic", "iterative-dqn"), deep=True) for domain in DOMAINS),
        scaled_down=("Two instances of 20 episodes, one training seed on each: intervals are wide, and say so.",),
    )


def sizes() -> hub.Budget:
    """Return the budget that shows what size does: 40 and 100 arms, few instances, without the rivals that learn."""
    forty = tuple(study(domain, 40, instances=2, episodes=4, rivals=STILL) for domain in DOMAINS)
    hundred = tuple(study(domain, 100, instances=2, episodes=2, rivals=STILL, train_steps=4000) for domain in DOMAINS if domain != "path")
    return hub.Budget(
        summary="40 and 100 arms, two instances of each problem; about half an hour on two cores",
        studies=forty + hundred,
        scaled_down=(
            "Two instances of four episodes with 40 arms, two of two episodes with 100: intervals are wide, and say so.",
            "SEQUOIA trains for 8,000 steps with 40 arms and 4,000 with 100, on climbed maxima; it acts on proved ones.",
            "A decision stops after ten seconds with its gap; the tables count how many did.",
            "Path with 100 arms is left to `paper`: exact planners take seconds a decision there.",
        ),
    )


def paper() -> hub.Budget:
    """Return the budget of the paper: every size, thirty instances, fifty episodes."""
    return hub.Budget(
        summary="20, 40 and 100 arms, thirty instances of each problem, fifty episodes, every rival; weeks of one core",
        studies=tuple(study(domain, arms, instances=30, episodes=50, rivals=RIVALS, deep=True) for arms in SIZES for domain in DOMAINS),
    )


def study(
    domain: str,
    arms: int,
    *,
    instances: int,
    episodes: int,
    rivals: Sequence[str],
    deep: bool = False,
    train_steps: int | None = None,
) -> hub.Study:
    """Return one problem at one size.

    Args:
        domain: one of `DOMAINS`.
        arms: one of `SIZES`.
        instances: how many, from number 100 on; boards use those before.
        episodes: evaluated on each.
        rivals: of the paper's.
        deep: whether MaskablePPO takes part.
        train_steps: of SEQUOIA; its own default when None.
    """
    budget = SIZES[arms]
    sizes: dict[str, Any] = {"arms": arms, "budget": budget} | ({"interventions": 2 * budget} if domain == "interventions" else {})
    entrants = [
        hub.Entrant(agent="sequoia", role="paper", train_steps=train_steps, args={} if arms == 20 else {"time_limit": 10.0}),
        *(hub.Entrant(agent=name) for name in rivals),
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
