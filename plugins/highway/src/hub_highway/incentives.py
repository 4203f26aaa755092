"""What iPLAN's policies see: beta and z of every vehicle in view, moved on frame by frame and trained by losses of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from hub_baselines.multi.features import Features
from hub_baselines.multi.game import Game, Observations
from hub_baselines.multi.memory import SlotMemory
from hub_baselines.multi.stacked import clip_each_learner
from hub_baselines.tiles import Tiles
from numpy.typing import NDArray
from torch import nn

from hub_highway.behaviour import LATENT, WINDOW, Behaviour, SoftUpdate, Update
from hub_highway.histories import ABSENT, Floats, Frames, Ids, Moments, VehicleMemory, follow, moved, slid, unbroken
from hub_highway.instant import HORIZON, INSTANT, Instant, Seen
from hub_highway.vehicles import Vehicles

if TYPE_CHECKING:
    from hub_baselines.multi.rollout import Rollout

_TILE = 8
"""Games that are computed at once: more of them do not fit the cache."""

_LONGEST_PAST = SoftUpdate.LONGEST + WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """How the latents' networks are trained; the agents' docstring says what each setting means."""

    warm_up: int
    updates: int
    samples: int
    behaviour_rate: float
    instant_rate: float
    max_grad_norm: float


class _Latents(nn.Module):
    """One frame's beta and z, as `Tiles` evaluates them."""

    def __init__(self, behaviour: Behaviour | None, update: Update | None, instant: Instant | None) -> None:
        super().__init__()
        self.behaviour, self.instant, self._update = behaviour, instant, update

    def forward(self, seen: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return beta and z, (n, P, R, ...), from windows, the last beta and z, `present` (n, P, R) and the number of `frames` (n, P)."""
        windows, beta, z, present, frames = (seen[name].transpose(0, 1) for name in ("windows", "beta", "z", "present", "frames"))
        if self.behaviour is not None and self._update is not None:
            encoded = self.behaviour.encode(windows.flatten(1, 2)).view(beta.shape)
            beta = self._update.next(beta, encoded, frames[..., None]) * present[..., None]
        if self.instant is not None:
            z = self.instant.attention(Seen(windows[..., -1, :], beta, present, z))
        return beta.transpose(0, 1), z.transpose(0, 1)


class Incentives(Features):
    """For each row of an observation [o_j, z_j, beta_j].

    Args:
        agent: whose features, in messages.
        env_id: of which environment.
        game: what is observed.
        update: how beta moves on; None for features without beta.
        flat: the networks of beta: three layers over the flattened window instead of recurrent ones.
        instant: whether there is z.
        learning: how the networks are trained.

    Attributes:
        vehicles: where they stand in an observation.
        behaviour: the networks of beta, if there is beta.
        instant: the networks of z, if there is z.
    """

    def __init__(
        self, agent: str, env_id: str, game: Game, *, update: Update | None, flat: bool, instant: bool, learning: Learning
    ) -> None:
        self.vehicles = Vehicles(agent, env_id, game)
        self._update, self._learning = update, learning
        players, rows, width = len(game.players), self.vehicles.rows, self.vehicles.width
        self._beta_size, self._z_size = LATENT if update else 0, INSTANT if instant else 0
        self.size = rows * (width + self._z_size + self._beta_size)
        self.behaviour = Behaviour(players, width, flat=flat) if update else None
        self.instant = Instant(players, width, self._beta_size) if instant else None
        self._memory = VehicleMemory(players, rows, windows=(WINDOW, width), beta=(self._beta_size,), z=(self._z_size,))
        self._frames = SlotMemory(dtype=np.int64)
        rates = {"behaviour": learning.behaviour_rate, "instant": learning.instant_rate}
        self._optimisers = {name: torch.optim.Adam(network.parameters(), lr=rates[name]) for name, network in self.networks().items()}
        self.weights_changed()

    def begin(self, slots: Sequence[int]) -> None:
        """Forget the vehicles of `slots`."""
        self._memory.begin(slots)
        self._frames.begin(slots)

    def read(self, observations: Observations, in_game: NDArray[np.bool_], slots: NDArray[np.int64]) -> torch.Tensor:
        """Return [o, z, beta] of each row in a row, (n, P, size), and remember the frame."""
        rows, ids = self.vehicles.read(observations, in_game)
        seen = self._memory.recall(slots, ids)
        seen["windows"] = slid(seen["windows"], rows)
        self._frames[slots] = frames = self._frames[slots] + 1
        seen |= {"present": ids != ABSENT, "frames": np.broadcast_to(frames[:, None], in_game.shape)}
        beta, z = _of_players_in_game(self._tiles, seen, in_game)
        self._memory.keep(slots, ids, windows=seen["windows"], beta=beta, z=z)
        return torch.from_numpy(np.concatenate([rows, z, beta], axis=-1).reshape(*in_game.shape, self.size))

    def remembered(self, slots: NDArray[np.int64], ids: Ids) -> tuple[Floats, Floats]:
        """Return beta and z (n, P, R, ...) of the vehicles `ids` (n, P, R) that were in view when `slots` (n,) were read last."""
        known = self._memory.recall(slots, ids)
        return known["beta"], known["z"]

    def learn(self, rollout: Rollout) -> dict[str, float]:
        """Train the latents' networks once the warm-up is over, and return the losses of the last update, means over players."""
        # Moments that have a frame before them and one after them in their episode.
        times, slots = np.nonzero(~rollout.begun[1:-1] & ~rollout.begun[2:])
        if rollout.done <= self._learning.warm_up or not len(times):
            return {}
        frames = Frames(*self.vehicles.read(rollout.observations, rollout.in_game), rollout.begun.cumsum(axis=0))
        z, beta = self._stored(rollout.inputs)
        losses: dict[str, float] = {}
        for _ in range(self._learning.updates):
            drawn = torch.randint(len(times), (self._learning.samples,)).numpy()
            moments = Moments(times[drawn] + 1, slots[drawn])
            if self.behaviour is not None:
                losses["behaviour_loss"] = self._step("behaviour", self.behaviour_losses(frames, moments, beta))
            if self.instant is not None:
                losses["instant_loss"] = self._step("instant", self.instant_losses(frames, moments, beta, z))
        self.weights_changed()
        return losses

    def _stored(self, inputs: torch.Tensor) -> tuple[Floats, Floats]:
        """Return z and beta (..., P, R, ...) out of inputs (..., P, at least size) of the policy."""
        table = inputs[..., : self.size].numpy().reshape(*inputs.shape[:-1], self.vehicles.rows, -1)
        width = self.vehicles.width
        return table[..., width : width + self._z_size], table[..., width + self._z_size :]

    def behaviour_losses(self, frames: Frames, moments: Moments, beta: Floats) -> torch.Tensor:
        """Return each player's loss (P,) at predicting the ten frames after `moments`, given the `beta` (T, n, P, R, LATENT) played."""
        assert self.behaviour is not None
        assert self._update is not None
        past = unbroken(follow(frames, moments, range(-_LONGEST_PAST, 1)))
        future = follow(frames, moments, range(1, WINDOW + 1))
        lags = self._update.draw_lags(len(moments.times)).numpy()
        earlier = _LONGEST_PAST - lags
        ends = earlier[:, None] + np.arange(1 - WINDOW, 1)
        windows = np.take_along_axis(past.rows, ends[:, None, None, :, None], axis=-2)
        known = np.take_along_axis(past.places, earlier[:, None, None, None], axis=-1) >= 0
        encoded = self.behaviour.encode(_players_first(windows)) * _players_first(known)
        before = _players_first(_looked_up(beta, moments, past.places[..., -2]))
        rows, seen = _players_first(past.rows[..., -WINDOW:, :]), _players_first(future.seen)
        return self.behaviour.losses(rows, self._update.learnt(before, encoded), _players_first(future.rows), seen, self.vehicles.rows)

    def instant_losses(self, frames: Frames, moments: Moments, beta: Floats, z: Floats) -> torch.Tensor:
        """Return each player's loss (P,) at predicting the five frames after `moments`, given the `beta` and `z` played."""
        assert self.instant is not None
        times, slots = moments
        past, future = follow(frames, moments, range(-1, 0)), follow(frames, moments, range(1, HORIZON + 1))
        before = _looked_up(z, moments, past.places[..., 0])
        now = (frames.rows[times, slots], beta[times, slots], frames.ids[times, slots] != ABSENT, before)
        *seen, following, known = (torch.from_numpy(part).transpose(0, 1) for part in (*now, future.rows, future.seen))
        return self.instant.losses(Seen(*seen), following, known)

    def networks(self) -> Mapping[str, nn.Module]:
        """Return the networks of beta and z."""
        present = {"behaviour": self.behaviour, "instant": self.instant}
        return {name: network for name, network in present.items() if network is not None}

    def optimisers(self) -> Mapping[str, torch.optim.Optimizer]:
        """Return their optimisers."""
        return self._optimisers

    def weights_changed(self) -> None:
        """Read by what the networks are now."""
        self._tiles = Tiles(_Latents(self.behaviour, self._update, self.instant), _TILE)

    def _step(self, name: str, losses: torch.Tensor) -> float:
        """Take a gradient step on every player's own loss."""
        optimiser, network = self._optimisers[name], self.networks()[name]
        optimiser.zero_grad()
        losses.sum().backward()  # type: ignore[no-untyped-call]
        clip_each_learner(network.parameters(), self._learning.max_grad_norm)
        optimiser.step()
        return float(losses.detach().mean())


def _players_first(values: NDArray[Any]) -> torch.Tensor:
    """Return `values` (S, P, R, ...) as a tensor (P, S x R, ...)."""
    return torch.from_numpy(values).transpose(0, 1).flatten(1, 2)


def _looked_up(latents: Floats, moments: Moments, rows: NDArray[np.intp]) -> Floats:
    """Return the `latents` (T, n, P, R, K) a step before `moments` of the vehicles that were in `rows` (S, P, R) then; zeros where -1."""
    return moved(latents[moments.times - 1, moments.slots], rows)


def _of_players_in_game(tiles: Tiles, arrays: Mapping[str, NDArray[Any]], in_game: NDArray[np.bool_]) -> tuple[NDArray[np.float32], ...]:
    """Return what `tiles` give for `arrays` (n, P, ...) where players are `in_game` (n, P), and zeros elsewhere, without computing these.

    Players are computed apart, so that a row may hold a game of one and another game of the next: their games move up to the first rows.
    """
    games = np.argsort(~in_game, axis=0, kind="stable")[: in_game.sum(axis=0).max()]
    results = tiles({name: np.take_along_axis(array, _spread(games, array), axis=0) for name, array in arrays.items()})
    full = tuple(np.zeros((*in_game.shape, *result.shape[2:]), result.dtype) for result in results)
    for array, result in zip(full, results, strict=True):
        np.put_along_axis(array, _spread(games, result), result, axis=0)
    return full


def _spread(index: NDArray[np.intp], array: NDArray[Any]) -> NDArray[np.intp]:
    """Return `index` with axes of length 1 added, as many as `array` has more."""
    return index.reshape(*index.shape, *(1,) * (array.ndim - index.ndim))
