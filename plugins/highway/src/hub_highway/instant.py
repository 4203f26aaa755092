"""The instant incentive: what a vehicle is about to do given its neighbours, as a latent z in R^32, learnt by predicting five frames.

- Node of vehicle j: n_j = ReLU(Linear([o_j, beta_j])).
- Hard attention of i to j: g_ij in {0, 1}, by a bidirectional GRU over the pairs [n_i, n_j], j = 1 ... R without i.
- Soft attention of i to j: s_ij = softmax_j(q_i . k_j / sqrt 32), over j without i.
- Update: z_i <- GRUCell(x_i, z_i), with x_i = sum_j g_ij s_ij ReLU(v_j).
- Decoder: a GRU that starts at z_i, Linear(dropout(tanh(GRU(ReLU(Linear(o_i)))))) five times, each prediction the next input.
- Loss: mean |predicted - true| x F x 5, over frames in which i was in view and the player in the game.

Hard attention chooses by a Gumbel-softmax of temperature 0.01 while it learns. While acting it takes the more probable choice: what a
player does then depends on what it sees alone.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from hub_baselines.multi.stacked import StackedGRUCell, StackedLinear
from torch import nn
from torch.nn import functional

from hub_highway.behaviour import masked_l1

INSTANT, HORIZON = 32, 5
"""Numbers of z; frames predicted."""

_NODE, _TEMPERATURE, _DROPOUT = 32, 0.01, 0.1
_KEEP = 1e4
"""Added to an update gate, makes it exactly 1: the state passes unchanged. Taken from a logit, makes its softmax exactly 0."""


class Seen(NamedTuple):
    """What players see at a moment and know of it.

    Attributes:
        rows: (P, n, R, F).
        beta: (P, n, R, LATENT); (P, n, R, 0) without one.
        present: (P, n, R), whether a row shows a vehicle.
        z: (P, n, R, INSTANT), from a step ago.
    """

    rows: torch.Tensor
    beta: torch.Tensor
    present: torch.Tensor
    z: torch.Tensor


class PairScan(nn.Module):
    """One direction of the GRU over pairs: for every vehicle i, a walk past the others j that leaves out i itself and empty rows."""

    def __init__(self, players: int, *, backwards: bool) -> None:
        super().__init__()
        self._backwards = backwards
        self.own = StackedLinear(players, _NODE, 3 * _NODE)
        self.recurrent = StackedGRUCell(players, _NODE, _NODE)
        self.score = StackedLinear(players, _NODE, 2)

    def forward(self, nodes: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """Return scores (P, n, R, R, 2) of i for j, given `nodes` (P, n, R, _NODE), where rows are `present` (P, n, R); else arbitrary."""
        players, slots, rows, _ = nodes.shape
        flat = nodes.flatten(1, 2)
        # The input's part of the gates is linear in the pair: compute it for each node, not for each pair.
        own = self.own(flat).view(players, slots, rows, -1)
        other = self.recurrent.reads(flat).view(players, slots, rows, -1)
        update = slice(_NODE, 2 * _NODE)
        other[..., update].add_(_KEEP * ~present[..., None])
        state = nodes.new_zeros(players, slots * rows, _NODE)
        scores: list[torch.Tensor] = []
        others = list(enumerate(other.split(1, dim=2)))
        for j, other_j in reversed(others) if self._backwards else others:
            gates = own + other_j
            gates[:, :, j, update].add_(_KEEP)
            state = self.recurrent.step(gates.flatten(1, 2), state)
            scores.append(self.score(state).view(players, slots, rows, 2))
        return torch.stack(scores[::-1] if self._backwards else scores, dim=3)


class Attention(nn.Module):
    """From what is seen of all vehicles to the instant latent of each, for every player."""

    def __init__(self, players: int, inputs: int) -> None:
        super().__init__()
        self.node = StackedLinear(players, inputs, _NODE)
        self.ahead, self.behind = PairScan(players, backwards=False), PairScan(players, backwards=True)
        self.query = StackedLinear(players, _NODE, INSTANT)
        self.key = StackedLinear(players, _NODE, INSTANT)
        self.value = StackedLinear(players, _NODE, INSTANT)
        self.update = StackedGRUCell(players, INSTANT, INSTANT)

    def forward(self, seen: Seen) -> torch.Tensor:
        """Return the next z (P, n, R, INSTANT), zeros for empty rows."""
        shape, present = seen.rows.shape[:3], seen.present
        nodes = self.node(torch.cat([seen.rows, seen.beta], dim=-1).flatten(1, 2)).relu()
        gates = self._gates(nodes.view(*shape, _NODE), present)
        query, key, value = (layer(nodes).view(*shape, INSTANT) for layer in (self.query, self.key, self.value))
        pairs = present[:, :, None, :] & ~torch.eye(shape[2], dtype=torch.bool)
        logits = (query @ key.transpose(-1, -2) / INSTANT**0.5).masked_fill(~pairs, -_KEEP)
        weights = logits.softmax(dim=-1) * pairs  # a vehicle without neighbours attends to nothing
        attended = (gates * weights) @ value.relu()
        moved: torch.Tensor = self.update(attended.flatten(1, 2), seen.z.flatten(1, 2))
        return moved.view(*shape, INSTANT) * present[..., None]

    def _gates(self, nodes: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """Return the hard attention (P, n, R, R) of i to j: 0 or 1 while acting, nearly so while learning."""
        scores: torch.Tensor = self.ahead(nodes, present) + self.behind(nodes, present)
        if self.training:
            return functional.gumbel_softmax(scores, tau=_TEMPERATURE)[..., 1]
        return (scores[..., 1] > scores[..., 0]).to(scores.dtype)


class Forecaster(nn.Module):
    """The next rows of a vehicle from its last one and z, for every player."""

    def __init__(self, players: int, width: int) -> None:
        super().__init__()
        self.embed = StackedLinear(players, width, INSTANT)
        self.recurrent = StackedGRUCell(players, INSTANT, INSTANT)
        self.out = StackedLinear(players, INSTANT, width)

    def forward(self, row: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
        """Return HORIZON predicted rows (P, B, HORIZON, F) after `row` (P, B, F) of vehicles with `z` (P, B, INSTANT)."""
        state, predicted = z, []
        for _ in range(HORIZON):
            state = self.recurrent(self.embed(row).relu(), state)
            row = self.out(functional.dropout(state.tanh(), _DROPOUT, self.training))
            predicted.append(row)
        return torch.stack(predicted, dim=2)


class Instant(nn.Module):
    """Attention and forecaster of every player.

    Args:
        players: P; nothing is shared between them.
        width: F, numbers of a row.
        latent: numbers of beta beside a row; 0 for none (IPPO-GAT).
    """

    def __init__(self, players: int, width: int, latent: int) -> None:
        super().__init__()
        self.attention = Attention(players, width + latent)
        self.forecaster = Forecaster(players, width)

    def forecast(self, seen: Seen) -> torch.Tensor:
        """Return the next HORIZON rows (P, n, R, HORIZON, F)."""
        z = self.attention(seen)
        predicted: torch.Tensor = self.forecaster(seen.rows.flatten(1, 2), z.flatten(1, 2))
        return predicted.view(*seen.rows.shape[:3], HORIZON, -1)

    def losses(self, seen: Seen, following: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
        """Return every player's loss (P,).

        Args:
            seen: at the present moment.
            following: (P, n, R, HORIZON, F), what came next.
            known: (P, n, R, HORIZON), whether it was seen.
        """
        scale = following.shape[-1] * HORIZON
        return masked_l1(self.forecast(seen).flatten(1, 2), following.flatten(1, 2), known.flatten(1, 2)) * scale
