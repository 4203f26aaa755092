"""The compiled engine plays what MiniGrid plays: every observation, reward and end, for every task, successes included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hub_envs.catalogue import MINIGRID
from hub_envs.minigrid import MiniGridVectorEnv, task_of
from hub_envs.minigrid.rules import Rule
from hypothesis import given, settings
from hypothesis import strategies as st

TASKS = [entry.kwargs["task"] for entry in MINIGRID]
BY_RULE = {
    Rule.GOAL: "DoorKey-5x5-v0",
    Rule.PICK_UP: "UnlockPickup-v0",
    Rule.FETCH: "Fetch-5x5-N2-v0",
    Rule.DONE_BESIDE: "GoToDoor-5x5-v0",
    Rule.MEMORY: "MemoryS7-v0",
    Rule.PUT_NEAR: "PutNear-6x6-N2-v0",
    Rule.RED_BLUE: "RedBlueDoors-6x6-v0",
    Rule.UNLOCK: "Unlock-v0",
    Rule.OBSTACLES: "Dynamic-Obstacles-5x5-v0",
}


class Pair:
    """The engine and MiniGrid's own environment, played side by side."""

    def __init__(self, task: str) -> None:
        self.mine = MiniGridVectorEnv(1, task=task, levels="any", observation="dict", autoreset_mode="Disabled")
        self.theirs: Any = task_of(task).build()
        self.actions = task_of(task).actions

    def reset(self, level: int) -> None:
        mine, infos = self.mine.reset(seed=[level])
        theirs, _ = self.theirs.reset(seed=level)
        assert infos["level"][0] == level
        self._compare(mine, theirs)

    def step(self, action: int) -> tuple[float, bool]:
        mine, reward, terminated, truncated, _ = self.mine.step(np.array([action]))
        theirs, *expected, _ = self.theirs.step(action)
        self._compare(mine, theirs)
        assert [reward[0], terminated[0], truncated[0]] == expected
        return float(reward[0]), bool(terminated[0] or truncated[0])

    def _compare(self, mine: Any, theirs: Any) -> None:
        np.testing.assert_array_equal(mine["image"][0], theirs["image"])
        assert mine["direction"][0] == theirs["direction"]
        assert mine["mission"][0] == theirs["mission"]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_starts_and_goes_on_as_minigrids_own(task: str) -> None:
    pair, rng = Pair(task), np.random.default_rng(0)
    slow = "N10" in task or "N12" in task  # MiniGrid takes up to seconds for one of these levels
    for level in [1] if slow else [1, 10_007, 2**30 + 5]:
        pair.reset(level)
        for _ in range(40):
            _, over = pair.step(int(rng.choice([0, 1, 2, 2, 2, 3, 4, 5, 6])) % pair.actions)
            if over:
                break


@pytest.mark.parametrize("rule", Rule)
def test_successes_found_by_chance_are_successes_in_minigrid(rule: Rule) -> None:
    task, slots = BY_RULE[rule], 20_000 if rule == Rule.OBSTACLES else 512
    assert task_of(task).rule == rule
    env = MiniGridVectorEnv(slots, task=task, num_levels=4, autoreset_mode="Disabled")
    env.reset(seed=0)
    rng, found = np.random.default_rng(1), {}
    chances = [0.15, 0.15, 0.4, 0.1, 0.05, 0.1, 0.05]
    running, actions = np.ones(slots, dtype=bool), []
    while running.any():
        actions.append(rng.choice(7, size=slots, p=chances) % task_of(task).actions)
        _, rewards, terminated, truncated, _ = env.step(actions[-1])
        found |= {slot % 4: (slot, len(actions)) for slot in np.flatnonzero(running & (rewards > 0)).tolist()}
        running &= ~(terminated | truncated)
        if running.any() and not running.all():
            env.reset(seed=list(range(slots)), options={"reset_mask": ~running})
    assert found, "no episode succeeded; the test would show nothing"
    for level, (slot, steps) in found.items():
        pair = Pair(task)
        pair.reset(level)
        outcomes = [pair.step(int(actions[step][slot])) for step in range(steps)]
        assert outcomes[-1] == (1 - 0.9 * (steps / task_of(task).max_steps), True)


@settings(max_examples=25)
@given(
    task=st.sampled_from(
        ["Dynamic-Obstacles-8x8-v0", "ObstructedMaze-1Dlhb-v0", "KeyCorridorS3R2-v0", "Playground-v0", "BlockedUnlockPickup-v0"]
    ),
    level=st.integers(0, 2**31 - 1),
    actions=st.lists(st.integers(0, 6), max_size=60),
)
def test_any_actions_on_any_level(task: str, level: int, actions: list[int]) -> None:
    pair = Pair(task)
    pair.reset(level)
    for action in actions:
        if pair.step(action % pair.actions)[1]:
            break


def test_a_key_in_a_box_is_found_and_a_locked_door_opens_only_to_it() -> None:
    env = MiniGridVectorEnv(1, task="DoorKey-5x5-v0", levels="any", autoreset_mode="Disabled")
    env.reset(seed=[0])
    slots = env._slots
    from hub_envs.minigrid import cells as c
    from hub_envs.minigrid.kernel import FORWARD, PICK_UP, TOGGLE
    from hub_envs.minigrid.state import MARGIN

    slots.cells[0, MARGIN + 1 : MARGIN + 4, MARGIN + 1 : MARGIN + 4] = c.EMPTY
    slots.agent[0] = (MARGIN + 1, MARGIN + 1, 0, 0)
    slots.cells[0, MARGIN + 2, MARGIN + 1] = c.code_of(c.BOX_TYPE, 0)
    slots.contents[0, MARGIN + 2, MARGIN + 1] = c.code_of(c.KEY_TYPE, 4)
    slots.cells[0, MARGIN + 3, MARGIN + 1] = c.code_of(c.DOOR_TYPE, 4, c.LOCKED)

    def ahead_after(*actions: int) -> list[int]:
        for action in actions:
            image = env.step(np.array([action]))[0]
        return [int(value) for value in image[0, 3, 5]]

    assert ahead_after(TOGGLE) == [c.KEY_TYPE, 4, 0]
    assert ahead_after(PICK_UP) == [c.EMPTY_TYPE, 0, 0]
    assert ahead_after(FORWARD) == [c.DOOR_TYPE, 4, c.LOCKED]
    assert ahead_after(TOGGLE) == [c.DOOR_TYPE, 4, c.OPEN]
    slots.cells[0, MARGIN + 3, MARGIN + 1] = c.code_of(c.DOOR_TYPE, 3, c.LOCKED)
    assert ahead_after(TOGGLE) == [c.DOOR_TYPE, 3, c.LOCKED]
