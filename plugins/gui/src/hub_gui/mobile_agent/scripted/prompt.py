"""What a scripted role reads in its prompt (`hub_gui.mobile_agent.prompts`)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from hub_gui.surfaces.view import label_of

Element = Mapping[str, Any]
Screen = Sequence[Element]

WORD = re.compile(r"\w+(?:[-.@:/+]\w+)*")
"""Words, numbers, addresses and times."""

_SECTION_END = r"(?=\n\n## |\n\nThe screen |\n\nReply with |\n\nWork on |\Z)"


class Prompt:
    """One prompt.

    Attributes:
        text: all of it.
        screens: the elements of each screen that it shows.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.screens: list[Screen] = [json.loads(line) for line in re.findall(r"^## Elements\n(.*)$", text, re.MULTILINE)]

    def section(self, heading: str) -> str:
        """Return what stands under a heading; empty if there is none."""
        found = re.search(rf"^## {heading}\n(.*?){_SECTION_END}", self.text, re.MULTILINE | re.DOTALL)
        return found[1] if found else ""

    @property
    def attempt(self) -> int:
        """Which attempt the plan is in."""
        found = re.search(r"Attempt (\d+)", self.section("Plan"))
        return int(found[1]) if found else 1

    @property
    def failed(self) -> bool:
        """Whether the last move did."""
        last = self.section("Last moves").rpartition("\n")[2]
        return "| outcome B" in last or "| outcome C" in last

    @property
    def picture(self) -> tuple[int, int]:
        """Width and height of the picture that coordinates are in."""
        found = re.search(r"a picture of (\d+) x (\d+)", self.section("Actions"))
        assert found is not None
        return int(found[1]), int(found[2])


def labels(screen: Screen) -> list[str]:
    """Return what a screen says, element by element."""
    return [label for element in screen if (label := label_of(element))]


def name_of(element: Element) -> str:
    """Return what an element is called in descriptions: what it says, else what it is."""
    return label_of(element) or str(element.get("class_name", "element"))
