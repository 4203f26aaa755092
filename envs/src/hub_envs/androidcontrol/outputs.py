"""What an agent says at a step: a thought if it likes, and an action, a JSON object.

| `action` | fields |
| --- | --- |
| `click` | `coordinate` [x, y] in pixels |
| `long_press` | `coordinate`, `time` (s) |
| `swipe` | `coordinate`, `coordinate2`: from, to |
| `type`, `answer`, `open`, `key` | `text` |
| `system_button` | `button`: `Back`, `Home`, `Menu`, `Enter` |
| `wait` | `time` (s) |
| `terminate` | `status`: `success`, `failure` |

Either the JSON stands alone, or it is framed: `<think>why</think><action>{"action": "click", "coordinate": [540, 1200]}</action>`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Action = Mapping[str, Any]

_NEEDED: Mapping[str, Mapping[str, str]] = {
    "click": {"coordinate": "point"},
    "long_press": {"coordinate": "point"},
    "swipe": {"coordinate": "point", "coordinate2": "point"},
    **{name: {"text": "text"} for name in ("type", "answer", "open", "key")},
    "system_button": {"button": "text"},
    "wait": {},
    "terminate": {},
}
"""The fields each action cannot do without; times and statuses are not compared."""

_THOUGHT = re.compile(r"<think>(.*?)</think>", re.DOTALL)
_ACTION = re.compile(r"<action>(.*?)</action>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Output:
    """What was said at a step.

    Attributes:
        thought: None where there is none.
        action: a valid action.
    """

    thought: str | None
    action: Action


def read_output(text: str) -> Output:
    """Read an agent's output, framed or not.

    Raises:
        ValueError: there is no valid action in it; the message is one sentence.
    """
    thought, framed = _THOUGHT.search(text), _ACTION.search(text)
    return Output(thought[1].strip() if thought else None, parse_action(framed[1] if framed else text))


def parse_action(text: str) -> Action:
    """Read an action from JSON.

    Raises:
        ValueError: it is none; the message is one sentence.
    """
    try:
        action = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"an action is a JSON object, and this is none ({error}): {text[:100]!r}") from None
    return checked_action(action)


def checked_action(action: object) -> Action:
    """Return the action if it is one. Raises ValueError where it is none."""
    name = action.get("action") if isinstance(action, dict) else None
    if not isinstance(action, dict) or not isinstance(name, str) or name not in _NEEDED:
        raise ValueError(f"an action is an object whose 'action' is one of {', '.join(_NEEDED)}, and this is {str(action)[:100]}")
    for field, kind in _NEEDED[name].items():
        if field not in action or not (_is_point if kind == "point" else _is_text)(action[field]):
            right = "two numbers, pixels from the left and from the top" if kind == "point" else "a text"
            raise ValueError(f"{name} needs {field}: {right}")
    return action


def action_text(action: Action) -> str:
    """Return an action as JSON."""
    return json.dumps(dict(action), ensure_ascii=False)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_point(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
