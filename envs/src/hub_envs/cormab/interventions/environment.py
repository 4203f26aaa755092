"""The environment `cormab/Interventions-v0`: measures that each reach several arms."""

from __future__ import annotations

from typing import Any, Literal

from gymnasium.vector import AutoresetMode

from hub_envs.cormab.arms import START_PROBABILITY
from hub_envs.cormab.interventions.actions import BudgetActions
from hub_envs.cormab.interventions.instances import interventions_problem
from hub_envs.cormab.problem import Problem
from hub_envs.cormab.single import CormabEnv
from hub_envs.cormab.vector import CormabVectorEnv, Moment
from hub_envs.slots import Frame


class InterventionsVectorEnv(CormabVectorEnv):
    """A batch of `InterventionsEnv`, which says what the task is; `CormabVectorEnv` says how slots behave."""

    def __init__(
        self,
        num_envs: int = 1,
        *,
        instance: int = 0,
        arms: int = 20,
        interventions: int = 10,
        budget: int = 5,
        horizon: int = 20,
        problem: Problem | None = None,
        start_probability: float = START_PROBABILITY,
        infeasible: Literal["noop", "error"] = "noop",
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        bandit: Problem = interventions_problem(instance, arms, interventions, budget, horizon) if problem is None else problem
        if not isinstance(bandit.actions, BudgetActions):
            raise TypeError(f"an interventions problem's actions are BudgetActions, not {type(bandit.actions).__name__}")
        super().__init__(
            num_envs,
            bandit,
            start_probability=start_probability,
            infeasible=infeasible,
            autoreset_mode=autoreset_mode,
            render_mode=render_mode,
        )

    def draw(self, moment: Moment) -> Frame:
        """Draw arms with their levels, the interventions that reach them, which of these are chosen, and the score."""
        from hub_envs.cormab.interventions.drawing import draw_interventions

        return draw_interventions(self.model, moment)


class InterventionsEnv(CormabEnv):
    """Choose measures that work together: a coupled restless bandit whose arms answer to how many interventions reach them.

    **Story.** J arms (clients, villages) drift downwards unless enough is done for them. N interventions (campaigns, programmes) each reach
    three arms, and B of them can be run at a time. For strong arms one intervention does nearly nothing and two or three do a lot, so
    interventions must be chosen together; weak arms answer to the first, and not to much more.

    **Observation.** `MultiDiscrete([4] * J)`, int64 (J,): each arm's level, 0 (worst) to 3 (best).

    **Action.** `MultiBinary(N)`, int8 (N,): 1 runs the intervention. Allowed are the actions with at most B ones. `model.actions` checks,
    samples, enumerates and maximises over them. Any other action plays as the zero action and `info["infeasible"]` is True (False
    otherwise); see `infeasible` below.

    **Dynamics.** Arm j in level s moves to min(s + 1, 3) with probability p_j, else to max(s - 1, 0), independently of the others. With
    x_j = 3 times the number of chosen interventions that reach the arm (its dose),

        p_j = 0.98 (A_j / (1 + exp(-(b_j x_j - x0_j))) - A_j / (1 + exp(x0_j))) + 0.01,

    so 0.01 where nothing is done. `model.chances` is its table by dose, `model.reach` (J, N) says who reaches whom, and `model.sigmoids`
    holds A, b and x0.

    **Reward.** The sum over arms of R[j, level after the move]. Levels 0, 1, 2 pay 0.20, 0.15, 0.10 for the first B arms ("good") and 0.10,
    0.15, 0.20 for the others; level 3 pays 4, 5 or 6 for good arms and 1, 2 or 3 for the others. Good and strong are different things.
    `info["expected_reward"]` is the reward's expectation given the level before the move and the action: the score with less noise.

    **Start.** Each arm in level 1 with probability `start_probability` (0.2), else in level 0.

    **End.** Truncated after `horizon` steps; never terminated.

    **Instance.** All numbers above are drawn from `numpy.random.default_rng(instance)` in the order that `interventions_problem` states.
    The first k = ceil(J B / N) arms are weak (A of 0.2 to 0.5, b = 1, x0 of 1 or 2), the others strong (A of 0.7 to 1, b of 1.4 to 1.9, x0
    of 9 or 10). B interventions reach strong arms only, the others weak ones only; of each kind, three at a time share their three arms,
    and each left-over one has three arms to itself. Some arms nothing reaches. `model` is the instance, an `InterventionsProblem`.

    Args:
        instance: number of the instance, 0 or more.
        arms: J.
        interventions: N; each kind needs arms enough: three for every three interventions and for each left-over one.
        budget: B, the most interventions a step and the number of strong ones, 1 to N.
        horizon: steps of an episode.
        problem: an instance of your own, in place of the five arguments above; its actions must be `BudgetActions`.
        start_probability: see Start.
        infeasible: what a forbidden action does: `"noop"` plays the zero action and sets `info["infeasible"]`, `"error"` raises
            ValueError saying by how much it exceeds the budget.
        render_mode: None or `"rgb_array"` (needs Pillow: `pip install "gymhub-envs[render]"`).

    **Source.** Domain "multiple interventions" of Xu, Wilder, Khalil and Tambe, "Reinforcement learning with combinatorial actions for
    coupled restless bandits", ICLR 2025 (arXiv 2503.01919). Departures: at most B interventions, where their program and their random play
    choose exactly B (their step, too, accepts fewer; `sample_feasible` fills up to B); numpy's `Generator` draws the instance (so instance
    numbers differ from theirs), interventions that share their arms are three in a row by number, the realised reward is returned and the
    expected one reported, infeasible actions are never silent.

    **Versions.** v0: first.
    """

    def __init__(
        self,
        *,
        instance: int = 0,
        arms: int = 20,
        interventions: int = 10,
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
            "interventions": interventions,
            "budget": budget,
            "horizon": horizon,
            "problem": problem,
            "start_probability": start_probability,
            "infeasible": infeasible,
        }
        super().__init__(InterventionsVectorEnv(1, autoreset_mode=AutoresetMode.DISABLED, render_mode=render_mode, **settings))
