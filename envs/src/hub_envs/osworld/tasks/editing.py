"""Tasks in the text editor Mousepad."""

from __future__ import annotations

import random
from typing import Any

from hub_envs.osworld.tasks.kind import HOME, OwnTask, Parameters, Plan, click_on, code, fetched, hotkey, launch, press, rule, typed, upload
from hub_envs.osworld.tasks.words import ITEMS, NAMES, SENTENCES, TOPICS

SAVE = hotkey("ctrl", "s")


def lines(path: str, expected: list[str]) -> dict[str, Any]:
    """Return the evaluator of a file's lines."""
    return {"func": "text_lines", "result": fetched(path), "expected": rule({"expected": expected})}


def editor(name: str) -> list[dict[str, Any]]:
    """Return the steps that open a file of the home folder."""
    return launch("mousepad", f"{HOME}/{name}", window=name)


class AppendLine(OwnTask):
    """Add a line to a list."""

    name = "editor-append-line"
    apps = ("mousepad",)

    def draw(self, rng: random.Random) -> Parameters:
        *items, new = rng.sample(ITEMS, rng.randint(4, 7))
        return {"items": items, "new": f"{new} ({rng.randint(2, 9)} < {rng.randint(10, 20)})"}

    def files(self, p: Parameters) -> dict[str, bytes]:
        return {"shopping.txt": "".join(f"{item}\n" for item in p["items"]).encode()}

    def describe(self, p: Parameters) -> dict[str, Any]:
        return {
            "instruction": f'Add the line "{p["new"]}" at the end of the list shopping.txt, which is open, and save it.',
            "config": [upload("shopping.txt"), *editor("shopping.txt")],
            "evaluator": lines(f"{HOME}/shopping.txt", [*p["items"], p["new"]]),
        }

    def oracle(self, p: Parameters, start: str = "end", text: str = "", *, saved: bool = True) -> Plan:
        """Type the line at the end, or at another place."""
        yield code(hotkey("ctrl", start), typed(f"{text or p['new']}\n"))
        if saved:
            yield SAVE

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {
            "at-the-start": self.oracle(p, "home"),
            "greater-for-less": self.oracle(p, text=p["new"].replace("<", ">")),
            "unsaved": self.oracle(p, saved=False),
        }


class ReplaceAll(OwnTask):
    """Replace a name throughout a text."""

    name = "editor-replace-all"
    apps = ("mousepad",)

    def draw(self, rng: random.Random) -> Parameters:
        old, new, other = rng.sample(NAMES, 3)
        topic = rng.choice(TOPICS)
        text = [f"{old} keeps the {topic}.", f"{other} asked {old} for help.", f"Call {old} before {rng.randint(8, 12)}."]
        return {"lines": text, "old": old, "new": new}

    def files(self, p: Parameters) -> dict[str, bytes]:
        return {"team.txt": ("\n".join(p["lines"]) + "\n").encode()}

    def describe(self, p: Parameters) -> dict[str, Any]:
        return {
            "instruction": f"In team.txt, which is open, replace {p['old']} by {p['new']} everywhere, and save it.",
            "config": [upload("team.txt"), *editor("team.txt")],
            "evaluator": lines(f"{HOME}/team.txt", [line.replace(p["old"], p["new"]) for line in p["lines"]]),
        }

    def oracle(self, p: Parameters) -> Plan:
        """Select all and type the text anew."""
        yield code(hotkey("ctrl", "a"), press("delete"))
        yield typed("\n".join(line.replace(p["old"], p["new"]) for line in p["lines"]) + "\n")
        yield SAVE

    def first_only(self, p: Parameters) -> Plan:
        """Replace the name where the text begins with it."""
        yield code(hotkey("ctrl", "home"), press("delete", len(p["old"])), typed(p["new"]))
        yield SAVE

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"first-only": self.first_only(p), "other-way-round": self.oracle({**p, "old": p["new"], "new": p["old"]})}


class NewFile(OwnTask):
    """Write a text and save it under a name."""

    name = "editor-new-file"
    apps = ("mousepad",)
    looks = True

    def draw(self, rng: random.Random) -> Parameters:
        return {"text": rng.choice(SENTENCES), "file": f"{rng.choice(TOPICS)}{rng.randint(1, 99)}.txt"}

    def describe(self, p: Parameters) -> dict[str, Any]:
        return {
            "instruction": f'Write the sentence "{p["text"]}" in the empty editor and save it as {p["file"]} in the folder Documents.',
            "config": launch("mousepad", window="Mousepad"),
            "evaluator": lines(f"{HOME}/Documents/{p['file']}", [p["text"]]),
        }

    def oracle(self, p: Parameters, folder: str = f"{HOME}/Documents", file: str = "", text: str = "") -> Plan:
        """Type and save."""
        yield typed(text or p["text"])
        yield SAVE
        seen = yield code(hotkey("ctrl", "a"), typed(f"{folder}/{file or p['file']}"))
        yield click_on(seen, "Save", "push-button")

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {
            "home-folder": self.oracle(p, HOME),
            "wrong-name": self.oracle(p, file=p["file"].upper()),
            "no-full-stop": self.oracle(p, text=p["text"][:-1]),
        }


TASKS = (AppendLine, ReplaceAll, NewFile)
