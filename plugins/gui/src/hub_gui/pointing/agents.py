"""Agents that learn to use the phone: by imitation, by UI-S1 on an expert's traces, by the outcome of their own episodes.

They stand in for the papers' vision-language models. A policy of 74,000 parameters scores what a screen offers (`candidates`), so it need
not learn to see or to write; what it has to learn is which of some forty actions leads on. Phrases to type are taken from the goal, and
nothing is answered: tasks that ask a question are beyond it.

All begin alike, with imitation of an expert for the first `expert_steps` of the training budget. Then

* `pointer-sft` stops;
* `pointer-ui-s1` trains on the same traces, with its own history (`hub_gui.uis1`), and never steps the environment itself;
* `pointer-trpo` acts in the live environment for the rest of the budget (`hub_gui.trajectory`).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space, iterate
from hub_baselines.determinism import repeatable
from hub_baselines.episodes import EpisodeGenerators, drawn_categories
from hub_baselines.relative import Algorithm, Segment, imitate, improve
from hub_baselines.relative.learning import with_signal
from hub_baselines.settings import require_positive
from hub_baselines.weights import load_weights, weights_of
from hub_envs.solutions import TAG
from numpy.typing import NDArray

import hub
from hub.errors import ImpossiblePairing
from hub_gui.pointing.policy import Choice, PointingPolicy, choice
from hub_gui.pointing.traces import PhoneTrace, recorded
from hub_gui.trajectory.advantages import trajectory_advantages
from hub_gui.trajectory.live import collect
from hub_gui.trajectory.replay import Successes
from hub_gui.uis1.semi_online import Settings, Trainer

if TYPE_CHECKING:
    from hub.training import Training

BATCH = 64


class PointerSFT(hub.Agent):
    """Imitates an expert.

    Args:
        task: on the phone.
        seed: of everything random.
        expert_steps: steps of the training budget that the expert takes.
        warm_steps: updates of the imitation.
        deterministic: take the best action; else draw.
    """

    name: ClassVar[str] = "pointer-sft"
    needs: ClassVar[hub.Needs] = hub.Needs(observations=("Dict",), actions=("Text",), model=TAG)
    default_train_steps: ClassVar[int] = 600

    def __init__(
        self, task: hub.Task, *, seed: int = 0, expert_steps: int = 600, warm_steps: int = 150, deterministic: bool = True
    ) -> None:
        super().__init__(task, seed=seed)
        require_positive(self.name, expert_steps=expert_steps, warm_steps=warm_steps)
        space = task.observation_space
        if not (isinstance(space, spaces.Dict) and {"goal", "elements"} <= space.spaces.keys()):
            raise ImpossiblePairing(f"{self.name} cannot act in {task.env_id}: it needs a goal and elements; it fits phonesim/...")
        self._expert_steps, self._warm_steps, self._deterministic = expert_steps, warm_steps, deterministic
        with repeatable(seed):
            self.policy = PointingPolicy()
        self._histories: dict[int, list[NDArray[np.float32]]] = {}
        self._generators = EpisodeGenerators()

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start with an empty history."""
        self._histories.update((slot, []) for slot in slots)
        self._generators.begin(slots, seeds)

    @torch.no_grad()
    def act(self, observations: Mapping[str, Any], slots: NDArray[np.int64]) -> tuple[str, ...]:
        """Return an action for each observation; each is scored by itself, so its bits do not depend on the others."""
        rows = iterate(batch_space(self.task.observation_space, len(slots)), observations)
        return tuple(self._chosen(row, slot) for row, slot in zip(rows, slots.tolist(), strict=True))

    def _chosen(self, observation: Mapping[str, Any], slot: int) -> str:
        seen = choice(observation, self._histories[slot])
        scores = self.policy.scores([seen])
        if self._deterministic:
            place = int(scores.argmax())
        else:
            uniform = self._generators.uniform(np.array([slot]), 1)[:, 0]
            place = int(drawn_categories(scores.softmax(dim=1).numpy(), uniform)[0])
        self._histories[slot].append(seen.offered[place])
        return seen.actions[place]

    def learn(self, training: Training) -> None:
        """Imitate, then improve. Raises `UsageError` where the expert solves nothing that a pointing agent could."""
        with repeatable(training.seed):
            rng = np.random.default_rng(training.seed)
            traces = recorded(training, self._expert_steps)
            shown = [step for trace in traces for step in trace.demonstration()]
            adam = torch.optim.Adam(self.policy.parameters(), lr=1e-3)
            loss = imitate(self.policy, adam, shown, steps=self._warm_steps, batch=BATCH, rng=rng)
            training.report(imitation_loss=loss, traces=len(traces))
            self.improve(traces, training, rng)

    def improve(self, traces: Sequence[PhoneTrace], training: Training, rng: np.random.Generator) -> None:
        """Go on from the imitation; nothing here."""

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return the policy's parameters."""
        return weights_of(self.policy)

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Take over parameters of the same names and shapes. Raises `UsageError` where they differ."""
        load_weights(self.policy, weights, f"{self.name} on {self.task.env_id}")


class PointerUIS1(PointerSFT):
    """Trains on the expert's traces with its own history.

    Args:
        task: as for `PointerSFT`, and so are all that are not listed.
        seed: of everything random.
        expert_steps: steps of the training budget that the expert takes.
        warm_steps: updates of the imitation.
        deterministic: take the best action; else draw.
        updates: of the policy.
        learning_rate: Adam's.
        traces: traces of an update.
        copies: rollouts of each.
        gamma: discount of the returns.
        eps: most patches of a rollout.
    """

    name: ClassVar[str] = "pointer-ui-s1"

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        expert_steps: int = 600,
        warm_steps: int = 150,
        deterministic: bool = True,
        updates: int = 30,
        learning_rate: float = 1e-3,
        traces: int = 16,
        copies: int = 8,
        gamma: float = 0.5,
        eps: int = 1,
    ) -> None:
        super().__init__(task, seed=seed, expert_steps=expert_steps, warm_steps=warm_steps, deterministic=deterministic)
        require_positive(self.name, updates=updates, learning_rate=learning_rate, traces=traces)
        self._updates, self._learning_rate = updates, learning_rate
        self._settings = Settings(gamma=gamma, eps=eps, eta=0.01, traces=traces, copies=copies, kl=1e-3)

    def improve(self, traces: Sequence[PhoneTrace], training: Training, rng: np.random.Generator) -> None:
        """Train on rollouts; reports `reward`, `matched` and `success` of the rollouts."""
        adam = torch.optim.Adam(self.policy.parameters(), lr=self._learning_rate)
        trainer = Trainer(self.policy, adam, traces, self._settings, rng=rng, reference=copy.deepcopy(self.policy))
        for _ in range(self._updates):
            training.report(**trainer.update())


class PointerTrajectory(PointerSFT):
    """Learns from success and failure of its own episodes.

    Args:
        task: as for `PointerSFT`, and so are all that are not listed.
        seed: of everything random.
        expert_steps: steps of the training budget that the expert takes; the others are the policy's own.
        warm_steps: updates of the imitation.
        deterministic: take the best action; else draw.
        phones: played on side by side.
        tasks: episodes that are attempted again and again.
        groups: tasks of an update.
        copies: attempts at each.
        learning_rate: Adam's.
        replay: whether past successes take the place of failures where all attempts fail.
    """

    name: ClassVar[str] = "pointer-trpo"
    default_train_steps: ClassVar[int] = 6_000

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        expert_steps: int = 600,
        warm_steps: int = 150,
        deterministic: bool = True,
        phones: int = 8,
        tasks: int = 40,
        groups: int = 8,
        copies: int = 8,
        learning_rate: float = 5e-4,
        replay: bool = True,
    ) -> None:
        super().__init__(task, seed=seed, expert_steps=expert_steps, warm_steps=warm_steps, deterministic=deterministic)
        require_positive(self.name, phones=phones, tasks=tasks, groups=groups, copies=copies, learning_rate=learning_rate)
        self._phones, self._tasks, self._groups, self._copies = phones, max(tasks, groups), groups, copies
        self._learning_rate, self._replay = learning_rate, replay

    def improve(self, traces: Sequence[PhoneTrace], training: Training, rng: np.random.Generator) -> None:
        """Spend the rest of the budget; reports `success` of the attempts and `signal`, the share of groups that teach something."""
        adam = torch.optim.Adam(self.policy.parameters(), lr=self._learning_rate)
        successes = Successes(rng)
        algorithm = Algorithm(advantage=trajectory_advantages, select=with_signal, minibatches=4)
        tasks = rng.integers(2**30, size=self._tasks)
        env = training.make_vec(self._phones, autoreset_mode=AutoresetMode.DISABLED)
        while training.remaining:
            chosen = rng.choice(tasks, self._groups, replace=False).tolist()
            attempted = collect(env, self.policy, PhoneReader(), chosen, copies=self._copies, rng=rng)
            groups = [successes.recall(group) for group in attempted] if self._replay else attempted
            improve(self.policy, adam, groups, algorithm, rng)
            success = np.mean([rollout.info["success"] for group in attempted for rollout in group.rollouts])
            signal = np.mean([with_signal(group) for group in groups])
            training.report(success=float(success), signal=float(signal))
        env.close()


class PhoneReader:
    """How `PointingPolicy` reads the phone and acts on it: an entry of a history is the row of numbers of what was done."""

    def context(self, observation: Mapping[str, Any], history: Sequence[NDArray[np.float32]]) -> Choice:
        """Return what the screen offers."""
        return choice(observation, history)

    def entry(self, context: Choice, output: Segment) -> NDArray[np.float32]:
        """Return the numbers of the chosen candidate."""
        row: NDArray[np.float32] = context.offered[int(output.tokens[0])]
        return row

    def action(self, context: Choice, output: Segment) -> str:
        """Return the chosen candidate's action."""
        return context.actions[int(output.tokens[0])]

    def batch(self, actions: Sequence[str]) -> tuple[str, ...]:
        """Return the actions as the environment takes them."""
        return tuple(actions)
