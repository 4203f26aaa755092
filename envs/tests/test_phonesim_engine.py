"""The phone's engine: Chromium, what is seen of a page, and what actions do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hub_envs.androidworld.actions import parse
from hub_envs.phonesim import BrowserError, browser, chromium
from hub_envs.phonesim.doctor import examine
from hub_envs.phonesim.phones import NOW, Phones
from hub_envs.phonesim.touch import perform

from .phonesim_page import DOCUMENT

needs_chromium = pytest.mark.skipif(not any(map(shutil.which, chromium.NAMES)), reason="needs Debian's package chromium")
pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture(scope="module")
def phones():
    started = Phones(2, DOCUMENT)
    yield started
    started.close()


@pytest.fixture
def loaded(phones):
    phones.load({phone: {"value": 0, "log": []} for phone in range(2)})
    return phones


def seen(phones):
    return phones.look([0], pixels=False)[0].elements


def named(elements, name):
    return next(element for element in elements if element.get("resource_name") == name)


def do(phones, **action):
    """Carry out an action on phone 0, and return why it was impossible, or None."""
    return perform(phones, {0: parse(json.dumps(action))}, {0: seen(phones)}).get(0)


def index_of(phones, name):
    return [element.get("resource_name") for element in seen(phones)].index(name)


def log(phones):
    return phones.stores([0])[0]["log"]


def test_elements_say_what_is_visible_in_the_form_of_android(loaded):
    elements = seen(loaded)
    assert named(elements, "count") == {
        "text": "0",
        "content_description": "Counter",
        "class_name": "android.widget.Button",
        "bbox_pixels": named(elements, "count")["bbox_pixels"],
        "is_clickable": True,
        "is_enabled": True,
        "is_focusable": True,
        "is_long_clickable": True,
        "is_visible": True,
        "resource_name": "count",
    }
    box = named(elements, "count")["bbox_pixels"]
    assert (box["x_max"] - box["x_min"], box["y_max"] - box["y_min"]) == (200, 40)
    assert "is_clickable" not in named(elements, "off")
    assert "is_enabled" not in named(elements, "off")
    field = named(elements, "field")
    assert (field["hint_text"], field["is_editable"], field["class_name"]) == ("Write here", True, "android.widget.EditText")
    assert named(elements, "row")["text"] == "Alice 12 34"
    assert (named(elements, "sound")["is_checked"], named(elements, "sound")["content_description"]) == (True, "Sound")
    assert named(elements, "list")["is_scrollable"]


def test_what_cannot_be_reached_is_not_listed(loaded):
    texts = [element.get("text") for element in seen(loaded)]
    assert "Hidden" not in texts
    assert "No" not in texts
    assert "Covered" in texts
    assert "Line 3" in texts
    assert "Line 4" not in texts


def test_touches_are_input_events_of_the_browser(loaded):
    index = index_of(loaded, "count")
    do(loaded, action_type="click", index=index)
    do(loaded, action_type="long_press", index=index)
    do(loaded, action_type="double_tap", index=index)
    do(loaded, action_type="click", index=index_of(loaded, "off"))
    assert log(loaded) == ["click true", "long", "click true", "click true", "double"]
    box = named(seen(loaded), "count")["bbox_pixels"]
    do(loaded, action_type="click", x=box["x_min"] + 1, y=box["y_min"] + 1)
    assert loaded.stores([0])[0]["value"] == 4


def test_typing_goes_to_the_end_or_replaces_and_presses_enter(loaded):
    index = index_of(loaded, "field")
    assert do(loaded, action_type="input_text", index=index, text="Zoë") is None
    do(loaded, action_type="input_text", index=index, text=" 中")
    do(loaded, action_type="input_text", index=index, text="B", clear_text=True)
    assert log(loaded) == ["Zoë", "enter", "Zoë 中", "enter", "", "B", "enter"]
    assert "no text field has the focus" in do(loaded, action_type="input_text", text="x")
    assert "no text field is there" in do(loaded, action_type="input_text", text="x", index=index_of(loaded, "off"))
    do(loaded, action_type="click", index=index)
    assert do(loaded, action_type="input_text", text="C") is None
    assert log(loaded)[-2:] == ["BC", "enter"]


def test_scrolling_shows_what_lies_in_a_direction_and_swiping_the_opposite(loaded):
    def first_line():
        return next(element["text"] for element in seen(loaded) if element.get("text", "").startswith("Line"))

    do(loaded, action_type="scroll", direction="down", index=index_of(loaded, "list"))
    assert first_line() == "Line 2"
    do(loaded, action_type="scroll", direction="down")  # the list covers the middle of the screen
    assert first_line() == "Line 4"
    do(loaded, action_type="swipe", direction="down")
    assert first_line() == "Line 2"
    do(loaded, action_type="scroll", direction="right")
    assert first_line() == "Line 2"
    do(loaded, action_type="scroll", direction="up", index=index_of(loaded, "list"))
    assert first_line() == "Line 0"


def test_keys_and_apps(loaded):
    do(loaded, action_type="open_app", app_name="Notes")
    assert seen(loaded)[0]["text"] == "Notes"
    assert do(loaded, action_type="open_app", app_name="Chess") == "there is no app called 'Chess'"
    do(loaded, action_type="navigate_home")
    assert seen(loaded)[0]["text"] == "Home"
    do(loaded, action_type="navigate_back")
    do(loaded, action_type="keyboard_enter")
    for nothing in ("wait", "unknown"):
        do(loaded, action_type=nothing)
    assert log(loaded) == ["back", "enter"]


def test_places_outside_the_screen_are_impossible(loaded):
    assert "index 99 is none of the" in do(loaded, action_type="click", index=99)
    assert "not on the screen of 412 x 915" in do(loaded, action_type="click", x=412, y=0)


def test_phones_share_nothing(loaded):
    both = loaded.look([0, 1], pixels=True)
    assert both[0].pixels.shape == (915, 412, 3)
    np.testing.assert_array_equal(both[0].pixels, both[1].pixels)
    do(loaded, action_type="click", index=index_of(loaded, "count"))
    assert [store["value"] for store in loaded.stores([0, 1]).values()] == [1, 0]
    after = loaded.look([0, 1], pixels=True)
    np.testing.assert_array_equal(both[1].pixels, after[1].pixels)
    assert (both[0].pixels != after[0].pixels).any()
    assert loaded.stores([1])[1]["now"] == NOW


def test_screens_are_complete_when_many_change_at_once():
    many = Phones(5, DOCUMENT)
    everyone = range(5)
    many.load({phone: {"value": 0, "log": []} for phone in everyone})
    many.look(everyone, pixels=True)
    place = many.look([0], pixels=False)[0].elements
    index = [element.get("resource_name") for element in place].index("count")
    for times in range(1, 4):
        perform(many, {phone: parse(f'{{"action_type":"click","index":{index}}}') for phone in everyone}, dict.fromkeys(everyone, place))
        at_once = many.look(everyone, pixels=True)
        assert [named(view.elements, "count")["text"] for view in at_once.values()] == [str(times)] * 5
        many.evaluate(dict.fromkeys(everyone, "1"))
        for phone in everyone:
            np.testing.assert_array_equal(at_once[phone].pixels, many.look([phone], pixels=True)[phone].pixels)
            np.testing.assert_array_equal(at_once[phone].pixels, at_once[0].pixels)
    many.close()


def test_a_phone_left_alone_is_not_asked_again(loaded, monkeypatch):
    first = loaded.look([0, 1], pixels=True)
    do(loaded, action_type="click", index=index_of(loaded, "count"))
    asked = []
    call_all = browser.Browser.call_all
    monkeypatch.setattr(browser.Browser, "call_all", lambda self, *calls: asked.extend(calls[0]) or call_all(self, *calls))
    second = loaded.look([0, 1], pixels=True)
    assert {call.session for call in asked} == {loaded._sessions[0]}
    assert second[1] is first[1]
    assert (second[0].pixels != first[0].pixels).any()
    assert loaded.look([0], pixels=False)[0] == (second[0].elements, None)


@pytest.mark.parametrize("name", ["chromium-headless-shell", "chromium"])
def test_the_headless_shell_draws_on_request_and_the_whole_browser_by_itself(monkeypatch, name):
    if shutil.which(name) is None:
        pytest.skip(f"needs Debian's package {name}")
    monkeypatch.setenv(chromium.VARIABLE, name)
    monkeypatch.setattr(browser, "_shared", None)  # leave the other tests' alone
    phones = Phones(2, DOCUMENT)
    assert phones._browser.draws_on_request == (name == "chromium-headless-shell")
    phones.load({phone: {"value": 0, "log": []} for phone in range(2)})
    before = phones.look([0, 1], pixels=True)
    do(phones, action_type="click", index=index_of(phones, "count"))
    after = phones.look([0, 1], pixels=True)
    assert log(phones) == ["click true"]
    assert (before[0].pixels != after[0].pixels).any()
    np.testing.assert_array_equal(before[1].pixels, after[1].pixels)
    phones.close()


def test_a_page_that_is_not_ready_is_drawn_again_since_it_would_drop_input(monkeypatch):
    call_all, late = browser.Browser.call_all, [{"hasDamage": False}]

    def first_frame_comes_late(self, calls, in_turn=()):
        return [late.pop()] if late and not calls and in_turn else call_all(self, calls, in_turn)

    monkeypatch.setattr(browser.Browser, "call_all", first_frame_comes_late)
    own = Phones(1, DOCUMENT)
    own.load({0: {"value": 0, "log": []}})
    if own._browser.draws_on_request:
        assert not late
    do(own, action_type="click", index=index_of(own, "count"))
    assert log(own) == ["click true"]
    own.close()


def test_the_phone_has_no_network(loaded):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            fetched = f"fetch('http://{host}:{port}').then(() => 'reached', () => 'failed')"
            loaded.evaluate({0: f"window.tried = null; {fetched}.then((end) => {{ tried = end }})"})
            deadline = time.monotonic() + 10
            while (end := loaded.evaluate({0: "tried"})[0]) is None and time.monotonic() < deadline:
                time.sleep(0.02)
            assert end == "failed"
        with pytest.raises(BlockingIOError):
            server.accept()


def test_the_doctor_starts_chromium():
    found = list(examine())
    assert [each["name"] for each in found] == ["pillow", "chromium", "start"]
    assert all(each["ok"] and each["remedy"] is None for each in found)


def test_a_program_that_is_no_chromium_is_one_clear_error(monkeypatch):
    monkeypatch.setenv(chromium.VARIABLE, shutil.which("false"))
    with pytest.raises(BrowserError, match="ended unexpectedly"):
        browser.start()


def test_a_page_that_fails_is_a_clear_error(loaded):
    with pytest.raises(BrowserError, match="nobody is not defined"):
        loaded.evaluate({0: "nobody"})


def test_phones_of_several_threads_do_not_mix(loaded):
    def ask(number, answers):
        answers.extend(loaded.evaluate({0: f"{number} + {each}"})[0] for each in range(20))

    found = [[], []]
    threads = [threading.Thread(target=ask, args=(1000 * number, found[number])) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [list(range(20)), list(range(1000, 1020))]


@pytest.fixture
def short_folder():
    """A folder whose name leaves room for a socket's, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="p") as folder:
        yield Path(folder)


LIFE = """
import os, signal, sys, time
from hub_envs.phonesim import browser
if sys.argv[1] == "fork":
    mine = browser.acquire()
    child = os.fork()
    if child == 0:
        other = browser.acquire()
        fine = not mine.usable and other.pid != mine.pid and bool(other.call("Browser.getVersion"))
        browser.release(other)
        os._exit(0 if fine else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert mine.call("Browser.getVersion")
    print(mine.pid, flush=True)
else:
    mine = browser.acquire()
    mine.call("Browser.getVersion")
    print(mine.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("way", ["fork", "killed"])
def test_chromium_ends_with_its_process_and_a_forked_child_starts_its_own(way, short_folder):
    environment = {**os.environ, "TMPDIR": str(short_folder)}
    done = subprocess.run([sys.executable, "-W", "error", "-c", LIFE, way], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == (0 if way == "fork" else -signal.SIGKILL), done.stderr
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}/exe").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}/exe").exists()
    assert way == "killed" or not list(short_folder.iterdir())
