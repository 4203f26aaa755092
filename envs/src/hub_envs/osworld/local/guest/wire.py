"""D-Bus's wire format, as far as asking needs it: calls are written, answers are read (D-Bus specification, "Message Protocol").

Bindings exist, but take a tenth of a millisecond for each question, and a window is five thousand of them.
"""

from __future__ import annotations

import functools
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

RETURN = 2
"""The type of a message that answers a call; an error is another."""

_CALL = 1
_ORDER = ord("l" if sys.byteorder == "little" else "B")
_VERSION = 1
_INTERFACE, _MEMBER, _REPLY_SERIAL, _DESTINATION, _SIGNATURE, _FILES = 2, 3, 5, 6, 8, 9
_WHOLE_NUMBERS = (_REPLY_SERIAL, _FILES)
"""The fields of a header that hold a number; the signature aside, the others hold text."""
_NUMBERS = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d"}
_HEADER = struct.Struct("=4B3I")
_LENGTH = struct.Struct("=I")

Take = Callable[[bytes, int], tuple[Any, int]]
"""Reads a value from a body at a place; returns it with the place after it."""


class Call(NamedTuple):
    """A call of a method; the arguments' signature is of strings `s` and numbers `i` and `u`."""

    program: str
    path: str
    interface: str
    method: str
    signature: str = ""
    arguments: tuple[str | int, ...] = ()


class Message(NamedTuple):
    """A message that came: its type, the serial of the call that it answers (0 for none), and what it holds, still packed."""

    kind: int
    answered: int
    signature: str
    body: bytes


def packed(call: Call, serial: int) -> bytes:
    """Return a call as a message."""
    same, body = _same_fields(call.program, call.interface, call.method, call.signature), _body(call.signature, call.arguments)
    varying = b"\x01\x01o\0" + _string(call.path)  # the path is the last field, so that the others can be kept
    length = len(same) + len(varying)
    return _HEADER.pack(_ORDER, _CALL, 0, _VERSION, len(body), serial, length) + same + varying + bytes(-length % 8) + body


def messages(data: bytes) -> tuple[list[Message], bytes]:
    """Return the whole messages at the start of what came, and what follows them."""
    found, start = [], 0
    while len(data) - start >= _HEADER.size:
        order, kind, _, _, body_length, _, fields_length = _HEADER.unpack_from(data, start)
        if order != _ORDER:
            raise ConnectionError("a message in the byte order of another computer")
        body = _HEADER.size + fields_length + -fields_length % 8
        end = start + body + body_length
        if end > len(data):
            break
        message = data[start:end]
        found.append(Message(kind, *_answered(message, _HEADER.size + fields_length), message[body:]))
        start = end
    return found, data[start:]


def values(message: Message) -> tuple[Any, ...]:
    """Return what a message holds: numbers, strings, lists, dictionaries, and tuples for structures."""
    result, place = [], 0
    for take, alignment in _takers(message.signature):
        value, place = take(message.body, place + -place % alignment)
        result.append(value)
    return tuple(result)


@functools.lru_cache(4096)
def _same_fields(program: str, interface: str, method: str, signature: str) -> bytes:
    """Return the header's fields that many calls share, up to where the next may stand."""
    fields = b""
    for code, text in ((_INTERFACE, interface), (_MEMBER, method), (_DESTINATION, program)):
        fields += bytes([code, 1]) + b"s\0" + _string(text)
        fields += bytes(-len(fields) % 8)
    if signature:
        fields += bytes([_SIGNATURE, 1]) + b"g\0" + bytes([len(signature)]) + signature.encode() + b"\0"
        fields += bytes(-len(fields) % 8)
    return fields


@functools.lru_cache(4096)
def _body(signature: str, arguments: tuple[str | int, ...]) -> bytes:
    body = b""
    for kind, value in zip(signature, arguments, strict=True):
        body += bytes(-len(body) % 4)
        body += _string(value) if isinstance(value, str) else struct.pack(f"={_NUMBERS[kind]}", value)
    return body


def _string(text: str) -> bytes:
    data = text.encode()
    return _LENGTH.pack(len(data)) + data + b"\0"


def _answered(message: bytes, end: int) -> tuple[int, str]:
    """Return two of the header's fields: the serial that is answered and the signature of the body."""
    answered, signature, place = 0, "", _HEADER.size
    while place < end:
        place += -place % 8
        code, value = message[place], place + 4  # a byte, and the signature of what follows, which is one letter
        if code == _SIGNATURE:
            place = value + 2 + message[value]
            signature = message[value + 1 : place - 1].decode()
            continue
        (number,) = _LENGTH.unpack_from(message, value)
        if code == _REPLY_SERIAL:
            answered = number
        place = value + 4 if code in _WHOLE_NUMBERS else value + 5 + number
    return answered, signature


@functools.cache
def _takers(signature: str) -> tuple[tuple[Take, int], ...]:
    """Return what reads each of a signature's types, with its alignment."""
    return tuple(_taker(kind) for kind in _split(signature))


def _split(signature: str) -> Iterator[str]:
    """Return a signature's complete types."""
    start = depth = 0
    for place, letter in enumerate(signature):
        depth += (letter in "({") - (letter in ")}")
        if depth == 0 and letter != "a":
            yield signature[start : place + 1]
            start = place + 1


def _taker(kind: str) -> tuple[Take, int]:
    if kind in _NUMBERS:
        return _number(struct.Struct(f"={_NUMBERS[kind]}"))
    if kind in ("s", "o"):
        return _take_string, 4
    if kind == "g":
        return _take_signature, 1
    if kind == "v":
        return _take_variant, 1
    if kind[0] == "a":
        return _array(*_taker(kind[1:]), dict if kind[1] == "{" else list)
    return _structure(_takers(kind[1:-1]))


def _number(packed: struct.Struct) -> tuple[Take, int]:
    def take(body: bytes, place: int) -> tuple[Any, int]:
        return packed.unpack_from(body, place)[0], place + packed.size

    return take, packed.size


def _take_string(body: bytes, place: int) -> tuple[str, int]:
    start = place + 4
    end = start + _LENGTH.unpack_from(body, place)[0]
    return body[start:end].decode(errors="replace"), end + 1


def _take_signature(body: bytes, place: int) -> tuple[str, int]:
    end = place + 1 + body[place]
    return body[place + 1 : end].decode(), end + 1


def _take_variant(body: bytes, place: int) -> tuple[Any, int]:
    signature, place = _take_signature(body, place)
    ((take, alignment),) = _takers(signature)
    return take(body, place + -place % alignment)


def _array(take: Take, alignment: int, kind: type[list[Any]] | type[dict[Any, Any]]) -> tuple[Take, int]:
    def take_all(body: bytes, place: int) -> tuple[Any, int]:
        start = place + 4
        start += -start % alignment
        end, place, found = start + _LENGTH.unpack_from(body, place)[0], start, []
        while place < end:
            value, place = take(body, place + -place % alignment)
            found.append(value)
        return kind(found), end

    return take_all, 4


def _structure(members: tuple[tuple[Take, int], ...]) -> tuple[Take, int]:
    def take(body: bytes, place: int) -> tuple[tuple[Any, ...], int]:
        found = []
        for member, alignment in members:
            value, place = member(body, place + -place % alignment)
            found.append(value)
        return tuple(found), place

    return take, 8
