"""Reading what models write: labelled parts, and one JSON object among words.

What is mended, and nothing else: words and code fences around the object, line breaks within its strings, and commas before a closing
bracket.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence
from typing import Any

_DECODER = json.JSONDecoder(strict=False)
_BRACES = 20
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


def parts(reply: str, labels: Sequence[str]) -> dict[str, str]:
    """Return the text after each `Label:` that begins a line, up to the next one; `""` for a label that is missing.

    Case, and asterisks or hashes around a label, do not matter. Of a label that comes several times the last one counts.
    """
    names = "|".join(re.escape(label) for label in labels)
    found = list(re.finditer(rf"^[ \t#*]*({names})[ \t#*]*:[ \t*]*", reply, re.IGNORECASE | re.MULTILINE))
    ends = [match.start() for match in found[1:]] + [len(reply)]
    texts = {match[1].lower(): reply[match.end() : end].strip() for match, end in zip(found, ends, strict=False)}
    return {label: texts.get(label.lower(), "") for label in labels}


def json_object(text: str) -> dict[str, Any]:
    """Return the first JSON object in a text, looked for at its first `_BRACES` opening braces.

    Raises:
        ValueError: there is none.
    """
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", text)):
        for brace in itertools.islice(re.finditer(r"\{", candidate), _BRACES):
            try:
                found, _ = _DECODER.raw_decode(candidate, brace.start())
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                return found
    raise ValueError("there is no JSON object in the reply")


def action_of(reply: str) -> dict[str, Any]:
    """Return the JSON object after the last `Action:`.

    Raises:
        ValueError: there is none.
    """
    return json_object(parts(reply, ("Action",))["Action"])
