"""The scripted Worker: it knows the solution, and its hand slips."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hub_envs.solutions import Script

from hub_gui.mobile_agent.scripted.prompt import WORD, Element, Prompt, Screen, labels, name_of
from hub_gui.surfaces.view import box_of

FORGOTTEN = "something"
_SWIPE = 100
"""Pixels that a finger moves to scroll; the environment scrolls by its own measure."""


@dataclass(frozen=True, slots=True)
class _Intent:
    """A move of the solution that is being made.

    Attributes:
        action: AndroidWorld's action.
        target: the element it is for, if any.
        text: what is to be typed or answered, as far as it is remembered.
        clear: whether the field is emptied first.
    """

    action: Mapping[str, Any]
    target: Element | None
    text: str
    clear: bool

    @property
    def repeated(self) -> _Intent:
        """The same move where it was made before: typing begins in an empty field, with what the field held in front."""
        held = "" if self.clear or self.target is None else str(self.target.get("text", ""))
        return replace(self, text=held + self.text, clear=True)


class ScriptedWorker:
    """Answers the Worker's prompts of one episode.

    Args:
        solution: returns the environment's script for the episode, from its beginning.
        generator: draws the slips.
        corruption: how often a press or typing slips.
    """

    def __init__(self, solution: Callable[[], Script], generator: np.random.Generator, corruption: float) -> None:
        self._solution, self._generator, self._corruption = solution, generator, corruption
        self._attempt = 0
        self._script: Script | None = None
        self._intent: _Intent | None = None
        self._leaving, self._returned = False, False
        self._home: list[str] | None = None
        self._seen: set[str] = set()

    def answer(self, prompt: Prompt) -> str:
        """Return the reply: a move, and what it should lead to."""
        (screen,) = prompt.screens
        said = labels(screen)
        if self._home is None:
            self._home = said
        no_way_back = self._leaving and prompt.failed
        if prompt.attempt > self._attempt:
            self._attempt, self._script, self._intent = prompt.attempt, self._solution(), None
            self._leaving, self._returned = self._attempt > 1, False
        self._leaving = self._leaving and not no_way_back and said != self._home
        if self._leaving:  # an app that is opened again shows the page that it was left on
            reply = _leave(screen)
        elif self._intent is not None and (self._returned or prompt.failed):
            reply = self._again(self._intent, prompt, screen)
        else:
            reply = self._next(prompt, screen)
        self._seen.update(word for label in said for word in WORD.findall(label))
        return reply

    def _next(self, prompt: Prompt, screen: Screen) -> str:
        """Make the solution's next move."""
        self._intent = None
        if self._script is None:
            return _lost()
        try:
            action = json.loads(self._script.act({"goal": prompt.section("Goal"), "elements": json.dumps(screen)}))
        except LookupError:  # what the solution needs is not on this screen
            self._script = None
            return _lost()
        text = WORD.sub(lambda word: self._remembered(word[0], prompt), action.get("text", ""))
        target = screen[action["index"]] if "index" in action else None
        self._intent = _Intent(action, target, text, bool(action.get("clear_text")))
        return self._make(self._intent, prompt)

    def _again(self, intent: _Intent, prompt: Prompt, screen: Screen) -> str:
        """Make a move that failed once more; where its target is gone, go back a page, and give up if it is not there either."""
        repeated = intent.repeated
        if intent.target is None:
            return self._make(repeated, prompt)
        there = [element for element in screen if _alike(element, intent.target)]
        if there:
            self._returned = False
            return self._make(replace(repeated, target=there[0]), prompt)
        if self._returned:
            self._script, self._intent, self._returned = None, None, False
            return _lost()
        self._returned = True
        return _back()

    def _remembered(self, word: str, prompt: Prompt) -> str:
        return FORGOTTEN if word in self._seen and word not in prompt.text else word

    def _make(self, intent: _Intent, prompt: Prompt) -> str:
        """Write a move down, or a slip."""
        kind, target = intent.action["action_type"], intent.target
        slips = bool(self._generator.random() < self._corruption)
        if kind in ("click", "double_tap", "long_press") and target is not None:
            place = [int(self._generator.integers(size)) for size in prompt.picture] if slips else _centre(target)
            gesture = "long_press" if kind == "long_press" else "click"
            return _reply(f"Press {json.dumps(name_of(target))}.", action=gesture, coordinate=place)
        if kind == "input_text":
            typed = intent.text
            if slips and typed:
                lost = int(self._generator.integers(len(typed)))
                typed = typed[:lost] + typed[lost + 1 :]
            field = {} if target is None else {"coordinate": _centre(target)}
            return _reply(f"Type {json.dumps(intent.text)}.", action="type", text=typed, clear=intent.clear, **field)
        return _plain(intent, prompt)


def _plain(intent: _Intent, prompt: Prompt) -> str:
    """Write down a move that never slips."""
    action = intent.action
    match action["action_type"]:
        case "open_app":
            return _reply(f"Open {action['app_name']}.", action="open_app", text=action["app_name"])
        case "scroll":
            begin = [size // 2 for size in prompt.picture] if intent.target is None else _centre(intent.target)
            axis, step = {"down": (1, -1), "up": (1, 1), "right": (0, -1), "left": (0, 1)}[action["direction"]]
            end = list(begin)
            end[axis] = min(max(begin[axis] + step * _SWIPE, 0), prompt.picture[axis])
            return _reply(f"See more: {action['direction']}.", action="swipe", coordinate=begin, coordinate2=end)
        case "answer":
            return _reply("Answer the user.", action="answer", text=intent.text)
        case "status":
            reached = action.get("goal_status") != "infeasible"
            return _reply("End.", action="terminate", status="success" if reached else "failure")
        case "navigate_back":
            return _reply("Leave the page.", action="system_button", button="Back")
        case "navigate_home":
            return _reply("Leave the app.", action="system_button", button="Home")
        case "keyboard_enter":
            return _reply("Press enter.", action="system_button", button="Enter")
        case "wait":
            return _reply("Let time pass.", action="wait")
    raise ValueError(f"the Worker has no move for the solution's {action}")


def _leave(screen: Screen) -> str:
    """Go back, without what was typed where that is asked."""
    discard = [element for element in screen if name_of(element) == "Discard"]
    return _reply("Go back.", action="click", coordinate=_centre(discard[0])) if discard else _back()


def _back() -> str:
    return _reply("Go back.", action="system_button", button="Back")


def _lost() -> str:
    return _reply("Wait for what is needed.", action="wait")


def _reply(description: str, **action: Any) -> str:
    return f"Thought: as the solution says\nAction: {json.dumps(action, ensure_ascii=False)}\nDescription: {description}"


def _centre(element: Element) -> list[int]:
    left, top, right, bottom = box_of(element)
    return [(left + right) // 2, (top + bottom) // 2]


def _alike(a: Element, b: Element) -> bool:
    """Whether elements of two screens are the same, as far as can be seen: a field by its description, others by what they say."""
    fields = ("class_name", "resource_name", "content_description", "hint_text") + (() if b.get("is_editable") else ("text",))
    return all(a.get(field) == b.get(field) for field in fields)
