"""The package's environments as plain data, for Gymnasium's registry and for whoever lists them elsewhere. Imports no environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hub_envs.phone_tasks import PHONE_TASKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One environment.

    Attributes:
        id: its Gymnasium id.
        kind: what the single environment is: Gymnasium's, or PettingZoo's parallel one, which Gymnasium can make in batches only.
        entry_point: `"module:Class"` of the single environment.
        vector_entry_point: `"module:Class"` of the batched one; None where there is none.
        requires: pip requirement that brings what the entry points import.
        summary: one line for listings.
        kwargs: keyword arguments of both entry points.
        model: tag of what `env.unwrapped.model` gives to planning agents; None where there is nothing.
        deterministic: whether seed and actions determine an episode; `"outcomes"` where they determine rewards and ends, but what is
            seen depends on fonts and programs of the machine.
    """

    id: str
    kind: Literal["gymnasium", "parallel"] = "gymnasium"
    entry_point: str
    vector_entry_point: str | None = None
    requires: str
    summary: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    deterministic: bool | Literal["outcomes"] = True


CORMAB = (
    Entry(
        id="cormab/Matching-v0",
        entry_point="hub_envs.cormab:MatchingEnv",
        vector_entry_point="hub_envs.cormab:MatchingVectorEnv",
        model="hub_envs.cormab:Problem",
        requires="gymhub-envs[cormab]",
        summary="coupled restless bandit: workers visit arms by schedule, pulls must fit a matching",
    ),
    Entry(
        id="cormab/Capacity-v0",
        entry_point="hub_envs.cormab:CapacityEnv",
        vector_entry_point="hub_envs.cormab:CapacityVectorEnv",
        model="hub_envs.cormab:Problem",
        requires="gymhub-envs[cormab]",
        summary="coupled restless bandit: workers carry arms, pulls must be packed into their capacities",
    ),
    Entry(
        id="cormab/Interventions-v0",
        entry_point="hub_envs.cormab:InterventionsEnv",
        vector_entry_point="hub_envs.cormab:InterventionsVectorEnv",
        model="hub_envs.cormab:Problem",
        requires="gymhub-envs[cormab]",
        summary="coupled restless bandit: a few interventions a step, arms answer to how many reach them",
    ),
    Entry(
        id="cormab/Path-v0",
        entry_point="hub_envs.cormab:PathEnv",
        vector_entry_point="hub_envs.cormab:PathVectorEnv",
        model="hub_envs.cormab:Problem",
        requires="gymhub-envs[cormab]",
        summary="coupled restless bandit: pulls must lie on one short closed walk through a network",
    ),
    Entry(
        id="cormab/OpenMatching-v0",
        entry_point="hub_envs.cormab.open_population:OpenMatchingEnv",
        vector_entry_point="hub_envs.cormab.open_population:OpenMatchingVectorEnv",
        model="hub_envs.cormab.open_population:Reader",
        requires="gymhub-envs[cormab]",
        summary="family of matching bandits: every episode a new instance, of 10 to 40 arms that come and go",
    ),
    Entry(
        id="cormab/OpenCapacity-v0",
        entry_point="hub_envs.cormab.open_population:OpenCapacityEnv",
        vector_entry_point="hub_envs.cormab.open_population:OpenCapacityVectorEnv",
        model="hub_envs.cormab.open_population:Reader",
        requires="gymhub-envs[cormab]",
        summary="family of capacity bandits: every episode a new instance, of 10 to 40 arms that come and go",
    ),
)
"""Coupled restless bandits."""

_MISSION = {"observation": "dict"}
"""Tasks that cannot be told from the image alone."""

_MINIGRID: tuple[tuple[str, tuple[str, ...], Mapping[str, str], str], ...] = (
    # family, variants, keyword arguments, summary
    ("BlockedUnlockPickup", ("v0",), {}, "move a ball out of the way, unlock a door, pick up a box"),
    (
        "Crossing",
        tuple(f"{kind}Crossing{size}-v0" for kind in ("Lava", "Simple") for size in ("S9N1", "S9N2", "S9N3", "S11N5")),
        {},
        "cross rivers of lava, or of walls, by their gaps",
    ),
    ("DistShift1", ("v0",), {}, "walk around lava"),
    ("DistShift2", ("v0",), {}, "walk around lava that lies elsewhere than in DistShift1"),
    ("DoorKey", ("5x5-v0", "6x6-v0", "8x8-v0", "16x16-v0"), {}, "find a key, open the door, reach the goal"),
    (
        "Dynamic-Obstacles",
        ("5x5-v0", "6x6-v0", "8x8-v0", "16x16-v0", "Random-5x5-v0", "Random-6x6-v0"),
        {},
        "reach the goal among balls that move",
    ),
    ("Empty", ("5x5-v0", "6x6-v0", "8x8-v0", "16x16-v0", "Random-5x5-v0", "Random-6x6-v0"), {}, "reach the goal in an empty room"),
    ("Fetch", ("5x5-N2-v0", "6x6-N2-v0", "8x8-N3-v0"), _MISSION, "pick up the object that the mission names"),
    ("FourRooms", ("v0",), {}, "reach the goal through four connected rooms"),
    ("GoToDoor", ("5x5-v0", "6x6-v0", "8x8-v0"), _MISSION, "say done beside the door that the mission names"),
    ("GoToObject", ("6x6-N2-v0", "8x8-N2-v0"), _MISSION, "say done beside the object that the mission names"),
    (
        "KeyCorridor",
        tuple(f"KeyCorridor{size}-v0" for size in ("S3R1", "S3R2", "S3R3", "S4R3", "S5R3", "S6R3")),
        {},
        "find the key behind one door, the object behind another",
    ),
    ("LavaGap", tuple(f"LavaGap{size}-v0" for size in ("S5", "S6", "S7")), {}, "pass the gap in a wall of lava"),
    ("LockedRoom", ("v0",), {}, "find the key in one of six rooms, open the locked one, reach the goal"),
    (
        "Memory",
        tuple(f"Memory{size}-v0" for size in ("S7", "S9", "S11", "S13", "S13Random", "S17Random")),
        {},
        "remember the object seen first and walk to its like",
    ),
    (
        "MultiRoom",
        ("N2-S4-v0", "N4-S5-v0", "N4-S5-v1", "N6-v0", "N7-S4-v0", "N7-S8-v0", "N10-S4-v0", "N10-S10-v0", "N12-S10-v0"),
        {},
        "open one door after another to the goal in the last room",
    ),
    (
        "ObstructedMaze",
        (
            "1Dl-v0",
            "1Dlh-v0",
            "1Dlhb-v0",
            "2Dl-v0",
            "2Dlh-v0",
            "2Dlhb-v0",
            "2Dlhb-v1",
            "1Q-v0",
            "1Q-v1",
            "2Q-v0",
            "2Q-v1",
            "Full-v0",
            "Full-v1",
        ),
        {},
        "pick up the blue ball behind locked doors, keys hidden in boxes, balls in the way",
    ),
    ("Playground", ("v0",), {}, "rooms full of objects, and no reward"),
    ("PutNear", ("6x6-N2-v0", "8x8-N3-v0"), _MISSION, "put one named object near another"),
    ("RedBlueDoors", ("6x6-v0", "8x8-v0"), {}, "open the red door, then the blue one"),
    ("Unlock", ("v0",), {}, "unlock a door"),
    ("UnlockPickup", ("v0",), {}, "unlock a door and pick up the box behind it"),
)


def _minigrid() -> Iterator[Entry]:
    for family, variants, kwargs, summary in _MINIGRID:
        for variant in variants:
            task = variant if family in variant else f"{family}-{variant}"
            yield Entry(
                id=f"minigrid/{task}",
                entry_point="hub_envs.minigrid:MiniGridEnv",
                vector_entry_point="hub_envs.minigrid:MiniGridVectorEnv",
                requires="gymhub-envs[minigrid]",
                summary=f"MiniGrid: {summary}",
                kwargs={"task": task, **kwargs},
            )


MINIGRID = tuple(_minigrid())
"""MiniGrid's tasks by their own names, and MultiRooms that MiniGrid itself does not register."""

NAVIGATION = (
    Entry(
        id="navigation/NonCooperative-v0",
        kind="parallel",
        entry_point="hub_envs.navigation:NavigationEnv",
        vector_entry_point="hub_envs.navigation:NavigationVectorEnv",
        requires="gymhub-envs[navigation]",
        summary="particle world: three unequal players each seek a landmark and must not collide",
    ),
    Entry(
        id="navigation/NonCooperative-Solo-v0",
        entry_point="hub_envs.navigation:NavigationSoloEnv",
        vector_entry_point="hub_envs.navigation:NavigationSoloVectorEnv",
        requires="gymhub-envs[navigation]",
        summary="particle world: one player seeks a landmark among agents that move at random",
    ),
)
"""Non-Cooperative Navigation, for several players and for one."""

HIGHWAY = (
    Entry(
        id="highway/Heterogeneous-v0",
        kind="parallel",
        entry_point="hub_envs.highway:HeterogeneousEnv",
        vector_entry_point="hub_envs.highway:HeterogeneousVectorEnv",
        requires="gymhub-envs[highway]",
        summary="motorway: five learners among fifty normal, aggressive and defensive drivers",
    ),
    Entry(
        id="highway/Heterogeneous-Solo-v0",
        entry_point="hub_envs.highway:HeterogeneousSoloEnv",
        vector_entry_point="hub_envs.highway:HeterogeneousSoloVectorEnv",
        requires="gymhub-envs[highway]",
        summary="motorway: one learner among fifty normal, aggressive and defensive drivers",
    ),
)
"""Heterogeneous traffic, for several players and for one."""

ANDROIDCONTROL: tuple[Entry, ...] = (
    Entry(
        id="androidcontrol/SOP-v0",
        entry_point="hub_envs.androidcontrol:SOPEnv",
        model="hub_envs:Solutions",
        requires="gymhub-envs",
        summary="AndroidControl-SOP (no screenshots): repeat what a person did on a phone, from goal, instruction and own history",
    ),
)
"""AndroidControl's recorded traces."""

ANDROIDWORLD = (
    Entry(
        id="androidworld/Suite-v0",
        entry_point="hub_envs.androidworld.environment:SuiteEnv",
        requires="gymhub-envs[androidworld]",
        summary="AndroidWorld's 116 tasks on a real Android device, through an android_world checkout and adb",
        deterministic=False,
    ),
    Entry(
        id="androidworld/Server-v0",
        entry_point="hub_envs.androidworld.environment:ServerEnv",
        requires="gymhub-envs[androidworld]",
        summary="AndroidWorld's 116 tasks on the real device behind its HTTP server, by screenshots alone",
        deterministic=False,
    ),
    Entry(
        id="androidworld/AndroidEnv-v0",
        entry_point="hub_envs.androidworld.touch:TouchEnv",
        requires="gymhub-envs[androidworld]",
        summary='android_env\'s tasks on an Android device: touches, rewards from its log; no score with simulator="fake"',
        deterministic=False,
    ),
)
"""Real Android devices."""

CUBE = (
    Entry(
        id="cube/Task-v0",
        entry_point="hub_envs.cube.environment:TaskEnv",
        requires="gymhub-envs[cube]",
        summary="any task of the CUBE standard, by the URL of its JSON-RPC server: tools to call, texts and images in return",
        deterministic=False,
    ),
)
"""Tasks behind a CUBE server."""

MEMO: tuple[Entry, ...] = (
    Entry(
        id="memo/Form-v0",
        entry_point="hub_envs.memo:FormEnv",
        vector_entry_point="hub_envs.memo:FormVectorEnv",
        model="hub_envs.memo:Traces",
        requires="gymhub-envs[memo]",
        summary="a row of screens: one shows a code, a later one asks for it, none shows both",
    ),
)
"""Forms that can only be filled in by who remembers."""

OSWORLD: tuple[Entry, ...] = (
    Entry(
        id="osworld/Desktop-v0",
        entry_point="hub_envs.osworld.environment:DesktopEnv",
        requires="gymhub-envs[osworld]",
        summary="OSWorld: tasks on a real desktop with real programs, in a sandbox of its own",
        model="hub_envs:Solutions",
        deterministic="outcomes",
    ),
)
"""Tasks on a real desktop."""


def _phonesim(name: str, summary: str, kwargs: Mapping[str, str]) -> Entry:
    return Entry(
        id=f"phonesim/{name}-v0",
        entry_point="hub_envs.phonesim:PhoneEnv",
        vector_entry_point="hub_envs.phonesim:PhoneVectorEnv",
        model="hub_envs:Solutions",
        requires="gymhub-envs[phonesim]",
        summary=f"phone of web apps: {summary}",
        kwargs=kwargs,
        deterministic="outcomes",
    )


PHONESIM = (
    _phonesim("Suite", "all tasks, each episode's seed picks one", {}),
    *(_phonesim(name, summary, {"task": name}) for name, summary in PHONE_TASKS),
)
"""Tasks on a simulated phone."""

ENVIRONMENTS = CORMAB + MINIGRID + HIGHWAY + NAVIGATION + ANDROIDCONTROL + ANDROIDWORLD + CUBE + MEMO + OSWORLD + PHONESIM
"""All families."""
