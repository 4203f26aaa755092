"""What a model is told at a step of a recorded episode, and what it must answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hub_baselines.language.messages import Message
from hub_envs.androidcontrol import Step, Trace
from hub_envs.androidcontrol.outputs import Action, action_text
from numpy.typing import NDArray

PICTURES = 2
"""Most recent screens that are shown; earlier ones are left out."""

_SYSTEM = """You operate an Android phone, one action at a time. Its screen is {width} x {height} pixels.
Answer each time in this form: <think>what you see, what is done and what is next</think><action>{{"action": ...}}</action>
Actions:
{{"action": "click", "coordinate": [x, y]}}
{{"action": "long_press", "coordinate": [x, y], "time": seconds}}
{{"action": "swipe", "coordinate": [x, y], "coordinate2": [x, y]}}
{{"action": "type", "text": "..."}}
{{"action": "answer", "text": "..."}}
{{"action": "key", "text": "..."}}
{{"action": "system_button", "button": "Back" | "Home" | "Menu" | "Enter"}}
{{"action": "open", "text": "name of an app"}}
{{"action": "wait", "time": seconds}}
{{"action": "terminate", "status": "success" | "failure"}}"""


def messages(trace: Trace, step: int, history: Sequence[str], *, pictures: bool) -> list[Message]:
    """Return the conversation up to a step, in which the history's outputs are the model's own turns.

    Args:
        trace: the recorded episode.
        step: number of the step.
        history: the outputs of the steps before it.
        pictures: whether screens are shown, where there are some.
    """
    told = [Message("system", (_SYSTEM.format(width=trace.size[0], height=trace.size[1]),))]
    for number in range(step + 1):
        shown = _screen(trace.steps[number]) if pictures and number > step - PICTURES else ()
        told.append(Message("user", (_question(trace, number), *shown)))
        if number < step:
            told.append(Message("assistant", (history[number],)))
    return told


def patched(action: Action) -> str:
    """Return the output that a patch puts into the history: the expert's action with an empty thought."""
    return f"<think></think><action>{action_text(action)}</action>"


def _question(trace: Trace, number: int) -> str:
    instruction = trace.steps[number].instruction
    said = f"Goal: {trace.goal}\n" if number == 0 else ""
    return f"{said}Step {number + 1}." + (f" Instruction: {instruction}" if instruction else "")


def _screen(step: Step) -> tuple[NDArray[np.uint8], ...]:
    if step.screenshot is None:
        return ()
    from PIL import Image

    with Image.open(step.screenshot) as picture:
        return (np.array(picture.convert("RGB")),)
