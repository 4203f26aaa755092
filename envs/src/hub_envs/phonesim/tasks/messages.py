"""Tasks in the messages."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hub_envs.phonesim.tasks import words
from hub_envs.phonesim.tasks.checks import Change, answered, changed, changed_each
from hub_envs.phonesim.tasks.moves import Move, after_another, answer, hold, launch, play, tap, write
from hub_envs.phonesim.tasks.task import Moves, Params, PhoneTask
from hub_envs.phonesim.tasks.world import World, draw_seed, hear, message, named, number_ids, past, say, thread, untouched, world

APP = ("Messages",)


def request(rng: random.Random) -> str:
    """Return something that one may ask of anybody."""
    return f"Could you {rng.choice(words.ERRANDS)} on {rng.choice(('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'))}?"


def texting(to: str, text: str) -> Move:
    """Write a new message, from the list of conversations."""
    return after_another(tap("Start chat"), write("To", to), write("Message", text), tap("Send"))


def _acquainted(rng: random.Random, count: int) -> dict[str, Any]:
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
        **_acquainted(rng, 2),
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


def _delete_conversation(name: str, confirm: str = "Delete") -> Moves:
    return play(launch("Messages"), hold(name), tap("Delete conversation"), tap(confirm))


DELETE_CONVERSATION = PhoneTask(
    name="MessagesDeleteConversation",
    level="easy",
    complexity=1.0,
    apps=APP,
    draw=lambda rng: _acquainted(rng, 2),
    goal=lambda p: f"Delete the whole conversation with {p['names'][0]}.",
    state=untouched,
    check=changed(_forget),
    oracle=lambda p: _delete_conversation(p["names"][0]),
    wrong={
        "another's": lambda p: _delete_conversation(p["names"][1]),
        "cancelled": lambda p: _delete_conversation(p["names"][0], "Cancel"),
    },
)


# MessagesDeleteOne, MessagesForward, MessagesToNumber, MessagesFindCode


def _draw_long(rng: random.Random) -> dict[str, Any]:
    p = _acquainted(rng, 1)
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
        "the whole conversation": lambda p: _delete_conversation(p["names"][0]),
    },
)


def _draw_forward(rng: random.Random) -> dict[str, Any]:
    p = _acquainted(rng, 3)
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


def _draw_code(rng: random.Random) -> dict[str, Any]:
    return {
        **_acquainted(rng, 3),
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


# MessagesToSeveral


def _draw_several(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    met = rng.sample(world(seed)["contacts"]["items"], 3)
    return {"world": seed, "names": [item["name"] for item in met], "text": request(rng)}


def _say_to_each(p: Params) -> Sequence[Change]:
    def said_to(name: str) -> Change:
        return lambda p, store: say(store, named(store, name)["phone"], p["text"])

    return [said_to(name) for name in p["names"]]


def _send_each(p: Params, names: Sequence[str]) -> Moves:
    return play(launch("Messages"), *[after_another(texting(name, p["text"]), tap("Navigate up")) for name in names])


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

TASKS = (SEND, REPLY, DELETE_CONVERSATION, DELETE_ONE, FORWARD, TO_NUMBER, FIND_CODE, TO_SEVERAL)
