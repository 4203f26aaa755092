"""The environment `cormab/Path-v0`: pulls along a closed walk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from gymnasium.vector import AutoresetMode

from hub_envs.cormab.arms import START_PROBABILITY
from hub_envs.cormab.path.actions import PathActions
from hub_envs.cormab.path.instances import path_problem
from hub_envs.cormab.problem import Problem
from hub_envs.cormab.single import CormabEnv
from hub_envs.cormab.vector import CormabVectorEnv, Moment
from hub_envs.slots import Frame


class PathVectorEnv(CormabVectorEnv):
    """A batch of `PathEnv`, which says what the task is; `CormabVectorEnv` says how slots behave."""

    def __init__(
        self,
        num_envs: int = 1,
        *,
        instance: int = 0,
        arms: int = 20,
        budget: int = 5,
        horizon: int = 20,
        edges: Sequence[Sequence[int]] | None = None,
        source: int | None = None,
        problem: Problem | None = None,
        start_probability: float = START_PROBABILITY,
        infeasible: Literal["noop", "error"] = "noop",
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        bandit = path_problem(instance, arms, budget, horizon, edges=edges, source=source) if problem is None else problem
        if not isinstance(bandit.actions, PathActions):
            raise TypeError(f"a path problem's actions are PathActions, not {type(bandit.actions).__name__}")
        self._walks = bandit.actions
        super().__init__(
            num_envs,
            bandit,
            start_probability=start_probability,
            infeasible=infeasible,
            autoreset_mode=autoreset_mode,
            render_mode=render_mode,
        )

    def draw(self, moment: Moment) -> Frame:
        """Draw the network with its arms' levels, the walk that serves the pulled ones, and the score."""
        from hub_envs.cormab.path.drawing import draw_path

        return draw_path(self._walks, self.model, moment)


class PathEnv(CormabEnv):
    """Walk a network so that the right arms climb: a coupled restless bandit whose pulls must lie on one short closed walk.

    **Story.** J arms (stations, patients, machines) drift downwards unless somebody calls. One walker can, on a walk that starts and ends
    at the depot; so which arms can be pulled together is a question of how long the shortest round trip is.

    **Observation.** `MultiDiscrete([4] * J)`, int64 (J,): each arm's level, 0 (worst) to 3 (best).

    **Action.** `MultiBinary(J)`, int8 (J,): 1 pulls the arm. Allowed are the actions with at most B pulls for which some closed walk
    through the source, of at most L = 2 B edges, visits every pulled arm. Edges and arms may be used again, and the walker may stand still.
    `model.actions` checks, samples, enumerates and maximises over them, and shows a `walk`; the zero action is always allowed. Any other
    action plays as the zero action and `info["infeasible"]` is True (False otherwise); see `infeasible` below.

    **Dynamics.** Arm j in level s moves to min(s + 1, 3) with probability p_j, else to max(s - 1, 0), independently of the others. p_j is
    `passive[j]` ~ U[0, 0.2) when left alone and `active[j]` ~ U[0.7, 0.9) when pulled.

    **Reward.** The sum over arms of R[j, level after the move]. Levels 0, 1, 2 pay 0.20, 0.15, 0.10 for the first B arms ("good") and 0.10,
    0.15, 0.20 for the others; level 3 pays 4, 5 or 6 for good arms and 1, 2 or 3 for the others. So a good arm looks worse on its way up.
    `info["expected_reward"]` is the reward's expectation given the level before the move and the action: the score with less noise.

    **Start.** Each arm in level 1 with probability `start_probability` (0.2), else in level 0.

    **End.** Truncated after `horizon` steps; never terminated.

    **Instance.** All numbers above are drawn from `numpy.random.default_rng(instance)` in the order that `path_problem` states; the network
    resembles a city's railway: connected, planar, about 1.4 edges an arm, at most six at any arm. `model` is the instance, a `Problem`.

    Args:
        instance: number of the instance, 0 or more.
        arms: J.
        budget: B, the most pulls a step and half of the walk's most edges, 1 to J.
        horizon: steps of an episode.
        edges: pairs of arms that are joined, a network of your own; chances and rewards are still the instance's.
        source: the arm where walks start and end; by default arm 0 with `edges`, else the drawn network's busiest arm.
        problem: an instance of your own, in place of the six arguments above; its actions must be `PathActions`.
        start_probability: see Start.
        infeasible: what a forbidden action does: `"noop"` plays the zero action and sets `info["infeasible"]`, `"error"` raises
            ValueError naming what is too far or too many.
        render_mode: None or `"rgb_array"` (needs Pillow: `pip install "gymhub-envs[render]"`).

    **Source.** Domain "path" of Xu, Wilder, Khalil and Tambe, "Reinforcement learning with combinatorial actions for coupled restless
    bandits", ICLR 2025 (arXiv 2503.01919). Departures: networks are drawn, not cut from the London Underground's; numpy's `Generator` draws
    the instance; every pulled arm must lie on the walk (the released integer program lets arms be visited by loops that the walk never
    reaches, so it allows any B arms); the realised reward is returned and the expected one reported; infeasible actions are never silent.

    **Versions.** v0: first.
    """

    def __init__(
        self,
        *,
        instance: int = 0,
        arms: int = 20,
        budget: int = 5,
        horizon: int = 20,
        edges: Sequence[Sequence[int]] | None = None,
        source: int | None = None,
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
            "edges": edges,
            "source": source,
            "problem": problem,
            "start_probability": start_probability,
            "infeasible": infeasible,
        }
        super().__init__(PathVectorEnv(1, autoreset_mode=AutoresetMode.DISABLED, render_mode=render_mode, **settings))
