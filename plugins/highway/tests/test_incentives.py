"""Latents moved on frame by frame: widths, memories, masks, and what is learnt from a rollout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces
from hub_baselines.multi.batch import Moment
from hub_baselines.multi.game import Game
from hub_baselines.multi.rollout import Rollout
from hub_highway.behaviour import LATENT, WINDOW, HardUpdate, SoftUpdate, Update
from hub_highway.histories import Frames, Moments
from hub_highway.incentives import Incentives, Learning
from hub_highway.instant import INSTANT

from hub.errors import ImpossiblePairing

PLAYERS, ROWS, WIDTH, GAMES = 2, 4, 5, 3
TABLE = spaces.Box(-1, 1, (ROWS, WIDTH), np.float32)
NUMBERED = spaces.Dict({"vehicles": TABLE, "ids": spaces.Box(0, 99, (ROWS,), np.int64)})
EVERYONE = np.arange(GAMES)


def incentives(update: Update | None = None, *, instant: bool = True, space: spaces.Space[Any] = NUMBERED, **learning: Any) -> Incentives:
    torch.manual_seed(0)
    how = {"warm_up": 0, "updates": 2, "samples": 8, "behaviour_rate": 1e-3, "instant_rate": 1e-3, "max_grad_norm": 10.0, **learning}
    game = Game(("a", "b"), space, 5, None)
    return Incentives("iplan", "Toy-v0", game, update=update, flat=False, instant=instant, learning=Learning(**how))


def frames(steps: int, seed: int = 0) -> tuple[list[dict[str, np.ndarray]], np.ndarray]:
    """Return observations (n, P, ...) and who is in the game, (T, n, P).

    Vehicles change their rows, and one is out of view now and then; player 1 of game 0 leaves in the middle.
    """
    rng = np.random.default_rng(seed)
    in_game = np.ones((steps, GAMES, PLAYERS), dtype=np.bool_)
    in_game[steps // 2 :, 0, 1] = False
    seen = []
    for now in in_game:
        ids = np.stack([rng.permutation(ROWS) + 1 for _ in range(GAMES * PLAYERS)]).reshape(GAMES, PLAYERS, ROWS)
        ids = np.where(((ids == ROWS) & (rng.random(ids.shape) < 0.3)) | ~now[..., None], 0, ids)
        rows = np.where(ids[..., None] > 0, rng.uniform(-1, 1, (*ids.shape, WIDTH)), 0).astype(np.float32)
        seen.append({"vehicles": rows, "ids": ids})
    return seen, in_game


def rollout(features: Incentives, steps: int = 24, begun: np.ndarray | None = None, **changes: Any) -> Rollout:
    seen, in_game = frames(steps)
    features.begin(EVERYONE.tolist())
    read = [features.read(observations, now, EVERYONE) for observations, now in zip(seen, in_game, strict=True)]
    first = np.zeros((steps, GAMES), dtype=np.bool_) if begun is None else begun
    first[0] = True
    still, zeros = Moment(seen[-1], in_game[-1], None, first[-1]), np.zeros(in_game.shape)
    parts: dict[str, Any] = {
        "observations": {key: np.stack([each[key] for each in seen]) for key in seen[0]},
        "in_game": in_game,
        "begun": first,
        "states": None,
        "inputs": torch.stack(read),
        "actions": zeros.astype(np.int64),
        "rewards": zeros,
        "left": zeros.astype(np.bool_),
        "ended": zeros[..., 0].astype(np.bool_),
        "notes": {},
        "following": still,
        "following_inputs": read[-1],
        "done": 1000,
    }
    return Rollout(**{**parts, **changes})


def weights(features: Incentives) -> dict[str, bytes]:
    return {
        f"{name}.{key}": value.detach().numpy().tobytes()
        for name, network in features.networks().items()
        for key, value in network.named_parameters()
    }


@pytest.mark.parametrize("update", [SoftUpdate(0.1), HardUpdate(), None])
def test_a_game_is_read_alike_beside_any_others(update: Update | None) -> None:
    together, apart = incentives(update), incentives(update)
    together.begin(EVERYONE.tolist())
    apart.begin([7, 2, 30])
    for observations, in_game in zip(*frames(WINDOW + 2), strict=True):
        whole = together.read(observations, in_game, EVERYONE)
        for game, slot in ((2, 30), (0, 7), (1, 2)):
            own = slice(game, game + 1)
            alone = apart.read({key: part[own] for key, part in observations.items()}, in_game[own], np.array([slot]))
            assert alone.numpy().tobytes() == whole[own].numpy().tobytes()


def test_features_are_rows_then_z_then_beta_and_beta_moves_softly() -> None:
    features = incentives(SoftUpdate(0.25))
    assert features.size == ROWS * (WIDTH + INSTANT + LATENT)
    features.begin(EVERYONE.tolist())
    seen, in_game = frames(2)
    table = features.read(seen[0], in_game[0], EVERYONE).reshape(GAMES, PLAYERS, ROWS, -1)
    np.testing.assert_array_equal(table[..., :WIDTH], seen[0]["vehicles"])
    windows = np.zeros((GAMES, PLAYERS, ROWS, WINDOW, WIDTH), np.float32)
    windows[..., -1, :] = seen[0]["vehicles"]
    assert features.behaviour is not None
    encoded = features.behaviour.encode(torch.from_numpy(windows).transpose(0, 1).flatten(1, 2)).detach()
    expected = 0.25 * encoded.view(PLAYERS, GAMES, ROWS, LATENT).transpose(0, 1) * torch.from_numpy(seen[0]["ids"] > 0)[..., None]
    torch.testing.assert_close(table[..., -LATENT:], expected, atol=1e-6, rtol=1e-5)
    beta, z = features.remembered(EVERYONE, seen[0]["ids"])
    np.testing.assert_array_equal(beta, table[..., -LATENT:])
    np.testing.assert_array_equal(z, table[..., WIDTH:-LATENT])


def test_players_out_of_the_game_and_empty_rows_have_zeros() -> None:
    features = incentives(SoftUpdate(0.1))
    read = rollout(features)
    empty = read.observations["ids"] == 0  # type: ignore[call-overload]
    table = read.inputs.numpy().reshape(*empty.shape, -1)
    assert not table[empty].any()
    assert table[~empty].any(axis=-1).all()


def test_a_new_episode_remembers_nothing() -> None:
    features = incentives(SoftUpdate(0.1))
    seen, in_game = frames(5)
    features.begin(EVERYONE.tolist())
    first = features.read(seen[0], in_game[0], EVERYONE).numpy().copy()
    for observations in seen[1:4]:
        features.read(observations, in_game[0], EVERYONE)
    features.begin([1])
    again = features.read(seen[0], in_game[0], EVERYONE).numpy()
    assert again[1].tobytes() == first[1].tobytes()
    assert (again[[0, 2]] != first[[0, 2]]).any()


@pytest.mark.parametrize(
    ("update", "instant", "losses"),
    [
        (SoftUpdate(0.1), True, {"behaviour_loss", "instant_loss"}),
        (HardUpdate(), False, {"behaviour_loss"}),
        (None, True, {"instant_loss"}),
    ],
)
def test_learning_changes_what_is_read(update: Update | None, instant: bool, losses: set[str]) -> None:
    features = incentives(update, instant=instant)
    before, read = weights(features), rollout(features)
    assert not read.inputs.requires_grad
    found = features.learn(read)
    assert set(found) == losses
    assert all(np.isfinite(loss) and loss > 0 for loss in found.values())
    assert all(array != before[name] for name, array in weights(features).items() if not name.endswith("key.bias"))
    after = rollout(features)
    assert (after.inputs[:, 1:] != read.inputs[:, 1:]).any()


def test_nothing_is_learnt_during_the_warm_up() -> None:
    features = incentives(SoftUpdate(0.1), warm_up=1000)
    before = weights(features)
    assert features.learn(rollout(features)) == {}
    assert weights(features) == before
    assert features.learn(rollout(features, done=1001))


def losses_of(features: Incentives, read: Rollout, observations: Mapping[str, np.ndarray], moments: Moments) -> list[float]:
    assert features.behaviour is not None
    assert features.instant is not None
    features.behaviour.eval()
    features.instant.eval()
    table = Frames(*features.vehicles.read(dict(observations), read.in_game), read.begun.cumsum(axis=0))
    z, beta = features._stored(read.inputs)
    torch.manual_seed(3)
    return [*features.behaviour_losses(table, moments, beta).tolist(), *features.instant_losses(table, moments, beta, z).tolist()]


def test_losses_look_neither_beyond_the_episode_nor_at_players_out_of_the_game() -> None:
    features, begun = incentives(SoftUpdate(0.1)), np.zeros((24, GAMES), dtype=np.bool_)
    begun[14] = True
    read = rollout(features, begun=begun)
    seen: dict[str, np.ndarray] = read.observations  # type: ignore[assignment]
    moments = Moments(np.repeat(np.arange(1, 13), GAMES), np.tile(EVERYONE, 12))
    plain = losses_of(features, read, seen, moments)
    later = {**seen, "vehicles": seen["vehicles"].copy()}
    later["vehicles"][14:] = 0.5
    assert losses_of(features, read, later, moments) == plain
    out = {"vehicles": seen["vehicles"].copy(), "ids": seen["ids"].copy()}
    out["vehicles"][~read.in_game], out["ids"][~read.in_game] = 0.7, np.arange(1, ROWS + 1)
    assert losses_of(features, read, out, moments) == plain
    sooner = {**seen, "vehicles": seen["vehicles"].copy()}
    sooner["vehicles"][13] += 0.5
    assert losses_of(features, read, sooner, moments) != plain


def test_rows_without_numbers_keep_their_places() -> None:
    features = incentives(SoftUpdate(0.1), space=TABLE)
    rows, ids = features.vehicles.read(np.ones((1, PLAYERS, ROWS, WIDTH), np.float32), np.array([[True, False]]))
    assert ids.tolist() == [[[1, 2, 3, 4], [0, 0, 0, 0]]]
    assert rows.shape == (1, PLAYERS, ROWS, WIDTH)


@pytest.mark.parametrize(
    "space",
    [spaces.Box(-1, 1, (5,), np.float32), spaces.Discrete(3), spaces.Dict({"vehicles": TABLE}), spaces.Box(0, 9, (ROWS, WIDTH), np.int64)],
)
def test_other_observations_are_refused(space: spaces.Space[Any]) -> None:
    with pytest.raises(ImpossiblePairing, match="iplan cannot act in Toy-v0: it reads a table of vehicles"):
        incentives(SoftUpdate(0.1), space=space)
