"""Stacked layers are the single ones side by side, PopArt keeps its outputs, and the mixture is monotonic."""

import numpy as np
import pytest
import torch
from hub_baselines.multi.mixing import Mixer
from hub_baselines.multi.networks import WIDTH, Actor, Critic, PopArt
from hub_baselines.multi.replay import Replay
from hub_baselines.multi.stacked import StackedGRUCell, StackedLayerNorm, StackedLinear, by_learner, by_player, clip_each_learner
from hub_baselines.tiles import Tiles
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn


def one_linear(layer: StackedLinear, learner: int) -> nn.Linear:
    single = nn.Linear(*layer.weight.shape[1:])
    single.load_state_dict({"weight": layer.weight[learner].T, "bias": layer.bias[learner, 0]})
    return single


def test_stacked_linear_layers_are_single_ones_side_by_side():
    torch.manual_seed(0)
    layer, rows = StackedLinear(3, 7, 4), torch.randn(3, 5, 7)
    for learner in range(3):
        torch.testing.assert_close(layer(rows)[learner], one_linear(layer, learner)(rows[learner]))
        product = layer.weight[learner].T @ layer.weight[learner]
        torch.testing.assert_close(product, 2 * torch.eye(4), atol=1e-5, rtol=0)
    assert not torch.equal(layer.weight[0], layer.weight[1])
    assert not layer.bias.any()


def test_a_stacked_gru_cell_is_torchs_for_each_learner():
    torch.manual_seed(1)
    cell, rows, hidden = StackedGRUCell(2, 6, 5), torch.randn(2, 4, 6), torch.randn(2, 4, 5)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.normal_()
    for learner in range(2):
        single = nn.GRUCell(6, 5)
        parts = {"ih": one_linear(cell.reads, learner), "hh": one_linear(cell.recalls, learner)}
        single.load_state_dict({f"{kind}_{part}": getattr(layer, kind) for part, layer in parts.items() for kind in ("weight", "bias")})
        torch.testing.assert_close(cell(rows, hidden)[learner], single(rows[learner], hidden[learner]))


def test_a_stacked_layer_norm_is_torchs_for_each_learner():
    norm, rows = StackedLayerNorm(2, 6), torch.randn(2, 4, 6)
    with torch.no_grad():
        norm.weight[1], norm.bias[1] = 3.0, 0.5
    torch.testing.assert_close(norm(rows)[0], nn.functional.layer_norm(rows[0], (6,)))
    torch.testing.assert_close(norm(rows)[1], 3 * nn.functional.layer_norm(rows[1], (6,)) + 0.5)


@pytest.mark.parametrize("learners", [1, 3])
def test_rows_of_players_become_rows_of_learners_and_come_back(learners):
    values = torch.arange(24.0).reshape(4, 3, 2)
    rows = by_learner(values, learners)
    assert rows.shape == ((1, 12, 2) if learners == 1 else (3, 4, 2))
    assert torch.equal(by_player(rows, 3), values)
    if learners == 3:
        assert torch.equal(rows[1], values[:, 1])


def test_gradients_are_clipped_for_each_learner_alone():
    layer = StackedLinear(2, 3, 2)
    layer.weight.grad, layer.bias.grad = torch.ones(2, 3, 2), torch.zeros(2, 1, 2)
    layer.weight.grad[1] *= 100
    clip_each_learner(layer.parameters(), 10.0)
    assert torch.equal(layer.weight.grad[0], torch.ones(3, 2)), "a neighbour's large gradient changes nothing"
    torch.testing.assert_close(layer.weight.grad[1].norm(), torch.tensor(10.0))


class Rows(nn.Module):
    """An actor for inputs and memories (rows, learners, ...)."""

    def __init__(self, actor):
        super().__init__()
        self.actor = actor

    def forward(self, parts):
        return tuple(output.transpose(0, 1) for output in self.actor(parts["inputs"].transpose(0, 1), parts["hidden"].transpose(0, 1)))


@settings(max_examples=12)
@given(
    learners=st.integers(1, 5),
    inputs=st.integers(1, 90),
    actions=st.integers(1, 6),
    count=st.sampled_from([1, 2, 7, 32, 33, 50]),
    seed=st.integers(0, 2**31),
)
def test_in_tiles_a_row_of_a_stacked_actor_has_the_same_bits_alone(learners, inputs, actions, count, seed):
    torch.manual_seed(seed)
    actor, rng = Rows(Actor(learners, inputs, actions, gain=1.0)), np.random.default_rng(seed)
    tiles = Tiles(actor)
    parts = {key: rng.normal(size=(count, learners, width)).astype(np.float32) for key, width in (("inputs", inputs), ("hidden", WIDTH))}
    together = tiles(parts)
    order = rng.permutation(count)
    shuffled = tiles({key: part[order] for key, part in parts.items()})
    alone = [tiles({key: part[row : row + 1] for key, part in parts.items()}) for row in range(count)]
    plain = actor({key: torch.from_numpy(part) for key, part in parts.items()})
    for output, rows in enumerate(together):
        assert (shuffled[output] == rows[order]).all()
        assert (np.concatenate([row[output] for row in alone]) == rows).all()
        assert np.allclose(rows, plain[output].detach(), rtol=1e-4, atol=1e-4)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**31), scale=st.floats(0.1, 100), shift=st.floats(-100, 100), count=st.integers(0, 20))
def test_popart_follows_its_targets_and_keeps_its_outputs(seed, scale, shift, count):
    generator = torch.Generator().manual_seed(seed)
    head, rows = PopArt(2, 4), torch.randn(2, 6, 4, generator=generator)
    for _ in range(3):
        before = head.denormalised(head(rows))
        targets = shift + scale * torch.randn(2, 20, generator=generator)
        counted = (torch.arange(20) < count).float().expand(2, -1)
        head.renew(targets, counted)
        torch.testing.assert_close(head.denormalised(head(rows)), before, rtol=1e-3, atol=1e-3 * (scale + abs(shift)))
    torch.testing.assert_close(head.denormalised(head.normalised(targets)), targets, rtol=1e-3, atol=1e-3 * (scale + abs(shift)))


def test_popart_normalises_to_mean_0_and_deviation_1_and_leaves_a_learner_without_targets_alone():
    head = PopArt(2, 3)
    targets = torch.stack([40 + 5 * torch.randn(5000), torch.zeros(5000)])
    weight = head.linear.weight.clone()
    head.renew(targets, torch.tensor([1.0, 0.0])[:, None].expand(-1, 5000))
    normalised = head.normalised(targets)
    torch.testing.assert_close(normalised[0].mean(), torch.tensor(0.0), atol=1e-3, rtol=0)
    torch.testing.assert_close(normalised[0].std(), torch.tensor(1.0), atol=1e-2, rtol=0)
    assert torch.equal(normalised[1], targets[1])
    assert torch.equal(head.linear.weight[1], weight[1])


def test_a_critics_scale_is_saved_with_its_weights_and_moved_by_no_optimiser():
    names = dict(Critic(1, 2).named_parameters())
    assert [name for name, parameter in names.items() if not parameter.requires_grad] == ["head.mean", "head.square", "head.seen"]


@settings(max_examples=25)
@given(seed=st.integers(0, 2**31), player=st.integers(0, 2), rise=st.floats(0, 1000))
def test_the_mixture_never_falls_when_a_players_value_rises(seed, player, rise):
    torch.manual_seed(seed)
    mixer = Mixer(3, 5)
    states, values = 100 * torch.randn(8, 5), 10 * torch.randn(8, 3)
    risen = values.clone()
    risen[:, player] += rise
    with torch.no_grad():
        before, after = mixer(values, states), mixer(risen, states)
    assert (after >= before - 1e-4 * before.abs().clamp(min=1)).all()


@given(capacity=st.integers(1, 7), counts=st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_replay_keeps_the_latest_and_comes_back_from_its_arrays(capacity, counts):
    replay, added = Replay(capacity), []
    for count in counts:
        numbers = torch.arange(len(added), len(added) + count)
        replay.add({"number": numbers, "double": 2.0 * numbers})
        added += numbers.tolist()
    for memory in (replay, Replay(capacity)):
        if memory is not replay:
            memory.load_arrays({name: array.copy() for name, array in replay.arrays().items()})
        drawn = memory.drawn(100, np.random.default_rng(0))
        assert sorted(drawn["number"].tolist()) == added[-capacity:]
        assert torch.equal(drawn["double"], 2.0 * drawn["number"])
    other = Replay(capacity)
    other.load_arrays(replay.arrays())
    for memory in (replay, other):
        memory.add({"number": torch.tensor([-1]), "double": torch.tensor([-2.0])})
    assert torch.equal(*(memory.drawn(100, np.random.default_rng(1))["number"] for memory in (replay, other)))
