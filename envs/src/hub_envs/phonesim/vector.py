"""Phones as a Gymnasium vector environment."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.error import DependencyNotInstalled
from gymnasium.utils import EzPickle
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from hub_envs.androidworld.actions import Action, parse
from hub_envs.phonesim import chromium
from hub_envs.phonesim.browser import BrowserError
from hub_envs.phonesim.episodes import ELEMENTS_LENGTH, Episode, begin, chosen
from hub_envs.phonesim.page import document
from hub_envs.phonesim.phones import HEIGHT, WIDTH, Phones
from hub_envs.phonesim.solutions import PhoneSolutions
from hub_envs.phonesim.touch import perform
from hub_envs.slots import Frame, Outcome, SlotVectorEnv
from hub_envs.texts import fit, text_space

Observations = dict[str, Any]
"""`elements` and `goal`, tuples of n texts; `screenshot` (n, HEIGHT, WIDTH, 3)."""

GOAL_LENGTH, ACTION_LENGTH = 1_000, 2_000


class PhoneVectorEnv(SlotVectorEnv[Observations, tuple[str, ...]], EzPickle):
    """`num_envs` phones in one Chromium, touched and looked at together; `SlotVectorEnv` says how slots behave.

    The single environment's docstring, `PhoneEnv`, is the specification; both compute the same bits.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 2}  # noqa: RUF012

    def __init__(
        self,
        num_envs: int = 1,
        *,
        task: str | None = None,
        level: str | None = None,
        screenshot: bool = True,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        kwargs = {"task": task, "level": level, "screenshot": screenshot, "autoreset_mode": autoreset_mode, "render_mode": render_mode}
        EzPickle.__init__(self, num_envs, **kwargs)
        self._tasks = chosen(task, level)
        chromium.find()
        if importlib.util.find_spec("PIL") is None:
            raise DependencyNotInstalled('the phone needs Pillow: pip install "gymhub-envs[phonesim]"')
        parts: dict[str, spaces.Space[Any]] = {"elements": text_space(ELEMENTS_LENGTH), "goal": text_space(GOAL_LENGTH)}
        if screenshot:
            parts["screenshot"] = spaces.Box(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
        super().__init__(num_envs, spaces.Dict(parts), text_space(ACTION_LENGTH), autoreset_mode=autoreset_mode, render_mode=render_mode)
        self._screenshot = screenshot
        self._phones: Phones | None = None
        self._episodes: list[Episode] = []
        self._frames = np.zeros((num_envs if screenshot else 0, HEIGHT, WIDTH, 3), dtype=np.uint8)

    @property
    def model(self) -> PhoneSolutions:
        """The tasks' own solutions, right and wrong, by the seeds of episodes."""
        return PhoneSolutions(self._tasks)

    def _start(self, slots: Sequence[int], seeds: Sequence[int | None]) -> None:
        phones = self._running(slots)
        for slot, seed in zip(slots, seeds, strict=True):
            self._episodes[slot] = begin(self._tasks, int(self._rng(slot).integers(2**31)) if seed is None else int(seed))
        loaded = phones.load({slot: self._episodes[slot].task.state(self._episodes[slot].params) for slot in slots})
        for slot, store in loaded.items():
            self._episodes[slot].before = store
        self._look(phones, slots)

    def _running(self, slots: Sequence[int]) -> Phones:
        """Return the phones, new ones where they are not there any more."""
        if self._phones is not None and self._phones.usable:
            return self._phones
        if self._started.any() and len(slots) < self.num_envs:
            raise BrowserError("the phones of all slots are gone; reset all of them")
        self.close_extras()
        self._phones = Phones(self.num_envs, document())
        self._episodes = [begin(self._tasks, 0)] * self.num_envs
        return self._phones

    def _look(self, phones: Phones, slots: Sequence[int]) -> None:
        for slot, view in phones.look(slots, pixels=self._screenshot).items():
            self._episodes[slot].show(view.elements)
            if view.pixels is not None:
                self._frames[slot] = view.pixels

    def _beginnings(self) -> Mapping[str, NDArray[Any]]:
        return self._told(np.zeros(self.num_envs), {})

    def _told(self, rewards: NDArray[np.float64], errors: Mapping[int, str]) -> Mapping[str, NDArray[Any]]:
        return {
            "task": np.array([episode.task.name for episode in self._episodes]),
            "success": (rewards == 1.0).astype(np.float64),
            "invalid": np.array([float(slot in errors) for slot in range(self.num_envs)]),
            "error": np.array([errors.get(slot, "") for slot in range(self.num_envs)]),
        }

    def _read(self, actions: Any, ignored: NDArray[np.bool_]) -> tuple[str, ...]:
        given = tuple(actions)
        if len(given) != self.num_envs:
            raise ValueError(f"actions must be {self.num_envs} texts, and are {len(given)}")
        for slot, action in enumerate(given):
            if not ignored[slot] and not isinstance(action, str):
                raise ValueError(f"slot {slot}: an action is a text, and is {action!r}")
        return given

    def _play(self, actions: tuple[str, ...], playing: NDArray[np.bool_]) -> Outcome:
        phones = self._phones
        if phones is None or not phones.usable:
            raise BrowserError("the phones are gone, or belong to another process; reset the environment")
        slots = np.flatnonzero(playing).tolist()
        read, errors = _parsed({slot: actions[slot] for slot in slots})
        errors |= perform(phones, read, {slot: self._episodes[slot].elements for slot in read})
        self._look(phones, slots)
        done = [slot for slot, action in read.items() if action.action_type == "status"]
        stores = phones.stores(done)
        rewards, terminations, truncations = np.zeros(self.num_envs), *np.zeros((2, self.num_envs), dtype=np.bool_)
        for slot in slots:
            episode = self._episodes[slot]
            episode.steps += 1
            if slot in read and read[slot].action_type == "answer":
                episode.answer = read[slot].text
            if slot in stores:
                rewards[slot], terminations[slot] = episode.score(stores[slot]), True
            else:
                truncations[slot] = episode.steps >= episode.task.budget
        return Outcome(rewards, terminations, truncations, self._told(rewards, errors))

    def _observe(self) -> Observations:
        seen: Observations = {
            "elements": tuple(episode.text for episode in self._episodes),
            "goal": tuple(_goal(episode) for episode in self._episodes),
        }
        return {**seen, "screenshot": self._frames.copy()} if self._screenshot else seen

    def _observe_slot(self, slot: int) -> Any:
        seen: Observations = {"elements": self._episodes[slot].text, "goal": _goal(self._episodes[slot])}
        return {**seen, "screenshot": self._frames[slot].copy()} if self._screenshot else seen

    def _draw(self, slot: int) -> Frame:
        if self._screenshot:
            frame: Frame = self._frames[slot].copy()
            return frame
        assert self._phones is not None
        pixels = self._phones.look([slot], pixels=True)[slot].pixels
        assert pixels is not None
        return pixels

    def close_extras(self, **kwargs: Any) -> None:
        """Throw the phones away."""
        phones = getattr(self, "_phones", None)  # None while arguments are refused: Gymnasium closes what was never whole, too
        if phones is not None:
            phones.close()


def _goal(episode: Episode) -> str:
    return fit(episode.task.goal(episode.params), GOAL_LENGTH)


def _parsed(texts: Mapping[int, str]) -> tuple[dict[int, Action], dict[int, str]]:
    """Return the actions that can be understood, and what is wrong with the others."""
    read: dict[int, Action] = {}
    errors: dict[int, str] = {}
    for slot, text in texts.items():
        try:
            read[slot] = parse(text)
        except ValueError as wrong:
            errors[slot] = str(wrong)
    return read, errors
