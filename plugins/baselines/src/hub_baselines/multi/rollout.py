"""Playing training episodes in a batch of games, and what was seen, read, done and earned in a number of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from hub_baselines.multi.batch import Moment, PlayersBatch
from hub_baselines.multi.game import Observations
from hub_baselines.multi.inputs import Inputs
from hub_baselines.returns import RecentReturns

if TYPE_CHECKING:
    from hub.training import Training


@dataclass(frozen=True, slots=True)
class Rollout:
    """`T` steps of n games of P players. Episodes begin and end anywhere in it.

    Attributes:
        observations: (T, n, P, ...) arrays, or a dict of such; zeros for players out of the game.
        in_game: (T, n, P), who acted; everything about the others is to be left out.
        begun: (T, n), whether the step was its episode's first.
        states: (T, n, S), of the whole games; None where the environment gives none.
        inputs: (T, n, P, size), what the networks read (`hub_baselines.multi.inputs`): features first.
        actions: (T, n, P) int64.
        rewards: (T, n, P) float64.
        left: (T, n, P), whether the step was the player's last, by termination or truncation.
        ended: (T, n), whether it was the episode's last.
        notes: (T, n, ...) tensors that the policy noted when it acted: hidden states, values, ...
        following: where the games stand after the last step.
        following_inputs: (n, P, size), what the networks read there.
        done: environment steps of the training by now.
    """

    observations: Observations
    in_game: NDArray[np.bool_]
    begun: NDArray[np.bool_]
    states: NDArray[np.float32] | None
    inputs: torch.Tensor
    actions: NDArray[np.int64]
    rewards: NDArray[np.float64]
    left: NDArray[np.bool_]
    ended: NDArray[np.bool_]
    notes: Mapping[str, torch.Tensor]
    following: Moment
    following_inputs: torch.Tensor
    done: int


class Policy(Protocol):
    """Who acts in training, and remembers what it needs of the running episodes."""

    def act(self, inputs: torch.Tensor, moment: Moment) -> tuple[NDArray[np.int64], dict[str, torch.Tensor]]:
        """Return actions (n, P) for inputs (n, P, size), and notes (n, ...) for the rollout; where `moment.begun`, remember nothing."""
        ...


class Collector:
    """Plays training episodes with a policy.

    Args:
        training: counts the steps.
        batch: where.
        inputs: what the policy reads.
        policy: who.

    Attributes:
        returns: of the last episodes, mean over players.
    """

    def __init__(self, training: Training, batch: PlayersBatch, inputs: Inputs, policy: Policy) -> None:
        self._training, self._batch, self._inputs, self._policy = training, batch, inputs, policy
        self._slots = np.arange(batch.slots)
        self.returns = RecentReturns(batch.slots)

    def begin(self) -> None:
        """Begin an episode in every slot; what runs there is given up."""
        self._totals = np.zeros(self._batch.slots)
        self.returns.begin()
        self._enter(self._batch.begin())

    def play(self, steps: int) -> Rollout:
        """Play `steps` steps in each slot; the running episodes go on next time."""
        moments, inputs, actions, outcomes, notes = [], [], [], [], []
        for _ in range(steps):
            moments.append(self._moment)
            inputs.append(self._read)
            chosen, noted = self._policy.act(self._read, self._moment)
            outcome = self._batch.step(chosen)
            self._inputs.acted(chosen, self._moment.in_game, self._slots)
            self._count(outcome.rewards, outcome.ended)
            self._enter(outcome.moment)
            actions.append(chosen)
            outcomes.append(outcome)
            notes.append(noted)
        return Rollout(
            observations=_stacked([moment.observations for moment in moments]),
            in_game=np.stack([moment.in_game for moment in moments]),
            begun=np.stack([moment.begun for moment in moments]),
            states=_stacked_states(moments),
            inputs=torch.stack(inputs),
            actions=np.stack(actions),
            rewards=np.stack([outcome.rewards for outcome in outcomes]),
            left=np.stack([outcome.terminated | outcome.truncated for outcome in outcomes]),
            ended=np.stack([outcome.ended for outcome in outcomes]),
            notes={key: torch.stack([noted[key] for noted in notes]) for key in notes[0]},
            following=self._moment,
            following_inputs=self._read,
            done=self._training.done,
        )

    def close(self) -> None:
        """Close the environments."""
        self._batch.close()

    def _enter(self, moment: Moment) -> None:
        """Read a new frame of every slot."""
        self._inputs.begin(self._slots[moment.begun].tolist())
        self._moment = moment
        self._read = self._inputs.read(moment.observations, moment.in_game, self._slots)

    def _count(self, rewards: NDArray[np.float64], ended: NDArray[np.bool_]) -> None:
        self._totals += rewards.mean(axis=1)
        for slot in np.flatnonzero(ended).tolist():
            self.returns.end(slot, float(self._totals[slot]))
        self._totals[ended] = 0.0


def _stacked(observations: list[Observations]) -> Observations:
    first = observations[0]
    if isinstance(first, dict):
        return {key: np.stack([each[key] for each in observations]) for key in first}
    return np.stack(observations)  # type: ignore[arg-type]


def _stacked_states(moments: list[Moment]) -> NDArray[np.float32] | None:
    states = [moment.state for moment in moments if moment.state is not None]
    return np.stack(states) if states else None
