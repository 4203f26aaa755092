"""Generalised advantage estimates against a plain loop."""

from __future__ import annotations

import numpy as np
from hub_baselines.advantages import advantages
from hypothesis import given
from hypothesis import strategies as st


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.floats(0, 1), st.floats(0, 1))
def test_advantages_are_discounted_sums_of_errors_up_to_the_episodes_end(seed: int, steps: int, gamma: float, gae_lambda: float) -> None:
    rng = np.random.default_rng(seed)
    rewards, values = rng.random((steps, 3)), rng.random((steps, 3)).astype(np.float32)
    following, ended = rng.random(3).astype(np.float32), rng.random((steps, 3)) < 0.3
    found = advantages(rewards, values, following, ended, gamma=gamma, gae_lambda=gae_lambda)
    for slot in range(3):
        for step in range(steps):
            total, weight = 0.0, 1.0
            for later in range(step, steps):
                after = float(following[slot] if later == steps - 1 else values[later + 1, slot])
                total += weight * (rewards[later, slot] + gamma * (not ended[later, slot]) * after - float(values[later, slot]))
                weight *= gamma * gae_lambda
                if ended[later, slot]:
                    break
            assert np.isclose(found[step, slot], total)
