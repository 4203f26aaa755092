"""What the paper compares: settings of `ILPPO` under names of their own."""

from __future__ import annotations

from typing import Any, ClassVar

import hub
from hub_minigrid.il_ppo import ILPPO

IL_STEPS = 5
"""Gradient steps of imitation after each update, of the authors."""


class RAPID(ILPPO):
    """PPO that imitates the best of its own episodes: a ranked buffer that starts empty (Zha et al., ICLR 2021).

    Args:
        task: with Box observations and Discrete actions.
        seed: of everything random.
        il_steps: gradient steps of imitation after each update of PPO.
        grow: let the agent's own episodes into the buffer.
        settings: the other arguments of `il-ppo`.
    """

    name: ClassVar[str] = "rapid"

    def __init__(self, task: hub.Task, *, seed: int = 0, il_steps: int = IL_STEPS, grow: bool = True, **settings: Any) -> None:
        super().__init__(task, seed=seed, il_steps=il_steps, grow=grow, **settings)


class BeBold(ILPPO):
    """PPO with a bonus for stepping out of what is known into what is not (Zhang et al., 2020).

    Args:
        task: with Box observations and Discrete actions.
        seed: of everything random.
        bebold: weight c of the bonus b; the reward is (r + c b) / (1 + c), so returns in training and evaluation are the task's own.
        settings: the other arguments of `il-ppo`.
    """

    name: ClassVar[str] = "bebold"

    def __init__(self, task: hub.Task, *, seed: int = 0, bebold: float = 0.005, **settings: Any) -> None:
        super().__init__(task, seed=seed, bebold=bebold, **settings)


class ILPretrain(ILPPO):
    """PPO whose policy imitated offline data before the first environment step.

    Args:
        task: with Box observations and Discrete actions.
        seed: of everything random.
        pretrain_steps: gradient steps of imitation; the authors take 3,000 to 10,000 on larger tasks.
        settings: the other arguments of `il-ppo`; training needs `demos`.
    """

    name: ClassVar[str] = "il-pretrain"
    imitates: ClassVar[bool] = True

    def __init__(self, task: hub.Task, *, seed: int = 0, pretrain_steps: int = 1000, **settings: Any) -> None:
        super().__init__(task, seed=seed, pretrain_steps=pretrain_steps, **settings)


class ILConcurrent(ILPPO):
    """PPO that imitates while it learns, from a ranked buffer that starts with the offline data.

    Args:
        task: with Box observations and Discrete actions.
        seed: of everything random.
        il_steps: gradient steps of imitation after each update of PPO.
        grow: let the agent's own episodes into the buffer.
        settings: the other arguments of `il-ppo`; without `demos` this would be `rapid`.
    """

    name: ClassVar[str] = "il-concurrent"
    imitates: ClassVar[bool] = True

    def __init__(self, task: hub.Task, *, seed: int = 0, il_steps: int = IL_STEPS, grow: bool = True, **settings: Any) -> None:
        super().__init__(task, seed=seed, il_steps=il_steps, grow=grow, **settings)


class ILBoth(ILPPO):
    """PPO that imitates offline data first, and goes on imitating while it learns.

    Args:
        task: with Box observations and Discrete actions.
        seed: of everything random.
        pretrain_steps: gradient steps of imitation before the first environment step.
        il_steps: gradient steps of imitation after each update of PPO.
        grow: let the agent's own episodes into the buffer.
        settings: the other arguments of `il-ppo`; training needs `demos`.
    """

    name: ClassVar[str] = "il-both"
    imitates: ClassVar[bool] = True

    def __init__(
        self, task: hub.Task, *, seed: int = 0, pretrain_steps: int = 1000, il_steps: int = IL_STEPS, grow: bool = True, **settings: Any
    ) -> None:
        super().__init__(task, seed=seed, pretrain_steps=pretrain_steps, il_steps=il_steps, grow=grow, **settings)
