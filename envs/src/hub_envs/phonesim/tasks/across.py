"""Tasks that take what one app tells to another: senders, addresses, meetings."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hub_envs.phonesim.tasks import words
from hub_envs.phonesim.tasks.calendar import fresh_occasions, scheduling, turn_to
from hub_envs.phonesim.tasks.checks import Change, changed, changed_each
from hub_envs.phonesim.tasks.messages import texting
from hub_envs.phonesim.tasks.moves import Move, launch, play, tap, write
from hub_envs.phonesim.tasks.task import Moves, Params, PhoneTask
from hub_envs.phonesim.tasks.world import (
    World,
    contact,
    day,
    draw_seed,
    event,
    hear,
    later,
    named,
    number_ids,
    say,
    spoken,
    strangers,
    world,
)

# SaveSender, AddressFromMessage


def _draw_sender(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    name, other = rng.sample(strangers(seed), 2)
    return {"world": seed, "name": name, "phone": words.phone_number(rng), "other": other, "other_phone": words.phone_number(rng)}


def _with_senders(p: Params) -> World:
    store = world(p["world"])
    hear(store, p["other_phone"], f"Good morning, {p['other']} here. Are you in?", hour=8)
    hear(store, p["phone"], f"Hi, this is {p['name']}. I have a new number!", "Talk soon")
    return number_ids(store)


def _save_sender(p: Params, name: str, phone: str) -> Moves:
    read = [launch("Messages"), tap(p["phone"])]
    return play(*read, launch("Contacts"), tap("New contact"), write("Name", name), write("Phone", phone), tap("Save"))


SAVE_SENDER = PhoneTask(
    name="SaveSender",
    level="medium",
    complexity=1.6,
    apps=("Messages", "Contacts"),
    draw=_draw_sender,
    goal=lambda p: f"{p['name']} sent me a message from a new number. Add {p['name']} with that number to my contacts.",
    state=_with_senders,
    check=changed(lambda p, store: store["contacts"]["items"].append(contact(p["name"], p["phone"]))),
    oracle=lambda p: _save_sender(p, p["name"], p["phone"]),
    wrong={
        "the other's number": lambda p: _save_sender(p, p["name"], p["other_phone"]),
        "the other's name": lambda p: _save_sender(p, p["other"], p["phone"]),
    },
)


def _draw_address(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    meant, other = rng.sample(world(seed)["contacts"]["items"], 2)
    old, new = f"{rng.randrange(1, 99)} Quay Street, Seaham", words.address(rng)
    return {"world": seed, "name": meant["name"], "phone": meant["phone"], "other": other["name"], "old": old, "new": new}


def _with_address(p: Params) -> World:
    store = world(p["world"])
    texts = (f"You know that we lived at {p['old']}.", f"We moved! Now you find us at {p['new']}.", "Come and see us")
    hear(store, p["phone"], *texts)
    store["system"]["permissions"]["messages"] = {"state": "ask", "text": "Allow Messages to read your contacts?"}
    return number_ids(store)


def _copy_address(p: Params, name: str, address: str) -> Moves:
    read = [launch("Messages"), tap("Allow"), tap(p["name"])]
    return play(*read, launch("Contacts"), tap(name), tap("Edit contact"), write("Address", address), tap("Save"))


ADDRESS = PhoneTask(
    name="AddressFromMessage",
    level="hard",
    complexity=1.9,
    apps=("Messages", "Contacts"),
    draw=_draw_address,
    goal=lambda p: (
        f"{p['name']} has moved, and sent me the new address in a message. Put it into the contact, in place of what may be there."
    ),
    state=_with_address,
    check=changed(lambda p, store: named(store, p["name"]).update(address=p["new"])),
    oracle=lambda p: _copy_address(p, p["name"], p["new"]),
    wrong={
        "the old address": lambda p: _copy_address(p, p["name"], p["old"]),
        "somebody else's contact": lambda p: _copy_address(p, p["other"], p["new"]),
        "the town forgotten": lambda p: _copy_address(p, p["name"], p["new"].split(",")[0]),
    },
)


# EventsFromMessages, TellEvent


def _draw_meetings(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    met = rng.sample(world(seed)["contacts"]["items"], 4)
    days, times = rng.sample(range(1, 16), 3), [words.clock(rng) for _ in range(3)]
    asked = [
        {"name": item["name"], "phone": item["phone"], "date": day(on), "at": at} for item, on, at in zip(met[:3], days, times, strict=True)
    ]
    return {"world": seed, "asked": asked, "other": {"name": met[3]["name"], "phone": met[3]["phone"]}}


def _with_requests(p: Params) -> World:
    store = world(p["world"])
    for hour, each in enumerate(p["asked"], 9):
        hear(store, each["phone"], f"Can we meet on {spoken(each['date'])} at {each['at']}? An hour will do.", hour=hour)
    hear(store, p["other"]["phone"], "It was good to meet you on Friday", hour=13)
    return number_ids(store)


def _meeting(each: dict[str, Any]) -> dict[str, Any]:
    return event(f"Meet {each['name']}", each["date"], each["at"], later(each["at"], 60))


def _meetings(p: Params) -> Sequence[Change]:
    def made(each: dict[str, Any]) -> Change:
        return lambda _, store: store["calendar"]["events"].append(_meeting(each))

    return [made(each) for each in p["asked"]]


def _schedule(p: Params, asked: Sequence[dict[str, Any]]) -> Moves:
    read: list[Move] = [launch("Messages"), *[move for each in p["asked"] for move in (tap(each["name"]), tap("Navigate up"))]]
    return play(*read, launch("Calendar"), *[scheduling(_meeting(each)) for each in asked])


def _at(each: dict[str, Any], at: str) -> dict[str, Any]:
    return {**each, "at": at}


MEETINGS = PhoneTask(
    name="EventsFromMessages",
    level="hard",
    complexity=9.0,
    apps=("Messages", "Calendar"),
    draw=_draw_meetings,
    goal=lambda p: (
        "Three people asked me today for a meeting. Put each meeting into my calendar as an event of one hour, without a place, "
        f'with a title like "Meet {p["other"]["name"]}".'
    ),
    state=_with_requests,
    check=changed_each(_meetings),
    oracle=lambda p: _schedule(p, p["asked"]),
    wrong={
        "one forgotten": lambda p: _schedule(p, p["asked"][:2]),
        "one an hour late": lambda p: _schedule(p, [_at(p["asked"][0], later(p["asked"][0]["at"], 60)), *p["asked"][1:]]),
        "one who did not ask": lambda p: _schedule(p, [*p["asked"], {**p["asked"][0], "name": p["other"]["name"]}]),
    },
)


def _draw_tell(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    meant, other = rng.sample(world(seed)["contacts"]["items"], 2)
    title, twin = fresh_occasions(rng, seed, 2)
    start, place, another = words.clock(rng), *rng.sample(words.PLACES, 2)
    on = day(rng.randrange(1, 21))
    return {
        "world": seed,
        "name": meant["name"],
        "phone": meant["phone"],
        "other": other["name"],
        "event": event(title, on, start, later(start, 60), place=place),
        "twin": event(twin, on, later(start, 15), later(start, 75), place=another),
    }


def _with_tellable(p: Params) -> World:
    store = world(p["world"])
    store["calendar"]["events"] += [dict(p["twin"]), dict(p["event"])]
    return number_ids(store)


def _news(which: dict[str, Any]) -> str:
    return f"{which['start']}, {which['place']}"


def _tell(p: Params, to: str, text: str) -> Moves:
    read = [launch("Calendar"), turn_to(p["event"]["date"]), tap(p["event"]["title"])]
    return play(*read, launch("Messages"), texting(to, text))


TELL_EVENT = PhoneTask(
    name="TellEvent",
    level="hard",
    complexity=2.2,
    apps=("Calendar", "Messages"),
    draw=_draw_tell,
    goal=lambda p: (
        f'Tell {p["name"]} in a message when and where "{p["event"]["title"]}" on {spoken(p["event"]["date"])} is: '
        "the time it starts, a comma, a space and the place, like: 07:45, Harbour"
    ),
    state=_with_tellable,
    check=changed(lambda p, store: say(store, p["phone"], _news(p["event"]))),
    oracle=lambda p: _tell(p, p["name"], _news(p["event"])),
    wrong={
        "another event": lambda p: _tell(p, p["name"], _news(p["twin"])),
        "another person": lambda p: _tell(p, p["other"], _news(p["event"])),
        "the place forgotten": lambda p: _tell(p, p["name"], p["event"]["start"]),
    },
)

TASKS = (SAVE_SENDER, ADDRESS, MEETINGS, TELL_EVENT)
