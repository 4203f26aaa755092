"""Checks of `rgb_array` pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import gymnasium as gym
import numpy as np

from hub.checking.leaves import fingerprints
from hub.checking.subjects import Subject
from hub.checking.transcripts import Playthrough, require_equal
from hub.checking.verdicts import FaultError, NotApplicableError, one_line
from hub.errors import MissingExtra


def render_modes_declared(subject: Subject) -> str | None:
    """Metadata lists the render modes, and an instance knows the one it was built with."""
    with subject.opened() as env:
        modes = env.metadata.get("render_modes")
        if not isinstance(modes, list | tuple) or not all(isinstance(mode, str) for mode in modes):
            raise FaultError(f"metadata['render_modes'] is {modes!r}", where="metadata", right='a list such as ["rgb_array"]')
        if "rgb_array" not in modes:
            return "no rgb_array mode, so nobody can watch an episode"
    with _rendering(subject) as env:
        if env.render_mode != "rgb_array":
            raise FaultError(f"render_mode is {env.render_mode!r}", where='built with render_mode="rgb_array"', right="'rgb_array'")
    return None


def frames_are_pictures(subject: Subject) -> str | None:
    """Render gives pictures: uint8 arrays (height, width, 3) of one size that stay as they were returned."""
    frames: list[tuple[Any, dict[str, bytes]]] = []

    def look(playthrough: Playthrough) -> None:
        frame = playthrough.env.render()
        if not isinstance(frame, np.ndarray):
            raise FaultError(
                f"render returned a {type(frame).__name__}", where=playthrough.where(), right="a uint8 array (height, width, 3)"
            )
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
            raise FaultError(
                f"the frame is {frame.dtype} of shape {frame.shape}", where=playthrough.where(), right="uint8 of shape (height, width, 3)"
            )
        if frames and frame.shape != frames[0][0].shape:
            raise FaultError(
                f"the frame's shape changed from {frames[0][0].shape} to {frame.shape}",
                where=playthrough.where(),
                right="one size for all frames",
            )
        frames.append((frame, fingerprints(frame, "frame")))

    with _rendering(subject) as env:
        Playthrough(env, seed=subject.plan.seed).finish(10, after=look)
    for step, (frame, before) in enumerate(frames):
        if fingerprints(frame, "frame") != before:
            raise FaultError("the frame returned here changed later", where=f"episode 0, step {step}", right="a new array at every call")
    if all(frame.min() == frame.max() for frame, _ in frames):
        return "every frame is of one colour"
    return None


def rendering_changes_nothing(subject: Subject) -> None:
    """An episode is the same whether it is rendered or not."""
    with _rendering(subject) as env:
        got = [
            Playthrough(env, index=0, seed=subject.plan.seed).finish(subject.plan.short, after=lambda playthrough: playthrough.env.render())
        ]
    require_equal(subject.sketch[:1], got, "rendering changed the episode", "render only looks; it draws nothing from self.np_random")


@contextlib.contextmanager
def _rendering(subject: Subject) -> Iterator[Any]:
    """Open an instance with `render_mode="rgb_array"`; raise `NotApplicableError` where there is none."""
    subject.require_playable()
    with subject.opened() as env:
        if "rgb_array" not in (env.metadata.get("render_modes") or ()):
            raise NotApplicableError("no rgb_array mode is declared")
    with contextlib.ExitStack() as stack:
        try:
            env = stack.enter_context(subject.opened(render_mode="rgb_array"))
            env.reset(seed=subject.plan.seed)
            env.render()
        except (gym.error.DependencyNotInstalled, MissingExtra) as error:
            raise NotApplicableError(f"rendering needs another package: {one_line(error, 120)}") from None
        yield env
