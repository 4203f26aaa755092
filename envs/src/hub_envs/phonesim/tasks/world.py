"""Phones full of other people's business, so that what a task needs does not stand alone: whole stores, drawn from a seed.

An empty task on such a phone is nothing but the phone; tasks take what they need from it, or put it in.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from hub_envs.phonesim.tasks import words
from hub_envs.phonesim.tasks.pages import pages
from hub_envs.phonesim.tasks.task import Params

NOW = "2023-10-15T15:34:00"
"""The frozen clock, a Sunday: the date that AndroidWorld's tasks begin at."""

TODAY = NOW[:10]

PERSONS = 32
"""People that a seed knows; the first `KNOWN` of them are, at most, in its contacts."""

KNOWN = 16

World = dict[str, Any]


def draw_seed(rng: random.Random) -> int:
    """Draw what `world` and `strangers` make a phone of."""
    return rng.randrange(2**32)


def world(seed: int) -> World:
    """Return the whole store of a phone."""
    rng = random.Random(seed)
    contacts = _contacts(rng, words.people(rng, PERSONS))
    return {
        "contacts": {"items": contacts},
        "messages": {"threads": _threads(rng, contacts)},
        "notes": {"items": _notes(rng)},
        "calendar": {"events": _events(rng)},
        "files": {"entries": _files(rng)},
        "browser": {"pages": pages(rng), "bookmarks": [], "history": [], "sent": []},
        "settings": _settings(rng),
        "system": {"permissions": {}, "notices": []},
    }


def untouched(params: Params) -> World:
    """Return the phone of a task that only draws its seed, in `world`."""
    return number_ids(world(params["world"]))


def strangers(seed: int) -> list[str]:
    """Return names of people who are not in the contacts of the phone of this seed, nor share a first or last name with one who is."""
    return words.people(random.Random(seed), PERSONS)[KNOWN:]


def day(offset: int) -> str:
    """Return the date so many days from today."""
    return (date.fromisoformat(TODAY) + timedelta(days=offset)).isoformat()


def spoken(iso: str) -> str:
    """Return `Monday 16 October 2023` for `2023-10-16`, as the phone's calendar calls its days."""
    moment = date.fromisoformat(iso)
    weekday = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[moment.weekday()]
    return f"{weekday} {moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def event(title: str, on: str, start: str, end: str, *, place: str = "", repeat: str = "Never") -> dict[str, Any]:
    """Return an event as the calendar keeps it, without its id."""
    return {"title": title, "date": on, "start": start, "end": end, "place": place, "repeat": repeat}


def later(time: str, minutes: int) -> str:
    """Return the time of day so many minutes after another."""
    total = 60 * int(time[:2]) + int(time[3:]) + minutes
    return f"{total // 60:02d}:{total % 60:02d}"


def file(path: str, size: int, modified: str, text: str = "") -> dict[str, Any]:
    """Return a file as the phone keeps it; `size` in kB."""
    return {"path": path, "folder": False, "size": size, "modified": modified, "text": text}


def folder(path: str) -> dict[str, Any]:
    """Return a folder."""
    return {"path": path, "folder": True}


def message(sender: str, text: str, time: str = NOW) -> dict[str, Any]:
    """Return a message from `me` or `them`, without its id."""
    return {"from": sender, "text": text, "time": time}


def contact(name: str, phone: str, **more: str) -> dict[str, Any]:
    """Return a contact that is nobody's favourite, without its id; `more` may give email, company and address."""
    return {"name": name, "phone": phone, "email": "", "company": "", "address": "", "favourite": False} | more


def named(store: World, name: str) -> dict[str, Any]:
    """Return the first contact of this name."""
    return next(item for item in store["contacts"]["items"] if item["name"] == name)


def thread(store: World, number: str) -> dict[str, Any]:
    """Return the conversation with a number, begun now if there was none."""
    threads = store["messages"]["threads"]
    found: dict[str, Any] | None = next((each for each in threads if each["number"] == number), None)
    if found is None:
        found = {"number": number, "unread": False, "messages": []}
        threads.append(found)
    return found


def say(store: World, number: str, text: str) -> None:
    """Send a message now."""
    thread(store, number)["messages"].append(message("me", text))


def hear(store: World, number: str, *texts: str, hour: int = 9) -> None:
    """Let messages come from a number this morning, a minute apart."""
    conversation = thread(store, number)
    conversation["unread"] = True
    conversation["messages"] += [message("them", text, f"{TODAY}T{hour:02d}:{minute:02d}:00") for minute, text in enumerate(texts)]


def entry(store: World, path: str) -> dict[str, Any]:
    """Return the file or folder at a path."""
    return next(each for each in store["files"]["entries"] if each["path"] == path)


def titled(store: World, title: str) -> dict[str, Any]:
    """Return the first note of this title."""
    return next(item for item in store["notes"]["items"] if item["title"] == title)


def number_ids(store: World) -> World:
    """Give everything that needs an id one, and return the store."""
    threads = store["messages"]["threads"]
    for listed in (store["contacts"]["items"], threads, store["notes"]["items"], store["calendar"]["events"]):
        for number, item in enumerate(listed, 1):
            item["id"] = number
    sent = sorted((said for thread in threads for said in thread["messages"]), key=lambda said: str(said["time"]))
    for number, said in enumerate(sent, 1):
        said["id"] = number
    return store


def _contacts(rng: random.Random, names: list[str]) -> list[dict[str, Any]]:
    return [_acquaintance(rng, name) for name in names[: rng.randrange(KNOWN - 4, KNOWN + 1)]]


def _acquaintance(rng: random.Random, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "phone": words.phone_number(rng),
        "email": f"{name.lower().replace(' ', '.')}@{rng.choice(('mail', 'post', 'letters'))}.example" if rng.random() < 0.6 else "",
        "company": rng.choice(words.COMPANIES) if rng.random() < 0.4 else "",
        "address": words.address(rng) if rng.random() < 0.4 else "",
        "favourite": rng.random() < 0.2,
    }


def past(rng: random.Random, days: int = 12) -> str:
    """Return a moment in the last so many days, before today."""
    return f"{day(-rng.randrange(1, days))}T{rng.randrange(7, 23):02d}:{rng.randrange(60):02d}:00"


def _threads(rng: random.Random, contacts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    numbers = [contact["phone"] for contact in rng.sample(contacts, rng.randrange(6, 9))]
    numbers += [words.phone_number(rng) for _ in range(2)]
    return [_thread(rng, number) for number in numbers]


def _thread(rng: random.Random, number: str) -> dict[str, Any]:
    said = rng.sample(words.SMALL_TALK, rng.randrange(2, 7))
    times = sorted(past(rng) for _ in said)
    messages = [message(rng.choice(("me", "them", "them")), text, time) for text, time in zip(said, times, strict=True)]
    return {"number": number, "unread": messages[-1]["from"] == "them" and rng.random() < 0.4, "messages": messages}


def _notes(rng: random.Random) -> list[dict[str, Any]]:
    titles = rng.sample(words.TOPICS, rng.randrange(7, 11))
    return [_checklist(rng, title) if rng.random() < 0.3 else _note(rng, title) for title in titles]


def _note(rng: random.Random, title: str) -> dict[str, Any]:
    lines = [f"{text[0].upper()}{text[1:]}" for text in rng.sample(words.ERRANDS, rng.randrange(1, 4))]
    return {"title": title, "text": "\n".join(lines), "pinned": rng.random() < 0.15}


def _checklist(rng: random.Random, title: str) -> dict[str, Any]:
    items = [{"text": text, "done": rng.random() < 0.3} for text in rng.sample(words.GOODS, rng.randrange(3, 7))]
    return {"title": title, "items": items, "pinned": rng.random() < 0.15}


def _events(rng: random.Random) -> list[dict[str, Any]]:
    titles = rng.sample(words.OCCASIONS, rng.randrange(9, 13))
    return [_event(rng, title) for title in titles]


def _event(rng: random.Random, title: str) -> dict[str, Any]:
    start = words.clock(rng)
    return event(title, day(rng.randrange(-6, 24)), start, later(start, 60), place=rng.choice(("", *words.PLACES)))


FOLDERS = {"Documents": ("pdf", "docx", "txt"), "Downloads": ("pdf", "zip", "apk"), "Music": ("mp3", "ogg"), "Pictures": ("jpg", "png")}
"""Folders that every phone has, and what kinds of files lie there."""


def _files(rng: random.Random) -> list[dict[str, Any]]:
    entries = [folder(path) for path in FOLDERS]
    stems = rng.sample(words.FILE_STEMS, len(words.FILE_STEMS))
    for path, kinds in FOLDERS.items():
        for _ in range(rng.randrange(3, 6)):
            kind = rng.choice(kinds)
            text = "\n".join(rng.sample(words.ERRANDS, 2)) if kind == "txt" else ""
            entries.append(file(f"{path}/{stems.pop()}.{kind}", rng.randrange(4, 9000), past(rng, 300)[:10], text))
    return entries


SWITCHES = {
    "wifi": ("Network and internet", "Wi-Fi"),
    "mobileData": ("Network and internet", "Mobile data"),
    "aeroplane": ("Network and internet", "Aeroplane mode"),
    "bluetooth": ("Connected devices", "Bluetooth"),
    "dark": ("Display", "Dark theme"),
    "rotate": ("Display", "Auto-rotate screen"),
    "adaptive": ("Display", "Adaptive brightness"),
    "silent": ("Sound and vibration", "Do not disturb"),
    "vibrate": ("Sound and vibration", "Vibrate for calls"),
    "touchSounds": ("Sound and vibration", "Touch sounds"),
    "location": ("Location", "Use location"),
    "saver": ("Battery", "Battery saver"),
}
"""Switches of the settings: the page that each is on, and what it is called."""

WALLPAPERS = ("Night", "Forest", "Desert", "Ocean", "Dusk", "Meadow", "Granite")
TIMEOUTS = ("15 seconds", "30 seconds", "1 minute", "2 minutes", "5 minutes", "10 minutes", "30 minutes")
RINGTONES = (
    "Aurora",
    "Bamboo",
    "Cascade",
    "Drizzle",
    "Echo",
    "Fjord",
    "Glimmer",
    "Horizon",
    "Island",
    "Jubilee",
    "Kite",
    "Lagoon",
    "Meteor",
)


def _settings(rng: random.Random) -> dict[str, Any]:
    switches = {key: rng.random() < 0.5 for key in SWITCHES}
    return {
        **switches,
        "aeroplane": False,
        "dark": rng.random() < 0.2,
        "brightness": rng.randrange(2, 10) * 10,
        "mediaVolume": rng.randrange(1, 10) * 10,
        "ringVolume": rng.randrange(1, 10) * 10,
        "alarmVolume": rng.randrange(1, 10) * 10,
        "wallpaper": rng.choice(WALLPAPERS),
        "textSize": "Default",
        "timeout": rng.choice(TIMEOUTS),
        "ringtone": rng.choice(RINGTONES),
        "language": "English",
        "deviceName": f"{rng.choice(words.FIRST_NAMES)}'s phone",
        "serial": "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ23456789") for _ in range(8)),
        "storageFree": rng.randrange(3, 90),
    }
