"""PPO and A2C: algorithms that learn from what the present policy just did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from stable_baselines3 import A2C, PPO
from stable_baselines3.common.base_class import BaseAlgorithm

import hub
from hub.errors import UsageError
from hub_baselines.settings import require_positive, require_shares
from hub_baselines.stable import READABLE, Progress, StableBaselinesAgent
from hub_baselines.vec_env import VectorEnvForStableBaselines

if TYPE_CHECKING:
    from hub.training import Training

_NEEDS = hub.Needs(observations=READABLE, actions=("Box", "Discrete", "MultiDiscrete", "MultiBinary"))


class OnPolicyAgent(StableBaselinesAgent):
    """What PPO and A2C share: the budget is spent in rollouts of equal length, the last of them whole."""

    parts: ClassVar[tuple[str, ...]] = ("pi", "vf")
    _n_steps: int
    _learning_rate: float
    _anneal: bool
    _settings: dict[str, Any]

    def _construct(self, env: VectorEnvForStableBaselines, training: Training, seed: int) -> BaseAlgorithm:
        self._progress = Progress(training)
        progress, rate, anneal = self._progress, self._learning_rate, self._anneal
        self._rollouts = _rollouts(training.remaining // self._n_envs, self._n_steps)
        if self._n_envs * max(self._rollouts, default=0) < 2:
            raise UsageError(
                f"agent {self.name} cannot learn from {training.remaining} training steps in {self._n_envs} environments:"
                f" give --train-steps of at least {2 * self._n_envs}, better some thousands"
            )
        algorithm: BaseAlgorithm = self.algorithm(
            **self._common(env, seed),
            n_steps=max(self._rollouts),
            learning_rate=lambda _: rate * (progress.left if anneal else 1.0),
            **self._settings,
        )
        return algorithm

    def _run(self, algorithm: Any, training: Training) -> None:
        for length, count in self._rollouts.items():
            buffer = algorithm.rollout_buffer
            algorithm.n_steps, buffer.buffer_size = length, length
            first = length == max(self._rollouts)
            algorithm.learn(length * count * self._n_envs, self._progress, log_interval=None, reset_num_timesteps=first)


def _rollouts(steps: int, longest: int) -> dict[int, int]:
    """Return how many rollouts of which length share `steps` most evenly, none above `longest`; long ones first.

    A rollout cut short by the end of the budget would be paid for and thrown away, or give one update from a sliver of data.
    """
    count = -(-steps // longest)
    if count == 0:
        return {}
    length, longer = divmod(steps, count)
    return {size: number for size, number in ((length + 1, longer), (length, count - longer)) if number}


class PPOAgent(OnPolicyAgent):
    """Proximal policy optimisation, Schulman et al. 2017 (arXiv:1707.06347), as stable-baselines3 implements it.

    The defaults are for small control problems and budgets of some ten thousand steps: eight environments and short rollouts give many
    updates; the learning rate falls linearly to zero with the budget, without which the last policy is often not the best; and the discount
    of 0.98 suits episodes of some hundred steps (on CartPole-v1 each of twelve seeds ends at 500 with it, with 0.99 four of five).

    Args:
        task: the task.
        seed: of the network's first weights.
        learning_rate: Adam's, at the start.
        anneal: let it fall linearly to 0 as the budget is spent.
        n_envs: environments at once.
        n_steps: most steps of a rollout in each environment.
        batch_size: transitions of a mini-batch.
        n_epochs: passes over each rollout.
        gamma: discount.
        gae_lambda: of generalised advantage estimation.
        clip_range: of the probability ratio.
        ent_coef: weight of the entropy bonus.
        vf_coef: weight of the value loss.
        max_grad_norm: gradient clipping.
        shared: `policy` (the kind of network; auto chooses by the observations), `net_arch` (widths of the hidden layers), `activation`
            (tanh, relu, elu, leaky_relu, gelu), `small_images` (numbers or pixels), `deterministic` (act by the most probable action),
            `threads` (torch's, in training).
    """

    name: ClassVar[str] = "ppo"
    algorithm: ClassVar[Any] = PPO
    needs: ClassVar[hub.Needs] = _NEEDS
    default_train_steps: ClassVar[int] = 50_000

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        learning_rate: float = 1e-3,
        anneal: bool = True,
        n_envs: int = 8,
        n_steps: int = 128,
        batch_size: int = 256,
        n_epochs: int = 10,
        gamma: float = 0.98,
        gae_lambda: float = 0.95,
        clip_range: float = 0.2,
        ent_coef: float = 0.0,
        vf_coef: float = 0.5,
        max_grad_norm: float = 0.5,
        **shared: Any,
    ) -> None:
        super().__init__(task, seed=seed, n_envs=n_envs, **shared)
        require_positive(self.name, learning_rate=learning_rate, n_steps=n_steps, n_epochs=n_epochs)
        require_positive(self.name, clip_range=clip_range, max_grad_norm=max_grad_norm)
        if batch_size < 2:
            raise UsageError(f"batch_size of agent ppo cannot be {batch_size}: advantages are normalised within it, so give at least 2")
        require_shares(self.name, gamma=gamma, gae_lambda=gae_lambda)
        self._n_steps, self._learning_rate, self._anneal = n_steps, learning_rate, anneal
        self._settings = {
            "batch_size": batch_size,
            "n_epochs": n_epochs,
            "gamma": gamma,
            "gae_lambda": gae_lambda,
            "clip_range": clip_range,
            "ent_coef": ent_coef,
            "vf_coef": vf_coef,
            "max_grad_norm": max_grad_norm,
        }


class A2CAgent(OnPolicyAgent):
    """Advantage actor-critic, the synchronous form of Mnih et al. 2016 (arXiv:1602.01783), as stable-baselines3 implements it.

    Args:
        task: the task.
        seed: of the network's first weights.
        learning_rate: RMSprop's, at the start.
        anneal: let it fall linearly to 0 as the budget is spent.
        n_envs: environments at once.
        n_steps: most steps of a rollout in each environment.
        gamma: discount.
        gae_lambda: of generalised advantage estimation; 1 is the plain n-step advantage.
        ent_coef: weight of the entropy bonus.
        vf_coef: weight of the value loss.
        max_grad_norm: gradient clipping.
        shared: `policy` (the kind of network; auto chooses by the observations), `net_arch` (widths of the hidden layers), `activation`
            (tanh, relu, elu, leaky_relu, gelu), `small_images` (numbers or pixels), `deterministic` (act by the most probable action),
            `threads` (torch's, in training).
    """

    name: ClassVar[str] = "a2c"
    algorithm: ClassVar[Any] = A2C
    needs: ClassVar[hub.Needs] = _NEEDS
    default_train_steps: ClassVar[int] = 50_000

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        learning_rate: float = 2e-3,
        anneal: bool = True,
        n_envs: int = 8,
        n_steps: int = 5,
        gamma: float = 0.99,
        gae_lambda: float = 1.0,
        ent_coef: float = 0.0,
        vf_coef: float = 0.5,
        max_grad_norm: float = 0.5,
        **shared: Any,
    ) -> None:
        super().__init__(task, seed=seed, n_envs=n_envs, **shared)
        require_positive(self.name, learning_rate=learning_rate, n_steps=n_steps, max_grad_norm=max_grad_norm)
        require_shares(self.name, gamma=gamma, gae_lambda=gae_lambda)
        self._n_steps, self._learning_rate, self._anneal = n_steps, learning_rate, anneal
        self._settings = {
            "gamma": gamma,
            "gae_lambda": gae_lambda,
            "ent_coef": ent_coef,
            "vf_coef": vf_coef,
            "max_grad_norm": max_grad_norm,
        }
