"""What this plugin registers with hub: descriptions only; no agent and no environment is imported."""

from __future__ import annotations

from typing import Any

from hub_envs.catalogue import MINIGRID

import hub

_PAPER = "minigrid-il"

_AGENTS = (
    # name, entry point, summary
    ("il-ppo", "il_ppo:ILPPO", "PPO that may imitate offline data, before or while it learns; plain PPO by default"),
    ("rapid", "presets:RAPID", "PPO that imitates the best of its own episodes"),
    ("bebold", "presets:BeBold", "PPO with a bonus for reaching what is rarely seen"),
    ("bc", "bc:BC", "behavioural cloning of offline data, without reinforcement learning"),
    ("il-pretrain", "presets:ILPretrain", "PPO after imitation of offline data"),
    ("il-concurrent", "presets:ILConcurrent", "PPO that imitates offline data and its own best episodes while it learns"),
    ("il-both", "presets:ILBoth", "PPO after imitation of offline data that goes on imitating while it learns"),
)


@hub.hookimpl
def hub_environments() -> list[hub.EnvironmentSpec]:
    """Register MiniGrid's tasks of `hub_envs`."""
    return [
        hub.EnvironmentSpec(
            id=entry.id,
            entry_point=entry.entry_point,
            vector_entry_point=entry.vector_entry_point,
            kwargs={**entry.kwargs},
            requires=entry.requires,
            summary=entry.summary,
        )
        for entry in MINIGRID
    ]


@hub.hookimpl
def hub_agents() -> list[hub.AgentSpec]:
    """Register the paper's learners and what it compares them with."""
    return [
        hub.AgentSpec(name=name, entry_point=f"hub_minigrid.{entry_point}", paper=_PAPER, summary=summary)
        for name, entry_point, summary in _AGENTS
    ]


@hub.hookimpl
def hub_protocols() -> list[hub.ProtocolSpec]:
    """Register a protocol for each task: agents train on the training levels and are judged by their returns on the test levels."""
    return [
        hub.ProtocolSpec(
            name=entry.id.removesuffix("-v0").replace("/", "-").lower(),
            env=entry.id,
            tasks=({"levels": "test"},),
            training_kwargs={"levels": "train"},
            episodes=100,
            upper_bound="hub_minigrid.planner:upper_bound" if entry.id in _BOUNDED else None,
        )
        for entry in MINIGRID
    ]


@hub.hookimpl
def hub_papers() -> list[hub.PaperSpec]:
    """Register the paper."""
    return [
        hub.PaperSpec(
            name=_PAPER,
            title="Using offline data to speed-up reinforcement learning in procedurally generated environments",
            authors="Alain Andres, Lukas Schäfer, Esther Villar-Rodriguez, Stefano V. Albrecht, Javier Del Ser",
            year=2023,
            url="https://arxiv.org/abs/2304.09825",
            claims=(
                "Imitation of offline trajectories, before or during online learning, improves sample efficiency and final performance.",
                "Pre-training from as few as two trajectories can decide between an optimal policy and no learning at all.",
            ),
            reproduction="hub_minigrid.reproduction:reproduction",
        )
    ]


@hub.hookimpl
def hub_datasets() -> list[hub.DatasetSpec]:
    """Register demonstrations: optimal ones, those of learners of a certain quality, and the authors' own."""
    return [
        *(_optimal(task, kwargs) for task, kwargs in _OPTIMAL.items()),
        *(_of_quality(percent, levels) for percent, levels in ((10, 100), (40, 100), (60, 100), (60, 10), (60, 1))),
        _of_quality(60, 100, "ObstructedMaze-2Dlh", _TRAINING, _EXPLORER),
        *(_authors(kind, summary) for kind, summary in (("1opt", "one optimal episode"), ("2subopt", "two sub-optimal episodes"))),
    ]


_BOUNDED = ("minigrid/MultiRoom-N7-S4-v0", "minigrid/MultiRoom-N10-S4-v0")
"""Tasks whose thousand test levels are generated and solved within seconds."""

_TRAINING: dict[str, Any] = {"levels": "train"}
_CI: dict[str, Any] = {"levels": "train", "num_levels": 600}
_OPTIMAL = {
    "MultiRoom-N7-S4": _CI,
    "MultiRoom-N7-S8": _TRAINING,
    "MultiRoom-N12-S10": _TRAINING,
    "ObstructedMaze-1Dlhb": _TRAINING,
}
"""Tasks small enough for the exact search, and the level set of their demonstrations."""

_EPISODES = 100

_TAUGHT: dict[str, Any] = {
    "train_steps": 500_000,
    "settings": {"demos": "minigrid/multiroom-n7-s4/optimal-v0", "trajectories": 2, "pretrain_steps": 500},
}
"""The learner behind seven doors: alone it would never meet the goal."""
_EXPLORER: dict[str, Any] = {"train_steps": 30_000_000, "settings": {"il_steps": 5, "grow": True, "bebold": 0.005}}
"""RAPID with BeBold's bonus, as the authors collected data in ObstructedMaze 2Dlh."""


def _optimal(task: str, kwargs: dict[str, Any]) -> hub.DatasetSpec:
    return hub.DatasetSpec(
        name=f"minigrid/{task.lower()}/optimal-v0",
        env=f"minigrid/{task}-v0",
        env_kwargs=kwargs,
        recipe="hub_minigrid.recipes:optimal",
        kwargs={"episodes": _EPISODES},
        summary=f"shortest solutions of {_EPISODES} training levels",
    )


def _of_quality(
    percent: int, levels: int, task: str = "MultiRoom-N7-S4", kwargs: dict[str, Any] = _CI, learner: dict[str, Any] = _TAUGHT
) -> hub.DatasetSpec:
    spread = {_EPISODES: "", 1: "-1-level"}.get(levels, f"-{levels}-levels")
    return hub.DatasetSpec(
        name=f"minigrid/{task.lower()}/policy-{percent}{spread}-v0",
        env=f"minigrid/{task}-v0",
        env_kwargs=kwargs,
        recipe="hub_minigrid.recipes:policy",
        kwargs={"threshold": percent / 100, "episodes": _EPISODES, "levels": levels, **learner},
        summary=f"successes of a learner whose mean return first exceeded {percent / 100:g}; {levels} training level{'s' * (levels > 1)}",
    )


def _authors(kind: str, summary: str) -> hub.DatasetSpec:
    return hub.DatasetSpec(
        name=f"minigrid/obstructedmaze-1dlhb/authors-{'optimal' if kind == '1opt' else 'suboptimal'}-v0",
        env="minigrid/ObstructedMaze-1Dlhb-v0",
        env_kwargs=_TRAINING,
        recipe="hub_minigrid.recipes:authors",
        kwargs={"file": f"O1Dlhb_{kind}levels10k_1demoperlevel.npy"},
        summary=f"{summary}, published by the paper's authors",
    )
