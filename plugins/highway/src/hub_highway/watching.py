"""Episodes that no training saw, played by an agent with incentives, and what it knew of the vehicles in view at every frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from hub_baselines.multi.agent import PlayersAgent
from hub_baselines.multi.game import Observations
from numpy.typing import NDArray

import hub
from hub.errors import UsageError
from hub_highway.histories import Floats, Frames, VehicleMemory
from hub_highway.incentives import Incentives

_HELD_OUT = (2**30, 2**31)
"""Seeds that no training episode has."""


@dataclass(frozen=True, slots=True)
class Watched:
    """T frames of n episodes, one a column.

    Attributes:
        frames: vehicles in view; nobody is in view of a player out of the game, or after an episode's end.
        beta: (T, n, P, R, LATENT), after each frame.
        z: (T, n, P, R, INSTANT), likewise.
        seconds: (T, n, P, R), how many frames in a row the vehicle had been in view.
        kinds: (n, vehicles), who drives: 0 a player, 1 a normal, 2 an aggressive, 3 a defensive driver; None where there are no drivers.
    """

    frames: Frames
    beta: Floats
    z: Floats
    seconds: Floats
    kinds: NDArray[np.int8] | None


def perception_of(agent: hub.Agent) -> Incentives:
    """Return the incentives of an agent.

    Raises:
        UsageError: it has none.
    """
    if isinstance(agent, PlayersAgent) and isinstance(agent.perception, Incentives):
        return agent.perception
    raise UsageError(f"{getattr(agent, 'name', type(agent).__name__)} has no incentives to look into; iplan and its ablations have")


def watch(agent: hub.Agent, task: hub.Task, seed: int, episodes: int) -> Watched:
    """Let `agent` play `episodes` held-out episodes of `task`, whose seeds are drawn from `seed`.

    Raises:
        UsageError: the agent has no incentives.
    """
    perception = perception_of(agent)
    env: Any = hub.make_vec(task.env_id, episodes, autoreset_mode=AutoresetMode.SAME_STEP, **task.env_kwargs)
    seeds = np.random.default_rng(seed).integers(*_HELD_OUT, size=episodes).tolist()
    observations, _ = env.reset(seed=seeds)
    kinds = getattr(env.unwrapped, "kinds", None)
    agent.begin(range(episodes), seeds)
    ages = VehicleMemory(len(task.players), perception.vehicles.rows, seconds=())
    ages.begin(range(episodes))
    everyone, live, frames = np.arange(episodes), np.ones(episodes, dtype=np.bool_), []
    while live.any():
        games, in_game = np.flatnonzero(live), env.unwrapped.in_game & live[:, None]
        rows, ids = perception.vehicles.read(observations, in_game)
        chosen = agent.act([_views(observations, game, task.players, in_game[game]) for game in games.tolist()], games)
        seconds = (ages.recall(everyone, ids)["seconds"] + 1) * (ids > 0)
        ages.keep(everyone, ids, seconds=seconds)
        frames.append((rows, ids, *perception.remembered(everyone, ids), seconds))
        actions = np.zeros(in_game.shape, dtype=np.int64)
        for game, of_player in zip(games.tolist(), chosen, strict=True):
            for place, player in enumerate(task.players):
                actions[game, place] = of_player.get(player, 0)
        observations, _, terminated, truncated, _ = env.step(actions)
        live &= ~(terminated | truncated)
    env.close()
    rows, ids, beta, z, seconds = (np.stack(parts) for parts in zip(*frames, strict=True))
    return Watched(Frames(rows, ids, np.zeros(ids.shape[:2], dtype=np.int64)), beta, z, seconds, kinds)


def _views(observations: Observations, game: int, players: tuple[str, ...], in_game: NDArray[np.bool_]) -> dict[str, Any]:
    """Return what each player in a game observes, as PettingZoo tells it."""
    if isinstance(observations, dict):
        seen = [{key: array[game, place] for key, array in observations.items()} for place in range(len(players))]
        return {player: each for player, each, plays in zip(players, seen, in_game, strict=True) if plays}
    return {player: observations[game, place] for place, player in enumerate(players) if in_game[place]}
