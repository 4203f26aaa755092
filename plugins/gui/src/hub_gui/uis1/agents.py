"""UI-S1 and what the paper compares it with, over memo's forms, with a policy of 54,000 parameters in place of a vision-language model.

All begin alike. `base`, which stands for a pretrained model, imitates an expert whose notes are there in a fifth of the traces: the
policy knows how to take and how to read a note, and mostly takes none. Then

* `ui-s1-sft` imitates the expert's actions, without notes;
* `ui-s1-offline` learns from rewards for outputs after the expert's history;
* `ui-s1` learns from rewards in semi-online rollouts, after its own history.

**Budget.** Training steps are those of the expert, who plays a new episode for each trace; no learner steps an environment while it
trains. "Online" in the paper's title means the policy's own history, not an environment.

Departures from the paper: the policy and the traces are small; eta is 0.01 instead of 0.3, since the first step's return of a form moves
by 0.03 to 0.3 where the code is forgotten; Adam at 5e-4. Known of the small policy: mistakes are so rare that, divided by their standard
deviation, they weigh much, and updates that should do nothing make it wander. With notes in a third of the traces instead of a fifth,
offline training crossed by such luck, in most seeds that were tried, to a policy that takes notes more often than not.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from hub_baselines.determinism import repeatable
from hub_baselines.relative import imitate
from hub_baselines.relative.tiny import NotePolicy
from hub_baselines.settings import require_positive, require_shares
from hub_baselines.weights import load_weights, weights_of
from hub_envs.memo import Layout
from numpy.typing import NDArray

import hub
from hub.errors import UsageError
from hub_gui.uis1.acting import NoteTaker
from hub_gui.uis1.advantages import EpisodeMode
from hub_gui.uis1.forms import FormTrace, recorded
from hub_gui.uis1.rewards import REWARDS
from hub_gui.uis1.semi_online import OFFLINE, Settings, Trainer

if TYPE_CHECKING:
    from hub.training import Training

BATCH = 256
"""Steps of a supervised update."""
WARM_RATE = 3e-3
MODES: tuple[EpisodeMode, ...] = ("code", "paper", "none")


class Base(hub.Agent):
    """Imitates an expert who takes notes in some traces: where all others begin.

    Args:
        task: memo's form.
        seed: of the first weights.
        noted: share of the traces with notes.
        warm_steps: updates of the imitation.
        deterministic: write and act by what is most probable; else draw.
    """

    name: ClassVar[str] = "ui-s1-base"
    needs: ClassVar[hub.Needs] = hub.Needs(observations=("Box",), actions=("Discrete",), model="hub_envs.memo:Traces")
    default_train_steps: ClassVar[int] = 10_000

    def __init__(self, task: hub.Task, *, seed: int = 0, noted: float = 0.2, warm_steps: int = 300, deterministic: bool = True) -> None:
        super().__init__(task, seed=seed)
        require_shares(self.name, noted=noted)
        require_positive(self.name, warm_steps=warm_steps)
        self._noted, self._warm_steps, self._deterministic = noted, warm_steps, deterministic
        layout: Layout = task.model.layout
        with repeatable(seed):
            self.policy = NotePolicy(layout.width, layout.codes + 1, layout.actions)
        self._freeze()

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start with an empty history."""
        self._taker.begin(slots, seeds)

    def act(self, observations: NDArray[np.float32], slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return an action (n,) for each screen (n, features)."""
        return self._taker.act(observations, slots)

    def learn(self, training: Training) -> None:
        """Imitate, then improve. Raises `UsageError` where the budget does not hold a trace."""
        with repeatable(training.seed):
            rng = np.random.default_rng(training.seed)
            traces = recorded(training)
            shown = [step for trace in traces for step in trace.demonstration(notes=bool(rng.random() < self._noted))]
            adam = torch.optim.Adam(self.policy.parameters(), lr=WARM_RATE)
            loss = imitate(self.policy, adam, shown, steps=self._warm_steps, batch=BATCH, rng=rng)
            training.report(imitation_loss=loss)
            self.improve(traces, training, rng)
        self._freeze()

    def improve(self, traces: Sequence[FormTrace], training: Training, rng: np.random.Generator) -> None:
        """Go on from the imitation; nothing here."""

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return the policy's parameters."""
        return weights_of(self.policy)

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Take over parameters of the same names and shapes. Raises `UsageError` where they differ."""
        load_weights(self.policy, weights, f"{self.name} on {self.task.env_id}")
        self._freeze()

    def _freeze(self) -> None:
        self._taker = NoteTaker(self.policy, deterministic=self._deterministic)


class SFT(Base):
    """Imitates the expert's actions, with empty notes, after the imitation that all begin with.

    Args:
        task: as for `Base`, and so are all that are not listed.
        seed: of everything random.
        noted: share of the traces with notes, at the beginning.
        warm_steps: updates of the beginning.
        deterministic: write and act by what is most probable; else draw.
        sft_steps: updates without notes.
        learning_rate: Adam's.
    """

    name: ClassVar[str] = "ui-s1-sft"

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        noted: float = 0.2,
        warm_steps: int = 300,
        deterministic: bool = True,
        sft_steps: int = 150,
        learning_rate: float = 5e-4,
    ) -> None:
        super().__init__(task, seed=seed, noted=noted, warm_steps=warm_steps, deterministic=deterministic)
        require_positive(self.name, sft_steps=sft_steps, learning_rate=learning_rate)
        self._sft_steps, self._learning_rate = sft_steps, learning_rate

    def improve(self, traces: Sequence[FormTrace], training: Training, rng: np.random.Generator) -> None:
        """Imitate the actions."""
        shown = [step for trace in traces for step in trace.demonstration(notes=False)]
        adam = torch.optim.Adam(self.policy.parameters(), lr=self._learning_rate)
        training.report(sft_loss=imitate(self.policy, adam, shown, steps=self._sft_steps, batch=BATCH, rng=rng))


class _Reinforced(Base):
    """Learns from rewards on traces, as `settings` say."""

    updates: int
    learning_rate: float
    settings: Settings

    def improve(self, traces: Sequence[FormTrace], training: Training, rng: np.random.Generator) -> None:
        """Train on rollouts; reports `reward`, `matched` and `success` of the rollouts."""
        reference = copy.deepcopy(self.policy) if self.settings.kl else None
        adam = torch.optim.Adam(self.policy.parameters(), lr=self.learning_rate)
        trainer = Trainer(self.policy, adam, traces, self.settings, rng=rng, reference=reference)
        for _ in range(self.updates):
            training.report(**trainer.update())


class Offline(_Reinforced):
    """Offline reinforcement learning: the same rewards, compared step by step, for outputs after the expert's own history.

    Args:
        task: as for `Base`, and so are all that are not listed.
        seed: of everything random.
        noted: share of the traces with notes, at the beginning.
        warm_steps: updates of the beginning.
        deterministic: write and act by what is most probable; else draw.
        updates: of the policy.
        learning_rate: Adam's.
        traces: traces of an update.
        copies: outputs sampled for each of their steps.
        kl: weight of the divergence from where it began.
        rewards: `"paper"` or `"code"`; see `hub_gui.uis1.rewards`.
    """

    name: ClassVar[str] = "ui-s1-offline"

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        noted: float = 0.2,
        warm_steps: int = 300,
        deterministic: bool = True,
        updates: int = 25,
        learning_rate: float = 5e-4,
        traces: int = 32,
        copies: int = 8,
        kl: float = 1e-4,
        rewards: str = "paper",
    ) -> None:
        super().__init__(task, seed=seed, noted=noted, warm_steps=warm_steps, deterministic=deterministic)
        self.updates, self.learning_rate = _training(self.name, updates, learning_rate, traces, copies)
        rewards = _one_of(self.name, "rewards", rewards, tuple(REWARDS))
        self.settings = Settings(**OFFLINE, traces=traces, copies=copies, kl=kl, rewards=rewards)


class UIS1(_Reinforced):
    """Semi-online reinforcement learning: rollouts with the policy's own history along expert traces, patched where they leave them.

    Args:
        task: as for `Base`, and so are all that are not listed.
        seed: of everything random.
        noted: share of the traces with notes, at the beginning.
        warm_steps: updates of the beginning.
        deterministic: write and act by what is most probable; else draw.
        updates: of the policy.
        learning_rate: Adam's.
        traces: traces of an update.
        copies: rollouts of each.
        kl: weight of the divergence from where it began.
        rewards: `"paper"` or `"code"`; see `hub_gui.uis1.rewards`.
        gamma: discount of the returns.
        eps: most patches of a rollout; None sets no limit.
        omega: weight of the step advantage.
        eta: traces whose first-step returns have no greater standard deviation are left out; None takes all.
        episode_mode: `"code"`, `"paper"` or `"none"`; see `hub_gui.uis1.advantages`.
    """

    name: ClassVar[str] = "ui-s1"

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        noted: float = 0.2,
        warm_steps: int = 300,
        deterministic: bool = True,
        updates: int = 25,
        learning_rate: float = 5e-4,
        traces: int = 32,
        copies: int = 8,
        kl: float = 1e-4,
        rewards: str = "paper",
        gamma: float = 0.5,
        eps: int | None = 1,
        omega: float = 1.0,
        eta: float | None = 0.01,
        episode_mode: str = "code",
    ) -> None:
        super().__init__(task, seed=seed, noted=noted, warm_steps=warm_steps, deterministic=deterministic)
        self.updates, self.learning_rate = _training(self.name, updates, learning_rate, traces, copies)
        require_shares(self.name, gamma=gamma)
        if eps is not None and eps < 0:
            raise UsageError(f"eps of agent {self.name} cannot be {eps}: give a number of patches from 0 on, or None for no limit")
        _one_of(self.name, "episode_mode", episode_mode, MODES)
        self.settings = Settings(
            gamma=gamma,
            eps=math.inf if eps is None else eps,
            omega=omega,
            eta=eta,
            episode_mode=next(mode for mode in MODES if mode == episode_mode),
            traces=traces,
            copies=copies,
            kl=kl,
            rewards=_one_of(self.name, "rewards", rewards, tuple(REWARDS)),
        )


def _training(agent: str, updates: int, learning_rate: float, traces: int, copies: int) -> tuple[int, float]:
    require_positive(agent, updates=updates, learning_rate=learning_rate, traces=traces)
    if copies < 2:
        raise UsageError(f"copies of agent {agent} cannot be {copies}: rollouts of a trace are compared with each other, give at least 2")
    return updates, learning_rate


def _one_of(agent: str, key: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise UsageError(f"{key} of agent {agent} cannot be {value!r}: give {' or '.join(choices)}")
    return value
