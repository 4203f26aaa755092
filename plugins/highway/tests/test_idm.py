"""IDM + MOBIL through the action set, against the simulator's formulas and in plain situations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hub_envs.highway.idm import NOBODY, acceleration, free_acceleration
from hub_envs.highway.state import COS, EXPONENT, KIND, LABELS, NUMBERS, SPEED, TARGET_SPEED, X
from hub_highway.idm import IDMMOBIL, idm
from hypothesis import given
from hypothesis import strategies as st

import hub
from hub.errors import ImpossiblePairing, UsageError

LEFT, IDLE, RIGHT, FASTER, SLOWER = range(5)


@given(st.floats(0, 40), st.floats(10, 35), st.floats(0.5, 100), st.floats(0, 40), st.booleans())
def test_accelerations_are_the_simulators(speed: float, wanted: float, gap: float, front_speed: float, alone: bool) -> None:
    numbers, labels = np.zeros((NUMBERS, 2)), np.zeros((LABELS, 2), dtype=np.int64)
    numbers[X], numbers[SPEED], numbers[TARGET_SPEED], numbers[EXPONENT], numbers[COS] = (0, gap), (speed, front_speed), wanted, 4.0, 1.0
    labels[KIND] = 1
    expected = acceleration(numbers, 1, free_acceleration(numbers, labels, 0, 0), 0, NOBODY if alone else 1)
    found = idm(np.array([speed]), wanted, np.array([np.inf if alone else gap]), np.array([front_speed]))
    np.testing.assert_allclose(found, [expected], rtol=1e-9, atol=1e-9)


def view(lane: int, *others: tuple[float, int, float], speed: float = 25.0) -> dict[str, np.ndarray]:
    """Return what a car on `lane` sees of others (metres ahead, lane, m/s)."""
    rows = np.zeros((15, 5), np.float32)
    rows[0] = 1, 1, lane * 4 / 100, min(speed / 20, 1), 0
    for row, (ahead, other, other_speed) in enumerate(others, start=1):
        rows[row] = 1, min(ahead / 100, 1), (other - lane) * 4 / 100, (other_speed - speed) / 20, 0
    return {"vehicles": rows, "ids": np.arange(15)}


@pytest.mark.parametrize(
    ("seen", "action"),
    [
        (view(3), IDLE),
        (view(1, *((100.0, lane, 25.0) for lane in range(3))), IDLE),
        (view(0, (20.0, 0, 21.0), (20.0, 1, 21.0)), SLOWER),
        (view(3, (30.0, 3, 21.0)), RIGHT),
        (view(7, (30.0, 7, 21.0)), LEFT),
        (view(3, (30.0, 3, 21.0), (-6.0, 4, 25.0)), LEFT),
        (view(3, (30.0, 3, 21.0), (-6.0, 4, 25.0), (12.0, 2, 20.0)), SLOWER),
    ],
)
def test_cars_do_what_a_driver_would(seen: dict[str, np.ndarray], action: int, road: hub.Task) -> None:
    agent = IDMMOBIL(road)
    agent.begin([0], [0])
    assert agent.act([{"agent_0": seen}], np.array([0])) == [{"agent_0": action}]


def test_a_car_that_was_slowed_down_speeds_up_again(road: hub.Task) -> None:
    agent = IDMMOBIL(road)
    agent.begin([0], [0])
    crowd = [(20.0, lane, 20.0) for lane in range(3)]
    assert agent.act([{"agent_0": view(1, *crowd)}], np.array([0])) == [{"agent_0": SLOWER}]
    assert agent.act([{"agent_0": view(1, speed=20.66)}], np.array([0])) == [{"agent_0": FASTER}]


def driven(agent: hub.Agent, env: Any, steps: int) -> tuple[float, int]:
    """Return what all players earn in `steps` seconds, and how many are left."""
    seen, total = env.reset(seed=3)[0], 0.0
    agent.begin([0], [3])
    for _ in range(steps):
        seen, rewards, *_ = env.step(agent.act([seen], np.array([0]))[0])
        total += sum(rewards.values())
    return total, len(env.agents)


def test_it_drives_on_a_road(road: hub.Task) -> None:
    whole = hub.describe("highway/Heterogeneous-v0", {"mix": "chaotic"})
    total, left = driven(IDMMOBIL(whole), hub.make(whole.env_id, **whole.env_kwargs), 60)
    random_total, _ = driven(_Random(whole), hub.make(whole.env_id, **whole.env_kwargs), 60)
    assert left >= 4
    assert total > random_total


class _Random(hub.Agent):
    def act(self, observations: Any, slots: np.ndarray) -> Any:
        rng = np.random.default_rng(len(observations[0]))
        return [{player: int(rng.integers(5)) for player in seen} for seen in observations]


def test_a_single_learner_is_driven_too() -> None:
    task = hub.describe("highway/Heterogeneous-Solo-v0")
    agent, env = IDMMOBIL(task), hub.make_vec("highway/Heterogeneous-Solo-v0", 3)
    agent.begin(range(3), range(3))
    seen, _ = env.reset(seed=[0, 1, 2])
    for _ in range(5):
        actions = agent.act(seen, np.arange(3))
        assert actions.shape == (3,)
        seen = env.step(actions)[0]
    env.close()


def test_other_games_and_settings_are_refused(road: hub.Task) -> None:
    with pytest.raises(ImpossiblePairing, match="idm-mobil cannot act in CartPole-v1: it knows roads only"):
        IDMMOBIL(hub.describe("CartPole-v1"))
    with pytest.raises(UsageError, match="speed of agent idm-mobil cannot be 0"):
        IDMMOBIL(road, speed=0)
