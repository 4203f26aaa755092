"""Pictures of a road show every player, who drives beside it, and what all of them do."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from gymnasium.error import DependencyNotInstalled
from hub_envs.highway import HeterogeneousEnv, HeterogeneousSoloEnv
from hub_envs.highway import drawing as d
from hub_envs.highway.drawing import Cars, View, draw
from hub_envs.highway.drivers import AGGRESSIVE, DEFENSIVE, NORMAL, PLAYER

pytest.importorskip("PIL")

ROAD = d.HEADER + d.VERGE
"""Row of pixels where the first player's road begins; a metre takes `d.LARGEST` pixels on four lanes."""


def cars(*rows: tuple[float, int, int], **changes: Any) -> Cars:
    """Return cars at x (m) in a lane, of a kind; all drive straight on at 25 m/s."""
    x, lane, kind = (np.array(column) for column in zip(*rows, strict=True))
    still = np.zeros(len(rows))
    plain = Cars(x.astype(float), lane * 4.0, still, still + 25.0, still, lane, kind, np.zeros(len(rows), dtype=bool))
    return plain._replace(**{name: np.asarray(value) for name, value in changes.items()})


def shows(frame: np.ndarray, colour: str, x: float, lane: float, *, player_x: float = 0.0, reach: int = 5) -> bool:
    """Whether a colour is near a place of the first player's road."""
    row = round(ROAD + (lane + 0.5) * 4 * d.LARGEST)
    column = round(d.ROADS + (x - player_x + d.BEHIND) * d.LARGEST)
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return bool((frame[row - reach : row + reach + 1, column - reach : column + reach + 1] == rgb).all(axis=2).any())


@pytest.mark.parametrize("players", [1, 2, 5, 12])
@pytest.mark.parametrize("lanes", [1, 4, 8])
def test_a_picture_is_as_wide_as_ever_and_high_enough_for_all_players(players: int, lanes: int) -> None:
    frame = draw(cars(*[(300.0 * player, 0, PLAYER) for player in range(players)]), View(lanes, 3.0))
    height, width, channels = frame.shape
    assert (width, channels, height % 2, frame.dtype) == (960, 3, 0, np.uint8)
    assert height >= d.HEADER + players * (d.VERGE + d.LEAST + d.TICKS)
    asphalt = [int(d.ASPHALT[i : i + 2], 16) for i in (1, 3, 5)]
    roads = (frame[:, 200] == asphalt).all(axis=1)
    assert np.diff(roads.astype(int)).clip(min=0).sum() >= players


@pytest.mark.parametrize("kind", [NORMAL, AGGRESSIVE, DEFENSIVE])
def test_a_driver_has_the_colour_of_its_kind_where_it_is(kind: int) -> None:
    frame = draw(cars((500, 1, PLAYER), (540, 2, kind)), View(4, 0.0))
    assert shows(frame, d.COLOURS[kind], 538.5, 2, player_x=500)
    assert shows(frame, d.COLOURS[PLAYER], 502.4, 1, player_x=500)
    assert not any(shows(frame, d.COLOURS[other], 538.5, 2, player_x=500) for other in d.COLOURS if other != kind)
    assert not any(shows(frame, colour, 560, 2, player_x=500) for colour in d.COLOURS.values())


def test_players_far_apart_are_all_seen() -> None:
    both = [(100, 0, PLAYER), (900, 3, PLAYER)]
    frame, swapped = draw(cars(*both), View(4, 0.0)), draw(cars(*both[::-1]), View(4, 0.0))
    assert shows(frame, d.COLOURS[PLAYER], 102.4, 0, player_x=100)
    assert shows(swapped, d.COLOURS[PLAYER], 902.4, 3, player_x=900)


def test_a_wreck_bears_a_mark_and_no_plan() -> None:
    whole = cars((0, 1, PLAYER), (30, 2, NORMAL))
    before, after = draw(whole, View(4, 0.0)), draw(whole._replace(crashed=np.array([True, True])), View(4, 0.0))
    for x, lane in ((0, 1), (30, 2)):
        assert not shows(before, d.WRECK, x, lane)
        assert shows(after, d.WRECK, x, lane)
    assert shows(before, d.PLANNED, 50, 1)
    assert not shows(after, d.PLANNED, 50, 1)


def test_the_lane_that_a_player_steers_to_is_lighter() -> None:
    frame = draw(cars((0, 1, PLAYER), target_lane=[3]), View(4, 0.0))
    assert [shows(frame, d.PLANNED, 60, lane) for lane in range(4)] == [False, False, False, True]


def test_a_car_that_brakes_shows_red_behind() -> None:
    slow, steady = (draw(cars((0, 1, PLAYER), (30, 2, NORMAL), acceleration=[0.0, pull]), View(4, 0.0)) for pull in (-3.0, 0.0))
    assert shows(slow, d.STOP, 27.5, 2)
    assert not shows(steady, d.STOP, 27.5, 2)


def test_a_car_that_turns_is_drawn_turned() -> None:
    straight, turned = (draw(cars((0, 1, PLAYER), (30, 2, DEFENSIVE), heading=[0.0, angle]), View(4, 0.0)) for angle in (0.0, np.pi / 2))
    above = {"x": 30, "lane": 1.55, "reach": 1}  # 1.8 m left of the centre: beyond the side of a car, within its length
    assert not shows(straight, d.COLOURS[DEFENSIVE], **above)
    assert not shows(turned, d.COLOURS[DEFENSIVE], x=31.8, lane=2, reach=1)
    assert shows(straight, d.COLOURS[DEFENSIVE], x=31.8, lane=2, reach=1)
    assert shows(turned, d.COLOURS[DEFENSIVE], **above)


@pytest.mark.parametrize("env", [HeterogeneousEnv(render_mode="rgb_array"), HeterogeneousSoloEnv(render_mode="rgb_array")])
def test_every_form_draws_its_road(env: Any) -> None:
    env.reset(seed=4)
    before = env.render()
    env.step(dict.fromkeys(env.possible_agents, 3) if isinstance(env, HeterogeneousEnv) else 3)
    after = env.render()
    assert before.shape == after.shape
    assert (before != after).any()


def test_pictures_without_pillow_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(DependencyNotInstalled, match=r'pip install "gymhub-envs\[render\]"'):
        draw(cars((0, 0, PLAYER)), View(1, 0.0))
