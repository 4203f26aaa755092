"""D-Bus's wire format: calls that are written and answers that are read, as the specification has them."""

import struct

import pytest
from hub_envs.osworld.local.guest import wire


def answer(serial, signature, body, *, kind=2):
    """Return a message as a bus sends it: with its sender and whom it is for."""
    fields = b"\x05\x01u\0" + struct.pack("=I", serial)
    for code, text in ((6, ":1.23"), (7, ":1.4")):
        fields += bytes(-len(fields) % 8) + bytes([code, 1]) + b"s\0" + struct.pack("=I", len(text)) + text.encode() + b"\0"
    if signature:
        fields += bytes(-len(fields) % 8) + b"\x08\x01g\0" + bytes([len(signature)]) + signature.encode() + b"\0"
    header = struct.pack("=4B3I", wire._ORDER, kind, 1, 1, len(body), 7, len(fields))
    return header + fields + bytes(-len(fields) % 8) + body


def test_a_call_is_written_as_the_specification_says():
    call = wire.Call(":1.4", "/a", "org.x", "Get", "siu", ("abcd", -1, 2))
    message = wire.packed(call, 9)
    order, kind, flags, version, length, serial, fields = struct.unpack_from("=4B3I", message)
    assert (order, kind, flags, version, serial) == (wire._ORDER, 1, 0, 1, 9)
    body = struct.pack("=I5s3xiI", 4, b"abcd", -1, 2)
    assert message.endswith(body)
    assert length == len(body)
    assert len(message) == 16 + fields + -fields % 8 + len(body)
    read = {}
    place = 16
    while place < 16 + fields:  # code, signature of one letter, value; each at a multiple of eight
        code, letter = message[place], chr(message[place + 2])
        if letter == "g":
            size, start = message[place + 4], place + 5
        else:
            (size,), start = struct.unpack_from("=I", message, place + 4), place + 8
        read[code, letter] = message[start : start + size].decode()
        assert message[start + size] == 0
        place = start + size + 1
        place += -place % 8
    assert read == {(1, "o"): "/a", (2, "s"): "org.x", (3, "s"): "Get", (6, "s"): ":1.4", (8, "g"): "siu"}


def test_messages_are_taken_as_they_come():
    stream = answer(3, "u", struct.pack("=I", 5)) + answer(4, "", b"", kind=3) + answer(5, "i", struct.pack("=i", -6))
    found, rest = [], b""
    for byte in stream:
        received, rest = wire.messages(rest + bytes([byte]))
        found += received
    assert rest == b""
    assert [(message.kind, message.answered) for message in found] == [(2, 3), (3, 4), (2, 5)]
    assert [wire.values(message) for message in found] == [(5,), (), (-6,)]


@pytest.mark.parametrize(
    ("signature", "body", "values"),
    [
        ("", b"", ()),
        ("(iiii)", struct.pack("=4i", 1, -2, 3, 4), ((1, -2, 3, 4),)),
        ("as", struct.pack("=II2s2xI3s", 15, 1, b"a", 2, b"bc"), (["a", "bc"],)),
        ("a(so)", struct.pack("=I4xI5s3xI2s", 18, 4, b":1.4", 1, b"/"), ([(":1.4", "/")],)),
        ("a(so)", struct.pack("=I4x", 0), ([],)),
        ("a{ss}", struct.pack("=I4xI2s2xI2s2xI2s2xI2s", 30, 1, b"a", 1, b"b", 1, b"c", 1, b"d"), ({"a": "b", "c": "d"},)),
        ("v", b"\x01d\0" + bytes(5) + struct.pack("=d", 0.5), (0.5,)),
        ("yv", b"\x07\x02au\0" + bytes(3) + struct.pack("=III", 8, 1, 2), (7, [1, 2])),
        ("a{sv}", struct.pack("=I4xI2s3s3xi", 16, 1, b"n", b"\x01i\0", -9), ({"n": -9},)),
        ("sb", struct.pack("=I4s", 3, "ä!".encode() + b"\0") + struct.pack("=I", 1), ("ä!", 1)),
    ],
)
def test_values_are_read(signature, body, values):
    (message,), rest = wire.messages(answer(1, signature, body))
    assert rest == b""
    assert wire.values(message) == values


def test_another_computers_byte_order_is_refused():
    with pytest.raises(ConnectionError, match="byte order"):
        wire.messages(b"?" + answer(1, "", b"")[1:])
