"""DQN, SAC and TD3: algorithms that learn from a memory of what any earlier policy did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from stable_baselines3 import DQN, SAC, TD3
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.noise import NormalActionNoise

import hub
from hub.errors import UsageError
from hub_baselines.settings import require_positive, require_shares
from hub_baselines.stable import READABLE, Progress, StableBaselinesAgent
from hub_baselines.vec_env import VectorEnvForStableBaselines

if TYPE_CHECKING:
    from hub.training import Training


class OffPolicyAgent(StableBaselinesAgent):
    """What DQN, SAC and TD3 share: a replay memory no larger than the budget can fill, and an end exactly when it is spent."""

    parts: ClassVar[tuple[str, ...]] = ("pi", "qf")
    _buffer_size: int
    _settings: dict[str, Any]

    def _construct(self, env: VectorEnvForStableBaselines, training: Training, seed: int) -> BaseAlgorithm:
        if training.remaining < self._n_envs:
            raise UsageError(
                f"agent {self.name} cannot learn from {training.remaining} training steps in {self._n_envs} environments:"
                f" give --train-steps of at least {self._n_envs}, better some thousands"
            )
        size = max(self._n_envs, min(self._buffer_size, training.remaining))
        algorithm: BaseAlgorithm = self.algorithm(**self._common(env, seed), buffer_size=size, **self._settings)
        return algorithm

    def _run(self, algorithm: Any, training: Training) -> None:
        steps = training.remaining - training.remaining % self._n_envs
        algorithm.learn(steps, Progress(training), log_interval=None)


class DQNAgent(OffPolicyAgent):
    """Deep Q-network, Mnih et al. 2015 (doi:10.1038/nature14236), as stable-baselines3 implements it; acts greedily.

    The defaults are for small control problems: stable-baselines3's own (learning rate 1e-4, target network renewed every 10,000 steps) are
    Atari's and learn nothing there within 50,000 steps.

    Args:
        task: the task.
        seed: of the network's first weights.
        learning_rate: Adam's.
        n_envs: environments at once.
        buffer_size: transitions remembered.
        learning_starts: steps before the first update.
        batch_size: transitions of a mini-batch.
        gamma: discount.
        train_freq: steps of each environment between updates.
        gradient_steps: mini-batches of an update.
        target_update_interval: steps between renewals of the target network.
        exploration_fraction: share of the budget over which exploration falls to `exploration_final_eps`.
        exploration_final_eps: share of random actions from then on.
        max_grad_norm: gradient clipping.
        net_arch: widths of the hidden layers; None takes stable-baselines3's.
        shared: `policy` (the kind of network; auto chooses by the observations), `net_arch` (widths of the hidden layers), `activation`
            (tanh, relu, elu, leaky_relu, gelu), `small_images` (numbers or pixels), `deterministic` (act by the most probable action),
            `threads` (torch's, in training).
    """

    name: ClassVar[str] = "dqn"
    algorithm: ClassVar[Any] = DQN
    parts: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[hub.Needs] = hub.Needs(observations=READABLE, actions=("Discrete",))
    default_train_steps: ClassVar[int] = 50_000

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        learning_rate: float = 2.3e-3,
        n_envs: int = 1,
        buffer_size: int = 100_000,
        learning_starts: int = 1000,
        batch_size: int = 64,
        gamma: float = 0.99,
        train_freq: int = 256,
        gradient_steps: int = 128,
        target_update_interval: int = 10,
        exploration_fraction: float = 0.16,
        exploration_final_eps: float = 0.04,
        max_grad_norm: float = 10.0,
        net_arch: list[int] | None = None,
        deterministic: Literal[True] = True,
        **shared: Any,
    ) -> None:
        super().__init__(task, seed=seed, n_envs=n_envs, net_arch=net_arch, deterministic=deterministic, **shared)
        require_positive(self.name, learning_rate=learning_rate, buffer_size=buffer_size, learning_starts=learning_starts)
        require_positive(self.name, batch_size=batch_size, train_freq=train_freq, gradient_steps=gradient_steps)
        require_positive(self.name, target_update_interval=target_update_interval, max_grad_norm=max_grad_norm)
        require_shares(self.name, gamma=gamma, exploration_fraction=exploration_fraction, exploration_final_eps=exploration_final_eps)
        self._buffer_size = buffer_size
        self._settings = {
            "learning_rate": learning_rate,
            "learning_starts": learning_starts,
            "batch_size": batch_size,
            "gamma": gamma,
            "train_freq": train_freq,
            "gradient_steps": gradient_steps,
            "target_update_interval": target_update_interval,
            "exploration_fraction": exploration_fraction,
            "exploration_final_eps": exploration_final_eps,
            "max_grad_norm": max_grad_norm,
        }


class SACAgent(OffPolicyAgent):
    """Soft actor-critic, Haarnoja et al. 2018 (arXiv:1812.05905), as stable-baselines3 implements it and with its defaults.

    Args:
        task: the task.
        seed: of the network's first weights.
        learning_rate: Adam's.
        n_envs: environments at once.
        buffer_size: transitions remembered.
        learning_starts: steps before the first update, played at random.
        batch_size: transitions of a mini-batch.
        tau: how far the target networks move with each update.
        gamma: discount.
        train_freq: steps of each environment between updates.
        gradient_steps: mini-batches of an update.
        ent_coef: weight of the entropy, or `auto` to learn it. The learned weight is not part of the saved weights.
        shared: `policy` (the kind of network; auto chooses by the observations), `net_arch` (widths of the hidden layers), `activation`
            (tanh, relu, elu, leaky_relu, gelu), `small_images` (numbers or pixels), `deterministic` (act by the most probable action),
            `threads` (torch's, in training).
    """

    name: ClassVar[str] = "sac"
    algorithm: ClassVar[Any] = SAC
    needs: ClassVar[hub.Needs] = hub.Needs(observations=READABLE, actions=("Box",))
    default_train_steps: ClassVar[int] = 10_000

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        learning_rate: float = 3e-4,
        n_envs: int = 1,
        buffer_size: int = 1_000_000,
        learning_starts: int = 100,
        batch_size: int = 256,
        tau: float = 0.005,
        gamma: float = 0.99,
        train_freq: int = 1,
        gradient_steps: int = 1,
        ent_coef: float | Literal["auto"] = "auto",
        **shared: Any,
    ) -> None:
        super().__init__(task, seed=seed, n_envs=n_envs, **shared)
        require_positive(self.name, learning_rate=learning_rate, buffer_size=buffer_size, learning_starts=learning_starts)
        require_positive(self.name, batch_size=batch_size, train_freq=train_freq, gradient_steps=gradient_steps)
        require_shares(self.name, tau=tau, gamma=gamma)
        self._buffer_size = buffer_size
        self._settings = {
            "learning_rate": learning_rate,
            "learning_starts": learning_starts,
            "batch_size": batch_size,
            "tau": tau,
            "gamma": gamma,
            "train_freq": train_freq,
            "gradient_steps": gradient_steps,
            "ent_coef": ent_coef,
        }


class TD3Agent(OffPolicyAgent):
    """Twin delayed deep deterministic policy gradient, Fujimoto et al. 2018 (arXiv:1802.09477), as stable-baselines3 implements it.

    stable-baselines3 explores only in the first `learning_starts` steps unless it is given noise; the default here is the paper's Gaussian.

    Args:
        task: the task.
        seed: of the network's first weights.
        learning_rate: Adam's.
        n_envs: environments at once.
        buffer_size: transitions remembered.
        learning_starts: steps before the first update, played at random.
        batch_size: transitions of a mini-batch.
        tau: how far the target networks move with each update.
        gamma: discount.
        train_freq: steps of each environment between updates.
        gradient_steps: mini-batches of an update.
        action_noise: standard deviation of the exploration noise, actions scaled to [-1, 1].
        policy_delay: critic updates for one update of the actor.
        shared: `policy` (the kind of network; auto chooses by the observations), `net_arch` (widths of the hidden layers), `activation`
            (tanh, relu, elu, leaky_relu, gelu), `small_images` (numbers or pixels), `deterministic` (act by the most probable action),
            `threads` (torch's, in training).
    """

    name: ClassVar[str] = "td3"
    algorithm: ClassVar[Any] = TD3
    needs: ClassVar[hub.Needs] = hub.Needs(observations=READABLE, actions=("Box",))
    default_train_steps: ClassVar[int] = 10_000

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        learning_rate: float = 1e-3,
        n_envs: int = 1,
        buffer_size: int = 1_000_000,
        learning_starts: int = 1000,
        batch_size: int = 256,
        tau: float = 0.005,
        gamma: float = 0.99,
        train_freq: int = 1,
        gradient_steps: int = 1,
        action_noise: float = 0.1,
        policy_delay: int = 2,
        deterministic: Literal[True] = True,
        **shared: Any,
    ) -> None:
        super().__init__(task, seed=seed, n_envs=n_envs, deterministic=deterministic, **shared)
        require_positive(self.name, learning_rate=learning_rate, buffer_size=buffer_size, learning_starts=learning_starts)
        require_positive(self.name, batch_size=batch_size, train_freq=train_freq, gradient_steps=gradient_steps, policy_delay=policy_delay)
        require_shares(self.name, tau=tau, gamma=gamma, action_noise=action_noise)
        self._buffer_size = buffer_size
        shape = task.action_space.shape or ()
        self._settings = {
            "learning_rate": learning_rate,
            "learning_starts": learning_starts,
            "batch_size": batch_size,
            "tau": tau,
            "gamma": gamma,
            "train_freq": train_freq,
            "gradient_steps": gradient_steps,
            "action_noise": NormalActionNoise(np.zeros(shape), np.full(shape, action_noise)),
            "policy_delay": policy_delay,
        }
