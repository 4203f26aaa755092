"""The agent protocol: a policy that can be built, optionally trained, saved, loaded and asked for actions."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from hub.errors import ImpossiblePairing

if TYPE_CHECKING:
    import gymnasium as gym
    import numpy as np

    from hub.training import Training


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What an agent is told about the environment it will act in.

    Attributes:
        env_id: the environment's id.
        env_kwargs: keyword arguments the environment is built with.
        observation_space: of one episode; for a parallel environment a `spaces.Dict` with one entry a player.
        action_space: likewise.
        players: names of all possible players of a parallel environment; empty for a single-agent one.
        state_space: of the state of the whole game, PettingZoo's `state()`, which training with a central view reads; None without one.
        max_episode_steps: the step limit of an episode if one is known.
        model: the environment's `unwrapped.model` when it has one: what a planner may know.
        model_tag: the tag the environment is registered with for that model.
    """

    env_id: str
    observation_space: gym.Space[Any]
    action_space: gym.Space[Any]
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    players: tuple[str, ...] = ()
    state_space: gym.Space[Any] | None = None
    max_episode_steps: int | None = None
    model: Any = None
    model_tag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What an agent requires of a task; checked before anything runs.

    Attributes:
        observations: names of Gymnasium space classes it can read (`("Box", "Discrete")`); empty means any.
        actions: names of Gymnasium space classes it can act in; empty means any.
        model: tag of the environment model it plans with.
        players: `"one"` for single-agent environments only, `"many"` for parallel ones only, `"any"` for both.
    """

    observations: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    model: str | None = None
    players: str = "one"

    def check(self, agent: str, task: Task) -> None:
        """Raise `ImpossiblePairing`, with the reason and what would fit, unless `task` meets these needs."""
        where = f"{agent} cannot act in {task.env_id}: "
        if self.players == "one" and task.players:
            reason = f"it plays alone and the environment has {len(task.players)} players; it fits single-agent environments"
            raise ImpossiblePairing(where + reason)
        if self.players == "many" and not task.players:
            reason = "it plays several agents at once and the environment has one; it fits PettingZoo parallel environments"
            raise ImpossiblePairing(where + reason)
        if self.model is not None and (self.model != task.model_tag or task.model is None):
            lacking = "the environment does not give" + (" as it is made" if self.model == task.model_tag else "")
            reason = f"it plans with a {self.model} model, which {lacking}; it fits environments registered with it"
            raise ImpossiblePairing(where + reason)
        spaces = (("observations", task.observation_space, self.observations), ("actions", task.action_space, self.actions))
        for word, space, allowed in spaces:
            if allowed and type(space).__name__ not in allowed:
                reason = f"its {word} must be {' or '.join(allowed)} and the environment's are {type(space).__name__}"
                raise ImpossiblePairing(where + reason)


class Agent(abc.ABC):
    """A policy over batches of episodes.

    A subclass takes its own settings as annotated keyword-only arguments, which `--agent-arg key=value` sets:

        class Mine(hub.Agent):
            def __init__(self, task: hub.Task, *, seed: int = 0, temperature: float = 1.0) -> None: ...

    Episodes live in numbered **slots**. `begin` starts fresh episodes in some slots; `act` chooses one action for each row it is given.
    What an agent does in a slot must depend only on the episode's seed and observations: not on the other rows, their number or their
    order. The evaluator relies on it to give the same bits for any number of slots and workers.
    """

    needs: ClassVar[Needs] = Needs()
    default_train_steps: ClassVar[int] = 0
    """Environment steps that `hub run` trains for when nobody says; 0 for an agent that does not learn."""
    demonstration: str | None = None
    """Why no leaderboard may take what the agent leaves, e.g. `"its replies are scripted"`; said by its class, or once it is built."""

    def __init__(self, task: Task, *, seed: int = 0) -> None:
        self.task = task
        self.seed = seed

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:  # noqa: B027  an agent without memory has nothing to begin
        """Forget what `slots` remember and start new episodes there; all randomness of an episode must come from its seed."""

    @abc.abstractmethod
    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Choose actions.

        Args:
            observations: n stacked observations as Gymnasium's vector environments stack them (`gymnasium.vector.utils.batch_space`):
                an array (n, ...) for array spaces, a dict of stacked values for `Dict`, a tuple of n objects for `Text` and other
                free forms.
                For a parallel environment: a list of n dicts, player -> observation, holding the players still in the game.
            slots: (n,) integers, the slot that each row belongs to.

        Returns:
            n actions stacked the same way; for a parallel environment a list of n dicts, player -> action.
        """

    def episode_metrics(self, slot: int) -> Mapping[str, float]:
        """Return numbers about the episode that just ended in `slot` (tokens used, unproved decisions); they enter the result."""
        return {}

    def transcript(self, slot: int) -> Sequence[Mapping[str, Any]]:
        """Return what led to the actions of the episode that just ended in `slot`; `hub run --record` keeps it, and nothing reads it else.

        One mapping of JSON values for each call of a model, or each thought. `step` is the index of the action that it led to, from 0;
        other keys are the agent's own: `role`, `prompt`, `reply`, `tokens`. Images are left out: the recording holds the screens.
        """
        return ()

    def learn(self, training: Training) -> None:
        """Train on environments made by `training` until its budget is spent."""
        raise ImpossiblePairing(f"{type(self).__name__} does not learn; leave out the training steps")

    def weights(self) -> dict[str, np.ndarray]:
        """Return what training changed, as named arrays; empty for an agent without parameters."""
        return {}

    def load_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Take over arrays that `weights` of an equally configured agent returned."""
        if weights:
            raise ImpossiblePairing(f"{type(self).__name__} has no weights to load, yet the checkpoint holds {len(weights)} arrays")
