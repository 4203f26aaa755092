"""Tasks in the contacts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from typing import Any

from hub_envs.phonesim.tasks import words
from hub_envs.phonesim.tasks.checks import Change, answered, changed, changed_each
from hub_envs.phonesim.tasks.moves import Move, answer, append, back, hold, in_turn, launch, play, tap, when, write
from hub_envs.phonesim.tasks.task import Moves, Params, PhoneTask
from hub_envs.phonesim.tasks.world import World, contact, draw_seed, named, number_ids, strangers, untouched, world

APP = ("Contacts",)
NONE = "no such contact"


def _remove(store: World, name: str) -> None:
    store["contacts"]["items"].remove(named(store, name))


def _two_known(rng: random.Random) -> dict[str, Any]:
    """Two contacts: the one that is meant, and another."""
    seed = draw_seed(rng)
    meant, other = rng.sample(world(seed)["contacts"]["items"], 2)
    return {"world": seed, "name": meant["name"], "other": other["name"]}


def _fill(p: Params) -> list[Move]:
    fields = ("name", "phone", "email", "company", "address")
    return [launch("Contacts"), tap("New contact"), *[write(key.title(), p[key]) for key in fields if key in p]]


# ContactsAdd, ContactsAddFull


def _draw_new(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    return {"world": seed, "name": rng.choice(strangers(seed)), "phone": words.phone_number(rng)}


def _add(p: Params, store: World) -> None:
    more = {key: p[key] for key in ("email", "company", "address") if key in p}
    store["contacts"]["items"].append(contact(p["name"], p["phone"], **more))


def _type_new(p: Params) -> Moves:
    return play(*_fill(p), tap("Save"))


ADD = PhoneTask(
    name="ContactsAdd",
    level="easy",
    complexity=1.2,
    apps=APP,
    draw=_draw_new,
    goal=lambda p: f"Create a new contact for {p['name']} with the phone number {p['phone']}.",
    state=untouched,
    check=changed(_add),
    oracle=_type_new,
    wrong={
        "not saved": lambda p: play(*_fill(p), tap("Home")),
        "a digit short": lambda p: _type_new({**p, "phone": p["phone"][:-1]}),
        "first name only": lambda p: _type_new({**p, "name": p["name"].split()[0]}),
    },
)


def _draw_full(rng: random.Random) -> dict[str, Any]:
    p = _draw_new(rng)
    email = f"{p['name'].split()[0].lower()}@{rng.choice(('mail', 'post'))}.example"
    return {**p, "email": email, "company": rng.choice(words.COMPANIES), "address": words.address(rng)}


ADD_FULL = PhoneTask(
    name="ContactsAddFull",
    level="medium",
    complexity=1.8,
    apps=APP,
    draw=_draw_full,
    goal=lambda p: (
        f"{p['name']} works at {p['company']} and lives at {p['address']}. "
        f"Save all of this in a new contact, with the phone number {p['phone']} and the email address {p['email']}."
    ),
    state=untouched,
    check=changed(_add),
    oracle=_type_new,
    wrong={
        "address forgotten": lambda p: _type_new({**p, "address": ""}),
        "company and address swapped": lambda p: _type_new({**p, "company": p["address"], "address": p["company"]}),
        "saved twice": lambda p: play(*_fill(p), tap("Save"), *_fill(p)[1:], tap("Save")),
    },
)


# ContactsChangePhone, ContactsFavourite, ContactsFindPhone


def _draw_change(rng: random.Random) -> dict[str, Any]:
    return {**_two_known(rng), "phone": words.phone_number(rng)}


def _edit(name: str, typed: Move, end: str = "Save") -> Moves:
    return play(launch("Contacts"), tap(name), tap("Edit contact"), typed, tap(end))


CHANGE_PHONE = PhoneTask(
    name="ContactsChangePhone",
    level="easy",
    complexity=1.6,
    apps=APP,
    draw=_draw_change,
    goal=lambda p: f"{p['name']} has a new phone number: {p['phone']}. Change it in my contacts.",
    state=untouched,
    check=changed(lambda p, store: named(store, p["name"]).update(phone=p["phone"])),
    oracle=lambda p: _edit(p["name"], write("Phone", p["phone"])),
    wrong={
        "typed behind the old number": lambda p: _edit(p["name"], append("Phone", p["phone"])),
        "somebody else's": lambda p: _edit(p["other"], write("Phone", p["phone"])),
        "left without saving": lambda p: _edit(p["name"], write("Phone", p["phone"]), "Home"),
    },
)


def _draw_plain_contact(rng: random.Random) -> dict[str, Any]:
    """A contact that is no favourite yet, and another."""
    seed = draw_seed(rng)
    name, other = rng.sample([item["name"] for item in world(seed)["contacts"]["items"] if not item["favourite"]], 2)
    return {"world": seed, "name": name, "other": other}


FAVOURITE = PhoneTask(
    name="ContactsFavourite",
    level="easy",
    complexity=1.0,
    apps=APP,
    draw=_draw_plain_contact,
    goal=lambda p: f"Make {p['name']} one of my favourite contacts.",
    state=untouched,
    check=changed(lambda p, store: named(store, p["name"]).update(favourite=True)),
    oracle=lambda p: play(launch("Contacts"), tap(p["name"]), tap("Add to favourites")),
    wrong={
        "another contact": lambda p: play(launch("Contacts"), tap(p["other"]), tap("Add to favourites")),
        "taken back": lambda p: play(launch("Contacts"), tap(p["name"]), tap("Add to favourites"), tap("Remove from favourites")),
    },
)


def _phone_of(p: Params) -> str:
    return str(named(world(p["world"]), p["name"])["phone"])


FIND_PHONE = PhoneTask(
    name="ContactsFindPhone",
    level="easy",
    complexity=1.0,
    apps=APP,
    draw=_two_known,
    goal=lambda p: f"What is the phone number of {p['name']}? Answer with the number only.",
    state=untouched,
    check=answered(_phone_of),
    oracle=lambda p: play(launch("Contacts"), tap(p["name"]), answer(_phone_of(p))),
    wrong={
        "another's number": lambda p: play(launch("Contacts"), tap(p["other"]), answer(_phone_of({**p, "name": p["other"]}))),
        "no answer": lambda p: play(launch("Contacts"), tap(p["name"])),
        "right, but deleted": lambda p: play(*_delete(p["name"]), answer(_phone_of(p))),
    },
)


# ContactsDelete, ContactsDeleteIfThere


def _delete(name: str, confirm: str = "Delete") -> list[Move]:
    return [launch("Contacts"), hold(name), tap("Delete contact"), tap(confirm)]


def _draw_namesake(rng: random.Random) -> dict[str, Any]:
    p = _two_known(rng)
    last = rng.choice(strangers(p["world"])).split()[1]
    return {**p, "namesake": f"{p['name'].split()[0]} {last}", "phone": words.phone_number(rng)}


def _with_namesake(p: Params) -> World:
    store = world(p["world"])
    store["contacts"]["items"].append(contact(p["namesake"], p["phone"]))
    return number_ids(store)


DELETE = PhoneTask(
    name="ContactsDelete",
    level="easy",
    complexity=1.0,
    apps=APP,
    draw=_draw_namesake,
    goal=lambda p: f"Delete the contact {p['name']}.",
    state=_with_namesake,
    check=changed(lambda p, store: _remove(store, p["name"])),
    oracle=lambda p: play(*_delete(p["name"])),
    wrong={
        "the namesake": lambda p: play(*_delete(p["namesake"])),
        "cancelled": lambda p: play(*_delete(p["name"], confirm="Cancel")),
        "both": lambda p: play(*_delete(p["name"]), *_delete(p["namesake"])),
    },
)


def _draw_if_there(rng: random.Random) -> dict[str, Any]:
    p = _draw_namesake(rng)
    return {**p, "there": rng.random() < 0.5}


def _perhaps_gone(p: Params) -> World:
    store = _with_namesake(p)
    if not p["there"]:
        _remove(store, p["name"])
    return store


def _delete_or_say(p: Params) -> Moves:
    return play(*(_delete(p["name"]) if p["there"] else [launch("Contacts"), write("Search contacts", p["name"]), answer(NONE)]))


DELETE_IF_THERE = PhoneTask(
    name="ContactsDeleteIfThere",
    level="medium",
    complexity=1.2,
    apps=APP,
    draw=_draw_if_there,
    goal=lambda p: f"Delete the contact {p['name']}. If there is none with exactly this name, change nothing and answer: {NONE}",
    state=_perhaps_gone,
    check=lambda p, before, after, said: (changed(lambda p, store: _remove(store, p["name"])) if p["there"] else answered(lambda _: NONE))(
        p, before, after, said
    ),
    oracle=_delete_or_say,
    wrong={
        "the namesake": lambda p: play(*_delete(p["namesake"])),
        "the opposite": lambda p: play(*_delete(p["namesake"]), answer(NONE)) if not p["there"] else play(launch("Contacts"), answer(NONE)),
    },
)


# ContactsDeduplicate


def _draw_doubles(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    names = rng.sample(strangers(seed), 3)
    return {
        "world": seed,
        "doubles": [{"name": name, "phone": words.phone_number(rng), "bare_first": rng.random() < 0.5} for name in names],
    }


def _with_doubles(p: Params) -> World:
    store = world(p["world"])
    for double in p["doubles"]:
        name, phone = double["name"], double["phone"]
        pair = [contact(name, phone), contact(name, phone, email=f"{name.replace(' ', '.').lower()}@mail.example")]
        store["contacts"]["items"] += pair if double["bare_first"] else pair[::-1]
    return number_ids(store)


def _remove_bare(name: str, _: Params, store: World) -> None:
    items = store["contacts"]["items"]
    items.remove(next(item for item in items if item["name"] == name and not item["email"]))


def _bare_ones(p: Params) -> Sequence[Change]:
    return [partial(_remove_bare, double["name"]) for double in p["doubles"]]


def _delete_bare(double: Params) -> Move:
    search = write("Search contacts", double["name"])  # the whole list may show one of the two alone
    line = f"{double['name']} {double['phone']}"  # a name alone would be found in the search field, too
    delete = in_turn(tap("More options"), tap("Delete contact"), tap("Delete"))
    return in_turn(search, tap(line), when("Email", in_turn(back(), tap(line, 1), delete), delete))


DEDUPLICATE = PhoneTask(
    name="ContactsDeduplicate",
    level="hard",
    complexity=4.8,
    apps=APP,
    draw=_draw_doubles,
    goal=lambda p: (
        f"{', '.join(double['name'] for double in p['doubles'][:-1])} and {p['doubles'][-1]['name']} are in my contacts twice. "
        "Of each pair, delete the contact that has no email address."
    ),
    state=_with_doubles,
    check=changed_each(_bare_ones),
    oracle=lambda p: play(launch("Contacts"), *[_delete_bare(double) for double in p["doubles"]]),
    wrong={
        "one pair left": lambda p: play(launch("Contacts"), *[_delete_bare(double) for double in p["doubles"][1:]]),
        "both of a pair": lambda p: play(*_delete(p["doubles"][0]["name"]) * 2),
    },
)

TASKS = (ADD, CHANGE_PHONE, DELETE, FAVOURITE, FIND_PHONE, ADD_FULL, DELETE_IF_THERE, DEDUPLICATE)
