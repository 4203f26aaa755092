"""Carrying connections from one socket to another, in both directions."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]

_BLOCK = 2**18


async def forward(listener: socket.socket, connect: Connect) -> asyncio.Server:
    """Carry each connection that `listener` accepts to a new one of `connect`; who cannot be connected is hung up on."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other_reader, other_writer = await connect()
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, other_writer), _pump(other_reader, writer))

    return await asyncio.start_server(carry, sock=listener, limit=_BLOCK)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_BLOCK):
            writer.write(data)
            await writer.drain()
    writer.close()
