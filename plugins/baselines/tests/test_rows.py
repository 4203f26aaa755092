"""Single observations out of a batch."""

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
from hub_baselines.rows import rows

SPACES = [
    spaces.Box(0, 1, (2, 3)),
    spaces.Discrete(5),
    spaces.Text(8),
    spaces.Dict(goal=spaces.Text(8), parts=spaces.Dict(screen=spaces.Box(0, 255, (2, 2, 3), np.uint8), place=spaces.Discrete(3))),
    spaces.Tuple((spaces.Text(3), spaces.MultiBinary(4))),
    spaces.Sequence(spaces.Discrete(3)),
]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_rows_are_what_gymnasium_iterates_over(space):
    space.seed(0)
    batch = concatenate(space, [space.sample() for _ in range(3)], create_empty_array(space, n=3))
    assert data_equivalence(rows(space, batch, 3), list(iterate(batch_space(space, 3), batch)))
