"""The training of several players: play a rollout, let policies and features learn from it, save now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch

from hub_baselines.multi.batch import open_batch
from hub_baselines.multi.rollout import Collector, Policy, Rollout
from hub_baselines.resuming import Arrays, joined, load_optimiser, optimiser_arrays, part_of

if TYPE_CHECKING:
    from hub.training import Training
    from hub_baselines.multi.agent import PlayersAgent


class Algorithm(Policy, Protocol):
    """Acts in training and learns from rollouts."""

    def update(self, rollout: Rollout) -> None:
        """Learn from a rollout."""
        ...

    def arrays(self) -> Arrays:
        """Return what later updates depend on besides the agent's networks and random numbers, as named arrays."""
        ...

    def load_arrays(self, arrays: Arrays) -> None:
        """Take over what `arrays` of an equally built object returned."""
        ...


class Learner:
    """The loop's moving parts.

    Args:
        agent: who learns.
        training: where, and for how long. Torch's global generator must be seeded.

    Attributes:
        updates: rollouts learned from so far.
    """

    def __init__(self, agent: PlayersAgent, training: Training) -> None:
        self._agent, self._training = agent, training
        self._rng = np.random.default_rng(training.seed)
        self._algorithm = agent.algorithm(training, self._rng)
        batch = open_batch(training, agent.game, agent.n_envs)
        self._collector = Collector(training, batch, agent.inputs, self._algorithm)
        self.updates = 0

    def begin(self) -> None:
        """Begin new episodes everywhere."""
        self._collector.begin()

    def update(self) -> None:
        """Play a rollout and learn from it."""
        rollout = self._collector.play(self._agent.n_steps)
        self._algorithm.update(rollout)
        losses = self._agent.perception.learn(rollout)
        self.updates += 1
        mean = self._collector.returns.mean
        numbers = losses if mean is None else {"return_mean": mean, **losses}
        if numbers:
            self._training.report(**numbers)

    def arrays(self) -> Arrays:
        """Return the arrays that later updates depend on. Only between episodes are they all there is."""
        optimisers = self._agent.perception.optimisers()
        return joined(
            networks=self._agent.weights(),
            algorithm=self._algorithm.arrays(),
            features=joined(**{name: optimiser_arrays(optimiser) for name, optimiser in optimisers.items()}),
            returns={"last": np.array(self._collector.returns.last())},
            torch={"generator": torch.get_rng_state().numpy()},
        )

    def facts(self) -> dict[str, Any]:
        """Return the other things that later updates depend on."""
        return {"rng": self._rng.bit_generator.state, "updates": self.updates}

    def load(self, arrays: Arrays, facts: dict[str, Any]) -> None:
        """Take over what `arrays` and `facts` of an equally built learner returned."""
        self._agent.load_weights(part_of(arrays, "networks"))
        self._algorithm.load_arrays(part_of(arrays, "algorithm"))
        for name, optimiser in self._agent.perception.optimisers().items():
            load_optimiser(optimiser, part_of(part_of(arrays, "features"), name))
        self._collector.returns.load(arrays["returns/last"].tolist())
        torch.set_rng_state(torch.from_numpy(arrays["torch/generator"]))
        self._rng.bit_generator.state = facts["rng"]
        self.updates = facts["updates"]

    def close(self) -> None:
        """Close the environments."""
        self._collector.close()
