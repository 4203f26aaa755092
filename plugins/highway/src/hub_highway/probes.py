"""What trained latents know, on episodes that were held out: the kind of driver in beta, the next five frames in z."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from hub_baselines.determinism import repeatable
from numpy.typing import NDArray

import hub
from hub.errors import UsageError
from hub_highway.histories import Floats, Moments, follow
from hub_highway.instant import HORIZON, Instant
from hub_highway.linear import crossvalidated
from hub_highway.watching import Watched, perception_of, watch

EPISODES = 48
OBSERVED, AGAIN = 20, 5
"""Seconds for which a vehicle was in view before its driver is asked for, and until it is asked for again."""

_FOLDS = 8


def driver_types(agent: hub.Agent, task: hub.Task, seed: int) -> Mapping[str, float]:
    """Probe beta for the kind of driver, and say how calmly it moves.

    A linear classifier for each player is fitted to beta of the vehicles that have been in view for `OBSERVED` seconds or more, every
    `AGAIN` seconds, and judged on other episodes than it was fitted to.

    Args:
        agent: trained, with a behaviour incentive.
        task: a road.
        seed: of the episodes.

    Returns:
        `accuracy` of normal, aggressive or defensive; `majority`, the share of the most frequent kind; `accuracy_row`, of a classifier
        that reads the vehicle's row instead of beta; `beta_step`, the mean squared change of beta in a second, and `beta_spread`, the
        variance of beta among vehicles, both summed over its numbers. Means over players.

    Raises:
        UsageError: the agent has no beta, or nobody drives here, or too few vehicles stay in view.
    """
    if perception_of(agent).behaviour is None:
        raise UsageError("the agent has no behaviour incentive to probe; iplan, iplan-hard, iplan-fc and ippo-bm have one")
    watched = watch(agent, task, seed, EPISODES)
    if watched.kinds is None:
        raise UsageError(f"nobody drives in {task.env_id}: probe for kinds of drivers on a road of highway/")
    kinds = _kinds(watched, watched.kinds)
    with repeatable(seed):
        found = [_player_probed(watched, kinds, player) for player in range(len(task.players))]
    names = ("accuracy", "majority", "accuracy_row", "beta_step", "beta_spread")
    return dict(zip(names, np.mean(found, axis=0).tolist(), strict=True))


def _kinds(watched: Watched, kinds: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return who drives what each row shows, (T, n, P, R); 0 for players and empty rows."""
    games = np.arange(len(kinds))[None, :, None, None]
    return np.where(watched.frames.ids > 0, kinds[games, watched.frames.ids - 1], 0).astype(np.int64)


def _player_probed(watched: Watched, kinds: NDArray[np.int64], player: int) -> tuple[float, ...]:
    beta, seconds, rows, own = (part[:, :, player] for part in (watched.beta, watched.seconds, watched.frames.rows, kinds))
    asked = (seconds >= OBSERVED) & (seconds % AGAIN == 0) & (own > 0)
    labels, folds = own[asked] - 1, np.nonzero(asked)[1] % _FOLDS
    if len(np.unique(folds)) < 2:
        raise UsageError(f"too few vehicles stay in view for {OBSERVED} s to probe what is known of them; probe on fuller roads")
    accuracy, majority = crossvalidated(beta[asked], labels, folds)
    return accuracy, majority, crossvalidated(rows[asked], labels, folds)[0], _step(watched, player), float(beta[asked].var(axis=0).sum())


def _step(watched: Watched, player: int) -> float:
    """Return the mean squared change of a player's beta from one second to the next, of vehicles in view for longer than `OBSERVED`."""
    total, count, games = 0.0, 0, np.arange(watched.beta.shape[1])
    for time in range(1, len(watched.beta)):
        before = follow(watched.frames, Moments(np.full(len(games), time), games), range(-1, 0)).places[:, player, :, 0]
        known = watched.seconds[time, :, player] > OBSERVED
        now, then = watched.beta[time, :, player], watched.beta[time - 1, games[:, None], player, np.maximum(before, 0)]
        total += float(((now - then) ** 2).sum(axis=-1)[known].sum())
        count += int(known.sum())
    return total / max(count, 1)


class Scales(NamedTuple):
    """What the numbers of a row mean.

    Attributes:
        place: metres shown as 1.
        speed: metres per second shown as 1.
        seconds: between two frames.
        cut: places are cut off there.
    """

    place: float
    speed: float
    seconds: float
    cut: float


ROAD = Scales(100.0, 20.0, 1.0, 1.0)
PARTICLES = Scales(1.0, 1.0, 0.1, np.inf)


def prediction(agent: hub.Agent, task: hub.Task, seed: int) -> Mapping[str, float]:
    """Compare the instant incentive's forecast of the next five frames with constant velocity and with no motion at all.

    Counted are other vehicles than the player's own that are in view now and then, where their places are not cut off.

    Args:
        agent: trained, with an instant incentive.
        task: a road, or Non-Cooperative Navigation.
        seed: of the episodes.

    Returns:
        Mean errors |dx| + |dy| of relative places (m) and |dvx| + |dvy| of relative velocities (m/s) over five frames: `place` and
        `velocity` of the agent, `place_constant_velocity`, `place_no_motion`, and `velocity_constant`, which both of these share.

    Raises:
        UsageError: the agent has no z.
    """
    instant = perception_of(agent).instant
    if instant is None:
        raise UsageError("the agent has no instant incentive to probe; iplan, iplan-hard, iplan-fc and ippo-gat have one")
    watched = watch(agent, task, seed, EPISODES)
    scales, network = ROAD if task.env_id.startswith("highway/") else PARTICLES, copy.deepcopy(instant).eval()
    games, sums, count = np.arange(watched.beta.shape[1]), np.zeros((3, 2)), 0
    for time in range(0, len(watched.beta) - HORIZON, HORIZON):
        future = follow(watched.frames, Moments(np.full(len(games), time), games), range(1, HORIZON + 1))
        rows = watched.frames.rows[time]
        far = np.abs(np.concatenate([rows[..., None, -4:-2], future.rows[..., -4:-2]], axis=-2)).max(axis=-1) >= scales.cut
        counted = future.seen & ~far[..., :1] & ~far[..., 1:]
        counted[:, :, 0] = False
        guesses = (_forecast(network, rows, watched.z[time]), moved_on(rows, scales), np.repeat(rows[..., None, :], HORIZON, axis=-2))
        sums += [_errors(guess, future.rows, counted) for guess in guesses]
        count += int(counted.sum())
    (place, velocity), (place_constant, velocity_constant), (place_still, _) = sums / max(count, 1) * (scales.place, scales.speed)
    return {
        "place": float(place),
        "place_constant_velocity": float(place_constant),
        "place_no_motion": float(place_still),
        "velocity": float(velocity),
        "velocity_constant": float(velocity_constant),
    }


def moved_on(rows: Floats, scales: Scales) -> Floats:
    """Return the next HORIZON frames (..., HORIZON, F) of `rows` (..., F) at constant velocity."""
    later = np.repeat(rows[..., None, :], HORIZON, axis=-2)
    elapsed = np.arange(1, HORIZON + 1)[:, None] * scales.seconds * scales.speed / scales.place
    later[..., -4:-2] += (elapsed * rows[..., None, -2:]).astype(np.float32)
    return later


def _forecast(network: Instant, rows: Floats, z: Floats) -> Floats:
    """Return the agent's forecast (n, P, R, HORIZON, F)."""
    seen, latent = (torch.from_numpy(part).transpose(0, 1) for part in (rows, z))
    with torch.inference_mode():
        predicted = network.forecaster(seen.flatten(1, 2), latent.flatten(1, 2))
    guess: Floats = predicted.view(*seen.shape[:3], HORIZON, seen.shape[-1]).transpose(0, 1).numpy()
    return guess


def _errors(guess: Floats, true: Floats, counted: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the sums of absolute errors of places and of velocities, where `counted`."""
    errors = np.abs(guess - true)[counted].astype(np.float64)
    return float(errors[:, -4:-2].sum()), float(errors[:, -2:].sum())
