"""SEQUOIA: Q-learning whose joint action is found by maximising the Q-network exactly over all feasible actions.

Xu, Wilder, Khalil, Tambe, "Reinforcement learning with combinatorial actions for coupled restless bandits", ICLR 2025 (arXiv 2503.01919).

In the paper's order: a ReLU network Q(a, s) (`qnetwork`); strategic states and actions whose expected one-step rewards warm it up
(`pretraining`); then epsilon-greedy play, argmax_a Q(a, s) by an embedded integer program (`maximise`), prioritised replay and the target
r + gamma max_a Q_target(a, s') (`Learner`, `train_q_network`). s are levels (J,), a pulls (N,), r the expected reward of a step, gamma the
problem's discount.

Departures from the authors' released code. `preset=released` takes back all that a setting can say; each setting is also an argument:

- The target network moves all the way every 200 updates (`tau`, `target_every`); released: 1e-6 an update, which leaves it the warm start.
- The loop's learning rate falls to 5 % (`final_rate`); released: by a tenth each episode, to 0.003 %.
- The warm start also sees random feasible actions drawn for each state (`fresh_actions`); released: one list for all states.
- Larger batches, larger rates and fewer epochs (`batch`, `pretrain_batch`, `pretrain_epochs`, `learning_rate`, `pretrain_rate`).
- Sixteen episodes are collected in lock-step (`slots`), still with one update for each step.
- Rewards are scaled inside the network (`reward_scale`).
- The network kept is the best of several, validated on training seeds (`validation_every`, `validation_episodes`); released: the last.
- Maxima are proved, not stopped at a gap of 2 % (`mip_gap`). Small sets of actions are listed instead (`method=mip` never lists).
- Where the actions cannot be listed, training climbs to its maxima without a proof (`training_maxima`); acting stays exact.

Without a setting, because the released form is a fault or makes no difference: rewards are maximised, not costs minimised; a solver's
action is rounded, not truncated; the strategic states are really applied; big-M constants are tight; start levels in training are the
environment's own, not Bernoulli(0.5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from hub_baselines.determinism import repeatable
from hub_baselines.resuming import Arrays, joined, load_optimiser, optimiser_arrays, part_of
from numpy.typing import NDArray

from hub import Task
from hub.errors import MissingExtra, UsageError
from hub_cormab.maximise import SOLVER, Embedding, Method, TableBackend, backend
from hub_cormab.pretraining import Samples, strategic_data, warm_start
from hub_cormab.qagent import QAgent
from hub_cormab.qnetwork import QNetwork, inputs_of
from hub_cormab.replay import PrioritisedReplay
from hub_cormab.settings import Preset, Settings, TrainingMaxima, settings_for
from hub_cormab.training import BestNetwork, Collector, Rule, TargetValues, climbing, exact

if TYPE_CHECKING:
    from hub_envs.cormab import Problem

    from hub.training import Training

WARM_SHARE = 0.1
"""Share of the replay buffer that is filled before the loop."""


class Learner:
    """The loop's moving parts: play, replay, targets and updates of one Q-network."""

    def __init__(self, problem: Problem, network: QNetwork, settings: Settings, rule: Rule, rng: np.random.Generator) -> None:
        self._problem, self._network, self._settings, self._rule, self._rng = problem, network, settings, rule, rng
        self._target = QNetwork(network.action_size, problem.arms, generator=torch.Generator())
        self._target_values = TargetValues(rule, self._target.relu_network())
        self._optimiser = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, eps=1.5e-4, amsgrad=True)
        self._replay = PrioritisedReplay(settings.capacity, problem.arms, network.action_size, alpha=settings.alpha, beta=settings.beta)
        self.steps = self._updates = 0

    def warm_up(self) -> float:
        """Make the network myopic and the target its copy, fill a share of the replay buffer, and return the warm start's error."""
        samples = strategic_data(self._problem, self._rng, self._settings.fresh_actions)
        error = warm_start(self._network, samples, self._settings, self._rng)
        self._take_target(self._network.arrays())
        self._fill(samples)
        return error

    def remember(self, states: NDArray[Any], actions: NDArray[Any], following: NDArray[Any]) -> None:
        """Store transitions (n, J), (n, N), (n, J) with their expected rewards."""
        self._replay.add(states, actions, self._problem.expected_reward(states, actions), following)

    def _fill(self, samples: Samples) -> None:
        """Remember some of the warm start's feasible pairs, each moved one step by the model."""
        states, actions, _ = samples
        feasible = np.flatnonzero(self._problem.actions.is_feasible(actions))
        drawn = self._rng.choice(feasible, min(len(feasible), int(WARM_SHARE * self._settings.capacity)), replace=False)
        before = states[drawn].astype(np.int64)
        moved = self._problem.step(before, actions[drawn], self._rng.random(before.shape))
        self.remember(before, actions[drawn], moved.levels)

    def play(self, states: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return epsilon-greedy actions: random feasible ones with probability epsilon, else the network's; a step each."""
        settings = self._settings
        epsilon = settings.epsilon_end + settings.epsilon_span * np.exp(-self.steps / settings.epsilon_steps)
        self.steps += len(states)
        actions = self._problem.actions.sample_feasible(self._rng, len(states))
        greedy = self._rng.random(len(states)) >= epsilon
        if greedy.any():
            actions[greedy] = self._rule(self._network.relu_network())(states[greedy])[0]
        return actions

    def update(self, spent: float) -> float:
        """Take one gradient step, with the share `spent` of the budget behind it, and return its loss."""
        settings = self._settings
        drawn, weights, (states, actions, rewards, following) = self._replay.draw(self._rng, settings.batch)
        targets = settings.reward_scale * rewards + self._problem.discount * self._target_values(following)
        values = self._network(inputs_of(actions, states))
        errors = torch.from_numpy(targets.astype(np.float32)) - values
        huber = torch.nn.functional.huber_loss(errors, torch.zeros_like(errors), reduction="none")
        loss = (torch.from_numpy(weights.astype(np.float32)) * huber).mean()
        for group in self._optimiser.param_groups:
            group["lr"] = settings.learning_rate * settings.final_rate**spent
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), settings.clip)
        self._optimiser.step()
        self._replay.reprioritise(drawn, errors.detach().numpy())
        self._updates += 1
        if self._updates % settings.target_every == 0:
            self._move_target()
        return float(loss.detach())

    def _move_target(self) -> None:
        with torch.no_grad():
            for target, current in zip(self._target.parameters(), self._network.parameters(), strict=True):
                target.lerp_(current, self._settings.tau)
        self._target_values.follow(self._target.relu_network())

    def _take_target(self, parameters: Arrays) -> None:
        self._target.load_arrays(parameters)
        self._target_values.follow(self._target.relu_network())

    def arrays(self) -> Arrays:
        """Return all that later steps depend on, besides the random numbers."""
        parts = {"network": self._network.arrays(), "target": self._target.arrays(), "replay": self._replay.arrays()}
        return joined(**parts, optimiser=optimiser_arrays(self._optimiser), counts={"loop": np.array([self.steps, self._updates])})

    def load_arrays(self, arrays: Arrays) -> None:
        """Take over what `arrays` of an equally built learner returned."""
        self._network.load_arrays(part_of(arrays, "network"))
        self._take_target(part_of(arrays, "target"))
        load_optimiser(self._optimiser, part_of(arrays, "optimiser"))
        self._replay.load_arrays(part_of(arrays, "replay"))
        self.steps, self._updates = arrays["counts/loop"].tolist()


def train_q_network(problem: Problem, training: Training, settings: Settings, rule: Rule, seed: int) -> QNetwork:
    """Train a Q-network as SEQUOIA does, with `rule` in the place of the exact maximum, until the budget is spent.

    The training is saved after the warm start and between episodes, and taken up there after a kill.

    Args:
        problem: the bandit; its expected rewards are the rewards.
        training: gives environments and counts their steps.
        settings: everything else.
        rule: how a network picks actions, in play and in targets. SEQUOIA's is `exact`; a baseline may build the action pull by pull.
        seed: of weights, data, exploration and replay.

    Returns:
        The best validated network, or the last one without validation.
    """
    with repeatable(seed):
        rng = np.random.default_rng(seed)
        network = QNetwork(problem.actions.size, problem.arms, generator=torch.Generator().manual_seed(seed))
        learner = Learner(problem, network, settings, rule, rng)
        best = BestNetwork(training, problem, rule, every=settings.validation_every, episodes=settings.validation_episodes)

        def save() -> None:
            training.save(joined(learner=learner.arrays(), best=best.arrays()), {"rng": rng.bit_generator.state})

        if training.saved is None:
            training.report(warm_start_error=learner.warm_up())
            best.offer(network, learner.steps)
            save()
        else:
            learner.load_arrays(part_of(training.saved.arrays, "learner"))
            best.load_arrays(part_of(training.saved.arrays, "best"))
            rng.bit_generator.state = training.saved.facts["rng"]
        collector = Collector(training, settings.slots)
        while training.remaining > best.reserve:
            if collector.ended:
                if training.save_due:
                    save()
                collector.begin()
            before = collector.states
            chosen = learner.play(before)
            learner.remember(before, chosen, collector.step(chosen))
            losses = [learner.update(training.done / training.steps) for _ in range(settings.slots)]
            training.report(loss=float(np.mean(losses)))
            best.offer(network, learner.steps)
        best.restore(network)
        collector.close()
    return network


class Sequoia(QAgent):
    """SEQUOIA. Untrained it acts by its random initial network.

    Args:
        task: a coupled bandit.
        seed: of everything random.
        preset: `hub` learns within a minute; `released` takes the authors' settings, which need many.
        method: how maxima are found after training: `table`, `branch` (our own branch and bound), `mip` (HiGHS), `pyomo` (any solver), or
            `auto` for the table where the actions can be listed, else `branch`.
        solver: what pyomo calls the solver for `method=pyomo`, e.g. `gurobi`; needs the extra `solvers`. Giving one without a method means
            `pyomo`.
        time_limit: seconds a decision of a search may take; none by default. Decisions left unproved are counted in the result, with the
            largest gap between bound and value.

    The other arguments change single settings of the preset; `hub_cormab.settings.Settings` says what each means.
    """

    name: ClassVar[str] = "sequoia"
    default_train_steps: ClassVar[int] = 8000

    def __init__(
        self,
        task: Task,
        *,
        seed: int = 0,
        preset: Preset = "hub",
        method: Method = "auto",
        solver: str = SOLVER,
        time_limit: float | None = None,
        fresh_actions: int | None = None,
        pretrain_epochs: int | None = None,
        pretrain_batch: int | None = None,
        pretrain_rate: float | None = None,
        pretrain_decay: float | None = None,
        slots: int | None = None,
        batch: int | None = None,
        learning_rate: float | None = None,
        final_rate: float | None = None,
        target_every: int | None = None,
        tau: float | None = None,
        reward_scale: float | None = None,
        validation_every: int | None = None,
        validation_episodes: int | None = None,
        training_maxima: TrainingMaxima | None = None,
        mip_gap: float | None = None,
    ) -> None:
        super().__init__(task, seed=seed)
        self._settings = settings_for(
            preset,
            fresh_actions=fresh_actions,
            pretrain_epochs=pretrain_epochs,
            pretrain_batch=pretrain_batch,
            pretrain_rate=pretrain_rate,
            pretrain_decay=pretrain_decay,
            slots=slots,
            batch=batch,
            learning_rate=learning_rate,
            final_rate=final_rate,
            target_every=target_every,
            tau=tau,
            reward_scale=reward_scale,
            validation_every=validation_every,
            validation_episodes=validation_episodes,
            training_maxima=training_maxima,
            mip_gap=mip_gap,
        )
        try:
            self.maximiser = backend(
                self.problem.actions,
                "pyomo" if method == "auto" and solver != SOLVER else method,
                solver=solver,
                time_limit=time_limit,
                gap=self._settings.mip_gap,
            )
        except ValueError as error:
            raise UsageError(f"sequoia: {error}") from error
        except ModuleNotFoundError as missing:
            raise MissingExtra('method pyomo needs a package more: pip install "gymhub-cormab[solvers]"') from missing
        self._take(self._untrained())
        self._unproved: dict[int, int] = {}
        self._worst_gap: dict[int, float] = {}

    def _take(self, network: QNetwork) -> None:
        self._network = network
        self._embedding: Embedding = self.maximiser.embed(network.relu_network())

    def learn(self, training: Training) -> None:
        """Train as `train_q_network` says, with exact maxima or, where `training_maxima` says so, with climbed ones."""
        wanted = self._settings.training_maxima
        exactly = wanted == "exact" or (wanted == "auto" and isinstance(self.maximiser, TableBackend))
        rule = exact(self.maximiser) if exactly else climbing(self.problem.actions)
        self._take(train_q_network(self.problem, training, self._settings, rule, self.seed))

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start the episodes' figures anew; there is no other memory and no randomness."""
        self._unproved.update(dict.fromkeys(slots, 0))
        self._worst_gap.update(dict.fromkeys(slots, 0.0))

    def act(self, observations: NDArray[np.int64], slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return argmax_a Q(a, s) for each row of levels (n, J); (n, N)."""
        answer = self._embedding.maximise(observations)
        gaps = answer.upper_bounds - answer.values
        for slot, proved, gap in zip(slots.tolist(), answer.proved.tolist(), gaps.tolist(), strict=True):
            self._unproved[slot] = self._unproved.get(slot, 0) + (not proved)
            self._worst_gap[slot] = max(self._worst_gap.get(slot, 0.0), gap)
        return answer.actions

    def episode_metrics(self, slot: int) -> Mapping[str, float]:
        """Return how many decisions of the episode were not proved optimal, and the largest bound minus value among all its decisions."""
        return {"unproved_decisions": float(self._unproved.get(slot, 0)), "worst_gap": self._worst_gap.get(slot, 0.0)}
