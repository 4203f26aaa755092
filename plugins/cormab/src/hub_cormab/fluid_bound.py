"""The fluid upper bound: let the coupling hold on average instead of always, and each arm becomes a small linear program.

Variables are the occupancies mu_tj(s, k), the chance that at step t arm j is in level s and gets dose k. They start from the start
distribution, flow as the chains do, and the expected doses of each step, sum_k k mu_tj(s, k), obey the action set's linear constraints. Any
policy's occupancies obey them too, so the optimum bounds every policy. Its dual prices are the best prices for `hub_cormab.lagrangian`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
from hub_envs.cormab import Problem
from numpy.typing import NDArray
from scipy import optimize, sparse

from hub_cormab.doses import dose_rows, possible_doses
from hub_cormab.lagrangian import LEVELS, arm_values, move_chances, step_rewards


class Coupling(NamedTuple):
    """What couples the arms at each step, in the form `doses m + extras y <= most`, with bounds on the further columns y.

    Attributes:
        doses: (R, J).
        extras: (R, C).
        most: (R,).
        lower: (C,).
        upper: (C,).
    """

    doses: sparse.csr_array
    extras: sparse.csr_array
    most: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def coupling(problem: Problem) -> Coupling:
    """Return the problem's constraints one-sided, with doses and further columns apart.

    Without `reach` the action's entries are the doses, and the set's auxiliary columns are the further ones. With it all of the set's
    columns are, and two rows an arm say that its dose is the sum of the entries that reach it.
    """
    c = problem.actions.constraints
    capped, floored = np.isfinite(c.row_upper), np.isfinite(c.row_lower)
    rows = sparse.csr_array(sparse.vstack([c.matrix[capped], -c.matrix[floored]]))
    most = np.concatenate([c.row_upper[capped], -c.row_lower[floored]])
    if problem.reach is None:
        extra = np.setdiff1d(np.arange(c.matrix.shape[1]), c.action_columns)
        return Coupling(rows[:, c.action_columns], rows[:, extra], most, c.col_lower[extra], c.col_upper[extra])
    dose, reached = sparse.eye_array(problem.arms), dose_rows(problem)
    return Coupling(
        sparse.csr_array(sparse.vstack([sparse.csr_array((len(most), problem.arms)), dose, -dose])),
        sparse.csr_array(sparse.vstack([rows, -reached, reached])),
        np.concatenate([most, np.zeros(2 * problem.arms)]),
        c.col_lower,
        c.col_upper,
    )


def start_levels(problem: Problem, start_probability: float) -> NDArray[np.float64]:
    """Return the chance of each arm's starting in each level, (J, 4)."""
    return np.tile([1.0 - start_probability, start_probability, 0.0, 0.0], (problem.arms, 1))


def fluid_prices(problem: Problem, start: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the dual prices of each step's coupling rows, (H, R), from the occupancy program solved by HiGHS.

    Args:
        problem: the bandit.
        start: (J, 4) chances of the start levels.
    """
    rows, horizon = coupling(problem), problem.horizon
    flow, inflow = _flow(problem, start)
    # An occupancy's column is ((t J + j) 4 + s) (K + 1) + k; the doses of step t add up k times the entries.
    dosed = sparse.kron(sparse.eye_array(problem.arms), np.tile(np.arange(problem.doses + 1.0), (1, LEVELS)))
    occupied = sparse.kron(sparse.eye_array(horizon), rows.doses @ dosed)
    helped = sparse.kron(sparse.eye_array(horizon), rows.extras)
    extras = horizon * rows.extras.shape[1]
    most = np.tile(possible_doses(problem)[:, None, :], (horizon, LEVELS, 1)).ravel().astype(np.float64)
    answer = optimize.linprog(
        -np.concatenate([np.tile(step_rewards(problem).ravel(), horizon), np.zeros(extras)]),
        A_ub=sparse.csr_array(sparse.hstack([occupied, helped])),
        b_ub=np.tile(rows.most, horizon),
        A_eq=sparse.csr_array(sparse.hstack([flow, sparse.csr_array((flow.shape[0], extras))])),
        b_eq=inflow,
        bounds=np.concatenate(
            [np.column_stack([np.zeros_like(most), most]), np.tile(np.column_stack([rows.lower, rows.upper]), (horizon, 1))], axis=0
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
    worth = (start * arm_values(problem, prices @ rows.doses).best[0]).sum()
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
    doses = problem.doses + 1
    here = sparse.kron(sparse.eye_array(problem.horizon * problem.arms * LEVELS), np.ones((1, doses)))
    chances = move_chances(problem).reshape(problem.arms, LEVELS * doses, LEVELS)
    onward = sparse.block_diag([chance.T for chance in chances])
    before = sparse.kron(sparse.eye_array(problem.horizon, k=-1), onward)
    inflow = np.zeros(here.shape[0])
    inflow[: start.size] = start.ravel()
    return sparse.csr_array(here - before), inflow
