"""Every seeded fault is caught by the check that is meant for it, and nothing is found wrong with correct environments."""

from __future__ import annotations

import random
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from faulty_environments import CATALOGUE, open_subject
from faulty_environments.drift import Drift
from faulty_environments.games import GAME_FAULTS
from faulty_environments.games import open_subject as open_games
from faulty_environments.parallel import LENGTHS, PARALLEL_FAULTS
from faulty_environments.parallel import open_subject as open_meadow
from faulty_environments.surroundings import LeaksProcess

from hub.checking.opening import open_environment
from hub.checking.subjects import Plan, Subject
from hub.checking.suites import run_check, run_checks, suite
from hub.specs import EnvironmentSpec

SOFT = [faulty for faulty in CATALOGUE if not faulty.deadly]
PLAN = Plan(steps=600)


def failures(subject):
    return {row.check: row for row in run_checks(subject, suite(subject)) if row.state == "failed"}


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # one of the faults leaves files in the working directory


@pytest.fixture(autouse=True)
def leaked_processes_end():
    yield
    while LeaksProcess.started:
        process = LeaksProcess.started.pop()
        process.kill()
        process.wait()


@pytest.mark.parametrize("faulty", SOFT, ids=lambda faulty: faulty.name)
def test_the_expected_check_catches_the_fault(faulty):
    subject = open_subject(PLAN, fault=faulty.name)
    check = next(check for check in suite(subject) if check.__name__ == faulty.check)
    row = run_check(check, subject)
    assert row.state == "failed"
    assert row.what
    assert row.where
    assert row.right


def test_the_catalogue_has_no_name_twice():
    assert len({faulty.name for faulty in CATALOGUE}) == len(CATALOGUE) >= 30


def test_the_page_of_scores_holds_the_whole_catalogue():
    page = (Path(__file__).parents[2] / "docs" / "check-scores.md").read_text()
    assert [faulty.fault for faulty in CATALOGUE if f"| {faulty.fault} | `{faulty.check.replace('_', '-')}` |" not in page] == []


def test_the_correct_environment_passes_everything():
    assert failures(open_subject(PLAN, fault="DriftBatch")) == {}


class Gusty(Drift):
    __doc__ = Drift.__doc__

    def wind(self):
        return np.array([random.SystemRandom().gauss(0, 1) for _ in range(2)])


@pytest.mark.parametrize("deterministic", [False, True])
def test_an_environment_registered_as_not_deterministic_need_not_repeat_itself(deterministic):
    spec = EnvironmentSpec(id="drift/Gusty-v0", entry_point="drift:Gusty", deterministic=deterministic)
    found = failures(Subject(name=spec.id, make=Gusty, plan=PLAN, spec=spec))
    assert ("same-seed-same-episode" in found) is deterministic
    assert found == {} or deterministic


TAXI = max(name for name in gym.registry if name.startswith("Taxi-v"))


@pytest.mark.parametrize("name", ["CartPole-v1", TAXI, "Pendulum-v1", "MountainCarContinuous-v0"])
def test_gymnasiums_own_environments_pass(name):
    # MountainCarContinuous returns the array that is its state: writing into the observation moves the car
    known = {"returned-arrays-detached"} if name == "MountainCarContinuous-v0" else set()
    assert failures(open_environment(PLAN, name=name, kwargs={})).keys() <= known


def test_the_correct_parallel_environment_passes_everything():
    assert failures(open_meadow(Plan(steps=200), name="Meadow")) == {}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pettingzoo")
def test_one_of_pettingzoos_own_environments_passes():
    from pettingzoo.classic import rps_v2

    spec = EnvironmentSpec(id="classic/Rps-v2", entry_point="pettingzoo.classic.rps_v2:parallel_env", kind="parallel")
    assert failures(Subject(name=spec.id, make=rps_v2.parallel_env, plan=Plan(steps=200), spec=spec)) == {}


@pytest.mark.parametrize(("kind", "check"), PARALLEL_FAULTS, ids=lambda value: getattr(value, "__name__", value))
def test_faults_of_parallel_environments_are_caught(kind, check):
    assert check.replace("_", "-") in failures(open_meadow(Plan(steps=200), name=kind.__name__))


@pytest.mark.parametrize("steps", [40, 4])  # with 4, an ant leaves in the very step after which another slot is reset
def test_the_correct_batch_of_games_passes_every_check_of_batches(steps, monkeypatch):
    monkeypatch.setitem(LENGTHS, "ant", steps)
    subject = open_games(Plan(steps=200), batch="MeadowBatch")
    rows = [run_check(check, subject) for check in suite(subject) if "batch" in check.__name__]
    assert {row.state for row in rows} == {"passed"}
    assert len(rows) == 4


@pytest.mark.parametrize(("batch", "check"), GAME_FAULTS, ids=lambda value: getattr(value, "__name__", value))
def test_faults_of_batches_of_games_are_caught(batch, check):
    subject = open_games(Plan(steps=200), batch=batch.__name__)
    row = run_check(next(each for each in suite(subject) if each.__name__ == check), subject)
    assert (row.state, bool(row.what and row.where and row.right)) == ("failed", True)
    assert not row.what.startswith("raised")


def test_an_exception_is_one_failure_and_not_thirty():
    subject = open_subject(PLAN, fault="LateException")
    rows = list(run_checks(subject, suite(subject)))
    assert [row.check for row in rows if row.state == "failed"] == ["builds-and-plays"]
    assert any("see builds-and-plays" in row.advice for row in rows)


def test_the_place_of_a_late_fault_is_named():
    subject = open_subject(PLAN, fault="LateNanObservation")
    row = failures(subject)["observations-in-space"]
    assert (row.what, row.where, row.right) == ("the observation holds NaN", "episode 0, step 250, observation", "finite numbers")


def test_environment_variables_are_named_and_their_values_kept_back():
    row = failures(open_subject(PLAN, fault="SetsEnvironment"))["process-unchanged"]
    assert row.what == "the environment variables changed: OMP_NUM_THREADS"
