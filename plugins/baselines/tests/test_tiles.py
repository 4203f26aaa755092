"""A row's result does not depend on the batch: not on its size, the row's place, torch's threads or earlier calls."""

import numpy as np
import pytest
import torch
from hub_baselines.tiles import Tiles, one_thread
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn


def rows_alone(tiles: Tiles, inputs: np.ndarray) -> np.ndarray:
    return np.concatenate([tiles(row[None])[0] for row in inputs])


@settings(max_examples=60)
@given(
    width=st.integers(1, 70),
    hidden=st.integers(1, 40),
    out=st.integers(1, 12),
    count=st.sampled_from([1, 2, 7, 32, 33, 64, 70]),
    seed=st.integers(0, 2**31),
)
def test_linear_layers_of_any_width_give_each_row_the_same_bits(width, hidden, out, count, seed):
    generator = torch.Generator().manual_seed(seed)
    network = nn.Sequential(nn.Linear(width, hidden), nn.Tanh(), nn.Linear(hidden, out))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(generator=generator)
    tiles = Tiles(network)
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(count, width)).astype(np.float32)
    together = tiles(inputs)[0]
    order = rng.permutation(count)
    assert (tiles(inputs[order])[0] == together[order]).all()
    assert (rows_alone(tiles, inputs) == together).all()
    assert np.allclose(together, network(torch.from_numpy(inputs)).detach().numpy(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("rows", [8, 32])
def test_convolutions_give_each_image_the_same_bits(rows):
    network = nn.Sequential(nn.Conv2d(3, 8, 8, 4), nn.ReLU(), nn.Conv2d(8, 16, 4, 2), nn.ReLU(), nn.Flatten(), nn.Linear(144, 5))
    tiles = Tiles(network, rows)
    images = np.random.default_rng(0).random((33, 3, 36, 36)).astype(np.float32)
    together = tiles(images)[0]
    for width in (1, 2, 7, 32):
        pieces = [tiles(images[start : start + width])[0] for start in range(0, 33, width)]
        assert (np.concatenate(pieces) == together).all()
    assert (tiles(images[::-1])[0] == together[::-1]).all()


def test_any_number_of_threads_gives_the_same_bits_and_is_left_as_it_was():
    network = nn.Sequential(nn.Linear(300, 512), nn.ReLU(), nn.Linear(512, 3))
    inputs = np.random.default_rng(0).random((32, 300)).astype(np.float32)
    alone = Tiles(network)(inputs)[0]
    torch.set_num_threads(2)
    try:
        assert (Tiles(network)(inputs)[0] == alone).all()
        assert torch.get_num_threads() == 2
        with one_thread():
            assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(1)


def test_dicts_go_in_and_tuples_come_out():
    class Sum(nn.Module):
        def forward(self, parts):
            return parts["a"].sum(dim=1), parts["b"] * 2

    first, second = Tiles(Sum())({"a": np.ones((3, 4)), "b": np.arange(3)})
    assert first.tolist() == [4.0, 4.0, 4.0]
    assert second.tolist() == [0, 2, 4]


def test_results_belong_to_the_caller_and_the_network_is_copied():
    layer = nn.Linear(5, 2)
    tiles = Tiles(layer)
    inputs = np.ones((2, 5), np.float32)
    before = tiles(inputs)[0]
    kept = before.copy()
    tiles(inputs * 9)
    with torch.no_grad():
        layer.weight.zero_()
    assert (before == kept).all()
    assert (tiles(inputs)[0] == kept).all()
    assert layer.weight.requires_grad


def test_rows_of_an_earlier_call_cannot_leak_even_as_nan():
    tiles = Tiles(nn.Linear(3, 2))
    clean = tiles(np.ones((1, 3)))[0]
    tiles(np.full((32, 3), np.nan))
    assert (tiles(np.ones((1, 3)))[0] == clean).all()


def test_inputs_of_another_type_are_not_squeezed_into_the_first_ones():
    tiles = Tiles(nn.Identity())
    assert tiles(np.array([[3]], np.uint8))[0].tolist() == [[3]]
    assert tiles(np.array([[0.5]]))[0].tolist() == [[0.5]]
    assert tiles(np.array([[0.5, 1.5]]))[0].tolist() == [[0.5, 1.5]]
