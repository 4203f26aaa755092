"""Small learners on the simulated phone: whose steps they spend, and what an expert teaches them."""

import numpy as np
import pytest
from gymnasium.error import DependencyNotInstalled
from hub_envs.phonesim import chromium
from hub_gui.pointing.agents import PointerSFT, PointerTrajectory, PointerUIS1

import hub
from hub.errors import UsageError
from hub.training import Training

pytestmark = pytest.mark.browser


@pytest.fixture
def task():
    try:
        chromium.find()
    except DependencyNotInstalled as missing:
        pytest.skip(str(missing))
    return hub.describe("phonesim/ContactsAdd-v0", {"screenshot": False})


def trained(kind, task, steps, **settings):
    agent = kind(task, **{"expert_steps": 64, "warm_steps": 10, **settings})
    training = Training(task, steps=steps)
    agent.learn(training)
    return agent, training


def test_an_expert_teaches_one_task(task):
    agent, training = trained(PointerSFT, task, 64, warm_steps=100)
    assert training.done == 64
    assert training.curve.values["traces"][-1] >= 1
    assert hub.evaluate(agent, episodes=2).summary.mean > 0


def test_traces_are_trained_on_without_a_step(task):
    before, _ = trained(PointerSFT, task, 64)
    agent, training = trained(PointerUIS1, task, 64, updates=2, traces=2, copies=3)
    assert training.done == 64
    assert any((before.weights()[name] != array).any() for name, array in agent.weights().items())


def test_outcomes_are_learned_from_in_the_live_environment(task):
    agent, training = trained(PointerTrajectory, task, 80, phones=4, tasks=2, groups=2, copies=2)
    assert training.done >= 80
    assert {"success", "signal"} <= training.curve.values.keys()
    again, _ = trained(PointerTrajectory, task, 80, phones=4, tasks=2, groups=2, copies=2)
    assert all(np.array_equal(array, again.weights()[name]) for name, array in agent.weights().items())


def test_tasks_that_ask_are_beyond_it(task):
    asking = hub.describe("phonesim/ContactsFindPhone-v0", {"screenshot": False})
    with pytest.raises(UsageError, match="easier tasks"):
        trained(PointerSFT, asking, 64)
