"""SEQUOIA's settings: our own, which learn within a minute, and those of the authors' released code."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, get_args

from hub.errors import UsageError

Preset = Literal["hub", "released"]
TrainingMaxima = Literal["auto", "exact", "climb"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that training depends on besides the task, the budget and the seed.

    Attributes:
        fresh_actions: random feasible actions drawn for each state of the strategic data, besides the list that all states share.
        pretrain_epochs: passes over the data.
        pretrain_batch: samples of an update there.
        pretrain_rate: learning rate there at the start.
        pretrain_decay: factor on it after each epoch.
        slots: episodes collected side by side; an update is made for each step of each.
        batch: transitions of an update.
        learning_rate: at the start of the loop.
        final_rate: share of it left when the budget is spent; it falls geometrically.
        target_every: updates between two moves of the target network; its maxima are remembered in between.
        tau: how far the target network moves towards the Q-network.
        reward_scale: factor on rewards inside the network; it keeps values near 1, where Huber's loss and the clipped gradient can follow.
        validation_every: steps of the loop between two validations; 0 keeps the last network instead of the best validated one.
        validation_episodes: episodes of a validation, played on training seeds and paid from the budget.
        capacity: transitions kept in the replay buffer.
        alpha: priorities' exponent.
        beta: exponent of the importance weights.
        clip: largest norm of a gradient.
        epsilon_end: random play that remains.
        epsilon_span: random play at the start on top of that.
        epsilon_steps: steps after which 1/e of the span is left.
        training_maxima: how maxima are found in training, validation included: `exact` as in acting, `climb` by local search without a
            proof, `auto` exactly where the actions are listed and else by local search. Acting is always exact.
        mip_gap: relative gap at which the integer program may stop; 0 proves optimality.
    """

    fresh_actions: int
    pretrain_epochs: int
    pretrain_batch: int
    pretrain_rate: float
    pretrain_decay: float
    slots: int
    batch: int
    learning_rate: float
    final_rate: float
    target_every: int
    tau: float
    reward_scale: float
    validation_every: int
    validation_episodes: int
    training_maxima: TrainingMaxima
    mip_gap: float
    capacity: int = 10_000
    alpha: float = 0.6
    beta: float = 0.4
    clip: float = 5.0
    epsilon_end: float = 0.05
    epsilon_span: float = 0.85
    epsilon_steps: float = 1000.0

    def __post_init__(self) -> None:
        if self.training_maxima not in get_args(TrainingMaxima):
            raise UsageError(f"sequoia: training_maxima must be 'auto', 'exact' or 'climb', not {self.training_maxima!r}")
        for name in ("pretrain_batch", "slots", "batch", "target_every", "capacity", "learning_rate", "pretrain_rate", "reward_scale"):
            if not getattr(self, name) > 0:
                raise UsageError(f"sequoia: {name} must be greater than 0, and is {getattr(self, name)}")
        for name in ("fresh_actions", "pretrain_epochs", "validation_every", "validation_episodes", "mip_gap"):
            if not getattr(self, name) >= 0:
                raise UsageError(f"sequoia: {name} must not be negative, and is {getattr(self, name)}")
        for name in ("tau", "final_rate", "pretrain_decay"):
            if not 0 < getattr(self, name) <= 1:
                raise UsageError(f"sequoia: {name} must be greater than 0 and at most 1, and is {getattr(self, name)}")


HUB = Settings(
    fresh_actions=40,
    pretrain_epochs=15,
    pretrain_batch=512,
    pretrain_rate=1e-3,
    pretrain_decay=0.9,
    slots=16,
    batch=128,
    learning_rate=1e-3,
    final_rate=0.05,
    target_every=200,
    tau=1.0,
    reward_scale=0.1,
    validation_every=480,
    validation_episodes=32,
    training_maxima="auto",
    mip_gap=0.0,
)

RELEASED = Settings(
    fresh_actions=0,
    pretrain_epochs=300,
    pretrain_batch=32,
    pretrain_rate=2.5e-4,
    pretrain_decay=0.9,
    slots=1,
    batch=32,
    learning_rate=2.5e-4,
    final_rate=0.9**100,
    target_every=20,
    tau=1.0 - (1.0 - 1e-6) ** 20,
    reward_scale=1.0,
    validation_every=0,
    validation_episodes=0,
    training_maxima="exact",
    mip_gap=0.02,
)

PRESETS: dict[str, Settings] = {"hub": HUB, "released": RELEASED}


def settings_for(preset: Preset, **changes: Any) -> Settings:
    """Return a preset with those `changes` that are not None.

    Raises:
        UsageError: an unknown preset, or a value out of range.
    """
    if preset not in PRESETS:
        raise UsageError(f"sequoia: preset must be 'hub' or 'released', not {preset!r}")
    return dataclasses.replace(PRESETS[preset], **{name: value for name, value in changes.items() if value is not None})
