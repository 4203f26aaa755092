"""The phone's page: it settles at once, and its apps behave as a phone's do."""

from __future__ import annotations

import contextlib
import json
import re
import shutil

import pytest
from hub_envs.androidworld.actions import parse
from hub_envs.phonesim import chromium, phones
from hub_envs.phonesim.page import document
from hub_envs.phonesim.tasks import world
from hub_envs.phonesim.tasks.moves import NotOnScreenError, append, back, hold, launch, tap, when, write
from hub_envs.phonesim.touch import perform

needs_chromium = pytest.mark.skipif(not any(map(shutil.which, chromium.NAMES)), reason="needs Debian's package chromium")


def test_the_page_needs_nothing_and_waits_for_nothing():
    page = document()
    clocks = r"Date\.now|new Date\(\)|setTimeout|setInterval|requestAnimationFrame|Promise|\basync\b|\bawait\b"
    assert not re.search(clocks + r"|Math\.random|fetch\(|XMLHttpRequest", page)
    assert not re.search(r"\bsrc=|\bhref=|@import|url\(", page)
    assert max(map(ord, page)) < 128


@pytest.fixture(scope="module")
def phone():
    started = phones.Phones(1, document())
    yield started
    started.close()


class Hand:
    """A phone in hand: makes moves on it, tells what it shows and holds."""

    def __init__(self, phone, **changes):
        self.phone, state = phone, world.number_ids(world.world(7))
        state["settings"]["dark"] = False
        for app, data in changes.items():
            state[app] |= data
        phone.load({0: state})

    def make(self, *moves):
        for move in moves:
            actions, screen = move(self.screen), None
            with contextlib.suppress(StopIteration):
                while True:
                    action = actions.send(screen)
                    assert perform(self.phone, {0: parse(json.dumps(action))}, {0: self.screen}) == {}
                    screen = self.screen
        return self

    @property
    def screen(self):
        return self.phone.look([0], pixels=False)[0].elements

    @property
    def texts(self):
        return [element.get("text") or element.get("content_description") for element in self.screen]

    @property
    def described(self):
        return {element.get("content_description") for element in self.screen}

    @property
    def store(self):
        return self.phone.stores([0])[0]

    def ask(self, expression):
        return self.phone.evaluate({0: expression})[0]


@pytest.mark.browser
@needs_chromium
class TestPhone:
    """The apps, in a real Chromium."""

    def test_home_screen_has_all_apps(self, phone):
        hand = Hand(phone)
        assert {"Contacts", "Messages", "Notes", "Calendar", "Files", "Browser", "Settings"} <= set(hand.texts)
        assert hand.ask("phone.app()") is None
        assert hand.ask("phone.open('nOTES')") is True
        assert hand.ask("phone.app()") == "Notes"
        assert hand.ask("phone.open('Camera')") is False

    def test_loading_forgets_everything(self, phone):
        fresh = Hand(phone).screen
        Hand(phone).make(launch("Contacts"), tap("New contact"), write("Name", "Ada"))
        hand = Hand(phone)
        assert hand.screen == fresh
        assert "Name" not in hand.make(launch("Contacts")).texts

    def test_an_app_is_where_it_was_left(self, phone):
        hand = Hand(phone).make(launch("Contacts"), tap("New contact"), write("Name", "Ada"), tap("Home"), launch("Contacts"))
        assert "Ada" in hand.texts
        assert "Save" in hand.texts

    def test_enter_only_leaves_a_field_of_a_form(self, phone):
        hand = Hand(phone)
        before = hand.store
        hand.make(launch("Contacts"), tap("New contact"), write("Name", "Ada"), write("Phone", "1"))
        assert hand.store == before
        assert not any(element.get("is_focused") for element in hand.screen)

    def test_unsaved_changes_are_asked_about(self, phone):
        hand = Hand(phone)
        before = hand.store
        hand.make(launch("Notes"), tap("New note"), write("Text", "Milk"), back())
        assert "Discard changes?" in hand.texts
        assert "Milk" in hand.make(tap("Keep editing")).texts
        assert "Search notes" in hand.make(back(), tap("Discard")).texts
        assert hand.store == before

    def test_a_permission_refused_hides_names(self, phone):
        asking = {"permissions": {"messages": {"state": "ask", "text": "Allow Messages to read your contacts?"}}}
        names = {item["name"] for item in world.world(7)["contacts"]["items"]}
        assert names & Hand(phone).make(launch("Messages")).described
        refused = Hand(phone, system=asking).make(launch("Messages"), tap("Don't allow"))
        assert not names & refused.described
        assert refused.store["system"]["permissions"]["messages"]["state"] == "denied"

    def test_a_notice_comes_once(self, phone):
        hand = Hand(phone, system={"notices": [{"app": "notes", "title": "News", "text": "Checklists are here."}]}).make(launch("Notes"))
        assert {"News", "Checklists are here.", "Got it"} <= set(hand.texts)
        hand.make(tap("Got it"), tap("Home"), launch("Notes"))
        assert "News" not in hand.texts

    def test_forms_complain(self, phone):
        assert "A contact needs a name" in Hand(phone).make(launch("Contacts"), tap("New contact"), tap("Save")).texts
        hand = Hand(phone).make(launch("Calendar"), tap("New event"), write("Title", "X"), tap("End"), write("Hour", "25"), tap("OK"))
        assert "Hours go from 0 to 23, minutes from 0 to 59" in hand.texts
        assert "The event must end after it starts" in hand.make(write("Hour", "8"), tap("OK"), tap("Save")).texts
        name = world.world(7)["files"]["entries"][0]["path"]
        assert f"{name} is there already" in Hand(phone).make(launch("Files"), tap("New folder"), write("Name", name), tap("Create")).texts

    def test_a_long_press_opens_what_can_be_done(self, phone):
        name = world.world(7)["contacts"]["items"][0]["name"]
        assert {"Edit contact", "Delete contact"} <= set(Hand(phone).make(launch("Contacts"), hold(name)).texts)

    def test_repeating_events_come_again(self, phone):
        weekly = [{"id": 1, **world.event("Choir", "2023-10-17", "19:00", "20:00", repeat="Every week")}]
        hand = Hand(phone, calendar={"events": weekly}).make(launch("Calendar"), tap("Tuesday 31 October 2023"))
        assert "Choir" in hand.described
        assert "Choir" not in hand.make(tap("Tuesday 10 October 2023")).described

    def test_the_browser_searches_and_knows_addresses(self, phone):
        hand = Hand(phone).make(launch("Browser"), write("Search or type address", "https://library.example/"))
        assert "City Library" in hand.texts
        assert "Nothing was found" in hand.make(write("Search or type address", "zeppelin")).texts
        assert "City Library" in hand.make(back()).texts

    def test_a_form_on_a_page_wants_all_its_fields(self, phone):
        hand = Hand(phone).make(launch("Browser"), write("Search or type address", "library.example/book"), tap("Book place"))
        assert "Please fill in: Your name" in hand.texts
        assert hand.store["browser"]["sent"] == []

    def test_moving_a_folder_takes_along_what_is_in_it(self, phone):
        hand = Hand(phone).make(launch("Files"), tap("Options for Music"), tap("Move to"), tap("Pictures"), tap("Move here"))
        paths = {entry["path"] for entry in hand.store["files"]["entries"]}
        assert "Pictures/Music" in paths
        assert not any(path.startswith("Music") for path in paths)
        assert any(path.startswith("Pictures/Music/") for path in paths)

    def test_moves_scroll_both_ways(self, phone):
        languages = Hand(phone).make(launch("Settings"), tap("Language"), tap("System language"))
        assert "Welsh" not in languages.texts
        assert languages.make(tap("Welsh")).store["settings"]["language"] == "Welsh"
        with pytest.raises(NotOnScreenError, match="Klingon"):
            languages.make(tap("System language"), tap("Klingon"))
        assert languages.make(tap("Albanian")).store["settings"]["language"] == "Albanian"

    def test_moves_choose_by_what_is_in_sight(self, phone):
        hand = Hand(phone).make(
            launch("Notes"),
            when("Search notes", tap("New note"), back()),
            append("Text", "a"),
            append("Text", "b"),
            when("Nothing", back()),
        )
        assert "ab" in hand.texts

    def test_screens_fit_their_text(self, phone):
        fullest = max(
            (Hand(phone).make(launch(app)).screen for app in ("Contacts", "Messages", "Calendar")),
            key=lambda screen: len(json.dumps(screen)),
        )
        assert len(json.dumps(fullest, separators=(",", ":"))) < 20_000
