"""A world of one native batched environment.

All slots of a `VectorEnv` step together, and one whose episode has ended cannot be stepped until it is reset. A slot that waits for no
further episode is therefore retired, where the environment knows how (`retire`). Else it is put back, before every step, to the start of
its last episode and given the action that the agent chose there: an action known to be allowed in that state, even where fewer are allowed
than the action space holds. What it answers is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv

from hub.running.worlds.base import FaultError, Tick, World, flag_column, lacks_metric, number_column, raised, reward_column
from hub.running.worlds.layouts import place, take
from hub.running.worlds.leaves import Column, MisfitError


class NativeWorld(World):
    """The slots of a vector environment that was built with autoreset disabled."""

    def __init__(self, name: str, environment: VectorEnv[Any, Any, Any]) -> None:
        super().__init__(name, environment.num_envs, environment.single_observation_space, environment.single_action_space)
        self._environment = environment
        self._seeds: list[int] = []
        self._first: list[Column] = []
        self._unplayed = np.zeros(self.slots, np.bool_)

    def reset(self, slots: Sequence[int], seeds: Sequence[int]) -> list[Column]:
        """Start new episodes in `slots`."""
        rows = np.asarray(slots)
        mask = np.zeros(self.slots, np.bool_)
        mask[rows] = True
        if not self._seeds:  # slots that are not asked for play the first episode too, until they are
            self._seeds = [seeds[0]] * self.slots
            mask[:] = True
        for slot, seed in zip(slots, seeds, strict=True):
            self._seeds[slot] = seed
        self._unplayed[rows] = True
        return self._rows(self._restart(mask), rows)

    def step(self, actions: Sequence[Column], slots: np.ndarray) -> Tick:
        """Step all slots and keep what `slots` answer."""
        batch = self._spread(actions, slots)
        try:
            outcome = self._environment.step(self.actions.join(batch))
        except Exception as error:
            raise FaultError(0, raised("step of the batched environment", error)) from error
        if not (isinstance(outcome, tuple) and len(outcome) == 5):
            raise FaultError(
                0, "step of the batched environment returned something else than (observations, rewards, terminated, truncated, infos)"
            )
        observations, rewards, terminated, truncated, infos = outcome
        n = len(slots)
        return Tick(
            self._rows(observations, slots),
            reward_column(_picked(rewards, slots), n),
            flag_column(_picked(terminated, slots), n, "terminated"),
            flag_column(_picked(truncated, slots), n, "truncated"),
            infos,
        )

    def info_numbers(self, infos: Any, key: str, slots: np.ndarray) -> np.ndarray:
        """Return `infos[key]` of every slot; Gymnasium marks by `infos["_key"]` which slots gave one."""
        if key not in infos:
            raise FaultError(0, lacks_metric(key, infos))
        given = infos.get(f"_{key}")
        if given is not None and not np.asarray(given)[slots].all():
            raise FaultError(int(np.argmin(np.asarray(given)[slots])), lacks_metric(key, [name for name in infos if name != key]))
        return number_column(list(_picked(infos[key], slots)), key)

    def info_of(self, infos: Any, row: int, slot: int) -> Mapping[Any, Any]:
        """Return the slot's values of whatever the infos hold for every slot."""
        held = {key: values for key, values in infos.items() if isinstance(values, (np.ndarray, list, tuple)) and len(values) == self.slots}
        given = {key: f"_{key}" not in held or held[f"_{key}"][slot] for key in held}
        return {key: values[slot] for key, values in held.items() if given[key] and not (key.startswith("_") and key[1:] in held)}

    def close(self) -> None:
        """Close the vector environment."""
        self._environment.close()

    def _restart(self, mask: np.ndarray) -> Any:
        try:
            outcome = self._environment.reset(seed=list(self._seeds), options={"reset_mask": mask})  # type: ignore[arg-type]
        except Exception as error:
            raise FaultError(0, raised("reset of the batched environment", error)) from error
        if not (isinstance(outcome, tuple) and len(outcome) == 2):
            raise FaultError(0, "reset of the batched environment returned something else than the pair (observations, infos)")
        return outcome[0]

    def _spread(self, actions: Sequence[Column], slots: np.ndarray) -> Sequence[Column]:
        """Return actions for all slots, and retire or restart those that do not play."""
        if not self._first:
            self._first = take(actions, np.zeros(self.slots, np.intp))
        if self._unplayed.any():
            new = np.flatnonzero(self._unplayed[slots])
            place(self._first, slots[new], take(actions, new))
            self._unplayed[:] = False
        if len(slots) == self.slots:
            return actions
        idle = np.ones(self.slots, np.bool_)
        idle[slots] = False
        retire = getattr(self._environment, "retire", None)
        if retire is None:
            self._restart(idle)
        else:
            retire(idle)
        batch = take(self._first, np.arange(self.slots))
        place(batch, slots, actions)
        return batch

    def _rows(self, observations: Any, slots: np.ndarray) -> list[Column]:
        """Return copies of the slots' rows: the environment may go on writing into its own arrays."""
        try:
            columns = [leaf_rows(observations, leaf.path, slots) for leaf in self.observations.leaves]
            return [leaf.accept(column, len(slots)) for leaf, column in zip(self.observations.leaves, columns, strict=True)]
        except MisfitError as misfit:
            raise FaultError(misfit.row, f"observation{misfit.reason}") from None
        except (KeyError, IndexError, TypeError):
            raise FaultError(0, f"observations of the batched environment are not stacked values of {self.observations.space}") from None


def leaf_rows(batch: Any, path: tuple[str | int, ...], slots: np.ndarray) -> Any:
    """Return the slots' rows of one leaf of a stacked batch."""
    for key in path:
        batch = batch[key]
    return _picked(batch, slots)


def _picked(values: Any, slots: np.ndarray) -> Any:
    """Return the slots' values; the environment's own, uncopied, where all slots are asked for."""
    if len(slots) == len(values) == slots[-1] + 1:
        return values
    return values[slots] if isinstance(values, np.ndarray) else [values[slot] for slot in slots]
