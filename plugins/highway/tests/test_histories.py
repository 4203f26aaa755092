"""Memory of vehicles, against dictionaries that do the same one vehicle at a time."""

from __future__ import annotations

import numpy as np
from hub_highway.histories import ABSENT, Frames, Moments, Track, VehicleMemory, follow, places, slid, unbroken
from hypothesis import given, settings
from hypothesis import strategies as st

PLAYERS, ROWS, WIDTH, WINDOW = 2, 4, 3, 3


def drawn_ids(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Ids of six vehicles in random rows, no vehicle twice in a view, some rows empty."""
    ids = np.stack([rng.permutation(6)[:ROWS] + 1 for _ in range(int(np.prod(shape)))]).reshape(*shape, ROWS)
    return np.where(rng.random(ids.shape) < 0.3, ABSENT, ids)


def test_places_are_where_the_same_vehicle_was() -> None:
    before, now = np.array([7, 0, 3, 9]), np.array([3, 0, 8, 7])
    assert places(before, now).tolist() == [2, -1, -1, 0]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_windows_are_those_of_a_dictionary_for_each_slot_and_player(seed: int) -> None:
    rng = np.random.default_rng(seed)
    memory = VehicleMemory(PLAYERS, ROWS, windows=(WINDOW, WIDTH))
    naive: dict[tuple[int, int], dict[int, list[np.ndarray]]] = {}
    memory.begin(range(3))
    for _ in range(12):
        if rng.random() < 0.2:
            slot = int(rng.integers(3))
            memory.begin([slot])
            naive = {key: seen for key, seen in naive.items() if key[0] != slot}
        slots = rng.permutation(3)[: rng.integers(1, 4)]
        ids, rows = drawn_ids(rng, len(slots), PLAYERS), rng.random((len(slots), PLAYERS, ROWS, WIDTH)).astype(np.float32)
        windows = slid(memory.recall(slots, ids)["windows"], rows)
        memory.keep(slots, ids, windows=windows)
        for place, slot in enumerate(slots.tolist()):
            for player in range(PLAYERS):
                old, new = naive.get((slot, player), {}), {}
                for row, vehicle in enumerate(ids[place, player].tolist()):
                    new[vehicle] = [*(old.get(vehicle, []) if vehicle else []), rows[place, player, row]]
                    frames = np.zeros((WINDOW, WIDTH), np.float32)
                    last = new[vehicle][-WINDOW:]
                    frames[-len(last) :] = last
                    np.testing.assert_array_equal(windows[place, player, row], frames)
                naive[slot, player] = new


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_vehicles_are_followed_within_their_episode(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps, slots = 6, 2
    begun = rng.random((steps, slots)) < 0.3
    frames = Frames(
        rng.random((steps, slots, PLAYERS, ROWS, WIDTH)).astype(np.float32), drawn_ids(rng, steps, slots, PLAYERS), begun.cumsum(axis=0)
    )
    moments = Moments(rng.integers(steps, size=5), rng.integers(slots, size=5))
    track = follow(frames, moments, range(-2, 3))
    for sample, (time, slot) in enumerate(zip(*moments, strict=True)):
        for player in range(PLAYERS):
            for row, vehicle in enumerate(frames.ids[time, slot, player].tolist()):
                for place, then in enumerate(range(time - 2, time + 3)):
                    inside = 0 <= then < steps and not begun[min(time, then) + 1 : max(time, then) + 1, slot].any()
                    there = inside and vehicle and vehicle in frames.ids[then, slot, player]
                    assert track.seen[sample, player, row, place] == bool(there)
                    expected = frames.rows[then, slot, player, track.places[sample, player, row, place]] if there else np.zeros(WIDTH)
                    np.testing.assert_array_equal(track.rows[sample, player, row, place], expected)


def test_frames_before_a_gap_are_forgotten() -> None:
    seen = np.array([0, -1, 2, 1])
    track = unbroken(Track(np.arange(4, dtype=np.float32)[:, None] + 1, seen))
    assert track.rows[:, 0].tolist() == [0, 0, 3, 4]
    assert track.places.tolist() == [-1, -1, 2, 1]
