"""The instant incentive: who attends to whom, and what it learns."""

from __future__ import annotations

import torch
from hub_highway.behaviour import LATENT
from hub_highway.instant import HORIZON, INSTANT, Attention, Forecaster, Instant, PairScan, Seen

PLAYERS, GAMES, ROWS, WIDTH = 2, 3, 4, 5


def seen(rows: int = ROWS) -> Seen:
    """What players see of `rows` vehicles, all of them there."""
    shape = PLAYERS, GAMES, rows
    return Seen(torch.randn(*shape, WIDTH), torch.rand(*shape, LATENT), torch.ones(shape, dtype=torch.bool), torch.randn(*shape, INSTANT))


def test_a_scan_walks_past_the_others_that_are_there() -> None:
    torch.manual_seed(0)
    nodes, present = torch.randn(PLAYERS, GAMES, ROWS, 32), torch.ones(PLAYERS, GAMES, ROWS, dtype=torch.bool)
    present[:, :, 2] = False
    for backwards in (False, True):
        scan = PairScan(PLAYERS, backwards=backwards)
        found = scan(nodes, present)
        for i in (0, 1, 3):
            state = torch.zeros(PLAYERS, GAMES, 32)
            others = [j for j in (0, 1, 3) if j != i]
            for j in reversed(others) if backwards else others:
                read = scan.own(nodes[:, :, i]) + scan.recurrent.reads(nodes[:, :, j])
                state = scan.recurrent.step(read, state)
                torch.testing.assert_close(found[:, :, i, j], scan.score(state), atol=1e-5, rtol=1e-4)


def test_empty_rows_change_nothing() -> None:
    torch.manual_seed(0)
    attention, whole = Attention(PLAYERS, WIDTH + LATENT).eval(), seen(ROWS + 2)
    present = whole.present.clone()
    present[:, :, [1, 4]] = False
    filled = [0, 2, 3, 5]
    with torch.no_grad():
        gappy = attention(whole._replace(present=present))
        compact = attention(Seen(*(part[:, :, filled] for part in whole)))
        changed = attention(whole._replace(present=present, rows=torch.where(present[..., None], whole.rows, 9.0)))
    torch.testing.assert_close(gappy[:, :, filled], compact, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(changed, gappy)
    assert not gappy[:, :, [1, 4]].any()


def test_neighbours_matter_and_the_soft_attention_does_not_know_their_order() -> None:
    torch.manual_seed(0)
    attention, whole = Attention(PLAYERS, WIDTH + LATENT).eval(), seen()
    attention._gates = lambda nodes, present: torch.ones(PLAYERS, GAMES, ROWS, ROWS)  # type: ignore[method-assign]
    order = [2, 0, 3, 1]
    with torch.no_grad():
        z = attention(whole)
        shuffled = attention(Seen(*(part[:, :, order] for part in whole)))
        other = attention(whole._replace(rows=torch.cat([whole.rows[:, :, :3], whole.rows[:, :, 3:] + 1], dim=2)))
    torch.testing.assert_close(shuffled, z[:, :, order], atol=1e-6, rtol=1e-5)
    assert (other[:, :, 0] != z[:, :, 0]).any()


def test_a_vehicle_alone_attends_to_nobody() -> None:
    torch.manual_seed(0)
    attention, whole = Attention(PLAYERS, WIDTH + LATENT).eval(), seen()
    present = torch.zeros_like(whole.present)
    present[:, :, 0] = True
    with torch.no_grad():
        alone = attention(whole._replace(present=present))[:, :, 0]
        torch.testing.assert_close(alone, attention.update(torch.zeros(PLAYERS, GAMES, INSTANT), whole.z[:, :, 0]))


def test_hard_attention_draws_while_it_learns_and_is_sure_while_acting() -> None:
    torch.manual_seed(0)
    attention, whole = Attention(PLAYERS, WIDTH + LATENT), seen(12)
    with torch.no_grad():
        assert (attention(whole) != attention(whole)).any()
        nodes = torch.randn(PLAYERS, GAMES, 12, 32)
        drawn = attention._gates(nodes, whole.present)
        attention.eval()
        torch.testing.assert_close(attention(whole), attention(whole), atol=0, rtol=0)
        sure = attention._gates(nodes, whole.present)
    assert ((drawn < 0.01) | (drawn > 0.99)).float().mean() > 0.9
    assert set(sure.unique().tolist()) == {0.0, 1.0}


def test_a_forecast_goes_on_from_its_own_predictions() -> None:
    torch.manual_seed(0)
    forecaster = Forecaster(PLAYERS, WIDTH).eval()
    row, z = torch.randn(PLAYERS, 6, WIDTH), torch.randn(PLAYERS, 6, INSTANT)
    with torch.no_grad():
        predicted = forecaster(row, z)
        state = z
        for step in range(HORIZON):
            state = forecaster.recurrent(forecaster.embed(row).relu(), state)
            row = forecaster.out(state.tanh())
            torch.testing.assert_close(predicted[:, :, step], row)


def test_players_share_nothing() -> None:
    network, whole = Instant(PLAYERS, WIDTH, LATENT), seen()
    following, known = torch.randn(PLAYERS, GAMES, ROWS, HORIZON, WIDTH), torch.ones(PLAYERS, GAMES, ROWS, HORIZON, dtype=torch.bool)
    network.losses(whole, following, known)[0].backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None
        assert not parameter.grad[1].any(), name


def test_where_a_neighbour_pushes_a_vehicle_is_learnt() -> None:
    """Vehicles move with the mean velocity of the others: what a vehicle shows itself does not tell where it goes."""
    torch.manual_seed(0)
    network = Instant(1, 2, 0)
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    place, velocity = torch.zeros(1, 24, 3, 1), torch.rand(1, 24, 3, 1)
    push = (velocity.sum(dim=2, keepdim=True) - velocity) / 2
    whole = Seen(
        torch.cat([place, velocity], dim=-1), torch.zeros(1, 24, 3, 0), torch.ones(1, 24, 3, dtype=torch.bool), torch.zeros(1, 24, 3, 32)
    )
    later = torch.stack([torch.cat([k * push / HORIZON, velocity], dim=-1) for k in range(1, HORIZON + 1)], dim=3)
    known = torch.ones(1, 24, 3, HORIZON, dtype=torch.bool)
    losses = []
    for _ in range(120):
        loss = network.losses(whole, later, known).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert min(losses[-5:]) < 0.14 * losses[0], "without neighbours it stays above 0.18"
