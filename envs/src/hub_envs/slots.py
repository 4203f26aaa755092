"""What batches of episodes do alike, whatever is played in them: seeds, masked resets, automatic resets, infos."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

Observations = TypeVar("Observations")
Actions = TypeVar("Actions")
Frame = NDArray[np.uint8]


class Outcome(NamedTuple):
    """What a step led to in each slot, (num_envs,) each; `values`, (num_envs, ...), are what infos say of it."""

    rewards: NDArray[np.float64]
    terminations: NDArray[np.bool_]
    truncations: NDArray[np.bool_]
    values: Mapping[str, NDArray[Any]]


class SlotVectorEnv(VectorEnv[Observations, Actions, NDArray[Any]], abc.ABC):
    """`num_envs` independent episodes (slots), stepped together.

    Every slot has its own generator, seeded as Gymnasium seeds a single environment. What happens in a slot depends on its own seeds and
    actions alone.

    Follows `gymnasium.vector.SyncVectorEnv` in everything visible: seeds (an integer s gives slot i the seed s + i), `reset_mask`,
    the three autoreset modes and the layout of infos. Returned arrays are fresh.

    Args:
        num_envs: number of slots.
        observation_space: of one episode.
        action_space: of one episode.
        autoreset_mode: Gymnasium's mode or its name.
        render_mode: None or one of `metadata["render_modes"]`.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 2}  # noqa: RUF012

    def __init__(
        self,
        num_envs: int,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
        *,
        autoreset_mode: AutoresetMode | str,
        render_mode: str | None,
    ) -> None:
        if num_envs < 1:
            raise ValueError(f"num_envs must be at least 1, and is {num_envs}")
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"render_mode must be None or one of {self.metadata['render_modes']}, and is {render_mode!r}")
        self.num_envs = num_envs
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.render_mode = render_mode
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode}
        self.single_observation_space, self.single_action_space = observation_space, action_space
        self.action_space = batch_space(action_space, num_envs)
        self._rngs: list[np.random.Generator | None] = [None] * num_envs
        self._slot_seeds = [-1] * num_envs
        self._started = np.zeros(num_envs, dtype=np.bool_)
        self._over = np.zeros(num_envs, dtype=np.bool_)
        self._retired = np.zeros(num_envs, dtype=np.bool_)

    @cached_property
    def observation_space(self) -> gym.Space[Any]:  # type: ignore[override]
        """Of all slots; built when it is asked for, which takes 25 ms for each slot that shows a phone's screen."""
        return batch_space(self.single_observation_space, self.num_envs)

    @abc.abstractmethod
    def _start(self, slots: Sequence[int], seeds: Sequence[int | None]) -> None:
        """Start episodes in `slots`; where a seed is None, whatever is random comes from `_rng(slot)`."""

    @abc.abstractmethod
    def _read(self, actions: Any, ignored: NDArray[np.bool_]) -> Actions:
        """Return actions as `_play` takes them, whatever stands in the slots of `ignored`. Raises ValueError where one is none."""

    @abc.abstractmethod
    def _play(self, actions: Actions, playing: NDArray[np.bool_]) -> Outcome:
        """Play one step in the slots of `playing`; the others keep their state, and what stands in their outcome is ignored."""

    @abc.abstractmethod
    def _observe(self) -> Observations:
        """Return all slots' observations, fresh."""

    @abc.abstractmethod
    def _observe_slot(self, slot: int) -> Any:
        """Return one slot's observation, fresh."""

    @abc.abstractmethod
    def _draw(self, slot: int) -> Frame:
        """Draw one slot."""

    def _beginnings(self) -> Mapping[str, NDArray[Any]]:
        """Return what infos say of an episode when it starts, (num_envs,) each."""
        return {}

    @property  # type: ignore[override]
    def np_random(self) -> tuple[np.random.Generator, ...]:
        """Each slot's generator; may be set."""
        return tuple(self._rng(slot) for slot in range(self.num_envs))

    @np_random.setter  # type: ignore[override]
    def np_random(self, value: Sequence[np.random.Generator]) -> None:
        self._rngs, self._slot_seeds = list(value), [-1] * self.num_envs

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]
        """Each slot's last seed; -1 where it is unknown."""
        return tuple(self._slot_seeds)

    def _rng(self, slot: int) -> np.random.Generator:
        rng = self._rngs[slot]
        if rng is None:
            seed = self._slot_seeds[slot]
            rng, self._slot_seeds[slot] = seeding.np_random(None if seed < 0 else seed)
            self._rngs[slot] = rng
        return rng

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Observations, dict[str, Any]]:
        """Start episodes in all slots, or in those where `options["reset_mask"]` (num_envs,) is True.

        Args:
            seed: an integer s seeds slot i with s + i; a sequence gives each slot its seed, None goes on with the slot's generator.
            options: `{"reset_mask": mask}` or None.

        Returns:
            All slots' observations, and infos about the episodes that started. A slot that was never reset shows something arbitrary.
        """
        mask = self._reset_mask(options)
        seeds: Sequence[int | None]
        if seed is None or isinstance(seed, int | np.integer):
            seeds = [None if seed is None else int(seed) + slot for slot in range(self.num_envs)]
        else:
            seeds = seed
        if len(seeds) != self.num_envs:
            raise ValueError(f"there are {self.num_envs} slots and {len(seeds)} seeds; give one for each")
        self._begin(mask, seeds)
        return self._observe(), layout(self._beginnings(), mask)

    def _reset_mask(self, options: dict[str, Any] | None) -> NDArray[np.bool_]:
        mask: Any = (options or {}).get("reset_mask")
        if mask is None:
            return np.ones(self.num_envs, dtype=np.bool_)
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
            raise TypeError(f"options['reset_mask'] must be a numpy array of bool, not {getattr(mask, 'dtype', type(mask).__name__)}")
        if mask.shape != (self.num_envs,) or not mask.any():
            raise ValueError(f"options['reset_mask'] must have shape ({self.num_envs},) and a True entry, and is {mask}")
        return mask

    def _begin(self, mask: NDArray[np.bool_], seeds: Sequence[int | None] | None = None) -> None:
        slots = np.flatnonzero(mask).tolist()
        own = [None if seeds is None else seeds[slot] for slot in slots]
        for slot, seed in zip(slots, own, strict=True):
            if seed is not None:
                if seed < 0:
                    raise ValueError(f"slot {slot}: a seed is a whole number from 0 on, and is {seed}")
                self._rngs[slot], self._slot_seeds[slot] = None, int(seed)
        self._start(slots, own)
        self._started |= mask
        self._over &= ~mask
        self._retired &= ~mask

    def retire(self, mask: NDArray[np.bool_]) -> None:
        """Leave the slots of `mask` (num_envs,), which were reset before, out of all steps until they are reset again.

        Their rows of actions are then ignored, and their rows of what a step returns mean nothing. For whoever has no more episodes to
        play than slots: a phone need not be kept playing because others have not finished.
        """
        self._retired |= mask
        self._over &= ~mask

    def step(self, actions: Any) -> tuple[Observations, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Play one step in every slot.

        Args:
            actions: one of the action space for each slot. The row of a slot that restarts now (NEXT_STEP mode), or is retired, is ignored.

        Returns:
            Observations, rewards, terminations, truncations, infos.

        Raises:
            ResetNeeded: a slot has not been reset, or its episode is over and nothing restarts it.
            ValueError: an action has the wrong shape or values, or is forbidden.
        """
        restarting = self._over.copy()
        if not self._started.all() or (restarting.any() and self.autoreset_mode is not AutoresetMode.NEXT_STEP):
            waiting = np.flatnonzero(~self._started | restarting).tolist()
            raise ResetNeeded(f"slots {waiting} have no running episode; reset them before the next step")
        playing = ~(restarting | self._retired)
        chosen = self._read(actions, ~playing)
        if restarting.any():
            self._begin(restarting)
        rewards, terminations, truncations, values = self._play(chosen, playing)
        self._over = (terminations | truncations) & playing
        infos = layout(values, playing)
        begun = restarting
        if self.autoreset_mode is AutoresetMode.SAME_STEP and self._over.any():
            begun = self._over.copy()
            infos = {**self._final(values, begun), **layout(values, ~begun)}
            self._begin(begun)
        return self._observe(), rewards, terminations, truncations, joined(infos, layout(self._beginnings(), begun))

    def _final(self, values: Mapping[str, NDArray[Any]], ended: NDArray[np.bool_]) -> dict[str, Any]:
        last = np.full(self.num_envs, None, dtype=object)
        for slot in np.flatnonzero(ended).tolist():
            last[slot] = self._observe_slot(slot)
        return {"final_obs": last, "_final_obs": ended.copy(), "final_info": layout(values, ended), "_final_info": ended.copy()}

    def render(self) -> tuple[Frame, ...] | None:
        """Return a frame (height, width, 3) for each slot; None without a render mode."""
        if self.render_mode is None:
            return None
        if not self._started.all():
            raise ResetNeeded("there is nothing to draw before the first reset")
        return tuple(self._draw(slot) for slot in range(self.num_envs))


def layout(values: Mapping[str, NDArray[Any]], present: NDArray[np.bool_]) -> dict[str, Any]:
    """Lay infos out as Gymnasium's vector environments do: a masked array and its mask for each key, nothing when no slot has it."""
    if not present.any():
        return {}
    infos: dict[str, Any] = {}
    for key, array in values.items():
        shown = present.reshape(-1, *[1] * (array.ndim - 1))
        infos[key] = np.where(shown, array, np.zeros((), dtype=array.dtype))
        infos[f"_{key}"] = present.copy()
    return infos


def joined(infos: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """Return infos of some slots and of others together, both as `layout` lays them out."""
    together = {**infos, **others}
    for key in [key for key in others if key in infos and f"_{key}" in others]:
        together[key] = np.where(others[f"_{key}"].reshape(-1, *[1] * (others[key].ndim - 1)), others[key], infos[key])
        together[f"_{key}"] = infos[f"_{key}"] | others[f"_{key}"]
    return together
