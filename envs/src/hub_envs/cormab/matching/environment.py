"""The environment `cormab/Matching-v0`: workers visit arms by schedule."""

from __future__ import annotations

from typing import Any, Literal

from gymnasium.vector import AutoresetMode

from hub_envs.cormab.arms import START_PROBABILITY
from hub_envs.cormab.matching.actions import MatchingActions
from hub_envs.cormab.matching.instances import matching_problem
from hub_envs.cormab.problem import Problem
from hub_envs.cormab.single import CormabEnv
from hub_envs.cormab.vector import CormabVectorEnv, Moment
from hub_envs.slots import Frame


class MatchingVectorEnv(CormabVectorEnv):
    """A batch of `MatchingEnv`, which says what the task is; `CormabVectorEnv` says how slots behave."""

    def __init__(
        self,
        num_envs: int = 1,
        *,
        instance: int = 0,
        arms: int = 20,
        budget: int = 5,
        horizon: int = 20,
        problem: Problem | None = None,
        start_probability: float = START_PROBABILITY,
        infeasible: Literal["noop", "error"] = "noop",
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        bandit = matching_problem(instance, arms, budget, horizon) if problem is None else problem
        if not isinstance(bandit.actions, MatchingActions):
            raise TypeError(f"a matching problem's actions are MatchingActions, not {type(bandit.actions).__name__}")
        self._schedules = bandit.actions
        super().__init__(
            num_envs,
            bandit,
            start_probability=start_probability,
            infeasible=infeasible,
            autoreset_mode=autoreset_mode,
            render_mode=render_mode,
        )

    def draw(self, moment: Moment) -> Frame:
        """Draw arms with their levels and slots, the meetings that the workers keep, and the score."""
        from hub_envs.cormab.matching.drawing import draw_matching

        return draw_matching(self._schedules, self.model, moment)


class MatchingEnv(CormabEnv):
    """Schedule workers so that the right arms climb: a coupled restless bandit whose pulls must fit a matching.

    **Story.** J arms (clients, machines) drift downwards unless somebody looks after them. B workers can; a pulled arm needs two meetings,
    and a meeting takes place in a slot of the day when both the arm and the worker are available. Which arms can be pulled together is
    therefore a matching question.

    **Observation.** `MultiDiscrete([4] * J)`, int64 (J,): each arm's level, 0 (worst) to 3 (best).

    **Action.** `MultiBinary(J)`, int8 (J,): 1 pulls the arm. Allowed are the actions with at most B pulls for which a schedule exists: each
    worker meets at most one arm a slot, each pulled arm gets two meetings (of one worker or two, in one slot or two). `model.actions`
    checks, samples, enumerates and maximises over them; the zero action is always allowed. Any other action plays as the zero action and
    `info["infeasible"]` is True (False otherwise); see `infeasible` below.

    **Dynamics.** Arm j in level s moves to min(s + 1, 3) with probability p_j, else to max(s - 1, 0), independently of the others. p_j is
    `passive[j]` ~ U[0, 0.2) when left alone and `active[j]` ~ U[0.7, 0.9) when pulled.

    **Reward.** The sum over arms of R[j, level after the move]. Levels 0, 1, 2 pay 0.20, 0.15, 0.10 for the first B arms ("good") and 0.10,
    0.15, 0.20 for the others; level 3 pays 4, 5 or 6 for good arms and 1, 2 or 3 for the others. So a good arm looks worse on its way up.
    `info["expected_reward"]` is the reward's expectation given the level before the move and the action: the score with less noise.

    **Start.** Each arm in level 1 with probability `start_probability` (0.2), else in level 0.

    **End.** Truncated after `horizon` steps; never terminated.

    **Instance.** All numbers above are drawn from `numpy.random.default_rng(instance)` in the order that `matching_problem` states: five
    slots, two for each arm (rather late ones), three for each worker (rather early ones). `model` is the instance, a `Problem`.

    Args:
        instance: number of the instance, 0 or more.
        arms: J.
        budget: B, the most pulls a step and the number of workers, 1 to J.
        horizon: steps of an episode.
        problem: an instance of your own, in place of the four arguments above; its actions must be `MatchingActions`.
        start_probability: see Start.
        infeasible: what a forbidden action does: `"noop"` plays the zero action and sets `info["infeasible"]`, `"error"` raises
            ValueError naming the constraint it breaks.
        render_mode: None or `"rgb_array"` (needs Pillow: `pip install "gymhub-envs[render]"`).

    **Source.** Domain "schedules" of Xu, Wilder, Khalil and Tambe, "Reinforcement learning with combinatorial actions for coupled restless
    bandits", ICLR 2025 (arXiv 2503.01919). Departures: numpy's `Generator` draws the instance (so instance numbers differ from theirs), the
    realised reward is returned and the expected one reported, infeasible actions are never silent.

    **Versions.** v0: first.
    """

    def __init__(
        self,
        *,
        instance: int = 0,
        arms: int = 20,
        budget: int = 5,
        horizon: int = 20,
        problem: Problem | None = None,
        start_probability: float = START_PROBABILITY,
        infeasible: Literal["noop", "error"] = "noop",
        render_mode: str | None = None,
    ) -> None:
        settings: dict[str, Any] = {
            "instance": instance,
            "arms": arms,
            "budget": budget,
            "horizon": horizon,
            "problem": problem,
            "start_probability": start_probability,
            "infeasible": infeasible,
        }
        super().__init__(MatchingVectorEnv(1, autoreset_mode=AutoresetMode.DISABLED, render_mode=render_mode, **settings))
