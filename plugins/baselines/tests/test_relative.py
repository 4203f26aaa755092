"""What holds for every member of the family: signals, masks, stored probabilities, order, and groups too small to compare."""

import copy
import math

import numpy as np
import pytest
import torch
from hub_baselines.relative import (
    AGGREGATIONS,
    Algorithm,
    Group,
    Rollout,
    Segment,
    broadcast,
    clipped,
    group_relative,
    imitate,
    improve,
    k3,
    z_scores,
)
from hub_baselines.relative.learning import batch_loss, samples_of, with_signal
from hub_baselines.relative.tiny import NotePolicy, Step
from torch import nn

FEATURES, NOTES, ACTIONS = 7, 3, 4


@pytest.fixture
def policy():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return NotePolicy(FEATURES, NOTES, ACTIONS, hidden=16)


def contexts(rng, count):
    return [
        Step(
            np.stack([rng.integers(NOTES, size=length), rng.integers(ACTIONS, size=length)], axis=1),
            rng.random(FEATURES, dtype=np.float32),
        )
        for length in rng.integers(5, size=count)
    ]


def groups_of(policy, rewards, seed=0, temperature=1.0):
    """Return a group for each row of rewards, a rollout of two segments for each reward."""
    rng = np.random.default_rng(seed)
    return [
        Group(number, tuple(Rollout(tuple(policy.sample(contexts(rng, 2), temperature=temperature, rng=rng)), reward) for reward in row))
        for number, row in enumerate(rewards)
    ]


def gradient(policy, groups, algorithm, reference=None):
    loss, _ = batch_loss(policy, samples_of(groups, algorithm), algorithm, reference)
    policy.zero_grad()
    loss.backward()
    return torch.cat([parameter.grad.flatten() for parameter in policy.parameters()])


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_constant_reward_gives_no_gradient(policy, aggregation):
    groups = groups_of(policy, [[0.3] * 4, [1.0] * 4])
    assert not gradient(policy, groups, Algorithm(aggregation=aggregation)).any()


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_reward_moves_probability_towards_what_earned_it(policy, aggregation):
    groups = groups_of(policy, [[1.0, 0.0, 0.0, 0.0]] * 3)
    best = [segment for group in groups for segment in group.rollouts[0].segments]
    before = policy.logp(best).sum().item()
    told = improve(
        policy, torch.optim.SGD(policy.parameters(), lr=0.1), groups, Algorithm(aggregation=aggregation), np.random.default_rng(0)
    )
    assert policy.logp(best).sum().item() > before
    assert told["samples"] == 24


def test_masked_tokens_weigh_nothing(policy):
    plain = groups_of(policy, [[1.0, 0.0]])
    hidden = []
    for group in plain:
        rollouts = []
        for rollout in group.rollouts:
            segments = tuple(
                Segment(each.context, each.tokens, np.array([False, True]), np.array([-math.inf, each.old_logp[1]], np.float32))
                for each in rollout.segments
            )
            rollouts.append(Rollout(segments, rollout.reward))
        hidden.append(Group(group.task, tuple(rollouts)))
    gradient(policy, hidden, Algorithm())
    assert not any(parameter.grad.any() for parameter in policy.note.parameters())
    assert any(parameter.grad.any() for parameter in policy.action.parameters())
    assert all(parameter.grad.isfinite().all() for parameter in policy.parameters())


@pytest.mark.parametrize("temperature", [1.0, 0.6])
def test_stored_probabilities_are_those_computed_anew(policy, temperature):
    segments = [
        each for group in groups_of(policy, [[0.0] * 40], 3, temperature) for rollout in group.rollouts for each in rollout.segments
    ]
    stored = np.stack([segment.old_logp for segment in segments])
    assert np.allclose(policy.logp(segments).detach().numpy(), stored, atol=1e-5)


def test_sampling_follows_the_probabilities(policy):
    rng = np.random.default_rng(0)
    context = contexts(rng, 1)[0]
    segments = policy.sample([context] * 4000, temperature=1.0, rng=rng)
    drawn = np.bincount([segment.tokens[0] for segment in segments], minlength=NOTES) / 4000
    hidden, screens = policy._read([context])
    assert np.allclose(drawn, policy.note_logits(hidden, screens).softmax(1)[0].detach().numpy(), atol=0.04)


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_order_of_groups_and_rollouts_does_not_matter(policy, aggregation):
    groups = groups_of(policy, [[1.0, 0.0, 0.5], [0.0, 1.0, 1.0], [0.2, 0.1, 0.9]])
    turned = [Group(group.task, group.rollouts[::-1]) for group in groups[::-1]]
    algorithm = Algorithm(aggregation=aggregation)
    assert torch.allclose(gradient(policy, groups, algorithm), gradient(policy, turned, algorithm), atol=1e-6)


def test_group_of_one_has_no_advantage(policy):
    (group,) = groups_of(policy, [[1.0]])
    assert all((row == 0).all() for of_rollout in group_relative(group) for row in of_rollout)


def test_scores():
    assert z_scores([1.0, 0.0, 0.0, 0.0], "population") == pytest.approx([1.7320, -0.5773, -0.5773, -0.5773], abs=1e-3)
    assert z_scores([1.0, 0.0, 0.0, 0.0]) == pytest.approx([1.5, -0.5, -0.5, -0.5], abs=1e-5)
    assert z_scores([1.0, 0.0], "none").tolist() == [0.5, -0.5]
    assert z_scores([0.1] * 3).tolist() == [0.0] * 3


def test_sequence_mean_weighs_rollouts_alike_whatever_their_length():
    mask, sequences = torch.tensor([[1.0, 1.0], [1.0, 1.0], [1.0, 0.0]]), np.array([5, 5, 9])
    assert AGGREGATIONS["sequence-mean"](mask, sequences).tolist() == [[0.125, 0.125], [0.125, 0.125], [0.5, 0.0]]
    assert (AGGREGATIONS["token-mean"](mask, sequences) == mask / 5).all()


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_parts_of_a_batch_add_up_to_the_whole(policy, aggregation):
    groups = groups_of(policy, [[1.0, 0.0, 0.5], [0.0, 1.0, 1.0]])
    reference = NotePolicy(FEATURES, NOTES, ACTIONS, hidden=16)
    outcomes = []
    for rows in (None, 1, 5):
        twin = copy.deepcopy(policy)
        algorithm = Algorithm(aggregation=aggregation, kl=0.1, rows_at_once=rows)
        told = improve(twin, torch.optim.SGD(twin.parameters(), lr=0.1), groups, algorithm, np.random.default_rng(0), reference=reference)
        outcomes.append((told, torch.cat([parameter.flatten() for parameter in twin.parameters()])))
    for told, weights in outcomes[1:]:
        assert told == pytest.approx(outcomes[0][0], abs=1e-6)
        assert torch.allclose(weights, outcomes[0][1], atol=1e-6)


def test_clipping_stops_the_gradient_on_one_side_only():
    old, advantages = torch.zeros(4), torch.tensor([1.0, 1.0, -1.0, -1.0])
    logp = torch.tensor([1.5, 0.5, 1.5, 0.5]).log().requires_grad_()
    clipped(0.2)(logp, old, advantages).sum().backward()
    assert (logp.grad != 0).tolist() == [False, True, True, False]
    costs = clipped(0.2)(logp, old, advantages)
    assert costs.tolist() == pytest.approx([-1.2, -0.5, 1.5, 0.8])
    higher = torch.tensor([1.25]).log().requires_grad_()
    clipped(0.2, 0.28)(higher, torch.zeros(1), torch.ones(1)).sum().backward()
    assert higher.grad.item() == pytest.approx(-1.25)


def test_k3_is_zero_at_the_reference_and_positive_elsewhere():
    logp = torch.tensor([0.1, 0.5, 0.9]).log()
    assert k3(logp, logp).tolist() == [0.0] * 3
    assert (k3(logp, torch.tensor([0.5, 0.1, 0.2]).log()) > 0).all()


def test_k3_is_the_divergence_from_the_reference_in_the_mean():
    now, there = torch.tensor([0.7, 0.2, 0.1]), torch.tensor([0.2, 0.3, 0.5])
    assert (now * k3(now.log(), there.log())).sum().item() == pytest.approx((now * (now / there).log()).sum().item(), rel=1e-5)


def test_divergence_pulls_towards_the_reference(policy):
    other = NotePolicy(FEATURES, NOTES, ACTIONS, hidden=16)
    groups = groups_of(policy, [[0.0] * 8])
    algorithm = Algorithm(kl=1.0)
    first, _ = batch_loss(policy, samples_of(groups, algorithm), algorithm, other)
    for _ in range(30):
        improve(policy, torch.optim.SGD(policy.parameters(), lr=0.1), groups, algorithm, np.random.default_rng(0), reference=other)
    last, _ = batch_loss(policy, samples_of(groups, algorithm), algorithm, other)
    assert 0 <= last.item() < first.item() / 2
    with pytest.raises(ValueError, match="reference"):
        improve(policy, torch.optim.SGD(policy.parameters(), lr=0.1), groups, algorithm, np.random.default_rng(0))


def test_hooks_are_called_and_nothing_left_changes_nothing(policy):
    before = {name: value.clone() for name, value in policy.state_dict().items()}
    groups = groups_of(policy, [[1.0, 1.0], [0.0, 0.0]])
    optimiser = torch.optim.Adam(policy.parameters())
    assert improve(policy, optimiser, groups, Algorithm(select=with_signal), np.random.default_rng(0)) == {"samples": 0.0}
    assert all((policy.state_dict()[name] == value).all() for name, value in before.items())

    def replace(group):
        """Stand in for a memory of past successes."""
        return Group(group.task, (Rollout(group.rollouts[0].segments, 1.0), *group.rollouts[1:])) if not group.rewards.any() else group

    told = improve(policy, optimiser, groups, Algorithm(score=replace, select=with_signal), np.random.default_rng(0))
    assert told["samples"] == 4


def test_scaling_advantages_by_length_makes_trajectories_weigh_alike(policy):
    """Doubling every step of one rollout, each at half the advantage, leaves its pull as it was."""

    def by_length(group):
        return broadcast(group, [[rollout.reward / len(rollout.segments)] * len(rollout.segments) for rollout in group.rollouts])

    (group,) = groups_of(policy, [[1.0, 0.0]])
    doubled = Group(group.task, (Rollout(group.rollouts[0].segments * 2, 1.0), group.rollouts[1]))
    algorithm = Algorithm(advantage=by_length)
    one, two = gradient(policy, [group], algorithm), gradient(policy, [doubled], algorithm)
    assert torch.allclose(one / 6 * 4, two, atol=1e-7)  # the mean is over 8 and 12 tokens


def test_imitation_learns_only_what_is_the_policys_own(policy):
    rng = np.random.default_rng(0)
    shown = [Segment(context, np.array([1, 2]), np.array([False, True]), np.zeros(2, np.float32)) for context in contexts(rng, 8)]
    note = {name: value.clone() for name, value in policy.note.state_dict().items()}
    loss = imitate(policy, torch.optim.Adam(policy.parameters(), lr=0.05), shown, steps=60, batch=8, rng=rng)
    assert loss < 0.05
    assert all((policy.note.state_dict()[name] == value).all() for name, value in note.items())


def test_mistakes_are_told():
    with pytest.raises(ValueError, match="token-mean, sequence-mean"):
        Algorithm(aggregation="mean")
    with pytest.raises(ValueError, match="2 tokens has 1 masks"):
        Segment(None, np.zeros(2, np.int64), np.ones(1, bool), np.zeros(2, np.float32))


class _Bandit(nn.Module):
    """A policy over four arms."""

    def __init__(self):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(4))

    def logp(self, segments):
        return self.logits.log_softmax(0)[torch.tensor([segment.tokens[0] for segment in segments])][:, None]

    def sample(self, contexts, *, temperature, rng):
        with torch.no_grad():
            logp = self.logits.log_softmax(0).numpy()
        arms = rng.choice(4, size=len(contexts), p=np.exp(logp) / np.exp(logp).sum())
        return [Segment(None, np.array([arm]), np.ones(1, bool), logp[[arm]]) for arm in arms]


def test_any_policy_of_the_protocol_learns_a_bandit():
    policy, rng = _Bandit(), np.random.default_rng(0)
    optimiser = torch.optim.Adam(policy.parameters(), lr=0.1)
    for _ in range(60):
        segments = policy.sample([None] * 16, temperature=1.0, rng=rng)
        groups = [Group(0, tuple(Rollout((segment,), float(segment.tokens[0] == 2)) for segment in segments))]
        improve(policy, optimiser, groups, Algorithm(), rng)
    assert policy.logits.softmax(0)[2].item() > 0.9
