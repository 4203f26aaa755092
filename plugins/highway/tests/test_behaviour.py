"""The behaviour incentive: updates, masks, and what it learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hub_highway.behaviour import LATENT, WINDOW, Behaviour, HardUpdate, SoftUpdate, masked_l1
from hub_highway.linear import crossvalidated

PLAYERS, WIDTH = 2, 5


def test_the_soft_update_is_the_papers() -> None:
    beta, encoded = torch.rand(2, 3, LATENT), torch.rand(2, 3, LATENT)
    torch.testing.assert_close(SoftUpdate(0.1).next(beta, encoded, torch.ones(2, 3)), 0.9 * beta + 0.1 * encoded)


def test_the_hard_update_replaces_beta_after_every_tenth_frame_only() -> None:
    beta, encoded = torch.zeros(30, LATENT), torch.ones(30, LATENT)
    changed = HardUpdate().next(beta, encoded, torch.arange(1, 31))[:, 0]
    assert torch.nonzero(changed)[:, 0].tolist() == [9, 19, 29]


def test_lags_are_drawn_with_the_weights_of_the_soft_update() -> None:
    torch.manual_seed(0)
    lags = SoftUpdate(0.3).draw_lags(100_000)
    shares = torch.bincount(lags, minlength=4)[1:4] / 100_000
    torch.testing.assert_close(shares, torch.tensor([0.3, 0.21, 0.147]), atol=0.01, rtol=0)
    assert SoftUpdate(1.0).draw_lags(5).tolist() == [1] * 5
    assert HardUpdate().draw_lags(2).tolist() == [WINDOW, WINDOW]


def test_the_gradient_through_a_drawn_window_is_on_average_that_through_the_whole_sum() -> None:
    """For a loss that is linear in beta: the expectation over lags equals the gradient through the soft update itself."""
    eta, steps = 0.4, SoftUpdate.LONGEST
    encoded = torch.rand(steps, LATENT, requires_grad=True)
    weights = torch.rand(LATENT)
    beta = torch.zeros(LATENT)
    for frame in encoded:  # the last row is the window one step ago
        beta = SoftUpdate(eta).next(beta, frame, torch.tensor(1))
    (whole,) = torch.autograd.grad((weights * beta).sum(), encoded)
    torch.manual_seed(0)
    lags = SoftUpdate(eta).draw_lags(50_000)
    drawn = SoftUpdate(eta).learnt(beta.detach().expand(50_000, -1), encoded[steps - lags])
    torch.testing.assert_close(drawn[0].detach(), beta.detach())
    (single,) = torch.autograd.grad((weights * drawn).sum(dim=1).mean(), encoded)
    torch.testing.assert_close(single, whole, atol=5e-3, rtol=0.05)


def test_only_frames_that_were_seen_count() -> None:
    predicted, true = torch.zeros(1, 2, 3, WIDTH), torch.ones(1, 2, 3, WIDTH)
    seen = torch.tensor([[[True, True, False], [False, False, False]]])
    true[:, 0, 1], true[:, 0, 2], true[:, 1] = 3.0, 100.0, 100.0
    assert masked_l1(predicted, true, seen).tolist() == [2.0]
    assert masked_l1(predicted, true, torch.zeros_like(seen)).tolist() == [0.0]


@pytest.mark.parametrize("flat", [False, True])
def test_players_share_nothing(flat: bool) -> None:
    network = Behaviour(PLAYERS, WIDTH, flat=flat)
    windows = torch.rand(PLAYERS, 4, WINDOW, WIDTH)
    seen = torch.ones(PLAYERS, 4, WINDOW, dtype=torch.bool)
    network.losses(windows, network.encode(windows), windows, seen, rows=15)[0].backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None
        assert not parameter.grad[1].any(), name
    assert all(parameter.grad[0].any() for parameter in network.parameters())


def test_an_encoding_depends_on_its_window_alone() -> None:
    network, windows = Behaviour(PLAYERS, WIDTH), torch.rand(PLAYERS, 4, WINDOW, WIDTH)
    together = network.encode(windows)
    torch.testing.assert_close(together.sum(dim=-1), torch.ones(PLAYERS, 4))
    torch.testing.assert_close(network.encode(windows[:, 2:3]), together[:, 2:3])


def two_kinds(count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, np.ndarray]:
    """Vehicles that drift one way and turn round now and then; how far they go before is their kind, and seen in older windows only."""
    kinds = torch.arange(count) % 2
    speed = torch.where(kinds == 0, 0.02, 0.04)
    start = torch.rand(count)
    past, still = start[:, None] + speed[:, None] * torch.arange(WINDOW), torch.ones(count, WINDOW) * 0.5
    after = 0.5 + 5 * speed[:, None] * torch.arange(1, WINDOW + 1)
    windows = [torch.stack([x] * WIDTH, dim=-1).expand(PLAYERS, -1, -1, -1) for x in (past, still, after)]
    return windows[0], windows[1], windows[2], kinds.numpy()


@pytest.mark.parametrize("flat", [False, True])
def test_what_older_windows_tell_of_a_driver_is_learnt(flat: bool) -> None:
    torch.manual_seed(1)
    older, now, after, kinds = two_kinds(16)
    network, update = Behaviour(PLAYERS, WIDTH, flat=flat), HardUpdate()
    optimiser = torch.optim.Adam(network.parameters(), lr=5e-3)
    seen = torch.ones(PLAYERS, 16, WINDOW, dtype=torch.bool)
    losses = []
    for _ in range(120):
        loss = network.losses(now, update.learnt(torch.zeros(()), network.encode(older)), after, seen, rows=1).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    blind = (after - after.median(dim=1, keepdim=True).values).abs().mean() * WIDTH * PLAYERS
    assert losses[-1] < 0.5 * blind < losses[0], "the present window alone does not tell the kinds apart"
    beta = network.encode(older)[0].detach().numpy()
    assert crossvalidated(beta, kinds.astype(np.int64), np.arange(16) // 2 % 4)[0] > 0.9
