"""Exact maximisation by HiGHS's own branch and cut, on the embedding that `program` writes."""

from __future__ import annotations

import highspy
import numpy as np

from hub_cormab.maximise.answer import ActionSet, Backend
from hub_cormab.maximise.network import ReluNetwork
from hub_cormab.maximise.program import Program
from hub_cormab.maximise.search import ProgramEmbedding, Solved

OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_abs_gap": 1e-9,
    "mip_feasibility_tolerance": 1e-8,
    "primal_feasibility_tolerance": 1e-8,
    "dual_feasibility_tolerance": 1e-8,
}


class MipBackend(Backend):
    """Maximises over any action set with linear constraints.

    Args:
        actions: the set.
        time_limit: seconds a decision may take; None sets no limit. With a limit, answers can differ from machine to machine.
        gap: relative gap between bound and value at which the search may stop; 0 goes on to the proof.
    """

    def __init__(self, actions: ActionSet, time_limit: float | None = None, gap: float = 0.0) -> None:
        self._actions, self._gap = actions, gap
        self._options: dict[str, bool | int | float | str] = {**OPTIONS, "mip_rel_gap": gap}
        if time_limit is not None:
            self._options["time_limit"] = time_limit

    def embed(self, network: ReluNetwork) -> ProgramEmbedding:
        """Compute the first layer's bounds over the set."""
        return ProgramEmbedding(network, self._actions, self._gap, self._solve)

    def _solve(self, program: Program) -> Solved:
        """Solve a program, which always has a solution.

        When presolve's arithmetic denies it, the search runs once more without presolve; should that fail too, the answer counts as
        unproved.
        """
        for presolve in ("choose", "off"):
            solver = highspy.Highs()  # type: ignore[no-untyped-call]
            for option, setting in {**self._options, "presolve": presolve}.items():
                solver.setOptionValue(option, setting)
            solver.passModel(_highs_model(program))
            solver.run()
            status, info = solver.getModelStatus(), solver.getInfo()
            if status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit):
                found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
                columns = np.array(solver.getSolution().col_value) if found else None
                return Solved(columns, float(info.mip_dual_bound), status == highspy.HighsModelStatus.kOptimal)
        return Solved(None, np.inf, finished=True)


def _highs_model(program: Program) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = program.matrix.shape
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_, model.offset_ = program.objective, program.constant
    model.col_lower_, model.col_upper_ = program.col_lower, program.col_upper
    kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
    model.integrality_ = [kinds[whole] for whole in program.integer.astype(int)]
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = program.matrix.indptr, program.matrix.indices
    model.a_matrix_.value_ = program.matrix.data
    return model
