"""Tasks in the calendar."""

from __future__ import annotations

import random
from typing import Any

from hub_envs.phonesim.tasks import words
from hub_envs.phonesim.tasks.checks import answered, changed
from hub_envs.phonesim.tasks.moves import Move, answer, hold, in_turn, launch, play, tap, write
from hub_envs.phonesim.tasks.task import Moves, Params, PhoneTask
from hub_envs.phonesim.tasks.world import TODAY, World, day, draw_seed, event, later, number_ids, spoken, untouched, world

APP = ("Calendar",)


def fresh_occasions(rng: random.Random, seed: int, count: int) -> list[str]:
    """Return titles that no event on the phone of this seed has."""
    taken = {each["title"] for each in world(seed)["calendar"]["events"]}
    return rng.sample([title for title in words.OCCASIONS if title not in taken], count)


def happening(store: World, title: str, on: str) -> dict[str, Any]:
    """Return the event of this title on a date."""
    return next(each for each in store["calendar"]["events"] if (each["title"], each["date"]) == (title, on))


def turn_to(wanted: str, shown: str = TODAY) -> Move:
    """Touch a day, from a month that shows another."""
    months = 12 * (int(wanted[:4]) - int(shown[:4])) + int(wanted[5:7]) - int(shown[5:7])
    turns = [tap("Next month" if months > 0 else "Previous month")] * abs(months)
    return in_turn(*turns, tap(spoken(wanted)))


def pick_time(field: str, time: str) -> Move:
    """Set the start or the end in the form of an event."""
    return in_turn(tap(field), write("Hour", time[:2]), write("Minute", time[3:]), tap("OK"))


def scheduling(made: dict[str, Any]) -> Move:
    """Make an event, from a month where today is chosen; the phone proposes an hour."""
    ends = [pick_time("End", made["end"])] if made["end"] != later(made["start"], 60) else []
    place = [write("Place", made["place"])] if made["place"] else []
    date = in_turn(tap("Date"), turn_to(made["date"]), tap("OK"))
    return in_turn(tap("New event"), write("Title", made["title"]), date, pick_time("Start", made["start"]), *ends, *place, tap("Save"))


def _draw_event(rng: random.Random) -> dict[str, Any]:
    """An event that a task puts into the calendar, or has put there, and another one of the same title a week before or after it."""
    seed = draw_seed(rng)
    title, other = fresh_occasions(rng, seed, 2)
    offset, start, place = rng.randrange(1, 21), words.clock(rng), rng.choice(words.PLACES)
    return {
        "world": seed,
        "event": event(title, day(offset), start, later(start, rng.choice((30, 45, 60, 90))), place=place),
        "twin": event(title, day(offset + rng.choice((-7, 7))), words.clock(rng, 8, 12), "12:30", place=place),
        "other": event(other, day(offset), later(start, 15), later(start, 75)),
    }


def _with_events(p: Params) -> World:
    store = world(p["world"])
    store["calendar"]["events"] += [dict(p["event"]), dict(p["twin"]), dict(p["other"])]
    return number_ids(store)


def _the_event(p: Params, store: World) -> dict[str, Any]:
    return happening(store, p["event"]["title"], p["event"]["date"])


def _called(p: Params) -> str:
    return f'"{p["event"]["title"]}" on {spoken(p["event"]["date"])}'


# CalendarDelete, CalendarFindStart


def _delete(which: dict[str, Any], confirm: str = "Delete") -> Moves:
    return play(launch("Calendar"), turn_to(which["date"]), hold(which["title"]), tap("Delete event"), tap(confirm))


DELETE = PhoneTask(
    name="CalendarDelete",
    level="easy",
    complexity=1.4,
    apps=APP,
    draw=_draw_event,
    goal=lambda p: f"Delete the event {_called(p)}.",
    state=_with_events,
    check=changed(lambda p, store: store["calendar"]["events"].remove(_the_event(p, store))),
    oracle=lambda p: _delete(p["event"]),
    wrong={
        "on another day": lambda p: _delete(p["twin"]),
        "another on that day": lambda p: _delete(p["other"]),
        "cancelled": lambda p: _delete(p["event"], "Cancel"),
    },
)


def _tell(p: Params, which: dict[str, Any]) -> Moves:
    return play(launch("Calendar"), turn_to(which["date"]), tap(which["title"]), answer(which["start"]))


FIND_START = PhoneTask(
    name="CalendarFindStart",
    level="easy",
    complexity=1.2,
    apps=APP,
    draw=_draw_event,
    goal=lambda p: f"At what time does {_called(p)} start? Answer like 07:45.",
    state=_with_events,
    check=answered(lambda p: str(p["event"]["start"])),
    oracle=lambda p: _tell(p, p["event"]),
    wrong={
        "another on that day": lambda p: _tell(p, p["other"]),
        "the end": lambda p: play(launch("Calendar"), turn_to(p["event"]["date"]), answer(p["event"]["end"])),
    },
)


# CalendarAdd, CalendarMove, CalendarRepeat


def _add(made: dict[str, Any]) -> Moves:
    return play(launch("Calendar"), scheduling(made))


ADD = PhoneTask(
    name="CalendarAdd",
    level="medium",
    complexity=3.2,
    apps=APP,
    draw=_draw_event,
    goal=lambda p: f"Create the event {_called(p)} from {p['event']['start']} to {p['event']['end']}. The place is: {p['event']['place']}",
    state=untouched,
    check=changed(lambda p, store: store["calendar"]["events"].append(dict(p["event"]))),
    oracle=lambda p: _add(p["event"]),
    wrong={
        "a week off": lambda p: _add({**p["event"], "date": p["twin"]["date"]}),
        "without a place": lambda p: _add({**p["event"], "place": ""}),
        "a quarter longer": lambda p: _add({**p["event"], "end": later(p["event"]["end"], 15)}),
    },
)


def _draw_move(rng: random.Random) -> dict[str, Any]:
    p = _draw_event(rng)
    return {**p, "to": rng.choice([day(offset) for offset in range(1, 21) if day(offset) not in (p["event"]["date"], p["twin"]["date"])])}


def _edit(which: dict[str, Any], *edits: Move, end: str = "Save") -> Moves:
    return play(launch("Calendar"), turn_to(which["date"]), tap(which["title"]), tap("Edit event"), *edits, tap(end))


def _to_day(which: dict[str, Any], to: str) -> Move:
    return in_turn(tap("Date"), turn_to(to, which["date"]), tap("OK"))


MOVE = PhoneTask(
    name="CalendarMove",
    level="medium",
    complexity=2.4,
    apps=APP,
    draw=_draw_move,
    goal=lambda p: f"Move the event {_called(p)} to {spoken(p['to'])}, at the same time of day.",
    state=_with_events,
    check=changed(lambda p, store: _the_event(p, store).update(date=p["to"])),
    oracle=lambda p: _edit(p["event"], _to_day(p["event"], p["to"])),
    wrong={
        "of another day": lambda p: _edit(p["twin"], _to_day(p["twin"], p["to"])),
        "not saved": lambda p: _edit(p["event"], _to_day(p["event"], p["to"]), end="Home"),
        "time changed": lambda p: _edit(p["event"], _to_day(p["event"], p["to"]), pick_time("Start", "06:00")),
    },
)


def _draw_repeat(rng: random.Random) -> dict[str, Any]:
    return {**_draw_event(rng), "repeat": rng.choice(("Every day", "Every week", "Every month"))}


def _repeat(which: dict[str, Any], repeat: str) -> Moves:
    return _edit(which, tap("Repeat"), tap(repeat))


REPEAT = PhoneTask(
    name="CalendarRepeat",
    level="medium",
    complexity=1.8,
    apps=APP,
    draw=_draw_repeat,
    goal=lambda p: f"Let the event {_called(p)} repeat {p['repeat'].lower()}.",
    state=_with_events,
    check=changed(lambda p, store: _the_event(p, store).update(repeat=p["repeat"])),
    oracle=lambda p: _repeat(p["event"], p["repeat"]),
    wrong={
        "every year": lambda p: _repeat(p["event"], "Every year"),
        "another on that day": lambda p: _repeat(p["other"], p["repeat"]),
    },
)


# CalendarClash


def _draw_clash(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    titles = fresh_occasions(rng, seed, 4)
    on, start = day(rng.randrange(1, 21)), words.clock(rng, 8, 12)
    length, overlap, length_2 = rng.choice((75, 90, 120)), rng.choice((15, 30, 45)), rng.choice((60, 90))
    end = later(start, length)
    second = later(end, -overlap)
    spans = ((start, end), (second, later(second, length_2)), ("16:00", "16:45"), ("17:15", "18:15"))
    return {
        "world": seed,
        "date": on,
        "events": [event(title, on, *span) for title, span in zip(titles, spans, strict=True)],
        "length": length_2,
    }


def _clashing(p: Params) -> World:
    store = world(p["world"])
    others = [each for each in store["calendar"]["events"] if each["date"] != p["date"]]
    store["calendar"]["events"] = others + [dict(each) for each in p["events"]]
    return number_ids(store)


def _parted(p: Params, store: World) -> None:
    first, second = p["events"][:2]
    happening(store, second["title"], p["date"]).update(start=first["end"], end=later(first["end"], p["length"]))


CLASH = PhoneTask(
    name="CalendarClash",
    level="hard",
    complexity=2.2,
    apps=APP,
    draw=_draw_clash,
    goal=lambda p: (
        f"On {spoken(p['date'])} two of my events overlap. Let the one that starts later begin when the other one ends, "
        "and take as long as it does now."
    ),
    state=_clashing,
    check=changed(_parted),
    oracle=lambda p: _edit(p["events"][1], pick_time("Start", p["events"][0]["end"])),
    wrong={
        "end left as it was": lambda p: _edit(
            p["events"][1], pick_time("Start", p["events"][0]["end"]), pick_time("End", p["events"][1]["end"])
        ),
        "the first one cut": lambda p: _edit(p["events"][0], pick_time("End", p["events"][1]["start"])),
        "another one moved": lambda p: _edit(p["events"][2], pick_time("Start", p["events"][0]["end"])),
    },
)

TASKS = (DELETE, FIND_START, ADD, MOVE, REPEAT, CLASH)
