"""Trajectory-aware relative policy optimisation: its arithmetic, its memory, and that it learns from outcomes."""

import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode
from hub_baselines.relative import Algorithm, Group, Rollout, Segment, improve, samples_of
from hub_baselines.relative.tiny import NotePolicy
from hub_envs.memo import FormVectorEnv, Layout
from hub_gui.trajectory.advantages import trajectory_advantages, trajectory_reward
from hub_gui.trajectory.agent import FormReader
from hub_gui.trajectory.live import collect
from hub_gui.trajectory.replay import Successes

LAYOUT = Layout(screens=4)


def rollout(reward, steps=2, success=None):
    one = Segment("screen", np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.bool_), np.zeros(1, dtype=np.float32))
    return Rollout((one,) * steps, reward, info={"success": reward > 0 if success is None else success})


def group(rewards, **kwargs):
    return Group("task", tuple(rollout(reward, **kwargs) for reward in rewards))


def test_one_success_among_four():
    told = trajectory_advantages(group([1, 0, 0, 0]), scaled=False)
    np.testing.assert_allclose([row[0][0] for row in told], [1.7320, -0.5773, -0.5773, -0.5773], atol=1e-3)


@pytest.mark.parametrize("rewards", [[0, 0, 0], [1, 1], [-0.5, -0.5, -0.5], [1]])
def test_equal_rewards_teach_nothing(rewards):
    assert all((step == 0).all() for row in trajectory_advantages(group(rewards)) for step in row)


def test_malformed_actions_cost_half_a_point_once():
    assert trajectory_reward(True, True) == 0.5
    assert trajectory_reward(False, True) == -0.5
    assert trajectory_reward(True, False) == 1


def test_an_attempt_twice_as_long_weighs_the_same():
    short, long = rollout(1, steps=3), rollout(1, steps=6)
    told = trajectory_advantages(Group("task", (short, rollout(0), long, rollout(0))))
    assert sum(step.sum() for step in told[0]) == pytest.approx(sum(step.sum() for step in told[2]))


def test_a_stored_success_replaces_one_failure():
    memory = Successes(np.random.default_rng(0))
    success = rollout(1)
    memory.recall(Group("task", (success, rollout(0))))
    recalled = memory.recall(group([0, 0, 0]))
    assert [each is success for each in recalled.rollouts].count(True) == 1
    assert any((step != 0).any() for row in trajectory_advantages(recalled) for step in row)


def test_another_task_s_success_is_not_recalled():
    memory = Successes(np.random.default_rng(0))
    memory.recall(Group("another", (rollout(1), rollout(0))))
    failed = group([0, 0, 0])
    assert memory.recall(failed) is failed
    assert all((sample.advantages == 0).all() for sample in samples_of([failed], Algorithm(advantage=trajectory_advantages)))


def test_a_group_with_a_success_stays_as_it_is():
    memory = Successes(np.random.default_rng(0))
    memory.recall(group([1, 0]))
    mixed = group([1, 0, 0])
    assert memory.recall(mixed) is mixed


@pytest.mark.parametrize("slots", [1, 3, 12, 20])
def test_every_task_is_attempted_as_often_as_asked(slots):
    env = FormVectorEnv(slots, screens=4, autoreset_mode=AutoresetMode.DISABLED)
    torch.manual_seed(0)
    policy = NotePolicy(LAYOUT.width, LAYOUT.codes + 1, LAYOUT.actions)
    groups = collect(env, policy, FormReader(), [5, 6, 7], copies=4, rng=np.random.default_rng(1))
    assert [each.task for each in groups] == [5, 6, 7]
    for each in groups:
        first = {tuple(attempt.segments[0].context.screen) for attempt in each.rollouts}
        assert len(each.rollouts) == 4
        assert first == {tuple(env.model.trace(each.task).observations[0])}, "all attempts are at the task's own episode"
        for attempt in each.rollouts:
            assert attempt.reward == attempt.info["success"]
            assert [len(step.context.history) for step in attempt.segments] == list(range(len(attempt.segments)))


def test_outcomes_alone_teach_the_right_action():
    """With one screen shown at a time and no code to remember before it, success must rise."""
    env = FormVectorEnv(64, screens=3, codes=2, icons=2, autoreset_mode=AutoresetMode.DISABLED)
    layout, rng = Layout(screens=3, codes=2, icons=2), np.random.default_rng(0)
    torch.manual_seed(0)
    policy = NotePolicy(layout.width, layout.codes + 1, layout.actions)
    adam = torch.optim.Adam(policy.parameters(), lr=1e-2)
    algorithm = Algorithm(advantage=trajectory_advantages)
    share = []
    for _ in range(15):
        groups = collect(env, policy, FormReader(), list(range(8)), copies=8, rng=rng)
        share.append(np.mean([attempt.info["success"] for each in groups for attempt in each.rollouts]))
        improve(policy, adam, groups, algorithm, rng)
    assert np.mean(share[-3:]) > np.mean(share[:3]) + 0.1
