"""Training that repeats: libraries that draw from global generators are given a seed, and everything is put back afterwards."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator

import numpy as np
import torch


@contextlib.contextmanager
def repeatable(seed: int, threads: int = 1) -> Iterator[None]:
    """Seed Python's, NumPy's and torch's global generators and set torch's threads inside; restore all of them afterwards.

    One machine then gives the same bits for the same `seed` and `threads`; another kind of processor may round differently.
    """
    python, numpy, threads_before = random.getstate(), np.random.get_state(), torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        try:
            random.seed(seed)
            np.random.seed(seed % 2**32)
            torch.manual_seed(seed)
            torch.set_num_threads(threads)
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)
            torch.set_num_threads(threads_before)
