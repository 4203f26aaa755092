"""Tasks in LibreOffice Writer."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from typing import Any

from hub_envs.osworld.tasks.kind import (
    HOME,
    OwnTask,
    Parameters,
    Plan,
    click_on,
    code,
    fetched,
    hotkey,
    launch,
    press,
    rule,
    typed,
    upload,
)
from hub_envs.osworld.tasks.words import SENTENCES, TOPICS

DOCUMENT = "report.docx"
PATH = f"{HOME}/{DOCUMENT}"


def document(paragraphs: Sequence[str]) -> bytes:
    """Return a text document."""
    from docx import Document

    made = Document()
    for text in paragraphs:
        made.add_paragraph(text)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def save() -> str:
    """Save, in the format that the file has."""
    return hotkey("ctrl", "s", rest=1)


def to_line(number: int) -> Plan:
    """Put the caret at the start of a line, counted from 0."""
    yield hotkey("ctrl", "home")
    if number:
        yield press("down", number)


class _Document(OwnTask):
    """A document is open; its paragraphs must become those expected."""

    apps = ("libreoffice_writer",)

    def files(self, p: Parameters) -> dict[str, bytes]:
        return {DOCUMENT: document(p["paragraphs"])}

    def task(self, instruction: str, expected: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return the description with this instruction."""
        return {
            "instruction": f"{instruction} The document {DOCUMENT} is open in LibreOffice Writer; save it in the format it has.",
            "config": [upload(DOCUMENT), *launch("libreoffice", "--writer", PATH, window=DOCUMENT)],
            "evaluator": {"func": "document_paragraphs", "result": fetched(PATH), "expected": rule({"expected": list(expected)})},
        }


def _report(rng: random.Random, sentences: int) -> list[str]:
    return [f"Report on the {rng.choice(TOPICS)}", *rng.sample(SENTENCES, sentences)]


class FormatTitle(_Document):
    """Centre the title and make it bold."""

    name = "writer-format-title"

    def draw(self, rng: random.Random) -> Parameters:
        return {"paragraphs": _report(rng, rng.randint(2, 4))}

    def describe(self, p: Parameters) -> dict[str, Any]:
        title, *rest = p["paragraphs"]
        expected = [{"text": title, "bold": True, "alignment": "center"}, *({"text": t, "bold": False, "alignment": "left"} for t in rest)]
        return self.task("Centre the first line and make it bold; leave the other lines as they are.", expected)

    def oracle(self, p: Parameters, keys: Sequence[str] = ("e", "b"), line: int = 0, *, saved: bool = True) -> Plan:
        """Select a line and press Ctrl with each key."""
        yield from to_line(line)
        yield hotkey("shift", "end")
        for key in keys:
            yield hotkey("ctrl", key)
        if saved:
            yield save()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {
            "not-bold": self.oracle(p, "e"),
            "aligned-right": self.oracle(p, "rb"),
            "second-line": self.oracle(p, line=1),
            "unsaved": self.oracle(p, saved=False),
        }


class AppendSentence(_Document):
    """Write a paragraph at the end."""

    name = "writer-append-paragraph"

    def draw(self, rng: random.Random) -> Parameters:
        *paragraphs, last = _report(rng, rng.randint(3, 4))
        return {"paragraphs": paragraphs, "last": last}

    def describe(self, p: Parameters) -> dict[str, Any]:
        return self.task(f'Add a new last paragraph that reads "{p["last"]}"', [{"text": text} for text in (*p["paragraphs"], p["last"])])

    def oracle(self, p: Parameters, start: str = "end", mark: str = "\n", *, saved: bool = True) -> Plan:
        """Type the paragraph at the end, or at another place."""
        yield hotkey("ctrl", start)
        yield typed(f"{mark}{p['last']}")
        if saved:
            yield save()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {
            "at-the-start": self.oracle(p, "home"),
            "no-new-paragraph": self.oracle(p, mark=" "),
            "unsaved": self.oracle(p, saved=False),
        }


class ReplaceWord(_Document):
    """Replace a word wherever it stands."""

    name = "writer-replace-word"
    looks = True

    def draw(self, rng: random.Random) -> Parameters:
        old, new = rng.sample(TOPICS, 2)
        lines = [f"The {old} opens at {rng.randint(7, 11)}.", f"A {old} needs care, and this {old} most.", f"Ask at the {old}."]
        return {"paragraphs": [f"About the {old}", *lines[: rng.randint(2, 3)]], "old": old, "new": new}

    def describe(self, p: Parameters) -> dict[str, Any]:
        expected = [{"text": text.replace(p["old"], p["new"])} for text in p["paragraphs"]]
        return self.task(f'Replace the word "{p["old"]}" by "{p["new"]}" everywhere.', expected)

    def oracle(self, p: Parameters, button: str = "Replace All", new: str = "", *, saved: bool = True) -> Plan:
        """Use the dialog Find and Replace."""
        yield hotkey("ctrl", "home")
        yield hotkey("ctrl", "h", rest=1)
        seen = yield code(hotkey("ctrl", "a"), typed(p["old"]), press("tab", 4), typed(new or p["new"]))
        yield click_on(seen, button, "push-button")
        yield press("esc")
        yield press("esc")
        if saved:
            yield save()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {
            "first-only": self.oracle(p, "Replace"),
            "wrong-word": self.oracle(p, new=p["new"] + "s"),
            "unsaved": self.oracle(p, saved=False),
        }


class DeleteParagraph(_Document):
    """Remove a paragraph."""

    name = "writer-delete-paragraph"

    def draw(self, rng: random.Random) -> Parameters:
        paragraphs = _report(rng, rng.randint(3, 5))
        return {"paragraphs": paragraphs, "place": rng.randint(1, len(paragraphs) - 2)}

    def describe(self, p: Parameters) -> dict[str, Any]:
        kept = [text for place, text in enumerate(p["paragraphs"]) if place != p["place"]]
        return self.task(f'Delete the paragraph "{p["paragraphs"][p["place"]]}"', [{"text": text} for text in kept])

    def oracle(self, p: Parameters, place: int = 0, *, saved: bool = True) -> Plan:
        """Select the paragraph's line with its end and delete it; or that many lines below."""
        yield from to_line(p["place"] + place)
        yield hotkey("shift", "down")
        yield press("delete")
        if saved:
            yield save()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"next-paragraph": self.oracle(p, 1), "unsaved": self.oracle(p, saved=False)}


TASKS = (FormatTitle, AppendSentence, ReplaceWord, DeleteParagraph)
