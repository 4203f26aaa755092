"""Episodes on the phone: environments, single and side by side, over the tests' own page and tasks."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal

import numpy as np
import pytest
from gymnasium.error import DependencyNotInstalled, ResetNeeded
from gymnasium.utils.env_checker import check_env
from hub_envs.phone_tasks import PHONE_TASKS
from hub_envs.phonesim import BrowserError, PhoneEnv, PhoneVectorEnv, browser, chromium, episodes, vector
from hub_envs.phonesim.doctor import examine

from .phonesim_page import DOCUMENT, counting

needs_chromium = pytest.mark.skipif(not any(map(shutil.which, chromium.NAMES)), reason="needs Debian's package chromium")
pytestmark = [pytest.mark.browser, needs_chromium]

DONE = '{"action_type":"status","goal_status":"complete"}'


@pytest.fixture
def own_tasks(monkeypatch):
    """Environments play the tests' own page and tasks."""
    tasks = {name: counting(name, level) for name, level in (("First", "easy"), ("Second", "hard"))}
    monkeypatch.setattr(episodes, "TASKS", tasks)
    monkeypatch.setattr(vector, "document", lambda: DOCUMENT)
    keep = browser.acquire()  # so that not every environment starts a Chromium
    yield tasks
    browser.release(keep)


def play(env, actions, seed):
    """Return everything an episode shows and tells."""
    told = [env.reset(seed=seed)]
    told += [env.step(action) for action in actions]
    return told


def click(env, observation, name):
    elements = json.loads(observation["elements"])
    return json.dumps({"action_type": "click", "index": next(i for i, e in enumerate(elements) if e.get("resource_name") == name)})


def test_the_environment_passes_gymnasiums_checker(own_tasks):
    env = PhoneEnv(render_mode="rgb_array")
    check_env(env, skip_render_check=True)
    observation, info = env.reset(seed=3)
    assert info == {"task": "Second", "success": 0.0, "invalid": 0.0, "error": ""}
    assert observation in env.observation_space
    np.testing.assert_array_equal(env.render(), observation["screenshot"])
    env.close()


def test_oracle_earns_one_and_the_wrong_script_nothing(own_tasks):
    env = PhoneEnv(screenshot=False)
    for seed in range(4):
        for script, score in ((env.model.oracle(seed), 1.0), (env.model.wrong(seed)["once more"], 0.0)):
            observation, _ = env.reset(seed=seed)
            ended = False
            while not ended:
                observation, reward, terminated, truncated, info = env.step(script.act(observation))
                ended = terminated or truncated
            assert (reward, info["success"], terminated) == (score, score, not truncated)
    env.close()


def test_an_answer_is_kept_and_any_status_ends(own_tasks):
    env = PhoneEnv(task="First", screenshot=False)
    env.reset(seed=0)
    assert env.step('{"action_type":"answer","text":"half"}')[1:4] == (0.0, False, False)
    _, reward, terminated, truncated, info = env.step('{"action_type":"status","goal_status":"infeasible"}')
    assert (reward, terminated, truncated, info["success"]) == (0.5, True, False, 0.0)
    with pytest.raises(ResetNeeded):
        env.step(DONE)
    env.close()


def test_undeclared_episodes_earn_nothing_and_end_with_the_budget(own_tasks):
    env = PhoneEnv(task="First", screenshot=False)
    observation, _ = env.reset(seed=0)
    target = int(observation["goal"].split()[1])
    for _ in range(target):
        env.step(click(env, observation, "count"))
    ends = [env.step('{"action_type":"wait"}')[1:4] for _ in range(5 - target)]
    assert ends[-1] == (0.0, False, True)
    assert ends[:-1] == [(0.0, False, False)] * (len(ends) - 1)
    env.close()


@pytest.mark.parametrize("action", ["press the button", '{"action_type":"click"}', '{"action_type":"click","index":99}'])
def test_what_is_no_action_costs_a_step_and_does_nothing(own_tasks, action):
    env = PhoneEnv(task="First", screenshot=False)
    before, _ = env.reset(seed=0)
    after, reward, terminated, truncated, info = env.step(action)
    assert (reward, terminated, truncated, info["invalid"]) == (0.0, False, False, 1.0)
    assert info["error"]
    assert after == before
    assert env.step('{"action_type":"wait"}')[4]["invalid"] == 0.0
    env.close()


def test_the_same_seed_and_actions_give_the_same_bits_alone_and_side_by_side(own_tasks):
    with_index = '{"action_type":"click","index":1}'
    actions = ['{"action_type":"open_app","app_name":"Notes"}', with_index, "nonsense", DONE]
    env, batch = PhoneEnv(), PhoneVectorEnv(3, autoreset_mode="Disabled")
    alone = [play(env, actions, seed) for seed in (5, 6, 7)]
    together = play(batch, [(action,) * 3 for action in actions], 5)
    for slot, own in enumerate(alone):
        for mine, theirs in zip(own, together, strict=True):
            for part in ("goal", "elements"):
                assert mine[0][part] == theirs[0][part][slot]
            np.testing.assert_array_equal(mine[0]["screenshot"], theirs[0]["screenshot"][slot])
            assert mine[1:-1] == tuple(each[slot] for each in theirs[1:-1])
            assert mine[-1] == {key: value[slot] for key, value in theirs[-1].items() if not key.startswith("_")}
    again = play(env, actions, 6)
    for mine, theirs in zip(again, alone[1], strict=True):
        np.testing.assert_array_equal(mine[0].pop("screenshot"), theirs[0].pop("screenshot"))
        assert mine == theirs
    env.close()
    batch.close()


def test_slots_restart_alone(own_tasks):
    batch = PhoneVectorEnv(2, screenshot=False)
    first, infos = batch.reset(seed=4)
    assert list(infos["task"]) == ["First", "Second"]
    batch.step((DONE, '{"action_type":"click","index":1}'))
    observations, _, _, _, infos = batch.step((DONE, '{"action_type":"wait"}'))  # slot 0 restarts; the other plays on
    assert list(infos["_success"]) == [True, True]
    assert json.loads(observations["elements"][1])[1]["text"] == "1"
    _, infos = batch.reset(seed=[9, None], options={"reset_mask": np.array([True, False])})
    assert list(infos["_task"]) == [True, False]
    observations, *_ = batch.step(('{"action_type":"wait"}',) * 2)
    assert json.loads(observations["elements"][1])[1]["text"] == "1"
    assert first["goal"][1] == observations["goal"][1]
    batch.close()


def test_what_was_closed_can_be_reset_while_others_hold_the_browser(own_tasks):
    env = PhoneEnv()
    env.reset(seed=0)
    env.close()
    with pytest.raises(BrowserError, match="reset the environment"):
        env.step(DONE)
    _, info = env.reset(seed=0)
    assert info["task"] == "First"
    env.close()
    env.close()


def test_wrong_arguments_say_what_would_be_right(own_tasks):
    with pytest.raises(ValueError, match="task must be one of First, Second, and is 'Third'"):
        PhoneEnv(task="Third")
    with pytest.raises(ValueError, match="level must be one of easy, medium, hard"):
        PhoneEnv(level="extreme")
    with pytest.raises(ValueError, match="not both"):
        PhoneEnv(task="First", level="easy")
    assert PhoneEnv(level="hard").model.oracle(0)


def test_the_catalogue_names_the_tasks_that_there_are():
    assert [name for name, _ in PHONE_TASKS] == list(episodes.TASKS)


def test_parameters_are_drawn_by_androidworlds_formula():
    (task,) = episodes.chosen("ContactsAdd", None)
    seed = int(hashlib.sha256(b"30_ContactsAdd_0").hexdigest(), 16) % 2**32
    assert episodes.begin([task], 30).params == task.draw(random.Random(seed))


def test_elements_beyond_the_longest_text_are_left_out():
    many = [{"text": "x" * 1000}] * 30
    kept, text = episodes.fitting(many)
    assert len(text) <= episodes.ELEMENTS_LENGTH < len(json.dumps([*kept, many[0]], separators=(",", ":")))
    assert json.loads(text) == kept


def test_without_chromium_making_the_environment_says_what_installs_it(monkeypatch, own_tasks):
    monkeypatch.setenv(chromium.VARIABLE, "/nowhere/chromium")
    with pytest.raises(DependencyNotInstalled, match="apt-get install chromium"):
        PhoneEnv()
    found = list(examine())
    assert [(each["ok"], each["remedy"]) for each in found[1:]] == [(False, "apt-get install chromium-headless-shell")]


def test_after_a_crash_the_next_reset_starts_another_chromium(monkeypatch, own_tasks):
    monkeypatch.setattr(browser, "_shared", None)  # leave the other tests' alone
    env = PhoneEnv(task="First", screenshot=False)
    before, _ = env.reset(seed=1)
    os.killpg(env._batch._phones._browser.pid, signal.SIGKILL)
    with pytest.raises(BrowserError, match="ended unexpectedly"):
        env.step('{"action_type":"click","index":0}')
    with pytest.raises(BrowserError, match="reset the environment"):
        env.step('{"action_type":"click","index":0}')
    assert env.reset(seed=1)[0] == before
    env.close()
