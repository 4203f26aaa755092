"""Recorded steps: reading them, comparing actions with them, SOP, the environment; on small traces, and on the real ones where they are."""

import gzip
import json
import os
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hub_envs.androidcontrol import (
    SOPEnv,
    Step,
    evaluation_match,
    leniency,
    load,
    measure,
    parse_action,
    read_output,
    training_match,
)
from hub_envs.androidcontrol.outputs import action_text

SIZE = (1000, 2000)


def act(name, **fields):
    return {"action": name, **fields}


CLICK = act("click", coordinate=[500, 1000])
BOXED = Step(CLICK, boxes=((400, 900, 500, 1100),))
BARE = Step(CLICK)


@pytest.mark.parametrize(
    ("x", "y", "boxed", "bare"),
    [
        (450, 1000, True, False),  # in the box, 0.05 of the width away
        (391, 1119, True, False),  # in the enlarged box alone
        (389, 1000, False, False),
        (450, 1121, False, False),
        (539, 1000, True, True),  # within 0.04 of the width
        (541, 1000, False, False),
        (500, 1079, True, True),  # within 0.04 of the height
        (528, 1057, True, True),  # both together just within
        (530, 1060, False, False),
    ],
)
def test_clicks(x, y, boxed, bare):
    for match in (evaluation_match, training_match):
        assert match(act("click", coordinate=[x, y]), BOXED, SIZE) == (True, boxed)
        assert match(act("click", coordinate=[x, y]), BARE, SIZE) == (True, bare)
        assert match(act("long_press", coordinate=[x, y]), BOXED, SIZE) == (False, False)


SWIPE_UP = act("swipe", coordinate=[500, 1500], coordinate2=[500, 500])
SWIPE_LEFT = act("swipe", coordinate=[900, 900], coordinate2=[100, 900])


@pytest.mark.parametrize(
    ("said", "step", "evaluation", "training"),
    [
        (act("wait"), Step(act("wait", time=2)), (1, 1), (1, 1)),
        (CLICK, Step(act("wait", time=2)), (0, 0), (0, 0)),
        (act("system_button", button=" back"), Step(act("system_button", button="Back")), (1, 1), (1, 1)),
        (act("system_button", button="Home"), Step(act("system_button", button="Back")), (1, 0), (1, 0)),
        (act("type", text="sculpture"), Step(act("type", text="Sculpture art ")), (1, 1), (1, 1)),
        (act("type", text="the Sculpture ART of today"), Step(act("type", text="Sculpture art")), (1, 1), (1, 1)),
        (act("type", text=""), Step(act("type", text="Sculpture art")), (1, 1), (1, 1)),  # the quirk
        (act("type", text="painting"), Step(act("type", text="Sculpture art")), (1, 0), (1, 0)),
        (act("open", text="cloud"), Step(act("open", text="pCloud")), (1, 1), (1, 1)),
        (act("open", text="Maps"), Step(act("open", text="pCloud")), (1, 0), (1, 0)),
        (act("click", coordinate=[560, 1060]), Step(act("open", text="pCloud"), boxes=((450, 950, 550, 1050),)), (1, 1), (0, 0)),
        (act("click", coordinate=[800, 1060]), Step(act("open", text="pCloud"), boxes=((450, 950, 550, 1050),)), (1, 0), (0, 0)),
        (CLICK, Step(act("open", text="pCloud")), (0, 0), (0, 0)),
        (SWIPE_UP, Step(SWIPE_LEFT, direction="left"), (1, 1), (1, 0)),
        (SWIPE_LEFT, Step(SWIPE_LEFT, direction="left"), (1, 1), (1, 1)),
        (SWIPE_UP, Step(SWIPE_UP, direction="down"), (1, 1), (1, 1)),  # the view goes down as the finger goes up
        (SWIPE_UP, Step(SWIPE_UP, direction="up"), (1, 1), (1, 0)),
        (SWIPE_UP, Step(SWIPE_UP), (1, 1), (1, 0)),  # the reference turns what it read from the coordinates, too
        (act("terminate", status="success"), Step(act("terminate", status="success")), (0, 0), (1, 1)),
        (act("answer", text="7"), Step(act("answer", text="7")), (0, 0), (0, 0)),
        (act("type", text="7"), Step(act("answer", text="7")), (0, 0), (1, 1)),
        (act("type", text="enter"), Step(act("key", text="enter")), (0, 0), (1, 1)),
    ],
)
def test_other_actions(said, step, evaluation, training):
    assert evaluation_match(said, step, SIZE) == evaluation
    assert training_match(said, step, SIZE) == training


def test_outputs_are_read_framed_or_not():
    framed = read_output('<think> look\nthere </think>\n<action>{"action": "wait", "time": 2}</action>')
    assert framed.thought == "look\nthere"
    assert framed.action == act("wait", time=2)
    bare = read_output('{"action": "type", "text": "é"}')
    assert bare.thought is None
    assert parse_action(action_text(bare.action)) == bare.action


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tap it", "JSON object"),
        ("[1]", "one of click"),
        ("[" * 4000, "JSON object"),
        ('{"action": "tap"}', "one of click"),
        ('{"action": ["click"]}', "one of click"),
        ('{"action": "click"}', "click needs coordinate: two numbers"),
        ('{"action": "click", "coordinate": [1]}', "click needs coordinate"),
        ('{"action": "click", "coordinate": [1, NaN]}', "click needs coordinate"),
        ('{"action": "click", "coordinate": [true, 1]}', "click needs coordinate"),
        ('{"action": "swipe", "coordinate": [1, 1]}', "swipe needs coordinate2"),
        ('{"action": "type", "text": 5}', "type needs text: a text"),
        ('{"action": "system_button"}', "system_button needs button"),
        ("<think>hm</think><action>no</action>", "JSON object"),
        ("<think>hm</think>", "JSON object"),
    ],
)
def test_what_is_no_action_is_told(text, told):
    with pytest.raises(ValueError, match=told):
        read_output(text)


TRACES = [
    {
        "episode_id": 7,
        "goal": "Open the cloud, write hi",
        "steps": [
            {"instruction": "open it", "action": act("open", text="pCloud"), "check": {"action": "open"}},
            {"instruction": None, "action": act("type", text="hi")},
            {"instruction": "go back", "action": act("system_button", button="Back"), "check": {"action": "system_button"}},
            {"instruction": "wait", "action": act("wait", time=2)},
        ],
    },
    {
        "episode_id": 8,
        "goal": "Scroll",
        "width": 720,
        "height": 1280,
        "steps": [
            {
                "instruction": "tap",
                "action": act("click", coordinate=[10, 20]),
                "check": {"candidate_bbox": [[0, 0, 30, 40], [0, 0, 720, 1000]]},
                "screenshot": "8/0.png",
            },
            {"instruction": "swipe", "action": SWIPE_UP, "check": {"direction": "down"}},
        ],
    },
]


@pytest.fixture(params=["jsonl", "jsonl.gz"])
def file(request, tmp_path):
    path = tmp_path / f"traces.{request.param}"
    text = "\n".join(map(json.dumps, TRACES)) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if request.param.endswith("gz") else text.encode())
    return path


def test_traces_are_read(file, monkeypatch):
    first, second = load(file)
    assert (first.episode, first.goal, first.size, len(first.steps)) == (7, "Open the cloud, write hi", (1080, 2400), 4)
    assert first.steps[1] == Step(act("type", text="hi"))
    assert second.size == (720, 1280)
    assert second.steps[0].boxes == ((0, 0, 30, 40), (0, 0, 720, 1000))
    assert second.steps[0].screenshot == file.parent / "8/0.png"
    assert second.steps[1].direction == "down"
    monkeypatch.setenv("HUB_ANDROIDCONTROL", str(file))
    assert load() == (first, second)
    assert leniency(load()) == (1, 0, 1)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 2: this is no trace"),
        ('{"goal": "x", "steps": [{"action": {"action": "wait"}}]}', "line 2.*'episode_id' is missing"),
        ('{"episode_id": 1, "goal": "x", "steps": []}', "line 2.*no steps"),
        ('{"episode_id": 1, "goal": "x", "steps": [{"action": {"action": "fly"}}]}', "line 2.*one of click"),
        ('{"episode_id": 1, "goal": "x", "steps": [{"action": {"action": "wait"}, "check": {"candidate_bbox": [[1, 2]]}}]}', "line 2"),
        ('["x"]', "line 2"),
    ],
)
def test_lines_that_are_no_traces_are_told(line, told, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(TRACES[0]) + "\n" + line + "\n")
    with pytest.raises(ValueError, match=told):
        load(path)


def test_missing_files_are_told(tmp_path, monkeypatch):
    monkeypatch.delenv("HUB_ANDROIDCONTROL", raising=False)
    with pytest.raises(gym.error.DependencyNotInstalled, match="is not set: set it"):
        SOPEnv()
    monkeypatch.setenv("HUB_ANDROIDCONTROL", str(tmp_path / "none.jsonl"))
    with pytest.raises(gym.error.DependencyNotInstalled, match=r"none\.jsonl, which is no file"):
        SOPEnv()
    with pytest.raises(ValueError, match="there is no file"):
        load(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(ValueError, match="holds no traces"):
        load(tmp_path / "empty.jsonl")
    (tmp_path / "broken.jsonl.gz").write_bytes(b"nonsense")
    with pytest.raises(ValueError, match="cannot be read"):
        load(tmp_path / "broken.jsonl.gz")


def test_sop_counts_steps_before_the_first_mismatch(file):
    traces = load(file)
    seen = []

    def agent(trace, number, history):
        seen.append((trace.episode, number, history))
        return "{}" if (trace.episode, number) == (7, 2) else action_text(trace.steps[number].action)

    sop = measure(traces, agent)
    assert sop == (pytest.approx((2 / 4 + 1) / 2), 0.5)
    assert sop.score == pytest.approx((0.75 + 0.5) / 2)
    assert seen[:3] == [(7, 0, ()), (7, 1, (seen[1][2][0],)), (7, 2, seen[2][2])]
    assert seen[2][2] == ('{"action": "open", "text": "pCloud"}', '{"action": "type", "text": "hi"}')
    assert seen[3] == (8, 0, ())


def test_it_is_a_gymnasium_environment(file):
    check_env(gym.make("hub_envs:androidcontrol/SOP-v0", traces=str(file), render_mode="rgb_array").unwrapped)


def test_episodes_of_oracle_and_wrong_solutions(file):
    env = SOPEnv(traces=file)
    for seed in range(6):
        for name, script in {"oracle": env.model.oracle(seed), **env.model.wrong(seed)}.items():
            observation, info = env.reset(seed=seed)
            outputs = []
            while True:
                assert env.observation_space.contains(observation)
                assert observation["history"] == "\n".join(outputs)
                outputs.append(script.act(observation))
                observation, reward, terminated, truncated, info = env.step(outputs[-1])
                if terminated:
                    break
                assert (reward, info["success"], info["invalid"]) == (0.0, 0.0, 0.0)
            assert not truncated
            assert reward == info["success"] == float(name == "oracle")
            assert info["progress"] < 1 or name == "oracle"


def test_an_action_that_cannot_be_read_ends_the_episode_and_is_told(file):
    env = SOPEnv(traces=file, trace=0, instructions=False)
    observation, info = env.reset(seed=0)
    assert (observation["instruction"], info) == ("", {"task": "7"})
    env.step('<think>the cloud</think><action>{"action": "open", "text": "pcloud"}</action>')
    observation, reward, terminated, _, info = env.step("hi")
    assert (reward, terminated, info["invalid"], info["success"], info["progress"]) == (0.0, True, 1.0, 0.0, 0.25)
    assert "JSON object" in info["error"]
    assert observation["history"].startswith("<think>the cloud")
    with pytest.raises(gym.error.ResetNeeded):
        env.step("hi")
    with pytest.raises(ValueError, match="from 0 to 1"):
        SOPEnv(traces=file, trace=2)


def test_what_is_told_is_drawn(file):
    env = SOPEnv(traces=file, trace=0, render_mode="rgb_array")
    env.reset(seed=0)
    before = env.render()
    env.step(action_text(TRACES[0]["steps"][0]["action"]))
    assert before.shape == (640, 480, 3)
    assert (env.render() != before).any()


@pytest.fixture(scope="module")
def real():
    beside = Path(__file__).parents[2].parent / "shared/data/gui/androidcontrol_test_sop.jsonl.gz"
    path = os.environ.get("HUB_ANDROIDCONTROL") or beside
    if not Path(path).is_file():
        pytest.skip("AndroidControl's test traces are not here; set HUB_ANDROIDCONTROL to androidcontrol_test_sop.jsonl.gz")
    traces = load(path)
    if len(traces) != 1543:
        pytest.skip(f"{path} holds {len(traces)} traces, and not the test split's 1543")
    return traces


@pytest.mark.parametrize(
    ("action", "progress", "success"),
    [
        ('{"action": "swipe", "coordinate": [1, 2], "coordinate2": [3, 4]}', 3.035, 1.620),
        ('{"action": "wait"}', 0.120, 0.0),
        ('{"action": "system_button", "button": "Back"}', 3.196, 0.130),
    ],
)
def test_golden_values_of_constant_agents(real, action, progress, success):
    sop = measure(real, lambda *_: action)
    assert (100 * sop.progress, 100 * sop.success) == pytest.approx((progress, success), abs=5e-4)


def test_golden_values_of_the_data(real):
    assert sum(len(trace.steps) for trace in real) == 8444
    assert leniency(real) == (5074, 209, 897)
    assert measure(real, lambda trace, number, history: action_text(trace.steps[number].action)) == (1.0, 1.0)


@pytest.mark.parametrize(("q", "success", "progress"), [(0.8, 36.18, 54.40), (0.9, 59.18, 73.20), (0.95, 76.53, 85.33)])
def test_an_agent_that_is_right_now_and_then(real, q, success, progress):
    rng = np.random.default_rng(0)
    sop = measure(real, lambda trace, number, history: action_text(trace.steps[number].action) if rng.random() < q else "no")
    lengths = np.array([len(trace.steps) for trace in real])
    assert 100 * (q**lengths).mean() == pytest.approx(success, abs=5e-3)
    assert 100 * np.mean([q * (1 - q**n) / (1 - q) / n for n in lengths]) == pytest.approx(progress, abs=5e-3)
    assert (100 * sop.success, 100 * sop.progress) == pytest.approx((success, progress), abs=4)
