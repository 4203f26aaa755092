"""Plans solve their levels in the real environment, and none is shorter."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping

import gymnasium as gym
import numpy as np
import pytest
from hub_envs.minigrid import Level, level_of
from hub_minigrid.planner import World, optimal_return, plan, upper_bound
from minigrid.core.constants import COLOR_TO_IDX, OBJECT_TO_IDX, STATE_TO_IDX

LEFT, RIGHT, FORWARD, PICK_UP, DROP, TOGGLE = range(6)
WALL = (OBJECT_TO_IDX["wall"], COLOR_TO_IDX["grey"], 0)
ROOMS = "minigrid/MultiRoom-N7-S4-v0"
MAZE = "minigrid/ObstructedMaze-1Dlhb-v0"


def level(picture: str, legend: Mapping[str, tuple[tuple[int, int, int], tuple[int, int, int]]], mission: str) -> Level:
    """Draw a level: `#` is a wall, `>` the agent looking right, other letters stand in `legend` with what they hold."""
    rows = picture.split()
    cells = np.tile(np.array((1, 0, 0), dtype=np.uint8), (len(rows[0]), len(rows), 1))
    contents, position = cells.copy(), (0, 0)
    for y, row in enumerate(rows):
        for x, letter in enumerate(row):
            if letter == "#":
                cells[x, y] = WALL
            elif letter == ">":
                position = (x, y)
            elif letter in legend:
                cells[x, y], contents[x, y] = legend[letter]
    return Level(0, cells, contents, position, 0, mission, 100)


def thing(kind: str, colour: str, state: str = "open") -> tuple[int, int, int]:
    return OBJECT_TO_IDX[kind], COLOR_TO_IDX[colour], STATE_TO_IDX[state]


NOTHING = (1, 0, 0)
LEGEND = {
    "D": (thing("door", "red", "closed"), NOTHING),
    "L": (thing("door", "red", "locked"), NOTHING),
    "k": (thing("key", "red"), NOTHING),
    "w": (thing("key", "green"), NOTHING),
    "b": (thing("ball", "blue"), NOTHING),
    "g": (thing("ball", "green"), NOTHING),
    "x": (thing("box", "grey"), thing("key", "red")),
    "G": (thing("goal", "green"), NOTHING),
    "v": (thing("lava", "red"), NOTHING),
}


@pytest.mark.parametrize(
    ("picture", "mission", "expected"),
    [
        ("##### #>.G# #####", "get there", {FORWARD: 2}),
        ("##### #>DG# #####", "get there", {TOGGLE: 1, FORWARD: 2}),
        ("###### #>.b## ######", "pick up the blue ball", {FORWARD: 1, PICK_UP: 1}),
        ("###### #k>LG# ######", "get there", {"turns": 4, PICK_UP: 1, TOGGLE: 1, FORWARD: 2}),
        ("##### #>gG# #..## #####", "get there", {PICK_UP: 1, FORWARD: 2}),
        # Out of the box with the key, away with the ball, through the door, and the hand must be free for the blue ball.
        ("####### #x>gLb# #..#### #######", "pick up the blue ball", {PICK_UP: 3, DROP: 2, TOGGLE: 2}),
    ],
)
def test_small_levels_have_the_plans_one_sees(picture: str, mission: str, expected: dict[object, int]) -> None:
    found = Counter("turns" if action in (LEFT, RIGHT) else action for action in plan(level(picture, LEGEND, mission)))
    assert {key: found[key] for key in expected} == expected
    assert DROP in expected or sum(found.values()) == sum(expected.values())


@pytest.mark.parametrize("picture", ["##### #>#G# #####", "##### #>LG# #####", "###### #w>LG# ######", "##### #>vG# #####"])
def test_a_level_that_nothing_solves_is_told(picture: str) -> None:
    with pytest.raises(ValueError, match="level 0 cannot be solved: get there"):
        plan(level(picture, LEGEND, "get there"))


def test_a_mission_of_another_kind_is_told() -> None:
    with pytest.raises(ValueError, match="about neither a goal nor picking up an object"):
        World(level("#### #>.# ####", LEGEND, "open the red door"))


def test_too_many_states_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub_minigrid.planner.MOST_STATES", 50)
    with pytest.raises(ValueError, match="more than 50 states"):
        plan(level_of(MAZE, 0))


def dijkstra(of: Level) -> int:
    """The length of the shortest way through rooms, thought of otherwise: turns and steps cost 1, a closed door 2."""
    goal = OBJECT_TO_IDX["goal"]
    start = (*of.position, of.direction)
    best, queue = {start: 0}, [(0, start)]
    while queue:
        cost, (x, y, direction) = heapq.heappop(queue)
        if of.cells[x, y, 0] == goal:
            return cost
        ahead = (x + (1, 0, -1, 0)[direction], y + (0, 1, 0, -1)[direction])
        kind, _, state = of.cells[ahead]
        options = [((x, y, (direction + turn) % 4), 1) for turn in (1, 3)]
        if kind in (OBJECT_TO_IDX["empty"], goal):
            options.append(((*ahead, direction), 1))
        elif kind == OBJECT_TO_IDX["door"]:
            options.append(((*ahead, direction), 1 if state == STATE_TO_IDX["open"] else 2))
        for reached, price in options:
            if cost + price < best.get(reached, 10**6):
                best[reached] = cost + price
                heapq.heappush(queue, (cost + price, reached))
    raise AssertionError("no way")


def test_rooms_are_crossed_as_quickly_as_by_dijkstra_and_the_optimum_is_as_in_the_literature() -> None:
    levels = [level_of(ROOMS, number) for number in range(40)]
    assert [len(plan(each)) for each in levels] == [dijkstra(each) for each in levels]
    assert abs(np.mean([optimal_return(each) for each in levels]) - 0.78) < 0.01


@pytest.mark.parametrize(("env", "numbers"), [(ROOMS, range(6)), (MAZE, range(2)), ("minigrid/DoorKey-6x6-v0", range(3))])
def test_a_plan_is_paid_in_the_real_environment_what_it_promises(env: str, numbers: range) -> None:
    made = gym.make(f"hub_envs:{env}")
    for number in numbers:
        of = level_of(env, number)
        made.reset(seed=number)
        *before, last = [made.step(action) for action in plan(of)]
        assert not any(terminated or truncated for _, _, terminated, truncated, _ in before)
        assert last[2]
        assert last[1] == optimal_return(of)
    made.close()


def test_rewards_are_one_minus_nine_tenths_of_the_time_taken() -> None:
    mazes = level_of(MAZE, 0)
    assert mazes.max_steps == 288
    assert 1 - 0.9 * (16 / 288) == 0.95
    assert 1 - 0.9 * (43 / 288) == 0.865625


def test_the_upper_bound_is_the_mean_over_the_level_set() -> None:
    env = gym.make(f"hub_envs:{ROOMS}", levels="train", num_levels=5)
    assert upper_bound(env) == np.mean([optimal_return(level_of(ROOMS, number)) for number in range(5)])
    env.close()
