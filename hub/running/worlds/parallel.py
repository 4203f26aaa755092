"""A world of PettingZoo parallel environments, one a slot; a row is a dict player -> value of the players still in the game."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hub.running.worlds.base import FaultError, Tick, World, lacks_metric, number_column, raised, reward_column
from hub.running.worlds.leaves import Column, Players


class ParallelWorld(World):
    """Slots that are PettingZoo parallel environments.

    An episode ends when no player is left. Its reward is the sum over players; it counts as terminated when no player left by truncation
    in its last step.
    """

    def __init__(self, name: str, environments: Sequence[Any]) -> None:
        first = environments[0]
        self.players = tuple(first.possible_agents)
        self._place = {player: place for place, player in enumerate(self.players)}
        super().__init__(
            name,
            len(environments),
            Players({player: first.observation_space(player) for player in self.players}),
            Players({player: first.action_space(player) for player in self.players}),
        )
        self._environments = list(environments)

    def reset(self, slots: Sequence[int], seeds: Sequence[int]) -> list[Column]:
        """Start new episodes in `slots`."""
        observations = []
        for row, (slot, seed) in enumerate(zip(slots, seeds, strict=True)):
            environment = self._environments[slot]
            try:
                outcome = environment.reset(seed=seed)
            except Exception as error:
                raise FaultError(row, raised("reset", error)) from error
            if not (isinstance(outcome, tuple) and len(outcome) == 2):
                raise FaultError(row, "reset returned something else than the pair (observations, infos)")
            if not environment.agents:
                raise FaultError(row, "reset left no player in the game")
            observations.append(self._seen(row, environment, outcome[0]))
        return self.stack_observations(observations)

    def step(self, actions: Sequence[Column], slots: np.ndarray) -> Tick:
        """Step exactly `slots`."""
        outcomes = [
            self._step_one(row, self._environments[slot], action) for row, (slot, action) in enumerate(zip(slots, actions[0], strict=True))
        ]
        observations, players, over, infos = zip(*outcomes, strict=True)
        ended_by_truncation = [any(truncated for _, _, truncated in row.values()) for row in players]
        over_column = np.array(over)
        truncated = over_column & np.array(ended_by_truncation)
        return Tick(
            self.stack_observations(observations),
            np.array([sum((reward for reward, _, _ in row.values()), 0.0) for row in players]),
            over_column & ~truncated,
            truncated,
            infos,
            list(players),
        )

    def info_numbers(self, infos: Any, key: str, slots: np.ndarray) -> np.ndarray:
        """Return `info[key]` of every player that acted, (n, players); 0 for the others."""
        given = [(row, player, info) for row, by_player in enumerate(infos) for player, info in by_player.items()]
        for row, player, info in given:
            if not isinstance(info, Mapping) or key not in info:
                raise FaultError(row, f"player {player!r}: {lacks_metric(key, info if isinstance(info, Mapping) else ())}")
        try:
            values = number_column([info[key] for _, _, info in given], key)
        except FaultError as fault:
            row, player, _ = given[fault.row]
            raise FaultError(row, f"player {player!r}: {fault.reason}") from None
        numbers = np.zeros((len(infos), len(self.players)), np.float64)
        numbers[[row for row, _, _ in given], [self._place[player] for _, player, _ in given]] = values
        return numbers

    def render(self, slot: int) -> Any:
        """Return what the slot's environment renders."""
        return self._environments[slot].render()

    def close(self) -> None:
        """Close every environment."""
        for environment in self._environments:
            environment.close()

    def _step_one(
        self, row: int, environment: Any, action: Mapping[str, Any]
    ) -> tuple[Any, dict[str, tuple[float, bool, bool]], bool, Any]:
        acting = list(environment.agents)
        if set(action) != set(acting):
            raise FaultError(
                row, f"action is for players {_names(action)}; it must be for {_names(acting)}, the players in the game", by="agent"
            )
        try:
            outcome = environment.step({player: action[player] for player in acting})
        except Exception as error:
            raise FaultError(row, raised("step", error)) from error
        if not (isinstance(outcome, tuple) and len(outcome) == 5):
            raise FaultError(row, "step returned something else than (observations, rewards, terminations, truncations, infos)")
        observations, rewards, terminations, truncations, infos = outcome
        players = {player: self._outcome(row, player, rewards, terminations, truncations) for player in sorted(acting)}
        if not isinstance(infos, Mapping):
            raise FaultError(row, f"infos are {infos!r}; they must be a dict player -> info dict")
        return self._seen(row, environment, observations), players, not environment.agents, {player: infos.get(player) for player in acting}

    @staticmethod
    def _seen(row: int, environment: Any, observations: Any) -> dict[str, Any]:
        """Return what the players in the game observe; one that has just left is not asked again, so its last observation is left out."""
        if not isinstance(observations, Mapping):
            raise FaultError(row, f"observations are {observations!r}; they must be a dict player -> observation")
        absent = [player for player in environment.agents if player not in observations]
        if absent:
            raise FaultError(row, f"player {absent[0]!r} is in the game and has no observation")
        return {player: observations[player] for player in environment.agents}

    @staticmethod
    def _outcome(row: int, player: str, rewards: Any, terminations: Any, truncations: Any) -> tuple[float, bool, bool]:
        for name, values in (("reward", rewards), ("termination", terminations), ("truncation", truncations)):
            if not isinstance(values, Mapping) or player not in values:
                raise FaultError(row, f"player {player!r} acted and has no {name}")
        try:
            reward = float(reward_column([rewards[player]], 1)[0])
        except FaultError as fault:
            raise FaultError(row, f"player {player!r}: {fault.reason}") from None
        return reward, bool(terminations[player]), bool(truncations[player])


def _names(players: Any) -> str:
    return ", ".join(sorted(map(str, players))) or "none"
