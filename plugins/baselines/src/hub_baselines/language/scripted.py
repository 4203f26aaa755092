"""Replies that are known beforehand: for tests and demonstrations, never for a leaderboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hub.errors import HubError
from hub_baselines.language.messages import Message, Reply, digest


class ScriptedClient:
    """Answers with what a function makes of the messages.

    Args:
        answer: from messages to the reply's text; it must depend on nothing else where several episodes share the client.
        name: for people.
        demonstration: why no leaderboard may take what is played with it.
    """

    concurrent = False

    def __init__(
        self,
        answer: Callable[[Sequence[Message]], str],
        *,
        name: str = "scripted",
        demonstration: str = "its language model is a script, not a model",
    ) -> None:
        self._answer = answer
        self.name: str = name
        self.demonstration: str | None = demonstration

    def complete(
        self, messages: Sequence[Message], *, max_tokens: int, temperature: float, stop: Sequence[str] = (), seed: int | None = None
    ) -> Reply:
        """Return the function's answer; tokens are counted as words."""
        text = self._answer(messages)
        return Reply(text, sum(len(message.text.split()) for message in messages), len(text.split()))


class ReplayClient:
    """Answers as a recorded model did, when asked exactly what that was asked.

    Args:
        turns: of one or several transcripts (`Journal.turns`).
    """

    concurrent = False

    def __init__(self, turns: Iterable[Mapping[str, Any]], *, name: str = "replay") -> None:
        self.name: str = name
        self.demonstration: str | None = "its replies were recorded before"
        self._replies = {
            turn["digest"]: Reply(turn["reply"], turn["prompt_tokens"], turn["completion_tokens"]) for turn in turns if "digest" in turn
        }

    def complete(
        self, messages: Sequence[Message], *, max_tokens: int, temperature: float, stop: Sequence[str] = (), seed: int | None = None
    ) -> Reply:
        """Return the recorded reply.

        Raises:
            HubError: this was not asked when the transcript was recorded.
        """
        asked = digest(messages, max_tokens=max_tokens, temperature=temperature, stop=stop, seed=seed)
        if asked not in self._replies:
            last = " ".join(messages[-1].text.split())[-80:] if messages else ""
            raise HubError(
                f"the transcript holds no reply to this prompt (digest {asked[:12]}, ending in {last!r}): settings, prompts or screens"
                f" differ from those of the {len(self._replies)} recorded turns"
            )
        return self._replies[asked]
