"""What is said to a language model and what it answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""A picture (height, width, 3), red, green, blue."""

Part = str | Image
"""A piece of a message."""

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One message of a conversation.

    Attributes:
        role: who speaks.
        parts: texts and pictures, in the order in which they are read. Halves of surrogate pairs, which JSON can spell and UTF-8 cannot
            write, become question marks.
    """

    role: Role
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(_writable(part) if isinstance(part, str) else part for part in self.parts))

    @property
    def text(self) -> str:
        """The texts alone, a blank line between two."""
        return "\n\n".join(part for part in self.parts if isinstance(part, str))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered.

    Attributes:
        text: the answer, without the stop text; in it, too, halves of surrogate pairs become question marks.
        prompt_tokens: tokens of what it was told, pictures included, as the model counts them.
        completion_tokens: tokens that it wrote.
    """

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _writable(self.text))


def _writable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


class Client(Protocol):
    """A language model that can be asked.

    Attributes:
        name: of the model, for people.
        demonstration: why no leaderboard may take what is played with it; None for a model that really answers.
        concurrent: whether several threads may ask at the same time to get on faster.
    """

    name: str
    demonstration: str | None
    concurrent: bool

    def complete(
        self, messages: Sequence[Message], *, max_tokens: int, temperature: float, stop: Sequence[str] = (), seed: int | None = None
    ) -> Reply:
        """Return the model's next message.

        What it answers must depend on these arguments alone, not on what was asked before or is asked beside; servers keep to that as
        far as they can.

        Args:
            messages: the conversation so far.
            max_tokens: most tokens of the answer.
            temperature: of sampling; 0 takes the likeliest token each time.
            stop: texts that end the answer.
            seed: of sampling, from 0 to 2**31 - 1.

        Raises:
            HubError: no answer can be had; the message says what to look at.
        """


def digest(messages: Sequence[Message], *, max_tokens: int, temperature: float, stop: Sequence[str] = (), seed: int | None = None) -> str:
    """Return SHA-256, in hexadecimal, over all that `Client.complete` is given."""
    asked = {"messages": described(messages), "max_tokens": max_tokens, "temperature": temperature, "stop": list(stop), "seed": seed}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def described(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Return messages as JSON values, each picture by its size and the SHA-256 of its pixels."""
    return [{"role": message.role, "parts": [_described(part) for part in message.parts]} for message in messages]


def _described(part: Part) -> str | dict[str, Any]:
    if isinstance(part, str):
        return part
    height, width = part.shape[:2]
    pixels = hashlib.sha256(np.ascontiguousarray(part, np.uint8).tobytes()).hexdigest()
    return {"image": {"width": int(width), "height": int(height), "sha256": pixels}}
