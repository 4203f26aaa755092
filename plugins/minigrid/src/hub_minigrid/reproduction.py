"""How the paper is reproduced: tasks, learners, demonstrations and claims, for `hub reproduce minigrid-il`.

The paper trains on MultiRoom with 7 rooms up to size 8 and with 12 up to size 10 and on ObstructedMaze 1Dlhb and 2Dlh, for 1e7 frames (3e7
on the last), and shows the mean return of the last 100 training episodes. Its abstract states no number; it says that pre-training from two
trajectories decides between an optimal policy and no learning at all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import hub
from hub_minigrid.claims import claims

SEEDS = 3

IMPLEMENTED = (
    "PPO with separate actor and critic, imitation before (pre-training) and during (concurrent) learning, RAPID's ranked buffer, BeBold's "
    "bonus and behavioural cloning, with the authors' settings; where the program departs from theirs, the page of `il-ppo` says so.",
    "MiniGrid's own levels and rules in a batched engine that equals MiniGrid step by step.",
    "Optimal demonstrations come from an exact search, others from learners stopped at a mean return of 0.1, 0.4 and 0.6.",
    "What the paper lacks: agents are judged on levels that they never met, and the gap to training levels is part of every result.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A task of the paper at one scale.

    Attributes:
        name: of the study.
        title: what a reader is shown.
        task: MiniGrid's id without `MiniGrid-`.
        optimum: mean return of shortest plans over the first training levels; the literature's for 2Dlh.
        kwargs: of the environment, besides the level set.
        frames: environment steps of each training.
        quality: of the demonstrations.
        pretrain_steps: gradient steps of pre-training.
    """

    name: str
    title: str
    task: str
    optimum: float
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    frames: int = 10_000_000
    quality: str = "optimal"
    pretrain_steps: int = 3000

    @property
    def demos(self) -> str:
        """Name of the dataset of demonstrations."""
        return f"minigrid/{self.task.lower()}/{self.quality}-v0"


ROOMS = Scale(
    name="rooms-7-4",
    title="MultiRoom, 7 rooms of size 4, 600 training levels",
    task="MultiRoom-N7-S4",
    kwargs={"num_levels": 600},
    frames=250_000,
    optimum=0.78,
    pretrain_steps=1000,
)
MAZE = Scale(name="maze-1dlhb", title="ObstructedMaze 1Dlhb", task="ObstructedMaze-1Dlhb", optimum=0.925, pretrain_steps=10_000)
PAPERS = (
    Scale(name="rooms-7-8", title="MultiRoom, 7 rooms up to size 8", task="MultiRoom-N7-S8", optimum=0.67),
    Scale(name="rooms-12-10", title="MultiRoom, 12 rooms up to size 10", task="MultiRoom-N12-S10", optimum=0.67),
    MAZE,
    Scale(
        name="maze-2dlh",
        title="ObstructedMaze 2Dlh",
        task="ObstructedMaze-2Dlh",
        frames=30_000_000,
        optimum=0.95,
        quality="policy-60",
        pretrain_steps=10_000,
    ),
)
QUALITIES = {f"q{percent}": f"minigrid/multiroom-n7-s4/policy-{percent}-v0" for percent in (10, 40, 60)} | {"optimal": ROOMS.demos}
"""Demonstrations by the mean return of who made them, in percent."""
NUMBERS = (1, 2, 10, 100)
DIVERSITIES = {
    "1-level": "minigrid/multiroom-n7-s4/policy-60-1-level-v0",
    "10-levels": "minigrid/multiroom-n7-s4/policy-60-10-levels-v0",
    "100-levels": "minigrid/multiroom-n7-s4/policy-60-v0",
}
"""A hundred demonstrations of one quality by the levels they are spread over."""


def reproduction() -> hub.Reproduction:
    """Return the paper's claims and the budgets they can be tested under."""
    return hub.Reproduction(
        claims=claims(),
        implemented=IMPLEMENTED,
        budgets={"small": small(), "sweep": sweep(), "middle": middle(), "paper": paper()},
    )


def small() -> hub.Budget:
    """Return the budget for a look: seven small rooms."""
    return hub.Budget(
        summary="seven rooms of size 4, three training seeds, 250,000 frames; about ten minutes on two cores",
        studies=(study(ROOMS, extra=(_imitator("il-pretrain", "pretrain-1", ROOMS, 1),)),),
        scaled_down=(
            "A task that is not among the paper's four, with smaller rooms; 600 training levels instead of 10,000.",
            "250,000 frames instead of 1e7.",
            "Pre-training takes 1,000 steps.",
            "RAPID's buffer holds 10,000 transitions: in so few frames hardly anything but failures enters it. What a buffer of the"
            " demonstrations alone would do is measured beside it (`concurrent-10-fixed`).",
        ),
    )


def sweep() -> hub.Budget:
    """Return the budget that asks which demonstrations help: their quality, number and diversity, in pre-training."""
    return hub.Budget(
        summary="quality, number and diversity of demonstrations in seven rooms of size 4; about twenty minutes on two cores",
        studies=(
            _sweep(
                "quality-and-number",
                "Pre-training on demonstrations of four qualities, one to a hundred of them",
                {f"{quality}-{number}": (demos, number) for quality, demos in QUALITIES.items() for number in NUMBERS},
            ),
            _sweep(
                "diversity",
                "Pre-training on ten or a hundred demonstrations from one, ten or a hundred levels",
                {f"{levels}-{number}": (demos, number) for levels, demos in DIVERSITIES.items() for number in (10, 100)},
            ),
        ),
        scaled_down=(
            "As in budget `small`; demonstrations of learners are successes of one learner at the moment it reached its quality.",
        ),
    )


def middle() -> hub.Budget:
    """Return the budget that tests the main learners on one of the paper's own tasks, for a fifth of its frames."""
    scale = dataclasses.replace(PAPERS[0], name="rooms-7-8-short", title=f"{PAPERS[0].title}, 2,000,000 frames", frames=2_000_000)
    whole = study(scale)
    wanted = ("pretrain-2", "pretrain-10", "concurrent-10", "both-10", "ppo", "rapid")
    return hub.Budget(
        summary="MultiRoom with 7 rooms up to size 8 and 10,000 training levels, three training seeds; about half an hour on two cores",
        studies=(dataclasses.replace(whole, entrants=tuple(each for each in whole.entrants if each.label in wanted)),),
        scaled_down=("One of the paper's four tasks, 2e6 frames instead of 1e7, and without BeBold and cloning.",),
    )


def paper() -> hub.Budget:
    """Return the budget of the paper: its four tasks, one of them also with the authors' own two demonstrations."""
    authors = _imitator("il-pretrain", "authors-2", MAZE, 2, "minigrid/obstructedmaze-1dlhb/authors-suboptimal-v0")
    return hub.Budget(
        summary="the paper's tasks for 1e7 frames, 3e7 on ObstructedMaze 2Dlh, three training seeds; about a day and a half of one core",
        studies=tuple(study(scale, extra=(authors,) if scale is MAZE else ()) for scale in PAPERS),
        scaled_down=("Three training seeds; how many the paper has could not be read.", "One set of demonstrations for each task."),
    )


def study(scale: Scale, extra: tuple[hub.Entrant, ...] = ()) -> hub.Study:
    """Return all learners on one task, with `extra` ones behind the paper's."""
    papers = (
        _imitator("il-pretrain", "pretrain-2", scale, 2),
        _imitator("il-pretrain", "pretrain-10", scale, 10),
        _imitator("il-concurrent", "concurrent-10", scale, 10),
        _imitator("il-concurrent", "concurrent-10-fixed", scale, 10, grow=False),
        _imitator("il-both", "both-10", scale, 10),
    )
    others = (
        hub.Entrant(agent="il-ppo", label="ppo", train_steps=scale.frames),
        hub.Entrant(agent="rapid", train_steps=scale.frames),
        hub.Entrant(agent="bebold", train_steps=scale.frames),
        hub.Entrant(agent="bc", label="bc-2", args={"demos": scale.demos, "trajectories": 2}),
        hub.Entrant(agent="bc", label="bc-100", args={"demos": scale.demos, "trajectories": 100}),
        hub.Entrant(agent="random", role="null"),
    )
    return _study(scale.name, scale.title, scale, (*papers, *extra, *others))


def _sweep(name: str, title: str, demonstrations: Mapping[str, tuple[str, int]]) -> hub.Study:
    """Return learners that differ in nothing but their demonstrations: label to dataset and number of trajectories."""
    learners = [_imitator("il-pretrain", label, ROOMS, number, demos) for label, (demos, number) in demonstrations.items()]
    return _study(name, title, ROOMS, (*learners, hub.Entrant(agent="il-ppo", label="ppo", train_steps=ROOMS.frames)))


def _study(name: str, title: str, scale: Scale, entrants: tuple[hub.Entrant, ...]) -> hub.Study:
    # The learners that record demonstrations start from the scale's own, so those come first.
    datasets = dict.fromkeys([scale.demos, *(entrant.args["demos"] for entrant in entrants if "demos" in entrant.args)])
    return hub.Study(
        name=name,
        title=title,
        env=f"minigrid/{scale.task}-v0",
        tasks=({"levels": "test", **scale.kwargs},) * SEEDS,
        episodes=100,
        entrants=entrants,
        curve="return_mean",
        threshold=round(0.9 * scale.optimum, 4),
        datasets=tuple(datasets),
    )


def _imitator(agent: str, label: str, scale: Scale, trajectories: int, demos: str | None = None, **settings: Any) -> hub.Entrant:
    args = {"demos": demos or scale.demos, "trajectories": trajectories, **settings}
    if agent != "il-concurrent":
        args["pretrain_steps"] = scale.pretrain_steps
    return hub.Entrant(agent=agent, label=label, role="paper", args=args, train_steps=scale.frames)
