"""UI-S1's parts: rollouts along expert traces, returns, advantages."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hub_baselines.relative import Group, Rollout, Segment
from hub_gui.uis1.advantages import advantages, episode_advantages, returns, spread, step_advantages
from hub_gui.uis1.rewards import REWARDS, Level
from hub_gui.uis1.rollout import Judgement, offline, semi_online
from hub_gui.uis1.semi_online import Settings, Trainer
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

CORRECT, WRONG, UNREADABLE = 1, 0, 2


@dataclass(eq=False)
class Line:
    """A trace of `steps` steps whose expert always says 1."""

    steps: int
    task: int = 0

    def context(self, step, history):
        assert len(history) == step
        return step, history

    def judge(self, step, output):
        word = int(output.tokens[0])
        level = {CORRECT: Level.EXACT, WRONG: Level.WRONG_TYPE, UNREADABLE: Level.UNREADABLE}[word]
        return Judgement(level, word == CORRECT, ("own", word))

    def patch(self, step):
        return ("expert", "")


class Player:
    """Says what `say(step, number of the rollout)` says; keeps all contexts it saw."""

    def __init__(self, say):
        self.say, self.seen = say, []

    def sample(self, contexts, *, temperature, rng):
        self.seen += contexts
        words = [self.say(context[0], number) for number, context in enumerate(contexts)]
        return [
            Segment(context, np.array([word]), np.ones(1, bool), np.zeros(1, np.float32))
            for context, word in zip(contexts, words, strict=True)
        ]


def rolled(say, steps=4, patches=1.0, copies=1, collect=semi_online):
    player = Player(say)
    kwargs = {"patches": patches} if collect is semi_online else {}
    groups = collect(player, [Line(steps)], copies=copies, rewards=REWARDS["paper"], rng=np.random.default_rng(0), **kwargs)
    return groups[0].rollouts, player


def test_a_perfect_policy_reads_its_own_outputs_to_the_end():
    (rollout,), player = rolled(lambda step, number: CORRECT)
    assert rollout.step_rewards.tolist() == [1.0] * 4
    assert rollout.reward == 4.0
    assert rollout.info["patches"] == 0
    assert player.seen[-1] == (3, (("own", 1),) * 3)


def test_a_mismatch_is_patched_with_the_experts_action_and_an_empty_thought():
    (rollout,), player = rolled(lambda step, number: WRONG if step == 1 else CORRECT)
    assert rollout.info["patches"] == 1
    assert rollout.info["matched"].tolist() == [True, False, True, True]
    assert rollout.segments[1].tokens.tolist() == [WRONG]  # the batch keeps what the policy said
    assert rollout.step_rewards.tolist() == [1.0, 0.1, 1.0, 1.0]
    assert player.seen[-1] == (3, (("own", 1), ("expert", ""), ("own", 1)))


@pytest.mark.parametrize(("patches", "steps"), [(0, 1), (1, 2), (2, 3), (math.inf, 4)])
def test_patches_are_limited(patches, steps):
    (rollout,), _ = rolled(lambda step, number: WRONG, patches=patches)
    assert len(rollout.segments) == len(rollout.step_rewards) == len(rollout.info["matched"]) == steps
    assert rollout.info["patches"] == min(patches, 4)
    assert rollout.info["patches"] <= patches


def test_without_a_limit_every_rollout_has_all_steps():
    rng = np.random.default_rng(1)
    rollouts, _ = rolled(lambda step, number: int(rng.integers(3)), patches=math.inf, copies=50)
    assert {len(rollout.segments) for rollout in rollouts} == {4}


def test_offline_the_policy_never_reads_its_own_outputs():
    rng = np.random.default_rng(1)
    rollouts, player = rolled(lambda step, number: int(rng.integers(3)), copies=20, collect=offline)
    assert all(history == (("expert", ""),) * step for step, history in player.seen)
    assert {len(rollout.segments) for rollout in rollouts} == {4}
    assert len({tuple(rollout.step_rewards) for rollout in rollouts}) > 1


def test_returns_are_cut_at_a_mismatch():
    assert returns(np.ones(3), [True] * 3, 0.5).tolist() == [1.75, 1.5, 1.0]
    assert returns(np.array([1.0, 0.1, 1.0]), [True, False, True], 0.5).tolist() == [1.05, 0.1, 1.0]
    assert returns(np.array([1.0, 0.1, 1.0]), [True, False, True], 0.0).tolist() == [1.0, 0.1, 1.0]


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.booleans()), min_size=1, max_size=12), st.floats(0, 1))
def test_returns_sum_from_a_step_to_the_mismatch_that_ends_its_segment(steps, gamma):
    rewards, matched = np.array([reward for reward, _ in steps]), [match for _, match in steps]
    found = returns(rewards, matched, gamma)
    for step in range(len(steps)):
        end = next((at for at in range(step, len(steps)) if not matched[at]), len(steps) - 1)
        assert found[step] == pytest.approx(sum(gamma ** (at - step) * rewards[at] for at in range(step, end + 1)))


def test_step_advantages_compare_those_who_reached_the_step():
    first, second, third = step_advantages([np.array([1.5, 1.0]), np.array([0.5]), np.array([1.0, 0.5])])
    assert first == pytest.approx([1.0, 0.7071], abs=1e-4)
    assert second == pytest.approx([-1.0], abs=1e-4)
    assert third == pytest.approx([0.0, -0.7071], abs=1e-4)
    lonely = step_advantages([np.array([1.0, 1.0]), np.array([0.0])])
    assert lonely[0][1] == 0.0


def test_episode_advantages_of_code_paper_and_none():
    rewards = [np.array([1.0, 1.0]), np.array([0.1])]
    pooled = episode_advantages(rewards, "code")
    assert np.concatenate(pooled) == pytest.approx([0.57735, 0.57735, -1.1547], abs=1e-4)
    whole = episode_advantages(rewards, "paper")
    assert np.concatenate(whole) == pytest.approx([0.7071, 0.7071, -0.7071], abs=1e-4)
    assert [len(each) for each in whole] == [2, 1]
    assert not np.concatenate(episode_advantages(rewards, "none")).any()
    (lone,) = episode_advantages([np.array([0.5])], "code")
    assert lone == pytest.approx([0.5], abs=1e-5)


def group(*rewards):
    """Return a group of rollouts; a step matched where it earned 1."""
    rollouts = []
    for row in rewards:
        segments = tuple(Segment(None, np.zeros(2, np.int64), np.ones(2, bool), np.zeros(2, np.float32)) for _ in row)
        rollouts.append(Rollout(segments, sum(row), np.array(row), {"matched": np.array(row) == 1.0}))
    return Group(0, tuple(rollouts))


def test_advantages_mix_episode_and_step_and_reach_every_token():
    rows = advantages(group([1.0, 1.0], [0.1]), gamma=0.5, omega=2.0, mode="code")
    # Returns of the first step: 1.5 and 0.1.
    assert rows[0][0] == pytest.approx([0.57735 + 2 * 0.70711] * 2, abs=1e-4)
    assert rows[0][1] == pytest.approx([0.57735] * 2, abs=1e-4)
    assert rows[1][0] == pytest.approx([-1.1547 - 2 * 0.70711] * 2, abs=1e-4)


class Coin(nn.Module):
    """Says 0 and 1 in turn; counts what it is asked."""

    def __init__(self):
        super().__init__()
        self.logit, self.asked = nn.Parameter(torch.zeros(1)), []

    def sample(self, contexts, *, temperature, rng):
        self.asked.append(len(contexts))
        return [Segment(None, np.array([number % 2]), np.ones(1, bool), np.zeros(1, np.float32)) for number in range(len(contexts))]

    def logp(self, segments):
        return self.logit.expand(len(segments), 1)


@pytest.mark.parametrize(("lively", "asked", "kept"), [(8, [32], 4), (4, None, None), (0, [32, 32], 0)])
def test_traces_whose_rollouts_fare_alike_are_replaced_once(lively, asked, kept):
    sampled = []

    class Either(Line):
        def context(self, step, history):
            sampled.append(self.task)
            return super().context(step, history)

        def judge(self, step, output):
            return super().judge(step, output) if self.task < lively else Judgement(Level.EXACT, True, None)

    policy = Coin()
    settings = Settings(traces=4, copies=8, kl=0.0, eta=0.3)
    traces = [Either(1, number) for number in range(8)]
    told = Trainer(policy, torch.optim.SGD(policy.parameters()), traces, settings, rng=np.random.default_rng(0)).update()
    first = {task for task in sampled[:32] if task < lively}
    assert policy.asked == (asked or [32, (4 - len(first)) * 8])
    assert told["kept"] == (kept if kept is not None else len({task for task in sampled if task < lively}))
    assert told["samples"] == told["kept"] * 8


def test_equal_rollouts_have_no_step_advantage_and_no_spread():
    equal = group([1.0, 1.0], [1.0, 1.0])
    assert all((row == 0).all() for rollout in advantages(equal, gamma=0.5, omega=1.0, mode="code") for row in rollout)
    assert spread(equal, 0.5) == 0.0
    assert spread(group([1.0]), 0.5) == 0.0
    assert spread(group([1.0, 1.0], [0.1]), 0.5) == pytest.approx(1.4 / math.sqrt(2))
    assert spread(group(*[[1.0]] * 5, *[[0.5]] * 3), 0.5) == pytest.approx(0.5 * math.sqrt(15 / 56))  # the sample's, with n - 1


def test_rewards_of_paper_and_code():
    for formed in (0, 1):
        for level, s in zip(Level, (0.0, 0.1, 0.5, 1.0), strict=True):
            kind, exact = formed and level >= Level.RIGHT_TYPE, formed and level == Level.EXACT
            if formed and level == Level.UNREADABLE:
                continue  # what cannot be read has no form either
            assert REWARDS["paper"][formed][level] == pytest.approx(0.1 * formed + 0.4 * kind + 0.5 * exact)
            assert REWARDS["code"][formed][level] == pytest.approx(0.1 * formed + 0.9 * s)
