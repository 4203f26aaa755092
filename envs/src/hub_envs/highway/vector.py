"""Heterogeneous traffic as a Gymnasium vector environment: a thin shell over `simulation`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from hub_envs.highway.collisions import OTHER_LANE_CHANGE, OWN_LANE_CHANGE, REAR_END, STRUCK_FROM_BEHIND
from hub_envs.highway.scoring import FEATURES, ROWS, observe, overview, rewards
from hub_envs.highway.simulation import NO_ACTION, SIMULATIONS_PER_SECOND, Rules, play
from hub_envs.highway.spawning import Spawn, parse_mix, spawn
from hub_envs.highway.state import CAUSE, CRASHED, KIND, SPEED, Traffic, empty_traffic, one
from hub_envs.players import PlayersOutcome, PlayersVectorEnv
from hub_envs.slots import Frame

ACTIONS = 5
_CAUSES = {
    "crash_rear_end": REAR_END,
    "crash_struck": STRUCK_FROM_BEHIND,
    "crash_own_lane_change": OWN_LANE_CHANGE,
    "crash_other_lane_change": OTHER_LANE_CHANGE,
}
_LARGEST_ID = 2**31 - 1


class HeterogeneousVectorEnv(PlayersVectorEnv):
    """`num_envs` independent roads, stepped together; `PlayersVectorEnv` says how slots and players behave.

    The docstring of the PettingZoo form, `HeterogeneousEnv`, is the specification; both compute the same bits.

    Attributes:
        traffic: the state of every car; `hub_envs.highway.state` says what is where.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 5}  # noqa: RUF012

    def __init__(
        self,
        num_envs: int = 1,
        *,
        mix: str | Sequence[float] = "chaotic",
        density: float = 1.0,
        dynamics: Literal["paper", "released"] = "paper",
        agents: int = 5,
        vehicles: int = 50,
        lanes: int = 8,
        duration: int = 90,
        post_crash_reward: bool = False,
        autopilot: bool = False,
        ids: bool = True,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        if dynamics not in ("paper", "released"):
            raise ValueError(f'dynamics must be "paper" or "released", and is {dynamics!r}')
        for name, value, least in (("agents", agents, 1), ("vehicles", vehicles, 0), ("lanes", lanes, 1), ("duration", duration, 1)):
            if not isinstance(value, int) or value < least:
                raise ValueError(f"{name} must be a whole number of at least {least}, and is {value!r}")
        if not density > 0:
            raise ValueError(f"density must be greater than 0, and is {density!r}")
        self._spawn = Spawn(players=agents, vehicles=vehicles, lanes=lanes, density=density, mix=parse_mix(mix))
        rows = spaces.Box(-1.0, 1.0, (ROWS, FEATURES), np.float32)
        numbered = spaces.Dict({"ids": spaces.Box(0, _LARGEST_ID, (ROWS,), np.int64), "vehicles": rows})
        super().__init__(
            num_envs,
            agents,
            numbered if ids else rows,
            spaces.Discrete(ACTIONS),
            spaces.Box(-np.inf, np.inf, (self._spawn.cars, FEATURES), np.float32),
            autoreset_mode=autoreset_mode,
            render_mode=render_mode,
        )
        self._ids, self._duration, self._post_crash_reward = ids, duration, post_crash_reward
        self._rules = Rules(lanes, dynamics == "released", autopilot, SIMULATIONS_PER_SECOND)
        self._cars = self._spawn.player_cars()
        self.traffic: Traffic = empty_traffic(num_envs, self._spawn.cars)

    @property
    def kinds(self) -> NDArray[np.int8]:
        """(num_envs, cars): who drives each car, 0 a player, 1 a normal, 2 an aggressive, 3 a defensive driver; fresh."""
        return self.traffic.labels[:, KIND].astype(np.int8)

    def state(self) -> NDArray[np.float32]:
        """Return presence, x, y (m), vx and vy (m/s) of every car, (num_envs, cars, 5), fresh."""
        return overview(self.traffic)

    def _start_games(self, slots: Sequence[int], seeds: Sequence[int | None]) -> None:
        for slot in slots:
            spawn(self.traffic, slot, self._spawn, self._rng(slot))

    def _play_players(self, actions: NDArray[np.int64], playing: NDArray[np.bool_]) -> PlayersOutcome:
        traffic, acted = self.traffic, self.in_game & playing[:, None]
        before = self._players(CRASHED)
        play(traffic, self._cars, np.where(acted & ~before, actions, NO_ACTION), playing, self._rules)
        crashed, everything = self._players(CRASHED), rewards(traffic, self._cars, self._rules.lanes)
        late = traffic.steps >= self._duration * self._rules.steps_per_second
        ended = (crashed & acted) if not self._post_crash_reward else acted & crashed.all(axis=1, keepdims=True)
        return PlayersOutcome(
            np.where(acted, everything, 0.0),
            ended,
            acted & ~ended & late[:, None],
            {
                "agent_return": np.where(acted, everything, 0.0),
                "return_with_wrecks": _shared(everything, acted),
                "success": (acted & ~crashed).astype(np.float64),
                "survival": (acted & ~crashed).astype(np.float64),
                "speed": np.where(acted, traffic.numbers[:, SPEED][:, self._cars], 0.0),
                **self._crashes(acted & crashed & ~before),
            },
        )

    def _players(self, label: int) -> NDArray[np.bool_]:
        return self.traffic.labels[:, label][:, self._cars].astype(np.bool_)

    def _crashes(self, now: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
        causes = self.traffic.labels[:, CAUSE][:, self._cars]
        return {name: (now & (causes == cause)).astype(np.float64) for name, cause in _CAUSES.items()}

    def _observe(self) -> Any:
        return self._observe_slots(self.traffic, self.watching)

    def _observe_slot(self, slot: int) -> Any:
        seen = self._observe_slots(one(self.traffic, slot), self.watching[slot : slot + 1])
        return {key: part[0] for key, part in seen.items()} if isinstance(seen, dict) else seen[0]

    def _observe_slots(self, traffic: Traffic, watching: NDArray[np.bool_]) -> Any:
        rows = np.zeros((*watching.shape, ROWS, FEATURES), dtype=np.float32)
        ids = np.zeros((*watching.shape, ROWS), dtype=np.int64)
        observe(traffic, self._cars, watching, rows, ids)
        return {"ids": ids, "vehicles": rows} if self._ids else rows

    def _draw(self, slot: int) -> Frame:
        from hub_envs.highway.picture import picture

        return picture(self.traffic, slot, self._rules.lanes)


def _shared(earned: NDArray[np.float64], acted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return what those who `acted` earned, each with an equal share of what the others did."""
    count = acted.sum(axis=1, keepdims=True)
    others = np.where(acted, 0.0, earned).sum(axis=1, keepdims=True)
    return np.where(acted, earned + others / np.maximum(count, 1), 0.0)
