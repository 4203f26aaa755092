"""The base of agents that play all players of a parallel environment: how they read, act, remember, learn and are saved."""

from __future__ import annotations

import abc
import contextlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

import hub
from hub.errors import UsageError
from hub_baselines.determinism import repeatable
from hub_baselines.multi.features import Features, Flat
from hub_baselines.multi.game import game_of, gathered
from hub_baselines.multi.inputs import Inputs
from hub_baselines.multi.learning import Algorithm, Learner
from hub_baselines.multi.memory import SlotMemory
from hub_baselines.multi.networks import WIDTH, Actor
from hub_baselines.multi.ppo import act_together
from hub_baselines.settings import require_positive
from hub_baselines.tiles import Tiles
from hub_baselines.weights import load_weights, weights_of

if TYPE_CHECKING:
    from hub.training import Training


class PlayersAgent(hub.Agent):
    """Plays every player of a parallel environment, each from what it sees itself, by the action with the highest score.

    A subclass names itself, builds networks, one of them called `actor`, and an algorithm that trains them. Its own settings must be set
    before it calls this constructor, which calls `features` and `build`.

    Args:
        task: a parallel environment whose players have equal spaces, and Discrete actions.
        seed: of the networks' first weights; training is seeded by the run.
        n_envs: games at once.
        n_steps: steps in each for an update.
        restart_every: updates after which all episodes begin anew and the training can be saved; times `n_steps`, many episodes long.

    Attributes:
        game: what is played.
        perception: what `features` returned.
        inputs: what the networks read.
        networks: all that training changes, features' networks included.
    """

    name: ClassVar[str]
    needs: ClassVar[hub.Needs] = hub.Needs(players="many")

    def __init__(self, task: hub.Task, *, seed: int, n_envs: int, n_steps: int, restart_every: int) -> None:
        super().__init__(task, seed=seed)
        self.game = game_of(self.name, task)
        require_positive(self.name, n_envs=n_envs, n_steps=n_steps, restart_every=restart_every)
        self.n_envs, self.n_steps, self.restart_every = n_envs, n_steps, restart_every
        with repeatable(seed):
            self.perception = self.features()
            self.inputs = Inputs(self.perception, self.game)
            self.networks = nn.ModuleDict({**self.build(), "features": nn.ModuleDict(dict(self.perception.networks()))})
        self._hidden = SlotMemory(len(self.game.players), WIDTH)
        self._freeze()

    def features(self) -> Features:
        """Return what is seen of the game; by default the plain observation. Called once, with `task` and `game` set."""
        return Flat(self.name, self.task.env_id, self.game)

    @abc.abstractmethod
    def build(self) -> dict[str, nn.Module]:
        """Return the networks by name, with an `Actor` called `actor`. Called once, with `inputs` set."""

    @abc.abstractmethod
    def algorithm(self, training: Training, rng: np.random.Generator) -> Algorithm:
        """Return what trains the networks; `rng` draws whatever is random in it."""

    @property
    def actor(self) -> Actor:
        """The network that scores actions."""
        actor = self.networks["actor"]
        assert isinstance(actor, Actor)
        return actor

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Forget what `slots` remember; nothing here is random."""
        self.inputs.begin(slots)
        self._hidden.begin(slots)

    def act(self, observations: Sequence[Mapping[str, Any]], slots: NDArray[np.int64]) -> list[dict[str, int]]:
        """Return for each game the actions of the players in it."""
        seen, in_game = gathered(self.game, observations)
        read = self.inputs.read(seen, in_game, slots).numpy()
        scores, hidden = self._tiles({"inputs": read, "hidden": self._hidden[slots]})
        self._hidden[slots] = hidden * in_game[..., None]
        actions = scores.argmax(axis=-1)
        self.inputs.acted(actions, in_game, slots)
        rows = zip(actions.tolist(), in_game.tolist(), strict=True)
        return [
            {player: action for player, action, plays in zip(self.game.players, chosen, present, strict=True) if plays}
            for chosen, present in rows
        ]

    def learn(self, training: Training) -> None:
        """Play and update until less than one rollout is left of the budget.

        Raises:
            UsageError: the budget is smaller than one rollout.
        """
        rollout = self.n_envs * self.n_steps
        if training.steps < rollout:
            raise UsageError(f"agent {self.name} plays {rollout} steps for each update: give --train-steps of at least that")
        with repeatable(training.seed), contextlib.closing(Learner(self, training)) as learner:
            if training.saved is not None:
                learner.load(training.saved.arrays, training.saved.facts)
            while training.remaining >= rollout:
                if learner.updates % self.restart_every == 0:
                    if training.save_due:
                        training.save(learner.arrays(), learner.facts())
                    learner.begin()
                learner.update()
            self._freeze()

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return the parameters of all networks, by torch's names."""
        return weights_of(self.networks)

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Take over parameters of the same names and shapes. Raises `UsageError` where they differ."""
        load_weights(self.networks, weights, f"{self.name} on {self.task.env_id}")
        self.perception.weights_changed()
        self._freeze()

    def _freeze(self) -> None:
        """Act from now on by what the actor is at this moment."""
        self._tiles = Tiles(_Together(self.actor))


class _Together(nn.Module):
    """An actor for games in rows: inputs and memories (rows, P, ...) in, scores and memories out."""

    def __init__(self, actor: Actor) -> None:
        super().__init__()
        self.actor = actor

    def forward(self, parts: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        return act_together(self.actor, parts["inputs"], parts["hidden"])
