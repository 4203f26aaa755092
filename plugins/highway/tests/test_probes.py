"""The probes: what can be read off is read off, what cannot is not, and agents without latents are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hub_baselines.multi.ippo import IPPO
from hub_highway.instant import HORIZON
from hub_highway.iplan import IPLAN, IPPOBM, IPPOGAT
from hub_highway.linear import crossvalidated
from hub_highway.probes import PARTICLES, ROAD, driver_types, moved_on, prediction
from hub_highway.watching import watch

import hub
from hub.errors import UsageError

TYPES = {"accuracy", "majority", "accuracy_row", "beta_step", "beta_spread"}
ERRORS = {"place", "place_constant_velocity", "place_no_motion", "velocity", "velocity_constant"}


def test_a_probe_finds_what_is_there_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=300)
    telling, silent = np.eye(3)[labels] + rng.normal(0, 0.1, (300, 3)), rng.normal(size=(300, 3))
    groups = np.arange(300) % 5
    accuracy, majority = crossvalidated(telling.astype(np.float32), labels, groups)
    assert accuracy > 0.98
    assert majority < 0.45
    assert abs(crossvalidated(silent.astype(np.float32), labels, groups)[0] - 1 / 3) < 0.1
    with pytest.raises(ValueError, match="at least two groups"):
        crossvalidated(telling.astype(np.float32), labels, np.zeros(300, dtype=np.int64))


def test_a_probe_is_judged_by_groups_it_was_not_fitted_to() -> None:
    groups = np.repeat(np.arange(4), 25)
    labels = groups % 2
    own = np.eye(4)[groups].astype(np.float32)
    assert crossvalidated(own, labels, groups)[0] < 0.9, "numbers that tell the group alone do not help with another group"


def test_constant_velocity_moves_places_by_what_a_row_says() -> None:
    row = np.array([1, 0.2, 0.04, -0.1, 0.05], np.float32)
    later = moved_on(row, ROAD)
    assert later.shape == (HORIZON, 5)
    np.testing.assert_allclose(later[:, 1] * 100, 20 - 2.0 * np.arange(1, 6), rtol=1e-5)
    np.testing.assert_allclose(later[:, 2] * 100, 4 + 1.0 * np.arange(1, 6), rtol=1e-5)
    np.testing.assert_array_equal(later[:, 3:], np.tile(row[3:], (5, 1)))
    np.testing.assert_allclose(moved_on(row[1:], PARTICLES)[:, 0], 0.2 - 0.01 * np.arange(1, 6), rtol=1e-5)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub_highway.probes.EPISODES", 6)
    monkeypatch.setattr("hub_highway.probes.OBSERVED", 5)


def test_latents_of_drivers_are_probed(few: None) -> None:
    task = hub.describe("highway/Heterogeneous-v0", {"mix": "chaotic", "agents": 2, "vehicles": 20, "duration": 13})
    agent = IPLAN(task)
    found = driver_types(agent, task, 0)
    assert set(found) == TYPES
    assert 0 <= found["accuracy"] <= 1
    assert 0 < found["majority"] < 1
    assert found["beta_step"] > 0
    assert driver_types(agent, task, 0) == found
    errors = prediction(agent, task, 0)
    assert set(errors) == ERRORS
    assert 0 < errors["place_constant_velocity"] < errors["place_no_motion"] < errors["place"], "an untrained forecast is the worst"


def test_what_is_watched_is_what_players_saw(few: None) -> None:
    task = hub.describe("highway/Heterogeneous-v0", {"mix": "chaotic", "agents": 2, "vehicles": 20, "duration": 8})
    watched = watch(IPLAN(task), task, 0, 3)
    ids = watched.frames.ids
    assert ids.shape == (8, 3, 2, 15)
    assert watched.seconds[0][ids[0] > 0].tolist() == [1.0] * int((ids[0] > 0).sum())
    stayed = np.isin(ids[1, 0, 0], ids[0, 0, 0]) & (ids[1, 0, 0] > 0)
    np.testing.assert_array_equal(watched.seconds[1, 0, 0], 2.0 * stayed + (~stayed & (ids[1, 0, 0] > 0)))
    assert watched.kinds is not None
    assert (watched.kinds == 0).sum(axis=1).tolist() == [2, 2, 2]
    assert not watched.beta[ids == 0].any()


def test_latents_that_are_not_there_are_not_probed(few: None) -> None:
    task = hub.describe("navigation/NonCooperative-v0")
    with pytest.raises(UsageError, match="ippo has no incentives to look into"):
        driver_types(IPPO(task), task, 0)
    with pytest.raises(UsageError, match="no behaviour incentive to probe"):
        driver_types(IPPOGAT(task), task, 0)
    with pytest.raises(UsageError, match="no instant incentive to probe"):
        prediction(IPPOBM(task), task, 0)
    with pytest.raises(UsageError, match="nobody drives in navigation/NonCooperative-v0"):
        driver_types(IPPOBM(task), task, 0)
    assert set(prediction(IPPOGAT(task), task, 0)) == ERRORS
