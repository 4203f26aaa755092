"""The released dynamics drive as the authors' own package does; `golden/record_highway_released.py` says how the record was made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hub_envs.highway.simulation import NO_ACTION, Rules, play
from hub_envs.highway.state import (
    COS,
    CRASHED,
    EXPONENT,
    HEADING,
    KIND,
    LANE,
    SIN,
    SPEED,
    TARGET_LANE,
    TARGET_SPEED,
    TIMER,
    X,
    Y,
    empty_traffic,
)

RECORD = Path(__file__).parent / "golden" / "highway_released.npz"


def test_a_recorded_episode_of_the_authors_package_is_played_alike() -> None:
    with np.load(RECORD) as record:
        states, kinds = record["states"], record["kind"]
        traffic = empty_traffic(1, len(kinds))
        numbers, labels = traffic.numbers[0], traffic.labels[0]
        numbers[[X, Y, HEADING, SPEED]] = states[0, :4]
        numbers[COS], numbers[SIN] = np.cos(numbers[HEADING]), np.sin(numbers[HEADING])
        numbers[TARGET_SPEED], numbers[TIMER], numbers[EXPONENT] = record["target_speed"], record["timer"], record["exponent"]
        labels[KIND], labels[LANE], labels[TARGET_LANE] = kinds, record["lane"], record["lane"]
        players, rules = np.flatnonzero(kinds == 0), Rules(8, released=True, autopilot=False, steps_per_second=5)
        for second, actions in enumerate(record["actions"]):
            chosen = np.where(labels[CRASHED, players] == 1, NO_ACTION, actions)
            play(traffic, players, chosen[None], np.ones(1, dtype=np.bool_), rules)
            np.testing.assert_allclose(numbers[[X, Y, HEADING, SPEED]], states[second + 1, :4], rtol=0, atol=1e-9)
            np.testing.assert_array_equal(labels[CRASHED], states[second + 1, 4])
    assert states[-1, 4].sum() > 5, "wrecks are part of the record"
    assert np.ptp(states[:, 1], axis=0).max() > 4, "and so are changes of lane"
