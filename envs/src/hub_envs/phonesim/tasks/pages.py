"""The few pages that a phone's browser knows; nothing comes from a network.

A page is {"url", "title", "blocks"}; a block is one of {"heading": text}, {"text": text}, {"link": text, "to": url},
{"rows": [[left, right], ...]} and {"form": name, "fields": [...], "send": label}; a field of a form is {"key", "label", "kind"}, its kind
"text", "tick", or "choice" with "options".
"""

from __future__ import annotations

import random
from typing import Any

from hub_envs.phonesim.tasks import words

Page = dict[str, Any]


def pages(rng: random.Random) -> list[Page]:
    """Return the start page, and some small sites."""
    sites = [_town(rng), _shop(rng), _library(rng), *[_journal(rng, name) for name in rng.sample(words.SITE_NAMES, 3)]]
    start = page(
        "start.example", "Start", {"heading": "Places to go"}, *[{"link": site[0]["title"], "to": site[0]["url"]} for site in sites]
    )
    return [start, *[each for site in sites for each in site]]


def page(url: str, title: str, *blocks: dict[str, Any]) -> Page:
    """Return a page."""
    return {"url": url, "title": title, "blocks": list(blocks)}


def choice(key: str, label: str, options: tuple[str, ...]) -> dict[str, Any]:
    """Return a field of a form where one of the options is chosen."""
    return {"key": key, "label": label, "kind": "choice", "options": list(options)}


DISHES = ("Lentil soup", "Mushroom risotto", "Fish pie", "Vegetable curry", "Pumpkin gnocchi", "Chicken stew", "Bean chilli", "Onion tart")
WORKSHOPS = ("Bookbinding", "Pottery", "Sketching", "Beekeeping", "Bicycle repair", "Calligraphy", "Sewing")
SESSIONS = ("Morning", "Afternoon", "Evening")
EQUIPMENT = ("Tent", "Sleeping bag", "Camping stove", "Rucksack", "Head torch", "Water filter", "Trekking pole", "Hammock", "Compass")
SERVICES = ("Swimming pool", "Museum", "Recycling centre", "Registry office", "Sports hall", "Botanic garden")


def _town(rng: random.Random) -> list[Page]:
    name = rng.choice(words.TOWNS)
    url = f"{name.lower()}.example"
    quarters = [f"{hour:02d}:{minute:02d}" for hour in range(7, 11) for minute in range(0, 60, 15)]
    hours = [list(pair) for pair in zip(SERVICES, rng.sample(quarters, len(SERVICES)), strict=True)]
    facts = [
        ["Inhabitants", str(rng.randrange(4000, 90000))],
        ["Founded", str(rng.randrange(1050, 1900))],
        ["Mayor", " ".join((rng.choice(words.FIRST_NAMES), rng.choice(words.LAST_NAMES)))],
        ["Elevation", f"{rng.randrange(2, 900)} m"],
    ]
    return [
        page(
            url,
            f"Town of {name}",
            {"heading": f"Welcome to {name}"},
            {"text": "News, opening hours and what there is to know."},
            {"link": "Opening hours", "to": f"{url}/hours"},
            {"link": "Facts and figures", "to": f"{url}/facts"},
        ),
        page(f"{url}/hours", f"Opening hours in {name}", {"heading": "Doors open at"}, {"rows": hours}),
        page(f"{url}/facts", f"{name} in figures", {"heading": f"{name} in figures"}, {"rows": facts}),
    ]


def _shop(rng: random.Random) -> list[Page]:
    named = zip(rng.sample(EQUIPMENT, 7), rng.sample(range(4, 150), 7), strict=True)
    goods = [[name, f"{euros}.{rng.choice(('00', '50', '90'))} euros"] for name, euros in named]
    return [
        page(
            "campshop.example",
            "Camp Shop",
            {"heading": "Camp Shop"},
            {"text": "Everything for nights outside."},
            {"link": "Price list", "to": "campshop.example/prices"},
        ),
        page("campshop.example/prices", "Camp Shop prices", {"heading": "Price list"}, {"rows": goods}),
    ]


def _library(rng: random.Random) -> list[Page]:
    offered = rng.sample(WORKSHOPS, 4)
    form = {
        "form": "workshop",
        "fields": [
            {"key": "name", "label": "Your name", "kind": "text"},
            choice("workshop", "Workshop", tuple(offered)),
            choice("session", "Session", SESSIONS),
            {"key": "newsletter", "label": "Send me the newsletter", "kind": "tick"},
        ],
        "send": "Book place",
    }
    return [
        page(
            "library.example",
            "City Library",
            {"heading": "City Library"},
            {"text": f"This month: {', '.join(offered)}."},
            {"link": "Book a workshop", "to": "library.example/book"},
        ),
        page("library.example/book", "Workshop booking", {"heading": "Book a workshop"}, form),
    ]


def _journal(rng: random.Random, name: str) -> list[Page]:
    url = f"{name.lower().replace(' & ', '-').replace(' ', '-')}.example"
    dish = rng.choice(DISHES)
    return [
        page(
            url,
            name,
            {"heading": name},
            {"text": f"{rng.choice(words.SMALL_TALK)} Written by people who like what they do."},
            {"link": f"Our {dish.lower()}", "to": f"{url}/recipe"},
            {"link": "Write to us", "to": f"{url}/contact"},
        ),
        page(
            f"{url}/recipe",
            f"{dish} by {name}",
            {"heading": dish},
            {
                "rows": [
                    ["Serves", str(rng.randrange(2, 9))],
                    ["Minutes", str(rng.randrange(3, 19) * 5)],
                    ["Oven", f"{rng.randrange(14, 24) * 10} degrees"],
                ]
            },
            {"text": f"You need {', '.join(rng.sample(words.GOODS, 4))}."},
        ),
        page(f"{url}/contact", f"Write to {name}", {"heading": "Write to us"}, _contact_form()),
    ]


def _contact_form() -> dict[str, Any]:
    return {
        "form": "letter",
        "fields": [
            {"key": "name", "label": "Your name", "kind": "text"},
            {"key": "email", "label": "Your email", "kind": "text"},
            choice("topic", "Topic", ("Question", "Praise", "Complaint")),
            {"key": "text", "label": "Your message", "kind": "text"},
        ],
        "send": "Send letter",
    }
