"""Agents and short ways to play, shared by the evaluator's tests."""

import contextlib

import numpy as np

import hub
from hub.agent import Task
from hub.running.loop import Rules, play
from hub.running.worlds import SingleWorld

WIDTHS = (1, 2, 7, 32)


class Leaning(hub.Agent):
    """CartPole: pushes to where the pole leans; no randomness."""

    def act(self, observations, slots):
        return (observations[:, 2] + observations[:, 3] > 0).astype(np.int64)


class Sampling(hub.Agent):
    """Samples each action from the space, with a generator of the slot's own, seeded by the episode."""

    def __init__(self, task):
        super().__init__(task)
        self.steps = {}

    def begin(self, slots, seeds):
        for slot, seed in zip(slots, seeds, strict=True):
            self.steps[slot] = seed * 1000

    def act(self, observations, slots):
        from hub.running.worlds.layouts import Layout

        actions = []
        for slot in slots.tolist():
            self.task.action_space.seed(self.steps[slot])
            actions.append(self.task.action_space.sample())
            self.steps[slot] += 1
        layout = Layout(self.task.action_space)
        return layout.join(layout.stack(actions))


def task_of(world):
    return Task(env_id=world.name, observation_space=world.observations.space, action_space=world.actions.space)


def episodes_of(world, agent=Sampling, seeds=range(40, 60), rules=None):
    """Play and return the episodes in index order."""
    with contextlib.closing(world):
        return sorted(play(world, agent(task_of(world)), enumerate(seeds), rules or Rules()), key=lambda episode: episode.index)


def single(make, slots=2, **options):
    return SingleWorld("tiny/Env-v0", [make() for _ in range(slots)], **options)
