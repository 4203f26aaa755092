"""Whether an action is what the person did: once for evaluation and once for training, which differ.

Both follow UI-S1's released code, quirks included:

* Evaluation takes any swipe for any other, and a click within the icon's box for `open`. Training compares the directions of swipes, and
  takes no click for `open`.
* `type` and `open` match if one text contains the other, capitals and blanks around aside: an empty text always matches.
* A click hits if it lies in any candidate box, each enlarged 1.2 times about its centre, or within 0.04 of the person's own point, with x
  and y as shares of the screen's width and height. Some boxes cover most of the screen (`hub_envs.androidcontrol.leniency`).
* Evaluation knows neither `terminate` nor `answer` nor `key`: the reference raises, here nothing matches them. In training `type` is right
  where the person's action was `answer` or `key`.

One departure: the released training code divides candidate boxes by the screen only if they are four numbers, so lists of boxes never
match there; here they do.

Source: X-PLUG/MobileAgent, folder UI-S1 (MIT): `evaluation/qwenvl_utils.py`, `verl/utils/reward_score/gui_utils/utils.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from hub_envs.androidcontrol.outputs import Action
from hub_envs.androidcontrol.traces import Box, Step

ENLARGED = 1.2
RADIUS = 0.04

Size = tuple[int, int]


class Match(NamedTuple):
    """Whether the type of an action is right, and whether all of it is."""

    type: bool
    exact: bool


_NO = Match(False, False)


def evaluation_match(action: Action, step: Step, size: Size) -> Match:
    """Compare an action with a person's as the metric SOP does; `size` is the screen's width and height in pixels."""
    expected, said = step.action["action"], action["action"]
    if expected == "open" and said == "click" and step.boxes:
        left, top, right, bottom = step.boxes[0]
        return Match(True, _hits(action["coordinate"], step.boxes, ((left + right) / 2, (top + bottom) / 2), size))
    if said != expected or expected in ("terminate", "answer", "key"):
        return _NO
    return Match(True, expected in ("wait", "swipe") or _content(action, step, size))


def training_match(action: Action, step: Step, size: Size) -> Match:
    """Compare an action with a person's as rewards in training do; `size` is the screen's width and height in pixels."""
    expected, said = step.action["action"], action["action"]
    if said != ("type" if expected in ("answer", "key") else expected):
        return _NO
    if expected == "swipe":
        return Match(True, _finger(action) == _expected_finger(step))
    return Match(True, expected in ("wait", "terminate") or _content(action, step, size))


def _content(action: Action, step: Step, size: Size) -> bool:
    """Compare what actions of the same type are about."""
    if "coordinate" in action:
        return _hits(action["coordinate"], step.boxes, step.action["coordinate"], size)
    if "button" in action:
        return _plain(action["button"]) == _plain(step.action["button"])
    said, expected = _plain(action["text"]), _plain(step.action["text"])
    return said in expected or expected in said


def _plain(text: str) -> str:
    return text.lower().strip()


def _hits(point: tuple[float, float], boxes: Iterable[Box], own: tuple[float, float], size: Size) -> bool:
    (x, y), (width, height) = point, size
    for left, top, right, bottom in boxes:
        if abs(x - (left + right) / 2) <= ENLARGED * (right - left) / 2 and abs(y - (top + bottom) / 2) <= ENLARGED * (bottom - top) / 2:
            return True
    return math.hypot((x - own[0]) / width, (y - own[1]) / height) <= RADIUS


def _expected_finger(step: Step) -> str:
    """Return where the person's finger went, as the reference has it.

    It turns up and down round, which is right for directions that the data name, and done too where they are read from the coordinates.
    """
    turned = {"up": "down", "down": "up"}
    named = step.direction if step.direction is not None else _finger(step.action)
    return turned.get(named, named)


def _finger(action: Action) -> str:
    (x1, y1), (x2, y2) = action["coordinate"], action["coordinate2"]
    if abs(x2 - x1) > abs(y2 - y1):
        return "right" if x2 > x1 else "left"
    return "down" if y2 > y1 else "up"
