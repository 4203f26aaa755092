"""Open populations as a Gymnasium vector environment, whatever couples the arms: every slot plays an instance of its own."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from hub_envs.cormab.arms import LEVELS, START_PROBABILITY
from hub_envs.cormab.open_population.coupling import Coupling
from hub_envs.cormab.open_population.family import CHANCES, REWARDS, TRAITS, Family, Script, draw_script
from hub_envs.cormab.open_population.reading import Observation, Reader
from hub_envs.cormab.slots import BanditVectorEnv
from hub_envs.cormab.vector import Moment
from hub_envs.slots import Frame


class OpenVectorEnv(BanditVectorEnv[Observation]):
    """`num_envs` episodes, each with its own arms, budget and supply; `BanditVectorEnv` says how slots behave.

    A subclass names the coupling; the single environment's docstring says what the task is and what the arguments mean.
    """

    coupling: ClassVar[Coupling]

    def __init__(
        self,
        num_envs: int = 1,
        *,
        min_arms: int = 10,
        max_arms: int = 40,
        places: int | None = None,
        budget_share: float = 0.25,
        leave: float = 0.02,
        arrive: float = 0.2,
        horizon: int = 20,
        start_probability: float = START_PROBABILITY,
        infeasible: Literal["noop", "error"] = "noop",
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        self.family = family = Family(
            coupling=self.coupling,
            min_arms=min_arms,
            max_arms=max_arms,
            places=max_arms if places is None else places,
            budget_share=budget_share,
            leave=leave,
            arrive=arrive,
            horizon=horizon,
            start_probability=start_probability,
        )
        self.model = Reader(family)
        super().__init__(
            num_envs,
            self.model.space,
            spaces.MultiBinary(family.places),
            horizon=family.horizon,
            infeasible=infeasible,
            autoreset_mode=autoreset_mode,
            render_mode=render_mode,
        )
        shape = (num_envs, family.places)
        self._scripts: list[Script | None] = [None] * num_envs
        self._present = np.zeros(shape, dtype=np.bool_)
        self._levels = np.zeros(shape, dtype=np.int64)
        self._facts = np.zeros((*shape, family.facts))
        self._uniforms = np.zeros(shape)
        self._budgets = np.zeros(num_envs, dtype=np.int64)
        self._supplies = np.zeros((num_envs, family.coupling.supply))
        self._last: dict[int, tuple[NDArray[np.int8], float, float]] = {}

    def _draw_numbers(self, slot: int, rng: np.random.Generator) -> None:
        script = draw_script(rng, self.family)
        self._scripts[slot] = script
        self._budgets[slot], self._supplies[slot] = script.budget, script.supply
        self._uniforms[slot] = script.uniforms[0]
        self._settle(slot, script, script.who[0], np.ones(self.family.places, dtype=np.bool_))
        self._last.pop(slot, None)

    def _settle(self, slot: int, script: Script, who: NDArray[np.int64], fresh: NDArray[np.bool_]) -> None:
        """Let arms `who` (P,) be in the slot's places; the `fresh` ones are in the level they arrive in."""
        self._facts[slot] = script.facts[who]
        self._present[slot] = who >= 0
        self._levels[slot] = np.where(fresh, script.first[who], self._levels[slot])

    def _feasible(self, actions: NDArray[np.int8]) -> NDArray[np.bool_]:
        here = ((actions == 0) | self._present).all(axis=1)
        fits = self.family.coupling.fits(actions * self._present, self._facts[..., TRAITS], self._supplies, self._budgets)
        feasible: NDArray[np.bool_] = here & fits
        return feasible

    def _violation(self, slot: int, action: NDArray[np.int8]) -> str:
        empty = np.flatnonzero((action > 0) & ~self._present[slot])
        if empty.size:
            return f"it pulls place {empty[0]}, where no arm is"
        situation = self.model.read(self._observe_slot(slot))
        return str(situation.problem.actions.violation(action[situation.places]))

    def _pull(self, actions: NDArray[np.int8], playing: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        chances, rewards = self._facts[..., CHANCES], self._facts[..., REWARDS]
        probability = np.where(actions > 0, chances[..., 1], chances[..., 0])
        above, below = np.minimum(self._levels + 1, LEVELS - 1), np.maximum(self._levels - 1, 0)
        up, down = (np.take_along_axis(rewards, level[..., None], axis=2)[..., 0] for level in (above, below))
        rises = self._uniforms < probability
        paid = np.where(rises, up, down).sum(axis=1)
        expected = (down + probability * (up - down)).sum(axis=1)
        self._levels = np.where(playing[:, None] & self._present, np.where(rises, above, below), self._levels)
        for slot in np.flatnonzero(playing).tolist():
            self._last[slot] = actions[slot], float(paid[slot]), float(expected[slot])
            self._move_population(slot)
        return paid, expected

    def _move_population(self, slot: int) -> None:
        """Let arms leave and arrive after a step, and lay out the next step's uniforms."""
        script, step = self._script(slot), int(self._steps[slot])
        before, now = script.who[step - 1], script.who[step]
        if (before != now).any():
            self._settle(slot, script, now, before != now)
        if step < self.horizon:
            self._uniforms[slot] = script.uniforms[step]

    def _script(self, slot: int) -> Script:
        script = self._scripts[slot]
        assert script is not None
        return script

    def _observe(self) -> Observation:
        return self._written(slice(None))

    def _observe_slot(self, slot: int) -> Observation:
        return {name: values[0] for name, values in self._written(slice(slot, slot + 1)).items()}

    def _written(self, slots: slice) -> Observation:
        started = self._started[slots]
        left = np.where(started, self.horizon - self._steps[slots], 0)
        likely = np.where(started[:, None], [self.family.leave, self.family.arrive], 0.0)
        shared = np.column_stack([self._budgets[slots], left, likely, self._supplies[slots]])
        return self.model.write(self._levels[slots], self._facts[slots], self._present[slots], shared)

    def _draw(self, slot: int) -> Frame:
        from hub_envs.cormab.open_population.drawing import draw_population

        step = int(self._steps[slot])
        action, reward, expected = self._last.get(slot, (None, None, None))
        moment = Moment(self._levels[slot], step, float(self._totals[slot]), action, reward, expected)
        return draw_population(self.family, self._facts[slot], self._present[slot], self._supplies[slot], moment)
