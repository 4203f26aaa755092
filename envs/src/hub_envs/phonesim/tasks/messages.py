"""Tasks in the messages: whom they go to."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hub_envs.phonesim.tasks import words
from hub_envs.phonesim.tasks.checks import Change, changed, changed_each
from hub_envs.phonesim.tasks.moves import Move, hold, in_turn, launch, play, tap, write
from hub_envs.phonesim.tasks.task import Moves, Params, PhoneTask
from hub_envs.phonesim.tasks.world import World, draw_seed, hear, named, number_ids, say, thread, untouched, world

APP = ("Messages",)


def request(rng: random.Random) -> str:
    """Return something that one may ask of anybody."""
    return f"Could you {rng.choice(words.ERRANDS)} on {rng.choice(('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'))}?"


def texting(to: str, text: str) -> Move:
    """Write a new message, from the list of conversations."""
    return in_turn(tap("Start chat"), write("To", to), write("Message", text), tap("Send"))


def acquainted(rng: random.Random, count: int) -> dict[str, Any]:
    """People one has a conversation with: names and numbers."""
    seed = draw_seed(rng)
    store = world(seed)
    numbers = {each["number"] for each in store["messages"]["threads"]}
    met = rng.sample([item for item in store["contacts"]["items"] if item["phone"] in numbers], count)
    return {"world": seed, "names": [item["name"] for item in met], "numbers": [item["phone"] for item in met]}


# MessagesSend, MessagesReply, MessagesDeleteConversation


def _draw_send(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    meant, other = rng.sample(world(seed)["contacts"]["items"], 2)
    return {"world": seed, "name": meant["name"], "phone": meant["phone"], "other": other["name"], "text": request(rng)}


def _send(p: Params) -> Moves:
    return play(launch("Messages"), texting(p["name"], p["text"]))


SEND = PhoneTask(
    name="MessagesSend",
    level="easy",
    complexity=1.2,
    apps=APP,
    draw=_draw_send,
    goal=lambda p: f"Send {p['name']} a message with the text: {p['text']}",
    state=untouched,
    check=changed(lambda p, store: say(store, p["phone"], p["text"])),
    oracle=_send,
    wrong={
        "to another": lambda p: _send({**p, "name": p["other"]}),
        "not sent": lambda p: play(launch("Messages"), tap("Start chat"), write("To", p["name"]), write("Message", p["text"])),
        "twice": lambda p: play(launch("Messages"), texting(p["name"], p["text"]), write("Message", p["text"]), tap("Send")),
    },
)


def _draw_reply(rng: random.Random) -> dict[str, Any]:
    day = rng.choice(("Monday", "Tuesday", "Friday"))
    return {
        **acquainted(rng, 2),
        "question": request(rng),
        "text": f"Yes, I can do that before {day} {rng.choice(('morning', 'noon', 'evening'))}.",
    }


def _with_question(p: Params) -> World:
    store = world(p["world"])
    hear(store, p["numbers"][0], p["question"])
    return number_ids(store)


def _reply(name: str, text: str, end: str = "Send") -> Moves:
    return play(launch("Messages"), tap(name), write("Message", text), tap(end))


REPLY = PhoneTask(
    name="MessagesReply",
    level="easy",
    complexity=1.0,
    apps=APP,
    draw=_draw_reply,
    goal=lambda p: f'Today somebody asked me: "{p["question"]}" Reply: {p["text"]}',
    state=_with_question,
    check=changed(lambda p, store: say(store, p["numbers"][0], p["text"])),
    oracle=lambda p: _reply(p["names"][0], p["text"]),
    wrong={
        "to another": lambda p: _reply(p["names"][1], p["text"]),
        "another text": lambda p: _reply(p["names"][0], "Yes."),
        "not sent": lambda p: _reply(p["names"][0], p["text"], end="Back"),
    },
)


def _forget(p: Params, store: World) -> None:
    store["messages"]["threads"].remove(thread(store, p["numbers"][0]))


def deleting_conversation(name: str, confirm: str = "Delete") -> Moves:
    """Delete all that was said with somebody."""
    return play(launch("Messages"), hold(name), tap("Delete conversation"), tap(confirm))


DELETE_CONVERSATION = PhoneTask(
    name="MessagesDeleteConversation",
    level="easy",
    complexity=1.0,
    apps=APP,
    draw=lambda rng: acquainted(rng, 2),
    goal=lambda p: f"Delete the whole conversation with {p['names'][0]}.",
    state=untouched,
    check=changed(_forget),
    oracle=lambda p: deleting_conversation(p["names"][0]),
    wrong={
        "another's": lambda p: deleting_conversation(p["names"][1]),
        "cancelled": lambda p: deleting_conversation(p["names"][0], "Cancel"),
    },
)


# MessagesToNumber, MessagesToSeveral


def _draw_number(rng: random.Random) -> dict[str, Any]:
    return {"world": draw_seed(rng), "phone": words.phone_number(rng), "text": request(rng)}


def _asking(p: Params) -> World:
    store = untouched(p)
    store["system"]["permissions"]["messages"] = {"state": "ask", "text": "Allow Messages to read your contacts?"}
    return store


def _send_to(p: Params) -> Moves:
    return play(launch("Messages"), tap("Allow"), texting(p["phone"], p["text"]))


TO_NUMBER = PhoneTask(
    name="MessagesToNumber",
    level="medium",
    complexity=1.4,
    apps=APP,
    draw=_draw_number,
    goal=lambda p: f"Send this message to the number {p['phone']}: {p['text']}",
    state=_asking,
    check=changed(lambda p, store: say(store, p["phone"], p["text"])),
    oracle=_send_to,
    wrong={
        "a digit changed": lambda p: _send_to({**p, "phone": p["phone"][:-1] + str((int(p["phone"][-1]) + 1) % 10)}),
        "text cut": lambda p: _send_to({**p, "text": p["text"][:-5]}),
    },
)


def _draw_several(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    met = rng.sample(world(seed)["contacts"]["items"], 3)
    return {"world": seed, "names": [item["name"] for item in met], "text": request(rng)}


def _say_to_each(p: Params) -> Sequence[Change]:
    def said_to(name: str) -> Change:
        return lambda p, store: say(store, named(store, name)["phone"], p["text"])

    return [said_to(name) for name in p["names"]]


def _send_each(p: Params, names: Sequence[str]) -> Moves:
    return play(launch("Messages"), *[in_turn(texting(name, p["text"]), tap("Navigate up")) for name in names])


TO_SEVERAL = PhoneTask(
    name="MessagesToSeveral",
    level="hard",
    complexity=3.2,
    apps=APP,
    draw=_draw_several,
    goal=lambda p: f"Send {p['names'][0]}, {p['names'][1]} and {p['names'][2]} each a message with the text: {p['text']}",
    state=untouched,
    check=changed_each(_say_to_each),
    oracle=lambda p: _send_each(p, p["names"]),
    wrong={
        "one forgotten": lambda p: _send_each(p, p["names"][:2]),
        "one twice": lambda p: _send_each(p, [*p["names"], p["names"][0]]),
    },
)

TASKS = (SEND, REPLY, DELETE_CONVERSATION, TO_NUMBER, TO_SEVERAL)
