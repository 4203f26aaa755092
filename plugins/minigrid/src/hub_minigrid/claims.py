"""What the paper claims, as `hub reproduce minigrid-il` judges it: differences of returns, since PPO alone often has none.

Entrants are named by how they use demonstrations and by how many there are: `pretrain-2` imitates two of them before it learns.
"""

from __future__ import annotations

import dataclasses

import hub

ROOMS = ("rooms-7-4",)
"""The study of budget `small`."""
MIDDLE = ("rooms-7-8-short",)
"""The study of budget `middle`."""
PAPERS = ("rooms-7-8", "rooms-12-10", "maze-1dlhb", "maze-2dlh")
"""The studies of budget `paper`."""
QUALITY, DIVERSITY = ("quality-and-number",), ("diversity",)
"""The studies of budget `sweep`."""


def claims() -> tuple[hub.Claim, ...]:
    """Return all claims, those of the small budget first."""
    return (*_small(), *_sweep(), *_middle(), *_paper())


def _small() -> tuple[hub.Claim, ...]:
    published = hub.Published(value=2, unit="trajectories between an optimal policy and no learning at all", where="abstract")
    decides = _more("Two demonstrations before PPO decide between near-optimal play and none.", "pretrain-2", ("ppo",), ROOMS)
    during = ("concurrent-10", "concurrent-10-fixed")
    return (
        dataclasses.replace(decides, at_least=0.55, published=published),
        _sooner("Pre-training on two demonstrations makes learning faster than PPO alone.", "pretrain-2", ("ppo",), ROOMS),
        _more("Imitation of ten demonstrations during learning beats PPO alone.", "concurrent-10", ("ppo",), ROOMS),
        _more(
            "Imitation of ten demonstrations during learning, from a fixed buffer, beats PPO alone.", "concurrent-10-fixed", ("ppo",), ROOMS
        ),
        _sooner("Imitation of ten demonstrations during learning makes it faster than PPO alone.", "concurrent-10", ("ppo",), ROOMS),
        _sooner(
            "Imitation of ten demonstrations during learning, from a fixed buffer, is faster than PPO.",
            "concurrent-10-fixed",
            ("ppo",),
            ROOMS,
        ),
        _more("Pre-training on two demonstrations beats imitating ten during learning, by either buffer.", "pretrain-2", during, ROOMS),
        _sooner("Imitation before and during learning is faster than during it alone.", "both-10", during, ROOMS),
        _more("Two demonstrations are worth more than exploration: they beat RAPID and BeBold.", "pretrain-2", ("rapid", "bebold"), ROOMS),
        _more("Learning goes beyond its two demonstrations: it beats cloning them.", "pretrain-2", ("bc-2",), ROOMS),
    )


def _sweep() -> tuple[hub.Claim, ...]:
    return (
        _sooner("Ten optimal demonstrations make learning faster than one.", "optimal-10", ("optimal-1",), QUALITY),
        _sooner("Two optimal demonstrations make learning faster than two poor ones.", "optimal-2", ("q10-2",), QUALITY),
        _more("Even from a hundred poor demonstrations an agent learns more than by PPO alone.", "q10-100", ("ppo",), QUALITY),
        _sooner("A hundred demonstrations help more from a hundred levels than from one.", "100-levels-100", ("1-level-100",), DIVERSITY),
        _sooner("Ten demonstrations from ten levels help more than a hundred from one.", "10-levels-10", ("1-level-100",), DIVERSITY),
    )


def _middle() -> tuple[hub.Claim, ...]:
    where = "In seven rooms up to size 8"
    return (
        _more(f"{where}, pre-training on two demonstrations beats PPO and RAPID.", "pretrain-2", ("ppo", "rapid"), MIDDLE),
        _sooner(f"{where}, pre-training on two demonstrations is faster than PPO and RAPID.", "pretrain-2", ("ppo", "rapid"), MIDDLE),
        _more(f"{where}, imitation of ten demonstrations during learning beats PPO and RAPID.", "concurrent-10", ("ppo", "rapid"), MIDDLE),
        _sooner(f"{where}, imitation before and during learning is faster than before it alone.", "both-10", ("pretrain-10",), MIDDLE),
    )


def _paper() -> tuple[hub.Claim, ...]:
    alone = ("ppo", "rapid", "bebold")
    return (
        _sooner("On the paper's tasks, pre-training on two demonstrations is faster than PPO alone.", "pretrain-2", ("ppo",), PAPERS),
        _sooner("On the paper's tasks, imitation during learning is faster than PPO, RAPID and BeBold.", "concurrent-10", alone, PAPERS),
        _more("On the paper's tasks, imitation before and during learning ends above PPO, RAPID and BeBold.", "both-10", alone, PAPERS),
    )


def _more(text: str, agent: str, over: tuple[str, ...], studies: tuple[str, ...]) -> hub.Claim:
    """Claim a higher return of the trained agent."""
    return hub.Claim(text=text, agent=agent, over=over, studies=studies, measure="difference")


def _sooner(text: str, agent: str, over: tuple[str, ...], studies: tuple[str, ...]) -> hub.Claim:
    """Claim a higher learning curve, on average over the training."""
    return hub.Claim(text=text, agent=agent, over=over, studies=studies, measure="difference", quantity="curve")
