"""Tasks in the browser."""

from __future__ import annotations

import random
from typing import Any

from hub_envs.phonesim.tasks import words
from hub_envs.phonesim.tasks.checks import answered, changed
from hub_envs.phonesim.tasks.moves import Move, answer, launch, play, tap, write
from hub_envs.phonesim.tasks.pages import SERVICES, SESSIONS, Page
from hub_envs.phonesim.tasks.task import Moves, Params, PhoneTask
from hub_envs.phonesim.tasks.world import World, draw_seed, untouched, world

APP = ("Browser",)


def page_at(seed: int, url: str) -> Page:
    """Return a page of the phone of this seed."""
    found: Page = next(page for page in world(seed)["browser"]["pages"] if page["url"] == url)
    return found


def links(page: Page) -> dict[str, str]:
    """Return the links on a page: what they say, and where they lead."""
    return {block["link"]: block["to"] for block in page["blocks"] if "link" in block}


def table(page: Page) -> dict[str, str]:
    """Return the table on a page."""
    return {left: right for block in page["blocks"] for left, right in block.get("rows", ())}


# BrowserBookmark


def _draw_page(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    site, url = rng.choice(list(links(page_at(seed, "start.example")).items()))
    link, inner = rng.choice(list(links(page_at(seed, url)).items()))
    return {"world": seed, "site": site, "link": link, "url": inner}


def _mark(p: Params, *taps: str) -> Moves:
    return play(launch("Browser"), tap(p["site"]), *[tap(text) for text in taps])


BOOKMARK = PhoneTask(
    name="BrowserBookmark",
    level="easy",
    complexity=1.0,
    apps=APP,
    draw=_draw_page,
    goal=lambda p: f'In the browser, open "{p["site"]}", go on to "{p["link"]}", and bookmark that page.',
    state=untouched,
    check=changed(lambda p, store: store["browser"]["bookmarks"].append(p["url"])),
    oracle=lambda p: _mark(p, p["link"], "Add bookmark"),
    wrong={
        "the page before it": lambda p: _mark(p, "Add bookmark"),
        "both": lambda p: _mark(p, "Add bookmark", p["link"], "Add bookmark"),
        "only visited": lambda p: _mark(p, p["link"]),
    },
)


# BrowserOpeningHours, BrowserTotal


def _draw_hours(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    site = next(text for text in links(page_at(seed, "start.example")) if text.startswith("Town of "))
    town = site.removeprefix("Town of ")
    hours = table(page_at(seed, f"{town.lower()}.example/hours"))
    service, other = rng.sample(SERVICES, 2)
    return {"world": seed, "town": town, "service": service, "opens": hours[service], "other": hours[other]}


def _look_up(p: Params, said: str) -> Moves:
    return play(launch("Browser"), tap(f"Town of {p['town']}"), tap("Opening hours"), answer(said))


OPENING_HOURS = PhoneTask(
    name="BrowserOpeningHours",
    level="medium",
    complexity=1.0,
    apps=APP,
    draw=_draw_hours,
    goal=lambda p: f"At what time does the {p['service'].lower()} in {p['town']} open? Look on the town's site, and answer like 07:45.",
    state=untouched,
    check=answered(lambda p: str(p["opens"])),
    oracle=lambda p: _look_up(p, p["opens"]),
    wrong={
        "another door": lambda p: _look_up(p, p["other"]),
        "bookmarked, too": lambda p: play(launch("Browser"), tap("Add bookmark"), answer(p["opens"])),
    },
)


def prices(seed: int) -> dict[str, str]:
    """Return the camp shop's prices, like `49.50`."""
    return {name: price.removesuffix(" euros") for name, price in table(page_at(seed, "campshop.example/prices")).items()}


def _draw_goods(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    shown = prices(seed)
    chosen = {name: shown[name] for name in rng.sample(list(shown), 2)}
    return {"world": seed, "prices": chosen, "wrong": next(price for name, price in shown.items() if name not in chosen)}


def _total(*amounts: str) -> str:
    cents = sum(int(amount.replace(".", "")) for amount in amounts)
    return f"{cents // 100}.{cents % 100:02d}"


def _add_up(p: Params, *amounts: str) -> Moves:
    return play(launch("Browser"), write("Search or type address", "camp shop prices"), tap("Camp Shop prices"), answer(_total(*amounts)))


TOTAL = PhoneTask(
    name="BrowserTotal",
    level="medium",
    complexity=1.0,
    apps=APP,
    draw=_draw_goods,
    goal=lambda p: (
        f"What do a {' and a '.join(p['prices']).lower()} cost together in the Camp Shop that the browser knows? "
        "Answer with the euros only, with two decimals, like 12.50."
    ),
    state=untouched,
    check=answered(lambda p: _total(*p["prices"].values())),
    oracle=lambda p: _add_up(p, *p["prices"].values()),
    wrong={
        "one of them": lambda p: _add_up(p, next(iter(p["prices"].values()))),
        "a third one, too": lambda p: _add_up(p, *p["prices"].values(), p["wrong"]),
    },
)


# BrowserForm


def _draw_booking(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    fields = next(block["fields"] for block in page_at(seed, "library.example/book")["blocks"] if "form" in block)
    workshop, other = rng.sample(next(each["options"] for each in fields if each["key"] == "workshop"), 2)
    name = words.people(rng, 1)[0]
    return {
        "world": seed,
        "name": name,
        "workshop": workshop,
        "other": other,
        "session": rng.choice(SESSIONS),
        "newsletter": rng.random() < 0.5,
    }


def _booked(p: Params, store: World) -> None:
    values = {key: p[key] for key in ("name", "workshop", "session", "newsletter")}
    store["browser"]["sent"].append({"url": "library.example/book", "values": values})


def _book(p: Params, send: str = "Book place") -> Moves:
    chosen: list[Move] = [move for key in ("workshop", "session") for move in (tap(key.title()), tap(p[key]))]
    ticked = [tap("Send me the newsletter")] if p["newsletter"] else []
    way = [launch("Browser"), tap("City Library"), tap("Book a workshop")]
    return play(*way, write("Your name", p["name"]), *chosen, *ticked, tap(send))


FORM = PhoneTask(
    name="BrowserForm",
    level="medium",
    complexity=2.2,
    apps=APP,
    draw=_draw_booking,
    goal=lambda p: (
        f"Book a place for {p['name']} in the {p['session'].lower()} session of the City Library's workshop on {p['workshop'].lower()}, "
        f"in the browser, {'with' if p['newsletter'] else 'without'} the newsletter."
    ),
    state=untouched,
    check=changed(_booked),
    oracle=_book,
    wrong={
        "not sent": lambda p: _book(p, "Home"),
        "another workshop": lambda p: _book({**p, "workshop": p["other"]}),
        "the newsletter mistaken": lambda p: _book({**p, "newsletter": not p["newsletter"]}),
    },
)

TASKS = (BOOKMARK, OPENING_HOURS, TOTAL, FORM)
