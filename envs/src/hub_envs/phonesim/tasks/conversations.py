"""Tasks within conversations: which of the messages is meant."""

from __future__ import annotations

import random
from typing import Any

from hub_envs.phonesim.tasks import words
from hub_envs.phonesim.tasks.checks import answered, changed
from hub_envs.phonesim.tasks.messages import APP, acquainted, deleting_conversation
from hub_envs.phonesim.tasks.moves import answer, launch, play, tap, write
from hub_envs.phonesim.tasks.task import Moves, Params, PhoneTask
from hub_envs.phonesim.tasks.world import World, hear, message, number_ids, past, say, thread, world

# MessagesDeleteOne, MessagesForward, MessagesFindCode


def _draw_long(rng: random.Random) -> dict[str, Any]:
    p = acquainted(rng, 1)
    said = rng.sample([f"Could you {errand}?" for errand in words.ERRANDS] + list(words.SMALL_TALK), 22)
    times = sorted(past(rng) for _ in said)
    talk = [message(rng.choice(("me", "them")), text, time) for text, time in zip(said, times, strict=True)]
    wanted, other = rng.sample(said[:16], 2)
    return {**p, "talk": talk, "text": wanted, "other": other}


def _with_talk(p: Params) -> World:
    store = world(p["world"])
    thread(store, p["numbers"][0])["messages"] = [dict(each) for each in p["talk"]]
    return number_ids(store)


def _unsay(p: Params, store: World) -> None:
    conversation = thread(store, p["numbers"][0])
    conversation["messages"] = [each for each in conversation["messages"] if each["text"] != p["text"]]


def _delete_message(name: str, text: str) -> Moves:
    return play(launch("Messages"), tap(name), tap(text), tap("Delete message"), tap("Delete"))


DELETE_ONE = PhoneTask(
    name="MessagesDeleteOne",
    level="medium",
    complexity=2.0,
    apps=APP,
    draw=_draw_long,
    goal=lambda p: f'In the conversation with {p["names"][0]}, delete the message "{p["text"]}" and nothing else.',
    state=_with_talk,
    check=changed(_unsay),
    oracle=lambda p: _delete_message(p["names"][0], p["text"]),
    wrong={
        "another message": lambda p: _delete_message(p["names"][0], p["other"]),
        "the whole conversation": lambda p: deleting_conversation(p["names"][0]),
    },
)


def _draw_forward(rng: random.Random) -> dict[str, Any]:
    p = acquainted(rng, 3)
    return {**p, "text": f"{rng.choice(('The party is', 'We meet', 'The workshop is'))} at {words.address(rng)}."}


def _with_news(p: Params) -> World:
    store = world(p["world"])
    hear(store, p["numbers"][0], p["text"], "See you there!")
    return number_ids(store)


def _forward(p: Params, text: str, to: str) -> Moves:
    return play(launch("Messages"), tap(p["names"][0]), tap(text), tap("Forward message"), write("To", to), tap("Send"))


FORWARD = PhoneTask(
    name="MessagesForward",
    level="medium",
    complexity=1.4,
    apps=APP,
    draw=_draw_forward,
    goal=lambda p: f"{p['names'][0]} told me today where something takes place. Forward that message to {p['names'][1]}.",
    state=_with_news,
    check=changed(lambda p, store: say(store, p["numbers"][1], p["text"])),
    oracle=lambda p: _forward(p, p["text"], p["names"][1]),
    wrong={
        "the newest message": lambda p: _forward(p, "See you there!", p["names"][1]),
        "to another": lambda p: _forward(p, p["text"], p["names"][2]),
    },
)


def _draw_code(rng: random.Random) -> dict[str, Any]:
    return {
        **acquainted(rng, 3),
        "codes": [str(code) for code in rng.sample(range(1000, 10000), 4)],
        "door": rng.choice(("garage", "front door", "cellar")),
    }


def _with_codes(p: Params) -> World:
    store = world(p["world"])
    old, new, *others = p["codes"]
    hear(
        store,
        p["numbers"][0],
        f"The code of the {p['door']} is {old}.",
        f"Sorry, they changed it. It is {new} now.",
        "Do not tell anybody!",
    )
    for number, code in zip(p["numbers"][1:], others, strict=True):
        hear(store, number, f"The code of my {p['door']} is {code}.", "Talk to you later")
    return number_ids(store)


def _tell_code(p: Params, code: str) -> Moves:
    return play(launch("Messages"), tap(p["names"][0]), answer(code))


FIND_CODE = PhoneTask(
    name="MessagesFindCode",
    level="medium",
    complexity=1.0,
    apps=APP,
    draw=_draw_code,
    goal=lambda p: f"According to {p['names'][0]}'s messages, what is the code of the {p['door']} now? Answer with the code only.",
    state=_with_codes,
    check=answered(lambda p: str(p["codes"][1])),
    oracle=lambda p: _tell_code(p, p["codes"][1]),
    wrong={
        "the old code": lambda p: _tell_code(p, p["codes"][0]),
        "another's code": lambda p: _tell_code(p, p["codes"][2]),
        "asked back": lambda p: play(
            launch("Messages"), tap(p["names"][0]), write("Message", "Which?"), tap("Send"), answer(p["codes"][1])
        ),
    },
)

TASKS = (DELETE_ONE, FORWARD, FIND_CODE)
