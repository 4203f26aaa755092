"""What this plugin registers with hub under `highway`: descriptions only; no agent and no environment is imported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from hub_envs.catalogue import HIGHWAY, Entry

import hub

_PAPER = "iplan"

_LEARNERS = (
    # name, class, summary
    ("iplan", "IPLAN", "each driver alone learns who is around it (behaviour) and where they go next (instant), and PPO on top"),
    ("iplan-hard", "IPLANHard", "iPLAN whose behaviour latent jumps every ten steps instead of moving softly"),
    ("iplan-fc", "IPLANFC", "iPLAN whose behaviour networks are fully connected instead of recurrent"),
    ("ippo-bm", "IPPOBM", "independent PPO with iPLAN's behaviour latent only"),
    ("ippo-gat", "IPPOGAT", "independent PPO with iPLAN's instant latent only"),
)

_METRICS: dict[str, Literal["mean", "sum", "last"]] = {
    "agent_return": "sum",
    "return_with_wrecks": "sum",
    "success": "last",
    "survival": "sum",
    "speed": "mean",
    "crash_rear_end": "sum",
    "crash_struck": "sum",
    "crash_own_lane_change": "sum",
    "crash_other_lane_change": "sum",
}
_BESIDE = ("success", "survival", "speed", "return_with_wrecks")
_NULL_AGENTS = ("random", "idle", "slower")

_CHAOTIC: dict[str, Any] = {"mix": "chaotic"}
_MILD: dict[str, Any] = {"mix": "mild"}
_RELEASED: dict[str, Any] = {"dynamics": "released"}


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register the roads of `hub_envs`."""
    return described(HIGHWAY)


@hub.hookimpl
def hub_agents() -> list[hub.AgentSpec]:
    """Register the paper's learners and the drivers that need no learning."""
    return [
        *(
            hub.AgentSpec(name=name, entry_point=f"hub_highway.iplan:{kind}", paper=_PAPER, summary=summary)
            for name, kind, summary in _LEARNERS
        ),
        hub.AgentSpec(name="idle", entry_point="hub_highway.trivial:Idle", summary="keeps its lane at 25 m/s"),
        hub.AgentSpec(name="slower", entry_point="hub_highway.trivial:Slower", summary="keeps its lane at 20 m/s"),
        hub.AgentSpec(
            name="idm-mobil", entry_point="hub_highway.idm:IDMMOBIL", summary="a normal driver's IDM and MOBIL through the five actions"
        ),
    ]


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Register how driving is judged: what a car earns, and beside it how many arrive, how long they last and how fast they go."""
    return [
        hub.ProtocolSpec(
            name="highway-heterogeneous",
            env="highway/Heterogeneous-v0",
            tasks=(_CHAOTIC, _MILD, {**_CHAOTIC, **_RELEASED}, {**_MILD, **_RELEASED}),
            episodes=64,
            metric="agent_return",
            metrics=_METRICS,
            beside=_BESIDE,
            null_agents=_NULL_AGENTS,
            train_steps=2_000_000,
        ),
        hub.ProtocolSpec(
            name="highway-heterogeneous-held-out",
            env="highway/Heterogeneous-v0",
            tasks=(
                {"mix": [0.5, 0.0]},
                {"mix": [0.0, 0.5]},
                {"mix": [0.5, 0.5]},
                {**_CHAOTIC, "density": 0.75},
                {**_CHAOTIC, "density": 1.5},
                {"mix": [0.5, 0.5], "density": 1.5},
            ),
            training_kwargs={"mix": "chaotic", "density": 1.0},
            episodes=64,
            metric="agent_return",
            metrics=_METRICS,
            beside=_BESIDE,
            null_agents=_NULL_AGENTS,
            train_steps=2_000_000,
        ),
        hub.ProtocolSpec(
            name="highway-heterogeneous-solo",
            env="highway/Heterogeneous-Solo-v0",
            tasks=(_CHAOTIC, _MILD),
            episodes=64,
            metrics={key: how for key, how in _METRICS.items() if not key.startswith("agent_return")},
            beside=("success", "survival", "speed"),
            null_agents=_NULL_AGENTS,
            train_steps=2_000_000,
        ),
    ]


@hub.hookimpl
def hub_papers() -> list[hub.PaperSpec]:
    """Register the paper."""
    return [
        hub.PaperSpec(
            name=_PAPER,
            title="iPLAN: Intent-Aware Planning in Heterogeneous Traffic via Distributed Multi-Agent Reinforcement Learning",
            authors="Xiyang Wu, Rohan Chandra, Tianrui Guan, Amrit Singh Bedi, Dinesh Manocha",
            year=2023,
            url="https://arxiv.org/abs/2306.06236",
            claims=(
                "Inferring other drivers' behaviour and intent lets independent learners earn more than IPPO: 12.7 % in mild traffic,"
                " 6.3 % in chaotic.",
                "They earn more than learners trained centrally (QMIX, MAPPO): 4.3 % in mild, 38.4 % in chaotic traffic.",
                "In chaotic traffic 25.3 % more of them arrive than with IPPO, and they last 13.7 % longer.",
            ),
            reproduction="hub_highway.reproduction:reproduction",
        )
    ]


def described(entries: Iterable[Entry]) -> list[hub.EnvironmentSpec]:
    """Return entries of the catalogue as hub describes environments."""
    return [
        hub.EnvironmentSpec(
            id=entry.id,
            entry_point=entry.entry_point,
            vector_entry_point=entry.vector_entry_point,
            kind=entry.kind,
            requires=entry.requires,
            summary=entry.summary,
        )
        for entry in entries
    ]
