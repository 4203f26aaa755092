"""One adapter from stable-baselines3's algorithms to hub's agents."""

from __future__ import annotations

import abc
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.policies import BasePolicy
from torch import nn

import hub
from hub.errors import UsageError
from hub_baselines.acting import Actor
from hub_baselines.determinism import repeatable
from hub_baselines.settings import require_positive
from hub_baselines.spaces import PolicyName, Reader, SmallImages, check_spaces, policy_name
from hub_baselines.vec_env import VectorEnvForStableBaselines
from hub_baselines.weights import load_weights, weights_of

if TYPE_CHECKING:
    from hub.training import Training

Activation = Literal["tanh", "relu", "elu", "leaky_relu", "gelu"]
ACTIVATIONS: dict[str, type[nn.Module]] = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "elu": nn.ELU,
    "leaky_relu": nn.LeakyReLU,
    "gelu": nn.GELU,
}
READABLE = ("Box", "Discrete", "MultiDiscrete", "MultiBinary", "Dict")
_REPORT_EVERY = 1000


class StableBaselinesAgent(hub.Agent):
    """Base of the agents that train with stable-baselines3 and act without it (`hub_baselines.acting`).

    A subclass names its `algorithm` and says how to construct and run it.

    Args:
        task: the task.
        seed: of the network's first weights; training is seeded by the run.
        n_envs: environments trained in at once, as one batch.
        policy: the kind of network; `auto` reads images with convolutions, Dict observations part by part, all else with linear layers.
        net_arch: widths of the hidden layers, `[64, 64]`, or for each part, `{"pi": [64], "vf": [64]}`; None takes stable-baselines3's.
        activation: between the layers; None takes stable-baselines3's for the algorithm.
        small_images: how images too small for convolutions are read: as `numbers`, which grids of symbols need, or as `pixels`, divided
            by 255.
        deterministic: act by the policy's most probable action; else draw.
        threads: torch's threads in training. The trained bits depend on it.
    """

    name: ClassVar[str]
    algorithm: ClassVar[Any]
    parts: ClassVar[tuple[str, ...]]
    """Parts of the network that `net_arch` may give different widths."""

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        n_envs: int = 1,
        policy: PolicyName = "auto",
        net_arch: list[int] | dict[str, list[int]] | None = None,
        activation: Activation | None = None,
        small_images: SmallImages = "numbers",
        deterministic: bool = True,
        threads: int = 1,
    ) -> None:
        super().__init__(task, seed=seed)
        require_positive(self.name, n_envs=n_envs, threads=threads)
        self.needs.check(self.name, task)
        check_spaces(self.name, task, small_images)
        self._reader = Reader(task.observation_space, small_images)
        self._n_envs, self._threads, self._deterministic = n_envs, threads, deterministic
        self._policy_name = policy_name(self.name, task, policy)
        self._policy_kwargs: dict[str, Any] = {} if net_arch is None else {"net_arch": self._checked(net_arch)}
        if activation is not None:
            self._policy_kwargs["activation_fn"] = ACTIVATIONS[activation]
        self._policy = self._new_policy()
        self._actor = Actor(self._policy, self._reader, deterministic)

    @abc.abstractmethod
    def _construct(self, env: VectorEnvForStableBaselines, training: Training, seed: int) -> BaseAlgorithm:
        """Return the algorithm, ready to learn in `env`."""

    @abc.abstractmethod
    def _run(self, algorithm: Any, training: Training) -> None:
        """Let the algorithm learn for what remains of the budget, less than one step of all environments excepted."""

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start new episodes."""
        self._actor.begin(slots, seeds)

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Choose an action for each row."""
        return self._actor.act(observations, slots)

    def learn(self, training: Training) -> None:
        """Go on training from the present weights; optimiser and replay memory start empty.

        Raises:
            UsageError: the budget is too small for one update.
        """
        env = VectorEnvForStableBaselines(training.make_vec(self._n_envs, autoreset_mode=AutoresetMode.SAME_STEP), self._reader)
        try:
            with repeatable(training.seed, self._threads), warnings.catch_warnings():
                # A last mini-batch that is smaller than the others is meant so.
                warnings.filterwarnings("ignore", message="You have specified a mini-batch size", category=UserWarning)
                algorithm = self._construct(env, training, training.seed % 2**31)
                algorithm.set_logger(Logger(folder=None, output_formats=[]))
                algorithm.policy.load_state_dict(self._policy.state_dict())
                self._run(algorithm, training)
        finally:
            env.close()
        self._policy.load_state_dict(algorithm.policy.state_dict())
        self._actor = Actor(self._policy, self._reader, self._deterministic)

    def weights(self) -> dict[str, np.ndarray]:
        """Return the policy's parameters, critics included, by stable-baselines3's names; a shared layer once."""
        return weights_of(self._policy)

    def load_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Take over parameters of the same names and shapes.

        Raises:
            UsageError: names or shapes differ; the message gives the first difference.
        """
        load_weights(self._policy, weights, f"{self.name} with these spaces and net_arch")
        self._actor = Actor(self._policy, self._reader, self._deterministic)

    def _checked(self, net_arch: list[int] | dict[str, list[int]]) -> list[int] | dict[str, list[int]]:
        parts = net_arch if isinstance(net_arch, dict) else {}
        widths = [width for part in (parts.values() if parts else [net_arch]) for width in part]
        if (parts and set(parts) != set(self.parts)) or any(not isinstance(width, int) or width < 1 for width in widths):
            by_part = ", ".join(f'"{part}": [64]' for part in self.parts)
            example = "[64, 64]" + (f" or {{{by_part}}}" if by_part else "")
            raise UsageError(f"net_arch of agent {self.name} cannot be {net_arch}: give widths greater than 0, e.g. {example}")
        return net_arch

    def _new_policy(self) -> BasePolicy:
        policy_class = self.algorithm.policy_aliases[self._policy_name]
        with repeatable(self.seed):
            policy: BasePolicy = policy_class(self._reader.space, self.task.action_space, lambda _: 1e-3, **self._policy_kwargs)
        return policy

    def _common(self, env: VectorEnvForStableBaselines, seed: int) -> dict[str, Any]:
        """Return the arguments that every algorithm's constructor takes from here."""
        return {"policy": self._policy_name, "env": env, "seed": seed, "policy_kwargs": dict(self._policy_kwargs), "device": "cpu"}


class Progress(BaseCallback):
    """Reports to the training how it goes, and stops an off-policy algorithm when the budget is spent."""

    def __init__(self, training: Training) -> None:
        super().__init__()
        self._hub = training
        self._next_report = 0
        self.left = 1.0
        """Share of the budget that was left when the present rollout began; learning rates shrink with it."""

    def _on_rollout_start(self) -> None:
        self.left = self._hub.remaining / self._hub.steps

    def _on_step(self) -> bool:
        if self._hub.done >= self._next_report and self.model.ep_info_buffer:
            self._next_report = self._hub.done + _REPORT_EVERY
            self._hub.report(return_mean=float(np.mean([episode["r"] for episode in self.model.ep_info_buffer])))
        if "train_freq" not in self.locals or self._hub.remaining >= self.training_env.num_envs:
            return True
        # The budget is spent. When that completes an off-policy rollout, its gradient steps are still due.
        return bool(self.locals["num_collected_steps"] >= self.locals["train_freq"].frequency)
