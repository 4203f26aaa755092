"""The fluid upper bound: let the coupling hold on average instead of always, and each arm becomes a small linear program.

Variables are the occupancies mu_tj(s, a), the chance that at step t arm j is in level s and gets a pull (a = 1) or not. They start from the
start distribution, flow as the chains do, and the expected pulls of each step obey the action set's linear constraints. Any policy's
occupancies obey them too, so the optimum bounds every policy. Its dual prices are the best prices for `hub_cormab.lagrangian`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from hub_envs.cormab import Problem
from numpy.typing import NDArray
from scipy import optimize, sparse

from hub_cormab.lagrangian import LEVELS, arm_values, move_chances, step_rewards


class Coupling(NamedTuple):
    """The action set's rows in the form `pulls m + extras y <= most`, with bounds on the auxiliary columns y.

    Attributes:
        pulls: (R, J).
        extras: (R, C).
        most: (R,).
        lower: (C,).
        upper: (C,).
    """

    pulls: sparse.csr_array
    extras: sparse.csr_array
    most: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def coupling(problem: Problem) -> Coupling:
    """Return the problem's constraints one-sided, with action and auxiliary columns apart."""
    c = problem.actions.constraints
    capped, floored = np.isfinite(c.row_upper), np.isfinite(c.row_lower)
    rows = sparse.csr_array(sparse.vstack([c.matrix[capped], -c.matrix[floored]]))
    extra = np.setdiff1d(np.arange(c.matrix.shape[1]), c.action_columns)
    most = np.concatenate([c.row_upper[capped], -c.row_lower[floored]])
    return Coupling(rows[:, c.action_columns], rows[:, extra], most, c.col_lower[extra], c.col_upper[extra])


def start_levels(problem: Problem, start_probability: float) -> NDArray[np.float64]:
    """Return the chance of each arm's starting in each level, (J, 4)."""
    return np.tile([1.0 - start_probability, start_probability, 0.0, 0.0], (problem.arms, 1))


def fluid_prices(problem: Problem, start: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the dual prices of each step's coupling rows, (H, R), from the occupancy program solved by HiGHS.

    Args:
        problem: a bandit whose arms move by their own pulls alone.
        start: (J, 4) chances of the start levels.
    """
    rows, horizon, arms = coupling(problem), problem.horizon, problem.arms
    flow, inflow = _flow(problem, start)
    # An occupancy's column is ((t J + j) 4 + s) 2 + a; the pulls of step t add up the entries with a = 1.
    pulled = sparse.kron(sparse.eye_array(arms), np.tile([[0.0, 1.0]], LEVELS))
    occupied = sparse.kron(sparse.eye_array(horizon), rows.pulls @ pulled)
    helped = sparse.kron(sparse.eye_array(horizon), rows.extras)
    extras = horizon * rows.extras.shape[1]
    answer = optimize.linprog(
        -np.concatenate([np.tile(step_rewards(problem).ravel(), horizon), np.zeros(extras)]),
        A_ub=sparse.csr_array(sparse.hstack([occupied, helped])),
        b_ub=np.tile(rows.most, horizon),
        A_eq=sparse.csr_array(sparse.hstack([flow, sparse.csr_array((flow.shape[0], extras))])),
        b_eq=inflow,
        bounds=np.concatenate(
            [np.tile([0.0, 1.0], (flow.shape[1], 1)), np.tile(np.column_stack([rows.lower, rows.upper]), (horizon, 1))], axis=0
        ),
        method="highs",
    )
    if answer.x is None:
        raise RuntimeError(f"HiGHS gave up on the fluid program: {answer.message}")
    prices: NDArray[np.float64] = np.maximum(-answer.ineqlin.marginals, 0.0).reshape(horizon, -1)
    return prices


def price_bound(problem: Problem, start: NDArray[np.float64], prices: NDArray[np.float64]) -> float:
    """Return the Lagrangian bound on the total expected reward of any policy, for any prices (H, R) that are not negative.

    It is the arms' worth at these prices plus what the resources are worth, so it holds whatever a solver's tolerance did to the prices.
    """
    rows = coupling(problem)
    worth = (start * arm_values(problem, prices @ rows.pulls).best[0]).sum()
    extra_costs = prices @ rows.extras
    return float(worth + (prices @ rows.most).sum() - np.minimum(extra_costs * rows.lower, extra_costs * rows.upper).sum())


def fluid_bound(env: gym.Env[Any, Any]) -> float:
    """Return a number that no policy's mean expected reward of a step exceeds in `env`, a coupled bandit of `hub_envs`."""
    bandit: Any = env.unwrapped
    problem: Problem = bandit.model
    start = start_levels(problem, bandit.start_probability)
    return price_bound(problem, start, fluid_prices(problem, start)) / problem.horizon


def _flow(problem: Problem, start: NDArray[np.float64]) -> tuple[sparse.csr_array, NDArray[np.float64]]:
    """Return rows and right-hand side of: occupancy of (t, j, s) = what flows in from step t - 1, or the start chances at step 0."""
    here = sparse.kron(sparse.eye_array(problem.horizon * problem.arms * LEVELS), np.ones((1, 2)))
    chances = move_chances(problem).reshape(problem.arms, LEVELS * 2, LEVELS)
    onward = sparse.block_diag([chance.T for chance in chances])
    before = sparse.kron(sparse.eye_array(problem.horizon, k=-1), onward)
    inflow = np.zeros(here.shape[0])
    inflow[: start.size] = start.ravel()
    return sparse.csr_array(here - before), inflow
