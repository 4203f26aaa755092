"""Importing stable-baselines3 zips: the real ones act as before, the malicious ones do nothing."""

import base64
import json
import pickle
import zipfile

import gymnasium as gym
import numpy as np
import pytest
import torch
from hub_baselines.import_zip import main
from hub_baselines.sandbox import SandboxError
from stable_baselines3 import DQN, PPO, SAC, TD3
from torch import nn

from hub.checkpoints import load_agent, read_checkpoint
from hub.environments import describe
from hub.errors import UsageError


def imported(archive, agent, env, out, *further):
    assert main([str(archive), "--agent", agent, "--env", env, "--out", str(out), *further]) == 0
    return load_agent(out, describe(env, {}))


def observations(env_id: str, n: int) -> np.ndarray:
    space = gym.vector.utils.batch_space(gym.make(env_id).observation_space, n)
    space.seed(0)
    return np.clip(space.sample(), -3, 3)


def test_an_imported_ppo_acts_as_stable_baselines3_does_on_a_thousand_observations(tmp_path, capsys):
    architecture = {"net_arch": {"pi": [32, 16], "vf": [8]}, "activation_fn": nn.ReLU}
    model = PPO("MlpPolicy", "CartPole-v1", n_steps=256, n_epochs=4, seed=1, device="cpu", policy_kwargs=architecture)
    model.learn(512)
    with torch.no_grad():
        model.policy.action_net.weight.normal_(generator=torch.Generator().manual_seed(0))
    model.save(tmp_path / "model.zip")
    agent = imported(tmp_path / "model.zip", "ppo", "CartPole-v1", tmp_path / "checkpoint")
    assert "ppo for CartPole-v1, trained for 512 steps" in capsys.readouterr().out
    record = read_checkpoint(tmp_path / "checkpoint").agent
    assert record.config == {"net_arch": {"pi": [32, 16], "vf": [8]}, "activation": "relu", "small_images": "pixels"}
    assert record.train_steps == 512
    inputs = observations("CartPole-v1", 1000)
    mine = agent.act(inputs, np.arange(1000))
    assert (mine == model.predict(inputs, deterministic=True)[0]).all()
    assert set(mine.tolist()) == {0, 1}


@pytest.mark.parametrize(
    ("algorithm", "agent", "env", "settings"),
    [
        (DQN, "dqn", "CartPole-v1", {"policy_kwargs": {"net_arch": [16, 8]}}),
        (SAC, "sac", "Pendulum-v1", {"policy_kwargs": {"net_arch": {"pi": [16], "qf": [8, 8]}}}),
        (TD3, "td3", "Pendulum-v1", {"policy_kwargs": {"net_arch": [16]}}),
        (PPO, "ppo", "Pendulum-v1", {"policy_kwargs": {"net_arch": []}}),
    ],
)
def test_each_algorithms_zip_is_imported(tmp_path, algorithm, agent, env, settings):
    model = algorithm("MlpPolicy", env, seed=2, device="cpu", **settings)
    model.save(tmp_path / "model.zip")
    inputs = observations(env, 50)
    mine = imported(tmp_path / "model.zip", agent, env, tmp_path / "checkpoint").act(inputs, np.arange(50))
    assert np.allclose(mine, model.predict(inputs, deterministic=True)[0], atol=1e-5)


def archive_of(path, **members: bytes):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return path


class Malice:
    def __init__(self, mark) -> None:
        self.mark = str(mark)

    def __reduce__(self):
        return open, (self.mark, "w")


def test_pickles_in_the_archive_are_never_opened(tmp_path, capsys):
    mark = tmp_path / "mark"
    archive = archive_of(tmp_path / "bad.zip", data=b"{}", policy__pth=pickle.dumps(Malice(mark)))
    assert main([str(archive), "--agent", "ppo", "--env", "CartPole-v1", "--out", str(tmp_path / "out")]) == SandboxError.exit_code
    said = capsys.readouterr().err
    assert said.startswith(f"hub: {archive} could not be read: ")
    assert said.count("\n") == 1
    assert not mark.exists()
    assert not (tmp_path / "out").exists()


def test_a_pickle_within_the_settings_is_passed_over(tmp_path):
    model = PPO("MlpPolicy", "CartPole-v1", device="cpu")
    model.save(tmp_path / "model.zip")
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        data, policy = json.loads(archive.read("data")), archive.read("policy.pth")
    mark = tmp_path / "mark"
    data["policy_kwargs"] = {":type:": "<class 'dict'>", ":serialized:": base64.b64encode(pickle.dumps(Malice(mark))).decode()}
    archive_of(tmp_path / "bad.zip", data=json.dumps(data).encode(), policy__pth=policy)
    imported(tmp_path / "bad.zip", "ppo", "CartPole-v1", tmp_path / "checkpoint")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("policy_kwargs", "agent", "env", "reason"),
    [
        ({}, "dqn", "CartPole-v1", "does not hold a model of dqn: by its parameters' names it is ppo or a2c"),
        ({}, "random", "CartPole-v1", "agent random has no stable-baselines3 models"),
        ({"activation_fn": nn.Softplus}, "ppo", "CartPole-v1", "has activation Softplus"),
        ({"share_features_extractor": False}, "ppo", "CartPole-v1", "share_features_extractor in policy_kwargs"),
    ],
)
def test_a_model_that_the_agents_cannot_take_over_is_refused_in_one_line(tmp_path, capsys, policy_kwargs, agent, env, reason):
    PPO("MlpPolicy", "CartPole-v1", device="cpu", policy_kwargs=policy_kwargs).save(tmp_path / "model.zip")
    command = [str(tmp_path / "model.zip"), "--agent", agent, "--env", env, "--out", str(tmp_path / "out")]
    assert main(command) == UsageError.exit_code
    said = capsys.readouterr().err
    assert reason in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()
