"""What was said to a language model in one episode, and what that cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hub_baselines.episodes import episode_seed
from hub_baselines.language.messages import Client, Message, described, digest


@dataclass(frozen=True, slots=True)
class Prices:
    """What a model costs, in a currency of one's own.

    Attributes:
        prompt: of a million tokens that it reads.
        completion: of a million tokens that it writes.
    """

    prompt: float = 0.0
    completion: float = 0.0

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Return the price of so many tokens."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6


@dataclass(slots=True)
class Tally:
    """Sums over calls."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


@dataclass(slots=True)
class Journal:
    """Asks a client on behalf of one episode, and keeps account.

    Attributes:
        client: who is asked.
        seed: of the episode; every call samples with a seed of its own made from it.
        max_tokens: most tokens of an answer.
        temperature: of sampling.
        prices: of tokens.
        known_roles: who asks; `metrics` names them even if they did not.
        step: of the episode, from 0; whoever plays it counts it on. Turns carry it.
        turns: one mapping of JSON values a call: `step`, `role`, `digest` (of all the model was given), `messages` (pictures by size and
            digest), `reply`, `prompt_tokens`, `completion_tokens`, `cost`.
        roles: sums of each role.
    """

    client: Client
    seed: int = 0
    max_tokens: int = 1024
    temperature: float = 0.0
    prices: Prices = field(default_factory=Prices)
    known_roles: Sequence[str] = ()
    step: int = 0
    turns: list[dict[str, Any]] = field(default_factory=list)
    roles: dict[str, Tally] = field(default_factory=dict)

    def ask(self, role: str, messages: Sequence[Message], stop: Sequence[str] = ()) -> str:
        """Return what the client answers to `role`.

        Raises:
            HubError: it does not.
        """
        settings: dict[str, Any] = {"max_tokens": self.max_tokens, "temperature": self.temperature, "stop": tuple(stop)}
        settings["seed"] = episode_seed(self.seed, len(self.turns)) % 2**31
        reply = self.client.complete(messages, **settings)
        cost = self.prices.cost(reply.prompt_tokens, reply.completion_tokens)
        tally = self.roles.setdefault(role, Tally())
        tally.calls += 1
        tally.prompt_tokens += reply.prompt_tokens
        tally.completion_tokens += reply.completion_tokens
        tally.cost += cost
        self.turns.append(
            {
                "step": self.step,
                "role": role,
                "digest": digest(messages, **settings),
                "messages": described(messages),
                "reply": reply.text,
                "prompt_tokens": reply.prompt_tokens,
                "completion_tokens": reply.completion_tokens,
                "cost": cost,
            }
        )
        return reply.text

    def metrics(self) -> dict[str, float]:
        """Return calls, tokens and cost of the episode, calls also by role."""
        tallies = self.roles.values()
        found = {
            "calls": float(sum(tally.calls for tally in tallies)),
            "prompt_tokens": float(sum(tally.prompt_tokens for tally in tallies)),
            "completion_tokens": float(sum(tally.completion_tokens for tally in tallies)),
            "cost": float(sum(tally.cost for tally in tallies)),
        }
        by_role = {role: self.roles.get(role, Tally()).calls for role in dict.fromkeys([*self.known_roles, *self.roles])}
        return found | {f"calls_{role}": float(calls) for role, calls in by_role.items()}
