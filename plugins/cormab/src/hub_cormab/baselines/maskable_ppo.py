"""An off-the-shelf deep baseline: sb3-contrib's MaskablePPO over joint actions built entry by entry."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from gymnasium.vector import AutoresetMode
from hub_baselines.determinism import repeatable
from hub_baselines.settings import require_positive, require_shares
from hub_baselines.stable import Progress
from hub_baselines.tiles import Tiles
from hub_baselines.vec_env import VectorEnvForStableBaselines
from hub_baselines.weights import load_weights, weights_of
from numpy.typing import NDArray
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.policies import MaskableActorCriticPolicy
from stable_baselines3.common.logger import Logger
from torch import nn

import hub
from hub.errors import UsageError
from hub_cormab.planner import Planner
from hub_cormab.pull_by_pull import Partial, PullByPull, learner_spaces, longest

if TYPE_CHECKING:
    from hub.training import Training


class MaskablePPOAgent(Planner):
    """Proximal policy optimisation with invalid actions masked (Huang and Ontanon 2022, arXiv:2006.14171), as sb3-contrib implements it.

    The joint action is built entry by entry: the policy sees the levels and the entries so far, and picks an entry that keeps the action
    feasible, or stops. The expected reward comes when the action is complete, divided by the sum of what the arms' top levels pay. Of the
    bandit's model it uses only that expectation and the set of feasible actions. It acts by the most probable choices, without chance.

    Args:
        task: a coupled bandit.
        seed: of the network's first weights; training is seeded by the run.
        learning_rate: Adam's, at the start; it falls linearly to 0 as the budget is spent.
        n_envs: bandits at once.
        n_steps: most steps of a bandit in a rollout.
        batch_size: steps of a bandit in a mini-batch, with all their choices.
        n_epochs: passes over each rollout.
        gamma: discount of a step of the bandit, shared out among its choices.
        gae_lambda: of generalised advantage estimation, likewise of a step of the bandit.
        clip_range: of the probability ratio.
        ent_coef: weight of the entropy bonus.
        net_arch: widths of the hidden layers, `[64, 64]`, for policy and critic each; None takes sb3-contrib's.
    """

    name: ClassVar[str] = "maskable-ppo"
    default_train_steps: ClassVar[int] = 32_000

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        learning_rate: float = 1e-3,
        n_envs: int = 32,
        n_steps: int = 10,
        batch_size: int = 80,
        n_epochs: int = 10,
        gamma: float = 0.95,
        gae_lambda: float = 0.8,
        clip_range: float = 0.2,
        ent_coef: float = 0.0,
        net_arch: list[int] | None = None,
    ) -> None:
        super().__init__(task, seed=seed)
        require_positive(self.name, learning_rate=learning_rate, n_envs=n_envs, n_steps=n_steps, n_epochs=n_epochs, clip_range=clip_range)
        require_shares(self.name, gamma=gamma, gae_lambda=gae_lambda)
        if batch_size < 2:
            raise UsageError(f"batch_size of agent {self.name} cannot be {batch_size}: advantages are normalised in it, so give at least 2")
        if net_arch is not None and any(not isinstance(width, int) or width < 1 for width in net_arch):
            raise UsageError(f"net_arch of agent {self.name} cannot be {net_arch}: give widths greater than 0, e.g. [64, 64]")
        self._learning_rate, self._n_envs, self._n_steps = learning_rate, n_envs, n_steps
        self._length = longest(self.problem.actions)
        self._net_arch = net_arch
        self._settings = {
            "batch_size": batch_size * self._length,
            "n_epochs": n_epochs,
            "gamma": gamma ** (1 / self._length),
            "gae_lambda": gae_lambda ** (1 / self._length),
            "clip_range": clip_range,
            "ent_coef": ent_coef,
        }
        with repeatable(seed):
            self._policy = MaskableActorCriticPolicy(*learner_spaces(self.problem), lambda _: learning_rate, net_arch=net_arch)
        self._freeze()

    def _freeze(self) -> None:
        self._logits = Tiles(nn.Sequential(self._policy.mlp_extractor.policy_net, self._policy.action_net))

    def act(self, observations: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return the action that the most probable choices build for each row, (n, N)."""
        partial = Partial(self.problem.actions, len(observations))
        for _ in range(self._length):
            (logits,) = self._logits(partial.observe(observations))
            partial.add(np.where(partial.allowed(), logits, -np.inf).argmax(axis=1))
            if partial.stopped.all():
                break
        return partial.chosen

    def learn(self, training: Training) -> None:
        """Go on training from the present weights; the optimiser starts anew.

        Raises:
            UsageError: the budget does not give each bandit a step.
        """
        rollouts = _rollouts(training.remaining // self._n_envs, self._n_steps)
        if not rollouts:
            raise UsageError(
                f"agent {self.name} cannot learn from {training.remaining} training steps in {self._n_envs} bandits:"
                f" give --train-steps of at least {self._n_envs}, better some ten thousands"
            )
        bandits = PullByPull(training.make_vec(self._n_envs, AutoresetMode.SAME_STEP), self.problem)
        env, progress = _MaskedVecEnv(bandits, self.problem.rewards.max(axis=1).sum()), Progress(training)
        with contextlib.closing(env), repeatable(training.seed):
            algorithm: Any = MaskablePPO(
                "MlpPolicy",
                env,
                learning_rate=lambda _: self._learning_rate * progress.left,
                n_steps=max(rollouts) * self._length,
                seed=training.seed % 2**31,
                policy_kwargs={"net_arch": self._net_arch},
                device="cpu",
                **self._settings,
            )
            algorithm.set_logger(Logger(folder=None, output_formats=[]))
            algorithm.policy.load_state_dict(self._policy.state_dict())
            for steps in rollouts:
                choices = steps * self._length
                algorithm.n_steps, algorithm.rollout_buffer.buffer_size = choices, choices
                algorithm.learn(choices * self._n_envs, progress, log_interval=None, reset_num_timesteps=False)
        self._policy.load_state_dict(algorithm.policy.state_dict())
        self._freeze()

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return the parameters of policy and critic by sb3-contrib's names."""
        return weights_of(self._policy)

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Take over parameters of the same names and shapes.

        Raises:
            UsageError: names or shapes differ.
        """
        load_weights(self._policy, weights, f"{self.name} with this task and net_arch")
        self._freeze()


class _MaskedVecEnv(VectorEnvForStableBaselines):
    """`PullByPull` as sb3-contrib sees it: environments that say which choices are allowed; rewards are divided by `unit`."""

    env: PullByPull

    def __init__(self, env: PullByPull, unit: float) -> None:
        super().__init__(env)
        self._unit = unit

    def step_wait(self) -> tuple[Any, NDArray[Any], NDArray[Any], list[dict[str, Any]]]:
        observations, rewards, ended, infos = super().step_wait()
        return observations, rewards / self._unit, ended, infos

    def env_method(
        self, method_name: str, *method_args: Any, indices: int | Iterable[int] | None = None, **method_kwargs: Any
    ) -> list[Any]:
        if method_name == "action_masks":
            return list(self.env.action_masks())
        return super().env_method(method_name, *method_args, indices=indices, **method_kwargs)


def _rollouts(steps: int, longest: int) -> list[int]:
    """Share `steps` out among as few rollouts of at most `longest` steps as possible, as evenly as possible, long ones first."""
    count = -(-steps // longest)
    return [steps // count + (rollout < steps % count) for rollout in range(count)]
