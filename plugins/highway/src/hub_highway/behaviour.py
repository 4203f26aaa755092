"""The behaviour incentive: what kind of driver a vehicle has, as a latent beta in R^8, learnt by predicting its next ten frames.

- Encoder, over the 10-step window h_j of vehicle j: e(h_j) = softmax(Linear(GRU(ReLU(Linear(h_j))))).
- Soft update, every step (iPLAN, iPLAN-FC): beta_j <- (1 - eta) beta_j + eta e(h_j).
- Hard update (iPLAN-Hard): beta_j <- e(h_j) after every tenth step.
- Decoder, frame by frame to the window ten steps later: h_j' = Linear(dropout(tanh(GRU(ReLU(Linear([h_j, beta_j])))))).
- Loss: mean |h_j' - h_j(t + 10)| x F x R, over frames in which j was in view and the player in the game.
"""

from __future__ import annotations

from typing import Protocol

import torch
from hub_baselines.multi.stacked import StackedGRUCell, StackedLinear
from torch import nn
from torch.nn import functional

WINDOW, LATENT = 10, 8
"""Frames of a window; numbers of beta."""

_ENCODER, _DECODER, _DROPOUT = 32, 64, 0.1


class RecurrentEncoder(nn.Module):
    """e(h) of each player; the GRU starts anew with every window."""

    def __init__(self, players: int, width: int) -> None:
        super().__init__()
        self.embed = StackedLinear(players, width, _ENCODER)
        self.recurrent = StackedGRUCell(players, _ENCODER, _ENCODER)
        self.out = StackedLinear(players, _ENCODER, LATENT)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """Return e (P, B, LATENT) of `windows` (P, B, L, F)."""
        embedded = self.embed(windows.flatten(1, 2)).relu()
        states = _walk(self.recurrent, embedded.view(*windows.shape[:3], _ENCODER))
        encoded: torch.Tensor = self.out(states[:, :, -1]).softmax(dim=-1)
        return encoded


class RecurrentDecoder(nn.Module):
    """The next window from this one and beta, frame by frame."""

    def __init__(self, players: int, width: int) -> None:
        super().__init__()
        self.embed = StackedLinear(players, width + LATENT, _DECODER)
        self.recurrent = StackedGRUCell(players, _DECODER, _DECODER)
        self.out = StackedLinear(players, _DECODER, width)

    def forward(self, windows: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
        """Return the next windows (P, B, L, F) after `windows` (P, B, L, F) of vehicles with `beta` (P, B, LATENT)."""
        repeated = beta[:, :, None].expand(*windows.shape[:3], LATENT)
        embedded = self.embed(torch.cat([windows, repeated], dim=-1).flatten(1, 2)).relu()
        states = _walk(self.recurrent, embedded.view(*windows.shape[:3], _DECODER)).tanh()
        predicted: torch.Tensor = self.out(functional.dropout(states, _DROPOUT, self.training).flatten(1, 2))
        return predicted.view(windows.shape)


class FlatEncoder(nn.Module):
    """e(h) by three layers over the flattened window (iPLAN-FC)."""

    def __init__(self, players: int, width: int) -> None:
        super().__init__()
        self.layers = _three_layers(players, WINDOW * width, _ENCODER, LATENT)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """Return e (P, B, LATENT) of `windows` (P, B, WINDOW, F)."""
        encoded: torch.Tensor = self.layers(windows.flatten(2)).softmax(dim=-1)
        return encoded


class FlatDecoder(nn.Module):
    """The next window by three layers over this one, flattened, and beta (iPLAN-FC)."""

    def __init__(self, players: int, width: int) -> None:
        super().__init__()
        self.layers = _three_layers(players, WINDOW * width + LATENT, _DECODER, WINDOW * width)

    def forward(self, windows: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
        """Return the next windows (P, B, WINDOW, F) after `windows` (P, B, WINDOW, F) of vehicles with `beta` (P, B, LATENT)."""
        predicted: torch.Tensor = self.layers(torch.cat([windows.flatten(2), beta], dim=-1))
        return predicted.view(windows.shape)


def _walk(cell: StackedGRUCell, sequence: torch.Tensor) -> torch.Tensor:
    """Return what `cell` remembers after each step, (P, B, L, width), of `sequence` (P, B, L, inputs), from nothing remembered."""
    players, batch, length, _ = sequence.shape
    read = cell.reads(sequence.flatten(1, 2)).view(players, batch, length, -1)
    state, states = read.new_zeros(players, batch, read.shape[-1] // 3), []
    for step in read.unbind(dim=2):
        state = cell.step(step, state)
        states.append(state)
    return torch.stack(states, dim=2)


def _three_layers(players: int, inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    first, second = StackedLinear(players, inputs, hidden), StackedLinear(players, hidden, hidden)
    return nn.Sequential(first, nn.Tanh(), second, nn.Tanh(), StackedLinear(players, hidden, outputs))


class Update(Protocol):
    """How beta moves on, and how the encoder learns through that."""

    def next(self, beta: torch.Tensor, encoded: torch.Tensor, frames: torch.Tensor) -> torch.Tensor:
        """Return beta (..., LATENT) after a step, given e(h) `encoded` (..., LATENT) and the number of `frames` (...) so far."""
        ...

    def draw_lags(self, count: int) -> torch.Tensor:
        """Return how many steps ago the windows end, (count,), through which the encoder learns of beta before the present step."""
        ...

    def learnt(self, beta: torch.Tensor, encoded: torch.Tensor) -> torch.Tensor:
        """Return what the decoder gets for the `beta` that was played, with gradients to `encoded`, e of the windows at the lags drawn."""
        ...


class SoftUpdate:
    """beta <- (1 - eta) beta + eta e(h), every step.

    Before the present step beta is sum_k eta (1 - eta)^(k - 1) e(h(t - k)). To learn, one lag k is drawn with that weight and the gradient
    goes through e(h(t - k)) alone: its expectation is proportional to the gradient through the sum, as far as `LONGEST` steps back, for
    the price of one window.
    """

    LONGEST = 20

    def __init__(self, eta: float) -> None:
        self.eta = eta

    def next(self, beta: torch.Tensor, encoded: torch.Tensor, frames: torch.Tensor) -> torch.Tensor:
        """Return (1 - eta) beta + eta e(h)."""
        return (1 - self.eta) * beta + self.eta * encoded

    def draw_lags(self, count: int) -> torch.Tensor:
        """Draw lags from 1 on, each with the weight that its window has in beta."""
        weights = (1 - self.eta) ** torch.arange(self.LONGEST)
        return 1 + torch.multinomial(weights, count, replacement=True)

    def learnt(self, beta: torch.Tensor, encoded: torch.Tensor) -> torch.Tensor:
        """Return the values of `beta` with the gradient of `encoded`."""
        return beta + (encoded - encoded.detach())


class HardUpdate:
    """beta <- e(h) after every tenth frame of an episode, so that each frame enters once; unchanged in between."""

    def next(self, beta: torch.Tensor, encoded: torch.Tensor, frames: torch.Tensor) -> torch.Tensor:
        """Return e(h) where a segment of frames is complete, else beta."""
        return torch.where((frames % WINDOW == 0)[..., None], encoded, beta)

    def draw_lags(self, count: int) -> torch.Tensor:
        """Return the length of a segment: the segment before the present one is encoded."""
        return torch.full((count,), WINDOW)

    def learnt(self, beta: torch.Tensor, encoded: torch.Tensor) -> torch.Tensor:
        """Return `encoded`."""
        return encoded


class Behaviour(nn.Module):
    """Encoder and decoder of every player.

    Args:
        players: P; nothing is shared between them.
        width: F, numbers of a row.
        flat: three layers over the flattened window instead of recurrent networks.
    """

    def __init__(self, players: int, width: int, *, flat: bool = False) -> None:
        super().__init__()
        self.encoder: nn.Module = (FlatEncoder if flat else RecurrentEncoder)(players, width)
        self.decoder: nn.Module = (FlatDecoder if flat else RecurrentDecoder)(players, width)

    def encode(self, windows: torch.Tensor) -> torch.Tensor:
        """Return e (P, B, LATENT) of `windows` (P, B, WINDOW, F)."""
        encoded: torch.Tensor = self.encoder(windows)
        return encoded

    def losses(self, windows: torch.Tensor, beta: torch.Tensor, following: torch.Tensor, seen: torch.Tensor, rows: int) -> torch.Tensor:
        """Return every player's loss (P,).

        Args:
            windows: (P, B, WINDOW, F).
            beta: (P, B, LATENT), from before the window's last frame.
            following: (P, B, WINDOW, F), what came next.
            seen: (P, B, WINDOW), whether it was seen.
            rows: R, rows of an observation.
        """
        return masked_l1(self.decoder(windows, beta), following, seen) * (windows.shape[-1] * rows)


def masked_l1(predicted: torch.Tensor, true: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    """Return the mean absolute error (P,) of `predicted` (P, B, L, F) over the frames that were `seen` (P, B, L); 0 without any."""
    errors = (predicted - true).abs().mean(dim=-1) * seen
    total: torch.Tensor = errors.sum(dim=(1, 2)) / seen.sum(dim=(1, 2)).clamp(min=1)
    return total
