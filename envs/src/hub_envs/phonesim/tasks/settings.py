"""Tasks in the settings."""

from __future__ import annotations

import random
from typing import Any

from hub_envs.phonesim.tasks.checks import changed, whole
from hub_envs.phonesim.tasks.moves import Move, answer, launch, play, tap
from hub_envs.phonesim.tasks.task import Moves, Params, PhoneTask
from hub_envs.phonesim.tasks.world import SWITCHES, TIMEOUTS, WALLPAPERS, World, draw_seed, number_ids, untouched, world

APP = ("Settings",)
LANGUAGES = (
    "Croatian",
    "Danish",
    "Finnish",
    "German",
    "Icelandic",
    "Maltese",
    "Norwegian",
    "Polish",
    "Slovak",
    "Slovenian",
    "Spanish",
    "Welsh",
)

PLAIN_SWITCHES = tuple(key for key in SWITCHES if key not in {"saver", "aeroplane"})
"""Switches that neither ask back nor make a phone look broken."""


def _other(rng: random.Random, options: tuple[str, ...], current: str) -> str:
    return rng.choice([option for option in options if option != current])


def _set(key: str) -> Any:
    """Return the change that gives a setting the value of the same name among the parameters."""
    return lambda p, store: store["settings"].update({key: p[key]})


def _on_page(page: str, *taps: str) -> Moves:
    return play(launch("Settings"), tap(page), *[tap(text) for text in taps])


# SettingsSwitch, SettingsWallpaper


def _draw_switch(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    key, other = rng.sample(PLAIN_SWITCHES, 2)
    return {"world": seed, "key": key, "other": other, "on": not world(seed)["settings"][key]}


def _press(key: str, times: int = 1) -> Moves:
    page, label = SWITCHES[key]
    return _on_page(page, *[label] * times)


SWITCH = PhoneTask(
    name="SettingsSwitch",
    level="easy",
    complexity=1.0,
    apps=APP,
    draw=_draw_switch,
    goal=lambda p: f'Turn "{SWITCHES[p["key"]][1]}" {"on" if p["on"] else "off"} in the settings.',
    state=untouched,
    check=changed(lambda p, store: store["settings"].update({p["key"]: p["on"]})),
    oracle=lambda p: _press(p["key"]),
    wrong={"another switch": lambda p: _press(p["other"]), "there and back": lambda p: _press(p["key"], 2)},
)


def _draw_wallpaper(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    wallpaper = _other(rng, WALLPAPERS, world(seed)["settings"]["wallpaper"])
    return {"world": seed, "wallpaper": wallpaper, "other": _other(rng, WALLPAPERS, wallpaper)}


WALLPAPER = PhoneTask(
    name="SettingsWallpaper",
    level="easy",
    complexity=1.0,
    apps=APP,
    draw=_draw_wallpaper,
    goal=lambda p: f'Set the wallpaper to "{p["wallpaper"]}".',
    state=untouched,
    check=changed(_set("wallpaper")),
    oracle=lambda p: _on_page("Display", "Wallpaper", p["wallpaper"]),
    wrong={
        "cancelled": lambda p: _on_page("Display", "Wallpaper", "Cancel"),
        "dark theme, too": lambda p: _on_page("Display", "Wallpaper", p["wallpaper"], "Dark theme"),
        "another": lambda p: _on_page("Display", "Wallpaper", p["other"]),
    },
)


# SettingsBrightness, SettingsLanguage, SettingsMakeSure


def _draw_brightness(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    now = world(seed)["settings"]["brightness"]
    return {"world": seed, "from": now, "brightness": rng.choice([level for level in range(10, 100, 10) if abs(level - now) >= 20])}


def _turn(label: str, now: int, wanted: int) -> list[Move]:
    return [tap(f"{'Increase' if wanted > now else 'Decrease'} {label}")] * (abs(wanted - now) // 10)


def _dim(p: Params, to: int) -> Moves:
    return play(launch("Settings"), tap("Display"), *_turn("brightness", p["from"], to))


BRIGHTNESS = PhoneTask(
    name="SettingsBrightness",
    level="medium",
    complexity=1.6,
    apps=APP,
    draw=_draw_brightness,
    goal=lambda p: f"Set the brightness of the screen to {p['brightness']}%.",
    state=untouched,
    check=changed(_set("brightness")),
    oracle=lambda p: _dim(p, p["brightness"]),
    wrong={
        "a step too far": lambda p: _dim(p, p["brightness"] + (10 if p["brightness"] > p["from"] else -10)),
        "the other way": lambda p: _dim(p, 100 if p["brightness"] < p["from"] else 0),
    },
)


def _draw_language(rng: random.Random) -> dict[str, Any]:
    language, other = rng.sample(LANGUAGES, 2)
    return {"world": draw_seed(rng), "language": language, "other": other}


LANGUAGE = PhoneTask(
    name="SettingsLanguage",
    level="medium",
    complexity=1.6,
    apps=APP,
    draw=_draw_language,
    goal=lambda p: f"Change the system language to {p['language']}.",
    state=untouched,
    check=changed(_set("language")),
    oracle=lambda p: _on_page("Language", "System language", p["language"]),
    wrong={
        "another": lambda p: _on_page("Language", "System language", p["other"]),
        "the first": lambda p: _on_page("Language", "System language", "Albanian"),
    },
)


def _draw_sure(rng: random.Random) -> dict[str, Any]:
    return {"world": draw_seed(rng), "on": rng.random() < 0.5}


def _saver(p: Params) -> World:
    store = world(p["world"])
    store["settings"]["saver"] = p["on"]
    return number_ids(store)


def _make_sure(p: Params, *taps: str, said: str) -> Moves:
    return play(launch("Settings"), tap("Battery"), *[tap(text) for text in taps], answer(said))


SWITCH_ON = ("Battery saver", "Turn on")

MAKE_SURE = PhoneTask(
    name="SettingsMakeSure",
    level="medium",
    complexity=1.2,
    apps=APP,
    draw=_draw_sure,
    goal=lambda _: "Make sure that the battery saver is on. Answer yes if it was on already, and no if you had to turn it on.",
    state=_saver,
    check=whole(changed(lambda _, store: store["settings"].update(saver=True), answer=lambda p: "yes" if p["on"] else "no")),
    oracle=lambda p: _make_sure(p, said="yes") if p["on"] else _make_sure(p, *SWITCH_ON, said="no"),
    wrong={
        "switched blindly": lambda p: (
            _make_sure(p, "Battery saver", said="no") if p["on"] else _make_sure(p, "Battery saver", "Cancel", said="no")
        ),
        "wrong answer": lambda p: _make_sure(p, said="no") if p["on"] else _make_sure(p, *SWITCH_ON, said="yes"),
        "no answer": lambda p: _on_page("Battery") if p["on"] else _on_page("Battery", *SWITCH_ON),
    },
)


# SettingsSeveral


def _draw_several(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    now = world(seed)["settings"]
    volume = rng.choice([level for level in range(10, 100, 10) if 10 <= abs(level - now["alarmVolume"]) <= 40])
    key = rng.choice(("wifi", "mobileData", "bluetooth", "location"))
    timeout = _other(rng, TIMEOUTS, now["timeout"])
    return {"world": seed, "from": now["alarmVolume"], "alarmVolume": volume, "timeout": timeout, "key": key, "on": not now[key]}


def _several(p: Params, parts: int = 3, volume: int | None = None) -> Moves:
    page, label = SWITCHES[p["key"]]
    wanted = p["alarmVolume"] if volume is None else volume
    moves = [
        [tap(page), tap(label)],
        [tap("Display"), tap("Screen timeout"), tap(p["timeout"])],
        [tap("Sound and vibration"), *_turn("alarm volume", p["from"], wanted)],
    ]
    return play(launch("Settings"), *[move for part in moves[:parts] for move in [*part, tap("Navigate up")]])


SEVERAL = PhoneTask(
    name="SettingsSeveral",
    level="hard",
    complexity=3.0,
    apps=APP,
    draw=_draw_several,
    goal=lambda p: (
        f'In the settings, turn "{SWITCHES[p["key"]][1]}" {"on" if p["on"] else "off"}, set the screen timeout to {p["timeout"]} '
        f"and the alarm volume to {p['alarmVolume']}%."
    ),
    state=untouched,
    check=changed(lambda p, store: store["settings"].update({p["key"]: p["on"]}), _set("timeout"), _set("alarmVolume")),
    oracle=_several,
    wrong={
        "the last forgotten": lambda p: _several(p, parts=2),
        "volume a step off": lambda p: _several(p, volume=p["alarmVolume"] + (10 if p["alarmVolume"] > p["from"] else -10)),
    },
)

TASKS = (SWITCH, WALLPAPER, BRIGHTNESS, LANGUAGE, MAKE_SURE, SEVERAL)
