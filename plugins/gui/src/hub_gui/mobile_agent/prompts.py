"""What each role is told, in our own words, and how replies are to be written.

Released prompts hold hints for single tasks of AndroidWorld, keyed on the goal's text, and one for Chrome's first start. They are left out:
scores with them are not a generic agent's.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub_baselines.language import Message, Part

from hub_gui.mobile_agent.memory import SHOWN_MOVES, Memory, Move

MANAGER, WORKER, REFLECTOR, NOTETAKER = "manager", "worker", "reflector", "notetaker"
"""The roles, in the order of a step: the Worker's action lies between the first two and the last two."""

_OPENINGS = {
    MANAGER: "You are the Manager. You plan how a user's goal is reached on a {kind} and keep track; somebody else acts.",
    WORKER: "You are the Worker. You operate a {kind} for a user, one action at a time, along a plan.",
    REFLECTOR: "You are the Reflector. You judge whether the last action on a {kind} did what it was meant to do.",
    NOTETAKER: "You are the Notetaker. You write down what a {kind}'s screens show and later steps need.",
}

FINISHED = "Finished"
"""A plan that says nothing else ends the episode."""


def role_of(messages: Sequence[Message]) -> str:
    """Return the role that a prompt is for."""
    opening = messages[0].text.partition(".")[0]
    return next(role for role, text in _OPENINGS.items() if text.partition(".")[0] == opening)


def for_manager(kind: str, memory: Memory, screen: tuple[Part, ...]) -> list[Message]:
    """Ask for a first plan, or for what has become of it; the errors are told when the Worker is stuck."""
    asked = [_part("Goal", memory.goal)]
    if memory.moves:
        asked += [_part("Plan", memory.plan), _part("Completed", memory.completed), _part("Last moves", _moves(memory.moves[-1:]))]
        asked += [_part("Notes", memory.notes)]
    if memory.stuck:
        failed = "\n".join(f"- {move.description}: {move.error}" for move in memory.moves[-2:])
        asked += [_part("Stuck", f"The last actions failed. Think of another way.\n{failed}")]
    reply = f"""\
Reply with three parts:
Thought: what has been reached and what is missing
Completed: the subgoals that are reached, or nothing
Plan: the subgoals still to be reached, numbered, in order; "{FINISHED}" and no other word once the whole goal is reached.
If the goal asks for an answer, the last subgoal is to answer."""
    return _messages(MANAGER, kind, asked, screen, reply)


def for_worker(kind: str, memory: Memory, screen: tuple[Part, ...], guide: str, picture: tuple[int, int]) -> list[Message]:
    """Ask for the next action."""
    asked = [
        _part("Goal", memory.goal),
        _part("Plan", memory.plan),
        _part("Completed", memory.completed),
        _part("Notes", memory.notes),
        _part("Last moves", _moves(memory.moves[-SHOWN_MOVES:])),
        _part("Actions", f"Coordinates are pixels from the top left of a picture of {picture[0]} x {picture[1]}.\n{guide}"),
    ]
    reply = """\
Work on the first subgoal of the plan. Do not repeat what failed. Reply with three parts:
Thought: what the screen shows and why the action comes next
Action: one JSON object
Description: what the action does, and what the screen should show afterwards"""
    return _messages(WORKER, kind, asked, screen, reply)


def for_reflector(kind: str, memory: Memory, before: tuple[Part, ...], after: tuple[Part, ...]) -> list[Message]:
    """Ask what became of the last move."""
    move = memory.moves[-1]
    asked = [_part("Goal", memory.goal), _part("Action", move.action), _part("Description", move.description)]
    reply = """\
Reply with two parts:
Outcome: A if the screen shows what was described, B if it shows something else that is wrong, C if nothing changed
Error: for B and C, what went wrong"""
    return _messages(REFLECTOR, kind, asked, ("The screen before:", *before, "The screen after:", *after), reply)


def for_notetaker(kind: str, memory: Memory, screen: tuple[Part, ...]) -> list[Message]:
    """Ask for the notes."""
    asked = [_part("Goal", memory.goal), _part("Plan", memory.plan), _part("Notes", memory.notes)]
    reply = """\
Reply with one part:
Notes: all notes, those from before included, with names and numbers exactly as the screen shows them; nothing that the goal says already"""
    return _messages(NOTETAKER, kind, asked, screen, reply)


def _messages(role: str, kind: str, asked: Sequence[str], screen: tuple[Part, ...], reply: str) -> list[Message]:
    head = "\n\n".join(asked)
    return [Message("system", (_OPENINGS[role].format(kind=kind),)), Message("user", (head, *screen, reply))]


def _part(heading: str, text: str) -> str:
    return f"## {heading}\n{text or '(none)'}"


def _moves(moves: Sequence[Move]) -> str:
    return "\n".join(
        f"- {move.action} | {move.description or '(no description)'} | outcome {move.outcome}{': ' + move.error if move.error else ''}"
        for move in moves
    )
