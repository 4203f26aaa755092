"""IPPO and MAPPO: every player learns by PPO, from its own view or with a value of the whole game.

de Witt et al., "Is independent learning all you need in the StarCraft multi-agent challenge?", 2020 (IPPO); Yu et al., "The surprising
effectiveness of PPO in cooperative multi-agent games", NeurIPS 2022 (MAPPO). Networks and losses are MAPPO's (`networks`, `ppo`); each
player is rewarded by its own reward.

As in iPLAN's program (Wu et al., CoRL 2023), which compares the two on highways: a player's end is worth 0, whether it fell out of the
game or time ended it, since no observation tells the time; memories are stored and gradients reach back one step; a player reads its last
action and its number besides its observation. That program fills a buffer of 256 episodes for 15 passes over it as one batch; the
defaults here are for thousands of steps a second on one core.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from torch import nn

import hub
from hub.errors import ImpossiblePairing, UsageError
from hub_baselines.multi.agent import PlayersAgent
from hub_baselines.multi.networks import Actor, Critic
from hub_baselines.multi.ppo import PPO, PPOSettings
from hub_baselines.settings import require_positive, require_shares

if TYPE_CHECKING:
    from hub.training import Training


class IPPO(PlayersAgent):
    """Independent PPO: every player learns alone, from what it sees itself, and the others are part of its world.

    A paper's agent that sees more than the observation is a subclass that overrides `features`.

    Args:
        task: a parallel environment whose players have equal spaces, floating-point observations and Discrete actions.
        seed: of the networks' first weights; training is seeded by the run.
        shared: let all players use and train one policy and one value; else each has its own.
        n_envs: games at once.
        n_steps: steps in each for an update.
        epochs: passes over them.
        minibatches: pieces of a pass, a gradient step each.
        learning_rate: Adam's, of policy and value.
        gamma: discount.
        gae_lambda: of generalised advantage estimation.
        clip: of the probability ratio and of the value's move.
        entropy: weight of the entropy bonus.
        max_grad_norm: gradient clipping, of each learner's policy and value.
        restart_every: updates after which all episodes begin anew and the training can be saved; times `n_steps`, many episodes long.
    """

    name: ClassVar[str] = "ippo"
    central: ClassVar[bool] = False
    """Whether values are read from the state of the whole game."""
    default_train_steps: ClassVar[int] = 100_000

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        shared: bool = False,
        n_envs: int = 32,
        n_steps: int = 45,
        epochs: int = 6,
        minibatches: int = 4,
        learning_rate: float = 5e-4,
        gamma: float = 0.99,
        gae_lambda: float = 0.95,
        clip: float = 0.2,
        entropy: float = 0.01,
        max_grad_norm: float = 10.0,
        restart_every: int = 20,
    ) -> None:
        require_positive(self.name, epochs=epochs, minibatches=minibatches, learning_rate=learning_rate, clip=clip)
        require_positive(self.name, max_grad_norm=max_grad_norm)
        require_shares(self.name, gamma=gamma, gae_lambda=gae_lambda)
        if entropy < 0:
            raise UsageError(f"entropy of agent {self.name} cannot be {entropy}: give 0 to leave it out, or a number greater than 0")
        self.shared = shared
        self.ppo = PPOSettings(
            learning_rate=learning_rate,
            epochs=epochs,
            minibatches=minibatches,
            gamma=gamma,
            gae_lambda=gae_lambda,
            clip=clip,
            entropy=entropy,
            max_grad_norm=max_grad_norm,
        )
        super().__init__(task, seed=seed, n_envs=n_envs, n_steps=n_steps, restart_every=restart_every)
        if n_envs * n_steps < minibatches:
            raise UsageError(f"minibatches of agent {self.name} cannot be {minibatches}: a rollout has {n_envs} x {n_steps} steps")

    def build(self) -> dict[str, nn.Module]:
        """Return policy and value."""
        players = len(self.game.players)
        learners = 1 if self.shared else players
        return {
            "actor": Actor(learners, self.inputs.size, self.game.actions),
            "critic": Critic(learners, whole_game(self, "values") + players if self.central else self.inputs.size),
        }

    def algorithm(self, training: Training, rng: np.random.Generator) -> PPO:
        """Return recurrent PPO."""
        critic = self.networks["critic"]
        assert isinstance(critic, Critic)
        return PPO(self.actor, critic, self.ppo, rng, players=len(self.game.players), central=self.central)


class MAPPO(IPPO):
    """Multi-agent PPO: policies read what each player sees, values the state of the whole game and the player's number.

    Args:
        task: as for `ippo`; the environment has PettingZoo's `state()` and a `state_space`.
        seed: of the networks' first weights; training is seeded by the run.
        shared: let all players use and train one policy and one value, as its authors do; else each has its own.
        settings: the other arguments of `ippo`.
    """

    name: ClassVar[str] = "mappo"
    central: ClassVar[bool] = True

    def __init__(self, task: hub.Task, *, seed: int = 0, shared: bool = True, **settings: Any) -> None:
        super().__init__(task, seed=seed, shared=shared, **settings)


def whole_game(agent: PlayersAgent, what: str) -> int:
    """Return how many numbers the state of the whole game has.

    Raises:
        ImpossiblePairing: the environment gives no state.
    """
    if agent.game.state is None:
        raise ImpossiblePairing(
            f"{agent.name} cannot act in {agent.task.env_id}: it learns {what} from the state of the whole game, which the"
            " environment does not give; it fits PettingZoo environments with state() and a state_space"
        )
    return agent.game.state
