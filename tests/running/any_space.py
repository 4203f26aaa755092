"""A hypothesis strategy of Gymnasium spaces."""

import numpy as np
from gymnasium import spaces
from hypothesis import strategies as st

shapes = st.lists(st.integers(1, 3), max_size=2).map(tuple)
leaves = st.one_of(
    st.builds(lambda shape, dtype: spaces.Box(-2, 2, shape, dtype), shapes, st.sampled_from([np.float32, np.float64, np.int16])),
    st.builds(lambda shape: spaces.Box(0, 255, shape, np.uint8), shapes),
    st.builds(lambda shape: spaces.Box(-np.inf, np.inf, shape, np.float32), shapes),
    st.builds(lambda n, start: spaces.Discrete(n, start=start), st.integers(1, 5), st.integers(-3, 3)),
    st.builds(spaces.MultiDiscrete, st.lists(st.integers(1, 4), min_size=1, max_size=3)),
    st.builds(spaces.MultiBinary, st.integers(1, 4)),
    st.builds(lambda n: spaces.Text(n, min_length=0, charset="abcü漢"), st.integers(1, 6)),
)
free = st.one_of(
    st.builds(lambda shape, stack: spaces.Sequence(spaces.Box(-1, 1, shape, np.float32), stack=stack), shapes, st.booleans()),
    st.just(spaces.Graph(spaces.Box(-1, 1, (2,)), spaces.Discrete(3))),
    st.just(spaces.OneOf((spaces.Discrete(2), spaces.Box(-1, 1, (2,))))),
)
any_space = st.recursive(
    leaves | free,
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3).map(spaces.Dict),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: spaces.Tuple(tuple(parts))),
    ),
    max_leaves=4,
)


def samples(space, count, seed):
    """Return some values of the space."""
    space.seed(seed)
    return [space.sample() for _ in range(count)]
