"""Levels: which seed plays which, and that files, processes and accidents change nothing about them."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import gymnasium as gym
import hub_envs
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hub_envs.compiled import compiled
from hub_envs.minigrid import LevelStore, MiniGridEnv, MiniGridVectorEnv, build_levels, level_of, task_of
from hub_envs.minigrid.draws import DrawsAhead
from hub_envs.minigrid.level import generate, is_whole
from hub_envs.minigrid.pcg import draw, state_of
from hub_envs.minigrid.rules import rule_of
from hub_envs.minigrid.store import STORED, folder, range_of
from hypothesis import given, settings
from hypothesis import strategies as st

TASK = "MultiRoom-N2-S4-v0"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUB_ENVS_CACHE", str(tmp_path))
    return tmp_path


def level_played(**kwargs: object) -> int:
    seed = kwargs.pop("seed")
    return int(MiniGridEnv(task=TASK, **kwargs).reset(seed=seed)[1]["level"])  # type: ignore[arg-type]


def test_each_set_has_levels_of_its_own_and_a_seed_names_one() -> None:
    assert level_played(seed=3) == level_played(seed=10_003) == 3
    assert level_played(seed=603, num_levels=600) == 3
    assert level_played(seed=1_003, levels="test") == 10_003
    assert level_played(seed=1_003, levels="validation") == 11_003
    assert level_played(seed=1_003, levels="any") == 1_003
    ranges = [range_of(levels) for levels in ("train", "test", "validation")]
    numbers = [number for each in ranges for number in range(each.first, each.first + each.count)]
    assert len(set(numbers)) == len(numbers) == STORED


def test_a_reset_without_a_seed_draws_a_level_of_the_set() -> None:
    env = MiniGridEnv(task=TASK, num_levels=5)
    env.reset(seed=1)
    drawn = [env.reset()[1]["level"] for _ in range(40)]
    assert set(drawn) == set(range(5))
    env.reset(seed=1)
    assert [env.reset()[1]["level"] for _ in range(40)] == drawn


@pytest.mark.parametrize(
    ("kwargs", "told"),
    [
        ({"levels": "tests"}, "levels must be one of train, validation, test, any, and is 'tests'"),
        ({"num_levels": 0}, "num_levels must lie between 1 and 10000, and is 0"),
        ({"num_levels": 10_001}, "num_levels must lie between 1 and 10000, and is 10001"),
        ({"observation": "text"}, "observation must be"),
        ({"render_mode": "human"}, "render_mode must be None or one of"),
        ({"task": "MultiRoom-N99-v0"}, "MiniGrid has no environment MiniGrid-MultiRoom-N99-v0"),
    ],
)
def test_mistakes_are_named(kwargs: dict[str, object], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match=told):
        MiniGridEnv(**({"task": TASK} | kwargs))  # type: ignore[arg-type]
    gc.collect()  # Gymnasium closes what was never built
    assert capsys.readouterr().err == ""


def test_a_level_is_what_minigrid_generates() -> None:
    level = level_of(f"minigrid/{TASK}", 17)
    theirs = task_of(TASK).build()
    theirs.reset(seed=17)
    np.testing.assert_array_equal(level.cells, theirs.grid.encode())
    assert (level.position, level.direction) == (tuple(theirs.agent_pos), theirs.agent_dir)
    assert (level.mission, level.max_steps) == (theirs.mission, theirs.max_steps)


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32), ranges=st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 2**31)), max_size=40))
def test_draws_ahead_are_numpys(seed: int, ranges: list[tuple[int, int]]) -> None:
    ahead = DrawsAhead(SimpleNamespace(np_random=np.random.default_rng(seed)))
    numpys = np.random.default_rng(seed)
    assert [ahead(low, low + width) for low, width in ranges] == [numpys.integers(low, low + width) for low, width in ranges]


def test_draws_ahead_start_anew_with_a_new_generator_and_refuse_empty_ranges() -> None:
    owner = SimpleNamespace(np_random=np.random.default_rng(1))
    ahead = DrawsAhead(owner)
    first = [ahead(0, 100) for _ in range(10_000)]
    owner.np_random = np.random.default_rng(1)
    assert [ahead(0, 100) for _ in range(10_000)] == first
    with pytest.raises(ValueError, match="low >= high"):
        ahead(3, 3)


@settings(max_examples=50)
@given(seed=st.integers(0, 2**64), before=st.integers(0, 3), ranges=st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 2**31))))
def test_compiled_draws_are_numpys(seed: int, before: int, ranges: list[tuple[int, int]]) -> None:
    numpys = np.random.default_rng(seed)
    numpys.integers(0, 100, size=before)
    state = state_of(numpys)
    assert [draw(state, low, low + width) for low, width in ranges] == [numpys.integers(low, low + width) for low, width in ranges]
    assert state.tolist() == state_of(numpys).tolist()


def test_a_family_that_ends_in_its_own_way_is_refused() -> None:
    from minigrid.envs import EmptyEnv

    class Strange(EmptyEnv):  # type: ignore[misc]
        def step(self, action: int) -> object:
            return super().step(action)

    with pytest.raises(ValueError, match=r"Strange ends its episodes in a way of its own \(Strange.step\)"):
        rule_of(Strange())


def test_what_a_box_holds_is_kept() -> None:
    level = level_of("minigrid/ObstructedMaze-1Dlhb-v0", 3)
    box, key = 7, 5
    assert (level.contents[level.cells[..., 0] == box][:, 0] == key).all()
    assert (level.contents[..., 0] == key).sum() == 1


def test_another_process_finds_the_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    before = LevelStore(task_of(TASK)).record(5).tobytes()
    monkeypatch.setattr(LevelStore, "generated", lambda *_: pytest.fail("the level is there already"))
    assert LevelStore(task_of(TASK)).record(5).tobytes() == before


def test_a_record_that_is_not_whole_is_written_again() -> None:
    store = LevelStore(task_of(TASK))
    right = store.record(7).copy()
    store.records[7, -20:] ^= 1  # as if its writer had been killed
    np.testing.assert_array_equal(LevelStore(task_of(TASK)).record(7), right)
    store.records[7] = store.record(6)  # a whole record in the wrong place
    np.testing.assert_array_equal(LevelStore(task_of(TASK)).record(7), right)


def test_building_in_processes_gives_what_playing_gives(cache: Path) -> None:
    left = list(build_levels(TASK, "train", num_levels=12, workers=2))
    assert (left[0], left[-1]) == (12, 0)
    assert left == sorted(left, reverse=True)
    built = LevelStore(task_of(TASK)).records[:12].copy()
    assert list(build_levels(TASK, "train", num_levels=12, workers=2)) == [0]
    next(cache.glob("minigrid/*.levels")).unlink()
    store = LevelStore(task_of(TASK))
    np.testing.assert_array_equal(built, np.stack([store.record(number) for number in range(12)]))


def test_the_command_builds_and_says_what_is_wrong() -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "hub_envs.minigrid", *words], capture_output=True, text=True, check=False)

    done = run("build", TASK, "--num-levels", "3", "--workers", "1")
    assert done.returncode == 0
    assert "3 of 3 train levels of MultiRoom-N2-S4-v0 are ready" in done.stdout
    assert not LevelStore(task_of(TASK)).missing(range_of("train", 3))
    wrong = run("build", "MultiRoom-N2-S5")
    assert wrong.returncode == 2
    assert "MiniGrid has no environment MiniGrid-MultiRoom-N2-S5" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def ends_within(seconds: float, group: int) -> bool:
    for _ in range(int(seconds * 10)):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(("blow", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
def test_a_building_that_is_stopped_leaves_no_process_and_whole_levels(blow: signal.Signals, code: int) -> None:
    command = [sys.executable, "-m", "hub_envs.minigrid", "build", "MultiRoom-N12-S10-v0", "--workers", "2"]
    # in a group of its own, so that Ctrl-C reaches the workers too
    building = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, process_group=0)
    store = LevelStore(task_of("MultiRoom-N12-S10-v0"))
    while not is_whole(store.records[0], 0):
        assert building.poll() is None
        time.sleep(0.05)
    os.killpg(building.pid, blow) if blow == signal.SIGINT else building.kill()
    _, told = building.communicate(timeout=60)
    assert building.returncode == code
    assert "Traceback" not in told
    assert ends_within(20.0, group=building.pid)
    np.testing.assert_array_equal(store.record(0), generate(store.task, store.task.build(), 0))


def test_without_a_writable_folder_levels_are_generated_in_memory(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (cache / "file").write_text("")
    monkeypatch.setenv("HUB_ENVS_CACHE", str(cache / "file"))
    with pytest.warns(UserWarning, match="levels cannot be kept in"):
        env = MiniGridEnv(task=TASK)
    monkeypatch.setenv("HUB_ENVS_CACHE", str(cache))
    np.testing.assert_array_equal(env.reset(seed=3)[0], MiniGridEnv(task=TASK).reset(seed=3)[0])


def test_without_a_place_for_machine_code_functions_are_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object) -> None:
        raise RuntimeError("cannot cache function: no locator available")

    monkeypatch.setattr("numba.core.dispatcher.Dispatcher.enable_caching", nowhere)
    doubled = compiled(lambda number: 2 * number)
    assert doubled(3) == 6


def test_the_users_cache_folder_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_ENVS_CACHE")
    assert folder().parts[-2:] == ("hub-envs", "minigrid")


@pytest.mark.parametrize("mode", ["NextStep", "SameStep", "Disabled"])
def test_a_batch_is_its_single_environments(mode: str) -> None:
    kwargs = {"task": "Empty-5x5-v0", "num_levels": 50, "observation": "dict"}
    batch = MiniGridVectorEnv(3, autoreset_mode=mode, **kwargs)  # type: ignore[arg-type]
    alone = gym.vector.SyncVectorEnv([lambda: MiniGridEnv(**kwargs)] * 3, autoreset_mode=mode)  # type: ignore[arg-type]
    rng = np.random.default_rng(0)
    same(batch.reset(seed=4), alone.reset(seed=4))
    for _ in range(150):
        actions = rng.choice(7, size=3, p=[0.1, 0.15, 0.55, 0.05, 0.05, 0.05, 0.05])
        mine, theirs = batch.step(actions), alone.step(actions)
        same(mine, theirs)
        over = mine[2] | mine[3]
        if mode == "Disabled" and over.any():
            same(batch.reset(options={"reset_mask": over}), alone.reset(options={"reset_mask": over}))


def same(mine: object, theirs: object) -> None:
    if isinstance(mine, dict):
        assert isinstance(theirs, dict)
        assert mine.keys() == theirs.keys()
        for key in mine:
            same(mine[key], theirs[key])
    elif isinstance(mine, np.ndarray) and mine.dtype != object:
        np.testing.assert_array_equal(mine, np.asarray(theirs))
    elif isinstance(mine, tuple | list | np.ndarray):
        for one, other in zip(mine, theirs, strict=True):  # type: ignore[call-overload]
            same(one, other)
    else:
        assert mine == theirs


def test_copies_go_on_alike_without_copying_the_levels() -> None:
    env = MiniGridEnv(task=TASK)
    env.reset(seed=2)
    for other in (copy.deepcopy(env), pickle.loads(pickle.dumps(env))):
        for action in (2, 1, 2, 5, 2):
            np.testing.assert_array_equal(copy.deepcopy(env).step(action)[0], copy.deepcopy(other).step(action)[0])
    assert len(pickle.dumps(env)) < 100_000


@pytest.mark.parametrize("observation", ["image", "dict"])
def test_gymnasiums_checker_is_content(observation: Literal["image", "dict"]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it dislikes images of 7 x 7
        check_env(MiniGridEnv(task=TASK, observation=observation), skip_render_check=True)


def test_returned_arrays_are_the_callers_own() -> None:
    env = MiniGridVectorEnv(2, task=TASK)
    first, _ = env.reset(seed=0)
    kept = first.copy()
    env.step(np.array([0, 1]))
    np.testing.assert_array_equal(first, kept)


def test_pictures_are_minigrids_own() -> None:
    env = MiniGridEnv(task=TASK, render_mode="rgb_array")
    env.reset(seed=2)
    theirs = task_of(TASK).build(render_mode="rgb_array", tile_size=16)
    theirs.reset(seed=2)
    for action in (1, 2, 2):
        env.step(action)
        theirs.step(action)
    np.testing.assert_array_equal(env.render(), theirs.render())


def test_the_catalogue_names_what_minigrid_registers() -> None:
    import minigrid  # noqa: F401  registers its ids

    theirs = {name.removeprefix("MiniGrid-") for name in gym.registry if name.startswith("MiniGrid-")}
    unplayable = {name for name in theirs if name.startswith("WFC")}  # MiniGrid's wheel lacks the pictures that these need
    ours = {entry.kwargs["task"] for entry in hub_envs.MINIGRID}
    assert theirs - unplayable <= ours
    assert ours - theirs == set(hub_envs.minigrid.MULTI_ROOMS)
