"""What batches of episodes do alike, whatever is played in them: seeds, masked resets, automatic resets, refused actions, infos."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

Observations = TypeVar("Observations")
Frame = NDArray[np.uint8]


class SlotVectorEnv(VectorEnv[Observations, NDArray[np.int8], NDArray[Any]], abc.ABC):
    """`num_envs` independent episodes (slots) of `horizon` steps, stepped together; actions are rows of zeros and ones.

    Every slot has its own generator, seeded as Gymnasium seeds a single environment. An episode draws all its random numbers when it
    starts, so what happens in a slot depends on its own seed and actions alone.

    Follows `gymnasium.vector.SyncVectorEnv` in everything visible: seeds (an integer s gives slot i the seed s + i), `reset_mask`,
    the three autoreset modes and the layout of infos. Returned arrays are fresh.

    Args:
        num_envs: number of slots.
        observation_space: of one episode.
        action_space: of one episode, `MultiBinary`.
        horizon: steps of an episode.
        infeasible: what a forbidden action does: `"noop"` plays the zero action and says so in `info["infeasible"]`; `"error"` raises
            ValueError.
        autoreset_mode: Gymnasium's mode or its name.
        render_mode: None or `"rgb_array"`.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 2}  # noqa: RUF012

    def __init__(
        self,
        num_envs: int,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
        *,
        horizon: int,
        infeasible: Literal["noop", "error"],
        autoreset_mode: AutoresetMode | str,
        render_mode: str | None,
    ) -> None:
        if num_envs < 1:
            raise ValueError(f"num_envs must be at least 1, and is {num_envs}")
        if infeasible not in ("noop", "error"):
            raise ValueError(f'infeasible must be "noop" or "error", and is {infeasible!r}')
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"render_mode must be None or one of {self.metadata['render_modes']}, and is {render_mode!r}")
        self.num_envs = num_envs
        self.horizon = horizon
        self.infeasible = infeasible
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.render_mode = render_mode
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode}
        self.single_observation_space, self.single_action_space = observation_space, action_space
        self.observation_space = batch_space(observation_space, num_envs)
        self.action_space = batch_space(action_space, num_envs)
        self._rngs: list[np.random.Generator | None] = [None] * num_envs
        self._slot_seeds = [-1] * num_envs
        self._steps = np.zeros(num_envs, dtype=np.int64)
        self._totals = np.zeros(num_envs)
        self._started = np.zeros(num_envs, dtype=np.bool_)
        self._over = np.zeros(num_envs, dtype=np.bool_)

    @abc.abstractmethod
    def _start(self, slot: int, rng: np.random.Generator) -> None:
        """Start an episode in `slot`, with all its random numbers drawn from `rng`."""

    @abc.abstractmethod
    def _play(self, actions: NDArray[np.int8], playing: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Play allowed actions (num_envs, N) in the slots of `playing`, whose steps are counted already; others keep their state.

        Returns:
            Rewards and their expectations, (num_envs,); what stands in slots that do not play is ignored.
        """

    @abc.abstractmethod
    def _feasible(self, actions: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Say for each slot whether its action is allowed; the zero action always is."""

    @abc.abstractmethod
    def _violation(self, slot: int, action: NDArray[np.int8]) -> str:
        """Say what a forbidden action breaks."""

    @abc.abstractmethod
    def _observe(self) -> Observations:
        """Return all slots' observations, fresh."""

    @abc.abstractmethod
    def _observe_slot(self, slot: int) -> Any:
        """Return one slot's observation, fresh."""

    @abc.abstractmethod
    def _draw(self, slot: int) -> Frame:
        """Draw one slot."""

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
            rng, self._slot_seeds[slot] = seeding.np_random()
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
            All slots' observations, and an empty info. A slot that was never reset shows zeros.
        """
        mask = self._reset_mask(options)
        seeds: Sequence[int | None]
        if seed is None or isinstance(seed, int | np.integer):
            seeds = [None if seed is None else int(seed) + slot for slot in range(self.num_envs)]
        else:
            seeds = seed
        if len(seeds) != self.num_envs:
            raise ValueError(f"there are {self.num_envs} slots and {len(seeds)} seeds; give one for each")
        for slot in np.flatnonzero(mask).tolist():
            if seeds[slot] is not None:
                self._rngs[slot], self._slot_seeds[slot] = seeding.np_random(seeds[slot])
        self._begin(mask)
        return self._observe(), {}

    def _reset_mask(self, options: dict[str, Any] | None) -> NDArray[np.bool_]:
        mask: Any = (options or {}).get("reset_mask")
        if mask is None:
            return np.ones(self.num_envs, dtype=np.bool_)
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
            raise TypeError(f"options['reset_mask'] must be a numpy array of bool, not {getattr(mask, 'dtype', type(mask).__name__)}")
        if mask.shape != (self.num_envs,) or not mask.any():
            raise ValueError(f"options['reset_mask'] must have shape ({self.num_envs},) and a True entry, and is {mask}")
        return mask

    def _begin(self, mask: NDArray[np.bool_]) -> None:
        for slot in np.flatnonzero(mask).tolist():
            self._start(slot, self._rng(slot))
        self._steps[mask] = 0
        self._totals[mask] = 0.0
        self._started |= mask
        self._over &= ~mask

    def step(
        self, actions: NDArray[np.int8]
    ) -> tuple[Observations, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Play one step in every slot.

        Args:
            actions: (num_envs, N) zeros and ones. The row of a slot that restarts now (NEXT_STEP mode) is ignored.

        Returns:
            Observations, rewards, terminations (never), truncations (at the horizon), infos with `expected_reward` and `infeasible`
            (whether the action was forbidden and the zero action played instead).

        Raises:
            ResetNeeded: a slot has not been reset, or its episode is over and nothing restarts it.
            ValueError: an action has the wrong shape or values, or is forbidden while `infeasible="error"`.
        """
        restarting = self._over.copy()
        if not self._started.all() or (restarting.any() and self.autoreset_mode is not AutoresetMode.NEXT_STEP):
            waiting = np.flatnonzero(~self._started | restarting).tolist()
            raise ResetNeeded(f"slots {waiting} have no running episode; reset them before the next step")
        playing = ~restarting
        chosen, refused = self._allowed(actions, restarting)
        if restarting.any():
            self._begin(restarting)
        self._steps += playing
        paid, expected = self._play(chosen, playing)
        rewards = np.where(playing, paid, 0.0)
        self._totals += rewards
        self._over = self._steps >= self.horizon
        truncations = self._over.copy()
        values = {"expected_reward": expected, "infeasible": refused}
        infos = layout(values, playing)
        if self.autoreset_mode is AutoresetMode.SAME_STEP and truncations.any():
            infos = {**self._final(values, truncations), **layout(values, ~truncations)}
            self._begin(truncations)
        return self._observe(), rewards, np.zeros(self.num_envs, dtype=np.bool_), truncations, infos

    def _allowed(self, actions: NDArray[Any], ignored: NDArray[np.bool_]) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
        """Return the actions to play and which of the given ones were forbidden."""
        given = np.asarray(actions)
        if given.shape != self.action_space.shape:
            raise ValueError(f"actions must have shape {self.action_space.shape} and have {given.shape}")
        if ignored.any():
            given = np.where(ignored[:, None], 0, given)
        if not ((given == 0) | (given == 1)).all():
            slot = int(((given != 0) & (given != 1)).any(axis=1).argmax())
            raise ValueError(f"slot {slot}: an action holds zeros and ones only, not {given[slot].tolist()}")
        chosen = given.astype(np.int8)
        refused = ~self._feasible(chosen)
        if refused.any():
            if self.infeasible == "error":
                slot = int(refused.argmax())
                raise ValueError(f"slot {slot}: infeasible action: {self._violation(slot, chosen[slot])}")
            chosen[refused] = 0
        return chosen, refused

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
        infos[key] = np.where(present, array, np.zeros((), dtype=array.dtype))
        infos[f"_{key}"] = present.copy()
    return infos
