"""How the paper is reproduced: traffic, learners, drivers that need no learning, probes and claims, for `hub reproduce iplan`.

The paper trains for 2e6 seconds of traffic with three seeds, in mild and in chaotic traffic, and for 1e6 steps in Non-Cooperative
Navigation. Its numbers come from a package in which aggressive and defensive drivers never brake (`dynamics="released"`), and count what
wrecks are paid.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import hub
from hub_highway.claims import claims

SEEDS = 3
EPISODES = 64

IMPLEMENTED = (
    "The road, drivers, observation and reward of the authors' package in a compiled engine that equals highway-env's cars to rounding,"
    " with drivers that brake (`paper`) and drivers that do not (`released`, the authors').",
    "iPLAN with both latents trained by their own losses, hard and soft updates, the fully connected variant, and the baselines; where the"
    " program departs from the authors', the pages of the agents say so.",
    "What the paper lacks: cars that only slow down, or idle, and IDM with MOBIL, in the same table; safety beside speed.",
)

TRIVIAL = (
    hub.Entrant(agent="random", role="null"),
    hub.Entrant(agent="idle", role="reference"),
    hub.Entrant(agent="slower", role="reference"),
    hub.Entrant(agent="idm-mobil", role="reference"),
)
"""Drivers that learn nothing."""


def reproduction() -> hub.Reproduction:
    """Return the paper's claims and the budgets they can be tested under."""
    return hub.Reproduction(claims=claims(), implemented=IMPLEMENTED, budgets={"small": small(), "braking": braking(), "paper": paper()})


def small() -> hub.Budget:
    """Return the budget for two cores: the chaotic traffic of the authors' package, and everything that learns nothing everywhere."""
    return hub.Budget(
        summary=f"chaotic traffic, nine learners, three training seeds, {SHORT_STEPS:,} s of traffic each; about an hour on two cores",
        studies=(
            road("chaotic-released", learners(SHORT_STEPS, SHORT)),
            road("chaotic-released", (hub.Entrant(agent="ippo", train_steps=LONGER_STEPS),), "-longer", ": IPPO alone, for longer"),
            *(road(name, ()) for name in ("mild-released", "chaotic", "mild")),
            *autopilot(),
        ),
        scaled_down=(
            f"{SHORT_STEPS:,} seconds of traffic instead of 2e6 ({LONGER_STEPS:,} for IPPO alone), {SEEDS} training seeds as in the paper.",
            "15 observed cars instead of all 55 enter the attention; rollouts are shorter and updates smaller than the authors'.",
            "The latents learn faster and from smaller samples, and begin after 5,000 steps instead of 20,000: "
            + ", ".join(f"{key}={value:g}" for key, value in SHORT.items())
            + ".",
            "Learners in the traffic that the published numbers come from alone, chaotic and released.",
        ),
    )


def braking() -> hub.Budget:
    """Return the budget that asks how much of it is left where drivers brake."""
    whole = small()
    wanted = tuple(each for each in learners(SHORT_STEPS, SHORT) if each.label in ("iplan", "ippo"))
    return dataclasses.replace(
        whole,
        summary=f"chaotic traffic in which drivers brake, two learners, {SHORT_STEPS:,} s each; about a quarter of an hour on two cores",
        studies=(road("chaotic", wanted, "-learnt"),),
        scaled_down=whole.scaled_down[:-1],
    )


def paper() -> hub.Budget:
    """Return the budget of the paper: both mixes, both dynamics, and navigation."""
    steps = 2_000_000
    return hub.Budget(
        summary="2e6 s of mild and of chaotic traffic, released and with drivers that brake, 1e6 steps of navigation; days of a core",
        studies=(
            *(road(name, learners(steps), "-2m") for name in TRAFFIC),
            *(navigation(level, learners(1_000_000)) for level in ("easy", "hard")),
        ),
        scaled_down=("15 observed cars instead of all 55 enter the attention; rollouts and updates are this project's.",),
    )


_PROBES = (
    hub.Probe(
        name="driver-types",
        title="What the behaviour latent knows: a linear probe for the kind of driver after 20 s",
        function="hub_highway.probes:driver_types",
        labels=("iplan", "iplan-hard", "iplan-fc", "ippo-bm"),
    ),
    hub.Probe(
        name="prediction",
        title="Where others go next: the instant predictor's error over five seconds, against constant velocity",
        function="hub_highway.probes:prediction",
        labels=("iplan", "iplan-hard", "iplan-fc", "ippo-gat"),
    ),
)


def probes(entrants: tuple[hub.Entrant, ...]) -> tuple[hub.Probe, ...]:
    """Return what is asked of the latents of trained agents, on held-out episodes."""
    there = {entrant.label for entrant in entrants}
    asked = ((probe, tuple(label for label in probe.labels if label in there)) for probe in _PROBES)
    return tuple(dataclasses.replace(probe, labels=labels) for probe, labels in asked if labels)


TRAFFIC: Mapping[str, tuple[str, dict[str, Any]]] = {
    "chaotic-released": ("Chaotic traffic as released", {"mix": "chaotic", "dynamics": "released"}),
    "mild-released": ("Mild traffic as released", {"mix": "mild", "dynamics": "released"}),
    "chaotic": ("Chaotic traffic, drivers that brake", {"mix": "chaotic"}),
    "mild": ("Mild traffic, drivers that brake", {"mix": "mild"}),
}
"""Studies on the road: name to title and arguments of the environment."""


SHORT_STEPS = 60_000
LONGER_STEPS = 150_000
SHORT: Mapping[str, float] = {
    "warm_up": 5000,
    "latent_updates": 4,
    "latent_samples": 16,
    "behaviour_rate": 2e-3,
    "instant_rate": 1e-3,
}
"""Seconds of traffic in the budgets for two cores: for all learners, too few for the paper's rates to move the latents, and for IPPO alone;
and how the latents are trained in so few."""


def learners(steps: int, latents: Mapping[str, float] = MappingProxyType({})) -> tuple[hub.Entrant, ...]:
    """Return the paper's agent, its ablations and what it is compared with; `latents` are arguments of those that have some."""
    return (
        hub.Entrant(agent="iplan", args=latents, role="paper", train_steps=steps),
        hub.Entrant(agent="iplan-hard", args=latents, role="paper", train_steps=steps),
        hub.Entrant(agent="iplan-fc", args=latents, role="paper", train_steps=steps),
        hub.Entrant(agent="ippo-bm", args=latents, train_steps=steps),
        hub.Entrant(agent="ippo-gat", args=latents, train_steps=steps),
        hub.Entrant(agent="ippo", train_steps=steps),
        hub.Entrant(agent="ippo", label="ippo-shared", args={"shared": True}, role="reference", train_steps=steps),
        hub.Entrant(agent="mappo", train_steps=steps),
        hub.Entrant(agent="qmix", train_steps=steps),
    )


def road(name: str, entrants: tuple[hub.Entrant, ...], suffix: str = "", remark: str = "") -> hub.Study:
    """Return a study of `entrants` and the trivial drivers in one of `TRAFFIC`; without learners it is played once."""
    title, kwargs = TRAFFIC[name]
    return hub.Study(
        name=name + suffix,
        title=title + remark,
        env="highway/Heterogeneous-v0",
        tasks=(kwargs,) * (SEEDS if entrants else 1),
        episodes=EPISODES,
        entrants=(*entrants, *TRIVIAL),
        curve="return_mean" if entrants else None,
        probes=probes(entrants),
    )


def autopilot() -> tuple[hub.Study, ...]:
    """Return studies of cars that the simulator itself drives by IDM and MOBIL, whatever the agent says."""
    return tuple(
        hub.Study(
            name=f"{name}-autopilot",
            title=f"{title}: agents' cars driven by IDM and MOBIL",
            env="highway/Heterogeneous-v0",
            tasks=({**kwargs, "autopilot": True},),
            episodes=EPISODES,
            entrants=(hub.Entrant(agent="idle", label="autopilot", role="reference"),),
        )
        for name, (title, kwargs) in TRAFFIC.items()
    )


def navigation(level: str, entrants: tuple[hub.Entrant, ...]) -> hub.Study:
    """Return a study of `entrants` in Non-Cooperative Navigation."""
    return hub.Study(
        name=f"navigation-{level}",
        title=f"Non-Cooperative Navigation, {level}",
        env="navigation/NonCooperative-v0",
        tasks=({"level": level},) * SEEDS,
        episodes=EPISODES,
        entrants=(*entrants, hub.Entrant(agent="random", role="null")),
        curve="return_mean",
    )
