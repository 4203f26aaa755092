"""Tasks in the notes."""

from __future__ import annotations

import random
from typing import Any

from hub_envs.phonesim.tasks import words
from hub_envs.phonesim.tasks.checks import answered, changed
from hub_envs.phonesim.tasks.moves import Move, answer, append, hold, in_turn, launch, play, tap, write
from hub_envs.phonesim.tasks.task import Moves, Params, PhoneTask
from hub_envs.phonesim.tasks.world import World, draw_seed, number_ids, titled, untouched, world

APP = ("Notes",)


def fresh_titles(rng: random.Random, seed: int, count: int) -> list[str]:
    """Return titles that no note on the phone of this seed has."""
    taken = {item["title"] for item in world(seed)["notes"]["items"]}
    return rng.sample([title for title in words.TOPICS if title not in taken], count)


def errands(rng: random.Random, count: int) -> list[str]:
    """Return things to do, as sentences begin."""
    return [f"{text[0].upper()}{text[1:]}" for text in rng.sample(words.ERRANDS, count)]


def put(store: World, title: str, **more: Any) -> None:
    """Add a note with this `text`, or a checklist of these `items`."""
    store["notes"]["items"].insert(0, {"title": title, "pinned": False, **more})


def drop(store: World, title: str) -> None:
    """Delete a note."""
    store["notes"]["items"].remove(titled(store, title))


def noting(title: str, text: str) -> Move:
    """Write a new note, from the list of notes."""
    return in_turn(tap("New note"), write("Title", title), write("Text", text), tap("Save"))


def deleting(title: str, confirm: str = "Delete") -> Move:
    """Delete a note, from the list of notes."""
    return in_turn(hold(title), tap("Delete note"), tap(confirm))


# NotesCreate, NotesDelete


def _draw_create(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    return {"world": seed, "title": fresh_titles(rng, seed, 1)[0], "text": f"{errands(rng, 1)[0]} before {words.clock(rng)}"}


def _create(p: Params) -> Moves:
    return play(launch("Notes"), noting(p["title"], p["text"]))


CREATE = PhoneTask(
    name="NotesCreate",
    level="easy",
    complexity=1.2,
    apps=APP,
    draw=_draw_create,
    goal=lambda p: f'Create a note with the title "{p["title"]}" and the text: {p["text"]}',
    state=untouched,
    check=changed(lambda p, store: put(store, p["title"], text=p["text"])),
    oracle=_create,
    wrong={
        "not saved": lambda p: play(launch("Notes"), tap("New note"), write("Title", p["title"]), write("Text", p["text"])),
        "no title": lambda p: _create({**p, "title": ""}),
        "title and text swapped": lambda p: _create({**p, "title": p["text"], "text": p["title"]}),
    },
)


def _draw_years(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    title = fresh_titles(rng, seed, 1)[0]
    years = rng.sample((2021, 2022, 2023), 2)
    return {"world": seed, "title": f"{title} {years[0]}", "other": f"{title} {years[1]}", "texts": errands(rng, 2)}


def _with_years(p: Params) -> World:
    store = world(p["world"])
    for title, text in zip((p["title"], p["other"]), p["texts"], strict=True):
        store["notes"]["items"].append({"title": title, "text": text, "pinned": False})
    return number_ids(store)


DELETE = PhoneTask(
    name="NotesDelete",
    level="easy",
    complexity=1.2,
    apps=APP,
    draw=_draw_years,
    goal=lambda p: f'Delete the note "{p["title"]}".',
    state=_with_years,
    check=changed(lambda p, store: drop(store, p["title"])),
    oracle=lambda p: play(launch("Notes"), deleting(p["title"])),
    wrong={
        "the other year": lambda p: play(launch("Notes"), deleting(p["other"])),
        "cancelled": lambda p: play(launch("Notes"), deleting(p["title"], "Cancel")),
    },
)


# NotesTick, NotesAppend, NotesSum


def _draw_list(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    goods = rng.sample(words.GOODS, 8)
    return {"world": seed, "title": fresh_titles(rng, seed, 1)[0], "goods": goods, "ticked": goods[rng.randrange(1, 7)], "done": goods[7]}


def _with_list(p: Params) -> World:
    store = world(p["world"])
    put(store, p["title"], items=[{"text": text, "done": text == p["done"]} for text in p["goods"]])
    return number_ids(store)


def _ticked(p: Params, store: World) -> None:
    next(item for item in titled(store, p["title"])["items"] if item["text"] == p["ticked"])["done"] = True


def _tick(p: Params, *items: str, end: str = "Save") -> Moves:
    return play(launch("Notes"), tap(p["title"]), *[tap(item) for item in items], tap(end))


TICK = PhoneTask(
    name="NotesTick",
    level="easy",
    complexity=1.0,
    apps=APP,
    draw=_draw_list,
    goal=lambda p: f'In the checklist "{p["title"]}", tick "{p["ticked"]}".',
    state=_with_list,
    check=changed(_ticked),
    oracle=lambda p: _tick(p, p["ticked"]),
    wrong={
        "not saved": lambda p: _tick(p, p["ticked"], end="Home"),
        "the first one": lambda p: _tick(p, p["goods"][0]),
        "another one unticked": lambda p: _tick(p, p["ticked"], p["done"]),
    },
)


def _draw_append(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    title, other = fresh_titles(rng, seed, 2)
    *lines, line = errands(rng, 5)
    return {"world": seed, "title": title, "other": other, "lines": lines, "line": line}


def _with_two_notes(p: Params) -> World:
    store = world(p["world"])
    put(store, p["other"], text="\n".join(p["lines"][:2]))
    put(store, p["title"], text="\n".join(p["lines"][2:]))
    return number_ids(store)


def _append(p: Params, title: str, typed: Move) -> Moves:
    return play(launch("Notes"), tap(title), typed, tap("Save"))


APPEND = PhoneTask(
    name="NotesAppend",
    level="medium",
    complexity=1.2,
    apps=APP,
    draw=_draw_append,
    goal=lambda p: f'Add a line to the end of the note "{p["title"]}", and leave the rest as it is: {p["line"]}',
    state=_with_two_notes,
    check=changed(lambda p, store: titled(store, p["title"]).update(text="\n".join([*p["lines"][2:], p["line"]]))),
    oracle=lambda p: _append(p, p["title"], append("Text", f"\n{p['line']}")),
    wrong={
        "the rest replaced": lambda p: _append(p, p["title"], write("Text", p["line"])),
        "no new line": lambda p: _append(p, p["title"], append("Text", p["line"])),
        "another note": lambda p: _append(p, p["other"], append("Text", f"\n{p['line']}")),
    },
)


def _draw_sum(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    spent = {good: rng.randrange(2, 60) for good in rng.sample(words.GOODS, 7)}
    return {"world": seed, "title": fresh_titles(rng, seed, 1)[0], "spent": spent}


def _with_sums(p: Params) -> World:
    store = world(p["world"])
    put(store, p["title"], text="\n".join(f"{good}: {price} euros" for good, price in p["spent"].items()))
    return number_ids(store)


def _tell_sum(p: Params, total: int) -> Moves:
    return play(launch("Notes"), tap(p["title"]), answer(str(total)))


SUM = PhoneTask(
    name="NotesSum",
    level="medium",
    complexity=1.0,
    apps=APP,
    draw=_draw_sum,
    goal=lambda p: f'The note "{p["title"]}" says what I spent. How many euros are that together? Answer with the number only.',
    state=_with_sums,
    check=answered(lambda p: str(sum(p["spent"].values()))),
    oracle=lambda p: _tell_sum(p, sum(p["spent"].values())),
    wrong={
        "the last one forgotten": lambda p: _tell_sum(p, sum(list(p["spent"].values())[:-1])),
        "the greatest": lambda p: _tell_sum(p, max(p["spent"].values())),
    },
)


# NotesMerge


def _draw_merge(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    first, second, title = fresh_titles(rng, seed, 3)
    lines = errands(rng, 5)
    return {"world": seed, "title": title, "notes": {first: "\n".join(lines[:2]), second: "\n".join(lines[2:])}}


def _with_both(p: Params) -> World:
    store = world(p["world"])
    for title, text in p["notes"].items():
        put(store, title, text=text)
    return number_ids(store)


def _merge_goal(p: Params) -> str:
    first, second = p["notes"]
    return (
        f'Merge the notes "{first}" and "{second}": create the note "{p["title"]}" with the text of "{first}", followed on a new line by '
        f'the text of "{second}", then delete these two.'
    )


def _drop_both(p: Params, store: World) -> None:
    for title in p["notes"]:
        drop(store, title)


def _merge(p: Params, texts: list[str]) -> list[Move]:
    return [launch("Notes"), noting(p["title"], "\n".join(texts))]


MERGE = PhoneTask(
    name="NotesMerge",
    level="hard",
    complexity=3.0,
    apps=APP,
    draw=_draw_merge,
    goal=_merge_goal,
    state=_with_both,
    check=changed(lambda p, store: put(store, p["title"], text="\n".join(p["notes"].values())), _drop_both, ordered=True),
    oracle=lambda p: play(*_merge(p, list(p["notes"].values())), *[deleting(title) for title in p["notes"]]),
    wrong={
        "both kept": lambda p: play(*_merge(p, list(p["notes"].values()))),
        "in the other order": lambda p: play(*_merge(p, list(p["notes"].values())[::-1]), *[deleting(title) for title in p["notes"]]),
        "only deleted": lambda p: play(launch("Notes"), *[deleting(title) for title in p["notes"]]),
    },
)

TASKS = (CREATE, DELETE, TICK, APPEND, SUM, MERGE)
