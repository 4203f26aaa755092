"""Text spaces for goals, actions and descriptions of screens, and how foreign text is made to fit them."""

from __future__ import annotations

import re
import string

from gymnasium import spaces

CHARACTERS = string.printable[:95] + "\n\t" + "".join(map(chr, range(0xA1, 0x100))) + "–—‘’“”…•→€"
"""Printable ASCII and Latin-1, newline, tab, and the marks that writers use; few enough for a space to print itself."""

_FOREIGN = re.compile(f"[^{re.escape(CHARACTERS)}]")


def text_space(max_length: int) -> spaces.Text:
    """Return the space of texts over `CHARACTERS` with at most `max_length` characters; the empty text is one."""
    return spaces.Text(max_length=max_length, min_length=0, charset=CHARACTERS)


def fit(text: str, max_length: int) -> str:
    """Return `text` as a member of `text_space(max_length)`: other characters escaped as in Python source, the end cut off."""
    return _FOREIGN.sub(_escaped, text.replace("\r\n", "\n"))[:max_length]


def _escaped(foreign: re.Match[str]) -> str:
    return foreign[0].encode("ascii", "backslashreplace").decode()
