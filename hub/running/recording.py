"""Recording evaluated episodes as they are played (`hub run --record`): screens go to disk at once, the rest when an episode ends.

Nothing here changes what is played: a recorded run leaves the same result.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from hub.agent import Task
from hub.errors import HubError
from hub.files import write_atomically
from hub.results.files import canonical_bytes
from hub.results.models import Episode
from hub.results.recordings import Recording, Seen, Step
from hub.running.frames import MODE, Frame, frame_of, render_modes, require_pillow
from hub.running.worlds import Tick, World, open_world
from hub.running.worlds.layouts import Layout
from hub.running.worlds.leaves import Column, Leaf

SCREENSHOT = "screenshot"
LEAST_PIXELS = 64
"""An image of fewer pixels a side is a grid of symbols that nobody would call a screen."""


@contextlib.contextmanager
def open_recorded(name: str, task: Task, slots: int, folder: Path, agent: str) -> Iterator[tuple[World, EpisodeRecorder]]:
    """Open a world for `task` and a recorder of what is played in it.

    Screens come from the observations, where they hold an image; else the environments render, if they can.

    Raises:
        MissingExtra: pillow is not installed; and all that `open_world` raises.
    """
    require_pillow()
    seen = screen_leaf(task.observation_space) is not None
    renders = not seen and MODE in render_modes(name, task.env_kwargs)
    with (
        contextlib.closing(open_world(name, task.env_kwargs, slots, render_mode=MODE if renders else None)) as world,
        contextlib.closing(EpisodeRecorder(folder, world, agent, renders=renders)) as recorder,
    ):
        yield world, recorder


def screen_leaf(space: gym.Space[Any]) -> int | None:
    """Return which leaf of an observation space is the screen: the image called `screenshot`, else the largest; None without one."""
    images = {position: leaf for position, leaf in enumerate(Layout(space).leaves) if _is_screen(leaf)}
    if not images:
        return None
    return max(images, key=lambda position: (images[position].path[-1:] == (SCREENSHOT,), images[position].space.shape))


def _is_screen(leaf: Leaf) -> bool:
    """Whether a leaf's values are images; a space of a package's own may leave their size open (-1)."""
    shape = leaf.space.shape or ()
    image = leaf.space.dtype == np.uint8 and len(shape) == 3 and shape[2] == 3
    return image and all(size == -1 or size >= LEAST_PIXELS for size in shape[:2])


class EpisodeRecorder:
    """Watches a world's slots and writes a recording of each episode that ends.

    Args:
        folder: for the recordings.
        world: what is watched.
        agent: the agent's name.
        renders: whether screens are rendered by the environments instead of taken from the observations.
    """

    def __init__(self, folder: Path, world: World, agent: str, *, renders: bool) -> None:
        self._folder, self._world, self._agent, self._renders = folder, world, agent, renders
        leaves = world.observations.leaves
        self._screen = None if renders else screen_leaf(world.observations.space)
        self._free = {".".join(map(str, leaf.path)) or "observation": position for position, leaf in enumerate(leaves) if not leaf.fixed}
        self._drafts: dict[int, _Draft] = {}

    def began(self, slots: Sequence[int], episodes: Sequence[tuple[int, int]], observations: Sequence[Column]) -> None:
        """Take in the first observations of new episodes (index, seed), one row a slot."""
        for row, (slot, (index, _)) in enumerate(zip(slots, episodes, strict=True)):
            draft = self._drafts[slot] = _Draft(self._folder, index)
            draft.first = Seen(**self._seen(draft, slot, observations, row))

    def stepped(self, slots: np.ndarray, actions: Sequence[Column], tick: Tick) -> None:
        """Take in one step of `slots`."""
        layout = self._world.actions
        chosen = layout.rows([_as_json(leaf, column) for leaf, column in zip(layout.leaves, actions, strict=True)])
        for row, (slot, action) in enumerate(zip(slots.tolist(), chosen, strict=True)):
            draft = self._drafts[slot]
            draft.length += 1
            info = _plain_items(self._world.info_of(tick.infos, row, slot))
            seen = self._seen(draft, slot, tick.observations, row)
            draft.steps.append(Step(action=_finite(action), reward=float(tick.rewards[row]), info=info, **seen))

    def ended(self, slot: int, episode: Episode, transcript: list[dict[str, Any]]) -> None:
        """Write the recording of the episode that ended in `slot`."""
        draft = self._drafts.pop(slot)
        assert draft.first is not None
        draft.publish(
            Recording(
                env=self._world.name,
                agent=self._agent,
                episode=episode.model_copy(update={"actions": None}),
                first=draft.first,
                steps=draft.steps,
                transcript=transcript,
            )
        )

    def close(self) -> None:
        """Throw away what was recorded of episodes that did not end."""
        for draft in self._drafts.values():
            shutil.rmtree(draft.folder, ignore_errors=True)

    def _seen(self, draft: _Draft, slot: int, observations: Sequence[Column], row: int) -> dict[str, Any]:
        screen = None
        if self._renders:
            screen = draft.keep(frame_of(self._world.name, lambda: self._world.render(slot)))
        elif self._screen is not None:
            screen = draft.keep(observations[self._screen][row])
        free = ((name, observations[position][row]) for name, position in self._free.items())
        texts = {name: value for name, value in free if isinstance(value, str)}
        return {"screen": screen, "texts": draft.changed(texts)}


class _Draft:
    """An episode that is being recorded in a hidden folder."""

    def __init__(self, parent: Path, index: int) -> None:
        self._parent, self._index = parent, index
        self.folder = parent / f".{index}.{os.getpid()}.tmp"
        self.first: Seen | None = None
        self.steps: list[Step] = []
        self.length = 0
        self._frame: Frame | None = None
        self._name: str | None = None
        self._texts: dict[str, str] = {}
        with self._writing():
            self.folder.mkdir(parents=True)

    def keep(self, frame: Frame) -> str | None:
        """Write a frame unless it is the last one, and return its file's name."""
        if self._frame is None or not np.array_equal(frame, self._frame):
            from PIL import Image

            self._frame, self._name = frame.copy(), f"{self.length}.png"
            with self._writing():
                # the fastest level: screens are flat, and a step must not wait
                Image.fromarray(self._frame).save(self.folder / self._name, compress_level=1)
        return self._name

    def changed(self, texts: dict[str, str]) -> dict[str, str]:
        """Return which texts are not what they were."""
        new = {name: text for name, text in texts.items() if self._texts.get(name) != text}
        self._texts = texts
        return new

    def publish(self, recording: Recording) -> None:
        """Give the recording its place; the document comes last and says that it is whole."""
        file, screens = self._parent / f"{self._index}.json", self._parent / str(self._index)
        with self._writing():
            file.unlink(missing_ok=True)
            if screens.exists():
                shutil.rmtree(screens)
            self.folder.rename(screens)
        write_atomically(file, canonical_bytes(recording))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise HubError(f"cannot record to {self._parent}: {error.strerror or error}; make room there or leave out --record") from error


def _as_json(leaf: Leaf, column: Column) -> list[Any]:
    """Return a leaf's n values as JSON values."""
    if leaf.fixed:
        values: list[Any] = np.asarray(column).tolist()
        return values
    return [value if isinstance(value, str) else leaf.space.to_jsonable([value]) for value in column]


def _finite(value: Any) -> Any:
    """Return a JSON value in which numbers that JSON does not know are spelled out."""
    return json.loads(json.dumps(value), parse_constant=str)


def _plain_items(info: Mapping[Any, Any]) -> dict[str, bool | int | float | str]:
    """Return the texts and finite numbers of an info."""
    found: dict[str, bool | int | float | str] = {}
    for key, value in info.items():
        plain = value.item() if isinstance(value, (np.generic, np.ndarray)) and value.ndim == 0 else value
        if isinstance(plain, (str, bool, int)) or (isinstance(plain, float) and np.isfinite(plain)):
            found[str(key)] = plain
    return found
