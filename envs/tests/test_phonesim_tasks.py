"""The phone's tasks: what their own scripts earn, what they consist of, and what their checks forgive."""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from hub_envs.androidworld.suite import instance_seed
from hub_envs.phone_tasks import PHONE_TASKS
from hub_envs.phonesim import chromium, phones
from hub_envs.phonesim.proof import NOTHING, ORACLE, scores
from hub_envs.phonesim.tasks import TASKS, world
from hub_envs.phonesim.tasks.checks import answered, changed, changed_each, same, says, whole
from hub_envs.texts import CHARACTERS
from hypothesis import given, settings
from hypothesis import strategies as st

needs_chromium = pytest.mark.skipif(not any(map(shutil.which, chromium.NAMES)), reason="needs Debian's package chromium")
every_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
DOCS = Path(__file__).parents[2] / "docs" / "phonesim.md"


def drawn(task, seed):
    return task.draw(random.Random(instance_seed(seed, task.name)))


# What scripts earn


@pytest.fixture(scope="module")
def played():
    """One episode of every task by every script, and another by its oracle."""
    episodes = scores(range(len(TASKS))) + scores(range(len(TASKS), 2 * len(TASKS)), only_oracles=True)
    by_task = defaultdict(list)
    for episode in episodes:
        by_task[episode.task].append(episode)
    return by_task


@pytest.mark.browser
@needs_chromium
@every_task
def test_scripts_earn_what_they_should(played, task):
    oracles = [each for each in played[task.name] if each.script == ORACLE]
    nothing = [each for each in played[task.name] if each.script == NOTHING]
    missed = [each for each in played[task.name] if each.script not in (ORACLE, NOTHING)]
    assert [each.score for each in oracles] == [1.0] * 2
    assert max(each.steps for each in oracles) * 1.25 <= task.budget
    assert [each.score for each in nothing] == [0.0]
    assert {each.script for each in missed} == set(task.wrong)
    assert 2 <= len(missed) <= 3
    assert max(each.score for each in missed) < 1


@pytest.mark.browser
@needs_chromium
def test_the_oracle_tells_two_of_a_name_apart_where_one_is_out_of_sight():
    episodes = scores([1613906707, 1599214307], only_oracles=True)
    assert {(each.task, each.score) for each in episodes} == {("ContactsDeduplicate", 1.0)}


# What tasks consist of


def test_there_are_tasks_of_all_levels():
    levels = [task.level for task in TASKS.values()]
    assert len(TASKS) >= 30
    assert min(levels.count(level) for level in ("easy", "medium", "hard")) >= 8


@every_task
def test_parameters_are_json_and_follow_from_the_seed(task):
    for seed in range(3):
        params = drawn(task, seed)
        assert json.loads(json.dumps(params)) == params == drawn(task, seed)
        assert task.state(params) == task.state(params)
        assert set(task.goal(params)) <= set(CHARACTERS)


@every_task
def test_instances_differ(task):
    instances = [drawn(task, seed) for seed in range(8)]
    assert len({json.dumps(params) for params in instances}) == 8
    assert len({json.dumps(task.state(params)) for params in instances}) == 8
    if task.name != "SettingsMakeSure":  # whose goal is always the same: what it takes is not
        assert len({task.goal(params) for params in instances}) >= 4


@every_task
@settings(max_examples=5, derandomize=True)
@given(seed=st.integers(0, 2**20), said=st.sampled_from([None, "", "yes and no"]))
def test_a_store_left_alone_earns_nothing(task, seed, said):
    params = drawn(task, seed)
    before = task.state(params)
    assert task.check(params, before, copy.deepcopy(before), said) == 0


STRAY = {
    "contact": lambda store: store["contacts"]["items"].append(world.contact("Nobody Asked", "+1 555 000 0000")),
    "message": lambda store: world.say(store, "+1 555 000 0000", "Hello?"),
    "note": lambda store: store["notes"]["items"].pop(),
    "event": lambda store: store["calendar"]["events"].append(world.event("Nothing", "2023-12-01", "09:00", "10:00")),
    "setting": lambda store: store["settings"].update(deviceName="Somebody else's phone"),
    "file": lambda store: store["files"]["entries"].append(world.folder("Documents/Unasked")),
    "bookmark": lambda store: store["browser"]["bookmarks"].append("start.example"),
}


@every_task
def test_whoever_changes_something_else_earns_nothing(task):
    params = drawn(task, 1)
    before = task.state(params)
    for name, stray in STRAY.items():
        after = copy.deepcopy(before)
        stray(after)
        assert task.check(params, before, after, "yes") == 0, name


def test_lists_of_tasks_agree():
    assert [name for name, _ in PHONE_TASKS] == list(TASKS)
    row = "| {} | {} | {} | {} | {} |"
    rows = [row.format(name, TASKS[name].level, ", ".join(TASKS[name].apps), TASKS[name].budget, summary) for name, summary in PHONE_TASKS]
    assert [line for line in DOCS.read_text(encoding="utf-8").splitlines() if re.match(r"\| [A-Z]\w+ \| (easy|medium|hard)", line)] == rows


def test_the_phone_and_its_tasks_agree_on_the_time():
    assert world.NOW == phones.NOW


def test_strangers_are_in_nobodys_contacts():
    for seed in range(20):
        known = {item["name"] for item in world.world(seed)["contacts"]["items"]}
        parts = {part for name in known for part in name.split()}
        assert not parts & {part for name in world.strangers(seed) for part in name.split()}


# What checks forgive


def bought(*names):
    return {"goods": [{"id": number, "name": name} for number, name in enumerate(names)], "history": [], "files": {"phone": "+1 23"}}


def buying(name):
    return lambda _, store: store["goods"].append({"name": name})


@given(st.permutations(["tea", "milk", "rice"]))
def test_order_and_ids_do_not_count(names):
    assert same(bought("tea", "milk", "rice"), bought(*names))
    assert not same(bought("tea", "milk"), bought(*names))


def test_spaces_and_what_was_visited_do_not_count():
    assert same({"text": "a  b\n"}, {"text": "a b"})
    assert not same({"text": "ab"}, {"text": "a b"})
    assert same({"phone": "+44 555 1"}, {"phone": "+445551"})
    assert same({"history": ["x"], "unread": True}, {"history": [], "unread": False})
    assert not same({"done": True}, {"done": False})


@given(st.sets(st.sampled_from(["tea", "milk", "rice", "oats"])), st.booleans(), st.booleans())
def test_parts_are_scored_by_their_share(done, stray, right):
    check = changed(*map(buying, ("tea", "milk", "rice")), answer=lambda _: "42 euros")
    score = check({}, bought(), bought(*done, *["soap"] * stray), "42 Euros." if right else "43 euros")
    assert score == (0 if stray or "oats" in done else (len(done) + right) / 4)


def test_ordered_parts_count_from_the_first():
    check = changed(*map(buying, ("tea", "milk")), ordered=True)
    assert [check({}, bought(), bought(*names), None) for names in ([], ["tea"], ["tea", "milk"], ["milk"])] == [0, 0.5, 1, 0]
    assert whole(check)({}, bought(), bought("tea"), None) == 0
    assert whole(check)({}, bought(), bought("tea", "milk"), None) == 1


def test_parts_may_depend_on_parameters():
    check = changed_each(lambda params: [buying(name) for name in params["names"]])
    assert check({"names": ["tea", "milk"]}, bought(), bought("milk"), None) == 0.5


def test_answers_are_compared_by_their_words():
    assert says("  +44 555-203 9146. ", "+44 555 203 9146")
    assert says("YES", "yes")
    assert not says("yes, it was", "yes")
    assert not says(None, "yes")
    assert answered(lambda _: "yes")({}, bought(), bought(), "Yes!") == 1
