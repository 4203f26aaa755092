"""Tasks that collect in a note what another app tells."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from hub_envs.phonesim.tasks import words
from hub_envs.phonesim.tasks.browser import prices
from hub_envs.phonesim.tasks.checks import changed
from hub_envs.phonesim.tasks.moves import in_turn, launch, play, tap, write
from hub_envs.phonesim.tasks.notes import fresh_titles, noting, put
from hub_envs.phonesim.tasks.task import Moves, Params, PhoneTask
from hub_envs.phonesim.tasks.world import World, draw_seed, hear, number_ids, untouched, world

# ShoppingFromMessage, PricesToNote


def _draw_shopping(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    meant = rng.choice(world(seed)["contacts"]["items"])
    goods = rng.sample(words.GOODS, 5)
    return {
        "world": seed,
        "name": meant["name"],
        "phone": meant["phone"],
        "title": fresh_titles(rng, seed, 1)[0],
        "goods": goods[:4],
        "not": goods[4],
    }


def _with_wishes(p: Params) -> World:
    store = world(p["world"])
    first, *middle, last = p["goods"]
    texts = (f"Please buy {first}, {p['not']}, {' and '.join(middle)}.", f"And {last}!", f"No, wait. We still have {p['not']}.")
    hear(store, p["phone"], *texts)
    return number_ids(store)


def _wanted(p: Params, store: World) -> None:
    put(store, p["title"], items=[{"text": good, "done": False} for good in p["goods"]])


def _list_goods(p: Params, goods: Sequence[str]) -> Moves:
    adding = [in_turn(write("New item", good), tap("Add")) for good in goods]
    return play(launch("Messages"), tap(p["name"]), launch("Notes"), tap("New checklist"), write("Title", p["title"]), *adding, tap("Save"))


SHOPPING = PhoneTask(
    name="ShoppingFromMessage",
    level="hard",
    complexity=2.8,
    apps=("Messages", "Notes"),
    draw=_draw_shopping,
    goal=lambda p: (
        f"{p['name']} told me in messages today what to buy. Make a checklist of it in the notes, one item for each thing still wanted, "
        f"written as in the messages and none of them ticked. Its title: {p['title']}"
    ),
    state=_with_wishes,
    check=changed(_wanted),
    oracle=lambda p: _list_goods(p, p["goods"]),
    wrong={
        "what they still have": lambda p: _list_goods(p, [*p["goods"], p["not"]]),
        "the second message missed": lambda p: _list_goods(p, p["goods"][:-1]),
        "a note of text": lambda p: play(launch("Notes"), noting(p["title"], "\n".join(p["goods"]))),
    },
)


def _draw_prices(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    shown = prices(seed)
    return {"world": seed, "title": fresh_titles(rng, seed, 1)[0], "prices": {name: shown[name] for name in rng.sample(list(shown), 3)}}


def _lines(chosen: Mapping[str, str]) -> str:
    return "\n".join(f"{name} {price}" for name, price in chosen.items())


def _note_prices(p: Params, text: str) -> Moves:
    read = [launch("Browser"), tap("Camp Shop"), tap("Price list")]
    return play(*read, launch("Notes"), noting(p["title"], text))


PRICES = PhoneTask(
    name="PricesToNote",
    level="hard",
    complexity=1.8,
    apps=("Browser", "Notes"),
    draw=_draw_prices,
    goal=lambda p: (
        f"Look up in the browser what these cost in the Camp Shop: {', '.join(p['prices'])}. "
        f'Write a note with the title "{p["title"]}" and a line for each, in this order and like: Anorak 35.50'
    ),
    state=untouched,
    check=changed(lambda p, store: put(store, p["title"], text=_lines(p["prices"]))),
    oracle=lambda p: _note_prices(p, _lines(p["prices"])),
    wrong={
        "one forgotten": lambda p: _note_prices(p, _lines(dict(list(p["prices"].items())[:2]))),
        "one mistaken": lambda p: _note_prices(p, _lines({**p["prices"], next(iter(p["prices"])): "3.50"})),
        "in another order": lambda p: _note_prices(p, _lines(dict(list(p["prices"].items())[::-1]))),
    },
)

TASKS = (SHOPPING, PRICES)
