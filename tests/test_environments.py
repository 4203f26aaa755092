"""`hub.make`, `hub.make_vec` and `describe`: what they build, and what they say when they cannot."""

import re

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import hub
from hub.environments import build, describe
from hub.errors import BrokenPlugin, MissingExtra, UnknownEnvironment, UsageError
from hub.registry import Found, Plugin
from hub.specs import EnvironmentSpec


def test_names_of_plugins_and_of_gymnasium_are_built():
    assert hub.make("cormab-matching").unwrapped.model.arms == hub.make("cormab/Matching-v0", arms=20).unwrapped.model.arms == 20
    assert hub.make("CartPole-v1").spec.max_episode_steps == 500
    assert hub.make("CartPole-v1", max_episode_steps=7).spec.max_episode_steps == 7


def test_native_batches_are_native_and_others_step_in_turn():
    native = hub.make_vec("cormab-matching", 3, autoreset_mode=AutoresetMode.DISABLED)
    assert not isinstance(native, SyncVectorEnv)
    assert native.metadata["autoreset_mode"] == AutoresetMode.DISABLED
    others = hub.make_vec("CartPole-v1", 3, autoreset_mode="SameStep")
    assert isinstance(others, SyncVectorEnv)
    assert others.metadata["autoreset_mode"] == AutoresetMode.SAME_STEP
    for batch in (native, others):
        assert batch.reset(seed=[1, 2, 3])[0].shape[0] == 3


def test_describe_tells_what_an_agent_may_know():
    task = describe("cormab-matching", {"arms": 20})
    assert (task.env_id, task.env_kwargs, task.model_tag) == ("cormab/Matching-v0", {"arms": 20}, "hub_envs.cormab:Problem")
    assert task.model.arms == task.action_space.n == 20
    task = describe("CartPole-v1", {})
    assert (task.max_episode_steps, task.model, task.players) == (500, None, ())


@pytest.mark.parametrize(
    ("name", "kwargs", "error", "said"),
    [
        ("cormab-matchin", {}, UnknownEnvironment, "did you mean cormab-matching"),
        (
            "cormab-matching",
            {"arm": 3},
            UsageError,
            "has no argument 'arm'; did you mean arms? (it takes instance, arms,",
        ),
        ("cormab-matching", {"budget": -1}, UsageError, "cormab/Matching-v0 cannot be built with budget=-1: ValueError"),
        ("CartPole-v1", {"nothing": 1}, UsageError, "CartPole-v1 cannot be built with nothing=1: TypeError"),
        ("CartPole-v1", {"max_episode_steps": 0}, UsageError, "CartPole-v1 cannot be built with max_episode_steps=0: "),
    ],
)
def test_what_cannot_be_built_is_said(name, kwargs, error, said):
    with pytest.raises(error, match=re.escape(said)) as caught:
        hub.make(name, **kwargs)
    assert "\n" not in str(caught.value)


def test_a_batch_needs_a_slot():
    with pytest.raises(UsageError, match="num_envs must be at least 1, not 0"):
        hub.make_vec("CartPole-v1", 0)


class Unbuildable(gym.Env):
    def __init__(self):
        raise RuntimeError("out\nof order")


class Lacking(gym.Env):
    def __init__(self):
        import nonexistent_simulator  # noqa: F401


def test_an_environment_that_fails_to_build_is_its_authors_matter():
    gym.register("tests/Unbuildable-v0", Unbuildable)
    gym.register("tests/Lacking-v0", Lacking)
    with pytest.raises(BrokenPlugin, match="tests/Unbuildable-v0 cannot be built: RuntimeError: out of order"):
        hub.make("tests/Unbuildable-v0")
    with pytest.raises(MissingExtra, match="tests/Lacking-v0 needs a package that is not installed: No module named"):
        hub.make("tests/Lacking-v0")


class Deviceless(gym.Env):
    def __init__(self, *, port):
        raise gym.error.DependencyNotInstalled(f"no device at port {port}:\n" + "plug one in " * 40)


def test_what_a_machine_lacks_and_what_an_environment_needs_to_be_told_are_said_whole():
    gym.register("tests/Deviceless-v0", Deviceless)
    with pytest.raises(
        MissingExtra, match=r"^tests/Deviceless-v0 cannot be built here: no device at port 5: (plug one in ){39}plug one in$"
    ):
        hub.make("tests/Deviceless-v0", port=5)
    limited = Found(EnvironmentSpec(id="lighthouse/Limited-v0", entry_point="gymnasium.wrappers:TimeLimit"), Plugin("lighthouse", "x", "1"))
    with pytest.raises(UsageError, match=r"lighthouse/Limited-v0 needs the argument 'env', on the command line --env-arg env=\.\.\."):
        build(limited, {})


def test_singles_and_batches_agree():
    single, batch = hub.make("cormab-matching"), hub.make_vec("cormab-matching", 2)
    observation, _ = single.reset(seed=5)
    assert np.array_equal(batch.reset(seed=[5, 6])[0][0], observation)
