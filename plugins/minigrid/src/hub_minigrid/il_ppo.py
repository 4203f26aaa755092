"""PPO that imitates offline data before it learns, while it learns, or both.

Andres, Schäfer, Villar-Rodriguez, Albrecht, Del Ser, "Using offline data to speed-up reinforcement learning in procedurally generated
environments", ALA workshop at AAMAS 2023 (arXiv 2304.09825), with RAPID (Zha et al., ICLR 2021) and BeBold (Zhang et al., 2020), which the
paper builds on.

In the paper's order: actor and critic (`networks`); PPO and the imitation loss -mean log pi(a | o) (`ppo`); pre-training, `pretrain_steps`
steps of imitation on the offline data before any interaction, of the actor alone; concurrent imitation, `il_steps` steps after each update,
from the offline data or, with `grow`, from RAPID's ranked buffer (`rapid`), which starts with the offline data and goes on with the
agent's own best episodes; BeBold's bonus (`rollout`), averaged into the reward: (r + c b) / (1 + c).

Departures from the authors' program:

- 64 environments play 32 steps for each update, the paper's 2,048 (`n_envs=1 n_steps=2048` is the paper's single one).
- Every `restart_every` updates all episodes begin anew, so that a killed training can go on from there to the same bits. The steps of the
  episodes given up train PPO; RAPID never sees these episodes.
- The mean return that is reported counts episodes in the order in which they began (`hub_baselines.returns`): many begin together.
- Observations of the offline data that were never met in training count as met once in RAPID's global score.

As in the authors' program, an episode that time ends is worth as little from there on as one that success ends, the raw integers of the
observation go into the networks unscaled, and an agent acts by drawing from its policy (`deterministic=true`: the most probable action).
"""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from hub_baselines.determinism import repeatable
from hub_baselines.resuming import Arrays, joined, part_of
from hub_baselines.settings import require_positive, require_shares
from hub_baselines.weights import weights_of

import hub
from hub.errors import UsageError
from hub_minigrid.demonstrations import demonstrations, missing_demonstrations, transitions_of
from hub_minigrid.episodes import Assembler
from hub_minigrid.policy import PolicyAgent
from hub_minigrid.ppo import PPO, PPOSettings
from hub_minigrid.rapid import RankedBuffer
from hub_minigrid.rollout import Collector
from hub_minigrid.visits import Visits

if TYPE_CHECKING:
    from hub.training import Training


class ILPPO(PolicyAgent):
    """PPO with imitation of offline data, as the module's docstring says; without any, plain PPO.

    Args:
        task: with Box observations and Discrete actions.
        seed: of everything random.
        demos: name of the dataset to imitate.
        trajectories: how many of its episodes, from the first on; all by default.
        pretrain_steps: gradient steps of imitation before the first environment step.
        il_steps: gradient steps of imitation after each update of PPO.
        grow: imitate RAPID's ranked buffer of offline and own episodes, not the offline data alone.
        capacity: most transitions in the ranked buffer.
        il_batch: transitions of a step of imitation.
        bebold: weight c of BeBold's bonus.
        n_envs: environments at once.
        n_steps: steps in each for an update.
        epochs: passes over them.
        minibatches: pieces of a pass, a gradient step each.
        learning_rate: Adam's, of actor and critic.
        gamma: discount.
        gae_lambda: of generalised advantage estimation.
        clip: of the probability ratio and of the value's move.
        entropy: weight of the entropy bonus.
        value: weight of the value loss.
        max_grad_norm: gradient clipping, of each network.
        restart_every: updates after which all episodes begin anew and the training can be saved; times `n_steps`, many episodes long.
        deterministic: act by the most probable action; else draw.
    """

    name: ClassVar[str] = "il-ppo"
    parts: ClassVar[tuple[str, ...]] = ("actor", "critic")
    imitates: ClassVar[bool] = False
    """Whether it makes no sense without offline data, whatever the settings."""
    default_train_steps: ClassVar[int] = 250_000

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        demos: str | None = None,
        trajectories: int | None = None,
        pretrain_steps: int = 0,
        il_steps: int = 0,
        grow: bool = False,
        capacity: int = 10_000,
        il_batch: int = 256,
        bebold: float = 0.0,
        n_envs: int = 64,
        n_steps: int = 32,
        epochs: int = 4,
        minibatches: int = 4,
        learning_rate: float = 1e-4,
        gamma: float = 0.99,
        gae_lambda: float = 0.95,
        clip: float = 0.2,
        entropy: float = 0.01,
        value: float = 0.5,
        max_grad_norm: float = 0.5,
        restart_every: int = 100,
        deterministic: bool = False,
    ) -> None:
        super().__init__(task, seed=seed, deterministic=deterministic)
        require_positive(self.name, n_envs=n_envs, n_steps=n_steps, epochs=epochs, minibatches=minibatches, learning_rate=learning_rate)
        require_positive(self.name, clip=clip, max_grad_norm=max_grad_norm, capacity=capacity, il_batch=il_batch)
        require_positive(self.name, restart_every=restart_every, **({} if trajectories is None else {"trajectories": trajectories}))
        require_shares(self.name, gamma=gamma, gae_lambda=gae_lambda)
        for key, number in (("pretrain_steps", pretrain_steps), ("il_steps", il_steps), ("bebold", bebold)):
            if number < 0:
                raise UsageError(f"{key} of agent {self.name} cannot be {number}: give 0 to leave it out, or a number greater than 0")
        if n_envs * n_steps < 2 * minibatches:
            raise UsageError(
                f"minibatches of agent {self.name} cannot be {minibatches} for rollouts of {n_envs} x {n_steps} steps: advantages are"
                " normalised within one, so leave at least 2 steps for each"
            )
        self._require_use(demos, pretrain_steps, il_steps, grow)
        self.demos, self.trajectories = demos, trajectories
        self.pretrain_steps, self.il_steps, self.il_batch = pretrain_steps, il_steps, il_batch
        self.grow, self.capacity, self.bebold = grow, capacity, bebold
        self.n_envs, self.n_steps, self.restart_every = n_envs, n_steps, restart_every
        self.ppo = PPOSettings(
            learning_rate=learning_rate,
            epochs=epochs,
            minibatches=minibatches,
            gamma=gamma,
            gae_lambda=gae_lambda,
            clip=clip,
            entropy=entropy,
            value=value,
            max_grad_norm=max_grad_norm,
        )

    def _require_use(self, demos: str | None, pretrain_steps: int, il_steps: int, grow: bool) -> None:
        """Refuse offline data, and a buffer, that nothing is done with."""
        if demos is not None and not (pretrain_steps or il_steps):
            raise UsageError(f"demos of agent {self.name} would not be used: give pretrain_steps or il_steps too")
        if grow and not il_steps:
            raise UsageError(f"grow of agent {self.name} fills a buffer that would not be used: give il_steps too")

    def learn(self, training: Training) -> None:
        """Pre-train if so asked, then play and update until less than one rollout is left of the budget.

        Raises:
            UsageError: the budget is smaller than one rollout, or there are no demonstrations to imitate, or they do not fit.
        """
        self.learn_until(training, math.inf)

    def learn_until(self, training: Training, threshold: float) -> bool:
        """Learn as `learn` does, but stop once the mean return of the last 100 episodes exceeds `threshold`; return whether it did."""
        if self.demos is None and (self.imitates or self.pretrain_steps or (self.il_steps and not self.grow)):
            raise missing_demonstrations(self.name)
        rollout = self.n_envs * self.n_steps
        if training.steps < rollout:
            raise UsageError(f"agent {self.name} plays {rollout} steps for each update: give --train-steps of at least that")
        with repeatable(training.seed), contextlib.closing(Learner(self, training)) as learner:
            if training.saved is None:
                learner.pretrain()
            else:
                learner.load_arrays(training.saved.arrays, training.saved.facts)
            while training.remaining >= rollout and not learner.exceeds(threshold):
                if learner.updates % self.restart_every == 0:
                    if training.save_due:
                        training.save(learner.arrays(), learner.facts())
                    learner.begin()
                learner.update()
            self._freeze()
            return learner.exceeds(threshold)


class Learner:
    """The loop's moving parts: play, update, imitation.

    Attributes:
        updates: of PPO, so far.
    """

    def __init__(self, agent: ILPPO, training: Training) -> None:
        self._agent, self._training = agent, training
        self._rng = np.random.default_rng(training.seed)
        self._ppo = PPO(agent.actor, agent.networks["critic"], agent.ppo, self._rng)
        episodes = [] if agent.demos is None else demonstrations(training.task, agent.demos, agent.trajectories)
        self._offline = transitions_of(episodes) if episodes else None
        self._visits = Visits()
        self._buffer = RankedBuffer(self._visits, agent.capacity)
        self._collector = Collector(training, agent.n_envs, self._rng, self._visits if agent.grow or agent.bebold else None)
        self.updates = 0
        if agent.grow:
            self._buffer.add(episodes)

    def exceeds(self, threshold: float) -> bool:
        """Whether the mean return of the last 100 episodes is above `threshold`; False before there are 100."""
        mean = self._collector.returns.mean
        return mean is not None and mean > threshold

    def pretrain(self) -> None:
        """Let the actor imitate the offline data; the critic is left alone."""
        agent = self._agent
        if self._offline is not None and agent.pretrain_steps:
            loss = self._ppo.imitate(self._offline, agent.pretrain_steps, agent.il_batch)
            self._training.report(imitation_loss=loss)

    def begin(self) -> None:
        """Begin new episodes everywhere."""
        self._collector.begin()
        self._assembler = Assembler(self._agent.n_envs)

    def update(self) -> None:
        """Play a rollout, update actor and critic with it, then let the actor imitate."""
        agent = self._agent
        rollout = self._collector.play(agent.actor, agent.n_steps)
        self._ppo.update(rollout, (rollout.rewards + agent.bebold * rollout.bonuses) / (1 + agent.bebold))
        source = self._offline
        if agent.grow:
            self._buffer.add(self._assembler.add(rollout.observations, rollout.actions, rollout.rewards, rollout.ended))
            source = self._buffer.transitions()
        if source is not None and agent.il_steps:
            self._ppo.imitate(source, agent.il_steps, agent.il_batch)
        self.updates += 1
        if self._collector.returns.mean is not None:
            self._training.report(return_mean=self._collector.returns.mean)

    def arrays(self) -> Arrays:
        """Return the arrays that later updates depend on. Only between episodes are they all there is."""
        return joined(
            networks=weights_of(self._agent.networks),
            ppo=self._ppo.arrays(),
            visits=self._visits.arrays(),
            buffer=self._buffer.arrays(),
            returns={"last": np.array(self._collector.returns.last())},
        )

    def facts(self) -> dict[str, Any]:
        """Return the other things that later updates depend on."""
        return {"rng": self._rng.bit_generator.state, "updates": self.updates}

    def load_arrays(self, arrays: Arrays, facts: dict[str, Any]) -> None:
        """Take over what `arrays` and `facts` of an equally built learner returned."""
        self._agent.load_weights(part_of(arrays, "networks"))
        self._ppo.load_arrays(part_of(arrays, "ppo"))
        self._visits.load_arrays(part_of(arrays, "visits"))
        self._buffer.load_arrays(part_of(arrays, "buffer"))
        self._collector.returns.load(arrays["returns/last"].tolist())
        self._rng.bit_generator.state = facts["rng"]
        self.updates = facts["updates"]

    def close(self) -> None:
        """Close the environments."""
        self._collector.close()
