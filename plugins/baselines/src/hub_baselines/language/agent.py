"""An agent that asks a language model: one player an episode, several of them asking side by side."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar, Protocol

import numpy as np
from gymnasium.vector.utils import concatenate, create_empty_array

import hub
from hub_baselines.language.choosing import client_for
from hub_baselines.language.journal import Journal, Prices
from hub_baselines.language.messages import Client
from hub_baselines.rows import rows
from hub_baselines.settings import require_positive


class Player(Protocol):
    """Plays one episode."""

    def act(self, observation: Any) -> Any:
        """Return the next action, given one unbatched observation that later steps do not change."""

    def metrics(self) -> Mapping[str, float]:
        """Return numbers about the episode beside calls, tokens and cost; the same names in every episode."""


class LanguageAgent(hub.Agent):
    """Base of agents that ask a language model; a subclass says who plays an episode.

    Players of one batch ask side by side where the client allows it. Each has its own journal and its own seeds, so what happens in an
    episode does not depend on the others. A run that asks slow models wants a larger `--step-timeout`.

    Args:
        task: the task.
        seed: not used; sampling is seeded by the episode.
        client: `openai` asks a server, `hf` runs a Hugging Face checkpoint in this process, `replay` repeats recorded replies.
        base_url: address of a server that speaks OpenAI's chat completions, e.g. `http://localhost:8000/v1`.
        model: its model's name; or the checkpoint's folder or id.
        api_key_env: name of the environment variable that holds the server's key; the key itself is never recorded.
        temperature: of sampling; 0 takes the likeliest token.
        max_tokens: most tokens of an answer.
        timeout: seconds that the server may take for one try.
        retries: further tries of a busy or failing server.
        parallel: most questions in flight at once.
        device: where a checkpoint runs.
        threads: torch's threads for a checkpoint on a CPU.
        transcript: for `replay`, a file of recorded turns, or a folder of them such as `episodes/` of a recorded run.
        prompt_price: of a million tokens read.
        completion_price: of a million tokens written.
    """

    name: ClassVar[str]
    """The name that the agent is registered with."""

    roles: ClassVar[tuple[str, ...]]
    """What its players ask as."""

    def __init__(
        self,
        task: hub.Task,
        *,
        seed: int = 0,
        client: str = "openai",
        base_url: str | None = None,
        model: str | None = None,
        api_key_env: str | None = None,
        temperature: float = 0.0,
        max_tokens: int = 1024,
        timeout: float = 120.0,
        retries: int = 4,
        parallel: int = 8,
        device: str = "cpu",
        threads: int = 1,
        transcript: str | None = None,
        prompt_price: float = 0.0,
        completion_price: float = 0.0,
    ) -> None:
        super().__init__(task, seed=seed)
        require_positive(self.name, max_tokens=max_tokens, timeout=timeout, parallel=parallel, threads=threads)
        self._open: Callable[[], Client] = partial(
            client_for,
            self.name,
            client=client,
            base_url=base_url,
            model=model,
            api_key_env=api_key_env,
            timeout=timeout,
            retries=retries,
            device=device,
            threads=threads,
            transcript=transcript,
        )
        self._journal = partial(
            Journal, max_tokens=max_tokens, temperature=temperature, prices=Prices(prompt_price, completion_price), known_roles=self.roles
        )
        self._parallel = parallel
        self._episodes: dict[int, tuple[Journal, Player]] = {}
        self.client = self.open_client()
        self.demonstration = self.client.demonstration

    def open_client(self) -> Client:
        """Return the language model that the settings name; a subclass may bring its own."""
        return self._open()

    def client_of(self, seed: int) -> Client:
        """Return who is asked in the episode seeded `seed`: the one client, unless a subclass brings one for each."""
        return self.client

    @abc.abstractmethod
    def player(self, journal: Journal, seed: int) -> Player:
        """Return who plays a new episode, asking through `journal`."""

    def begin(self, slots: Sequence[int], seeds: Sequence[int]) -> None:
        """Start new episodes with new players."""
        for slot, seed in zip(slots, seeds, strict=True):
            journal = self._journal(self.client_of(seed), seed=seed)
            self._episodes[slot] = journal, self.player(journal, seed)

    def act(self, observations: Any, slots: np.ndarray) -> Any:
        """Let the players of `slots` act; see `hub.Agent.act`."""
        shown = rows(self.task.observation_space, observations, len(slots))
        moves = [partial(self._move, slot, observation) for slot, observation in zip(slots.tolist(), shown, strict=True)]
        actions = side_by_side(moves, self._parallel if self.client.concurrent else 1)
        space = self.task.action_space
        room: Any = create_empty_array(space, n=len(actions), fn=np.zeros)
        return concatenate(space, actions, room)

    def episode_metrics(self, slot: int) -> Mapping[str, float]:
        """Return calls, tokens and cost of the episode in `slot`, and what its player adds."""
        journal, player = self._episodes[slot]
        return {**journal.metrics(), **player.metrics()}

    def transcript(self, slot: int) -> Sequence[Mapping[str, Any]]:
        """Return the turns of the episode in `slot`; see `Journal`."""
        return self._episodes[slot][0].turns

    def _move(self, slot: int, observation: Any) -> Any:
        journal, player = self._episodes[slot]
        action = player.act(_kept(observation))
        journal.step += 1
        return action


def side_by_side(moves: Sequence[Callable[[], Any]], workers: int) -> list[Any]:
    """Return what each of `moves` returns, in their order, up to `workers` running at a time; raises what the first failing one raises."""
    if workers == 1 or len(moves) == 1:
        return [move() for move in moves]
    with ThreadPoolExecutor(min(workers, len(moves))) as pool:
        return [future.result() for future in [pool.submit(move) for move in moves]]


def _kept(observation: Any) -> Any:
    """Return an observation whose arrays nobody else writes to."""
    if isinstance(observation, np.ndarray):
        return observation.copy()
    return {key: _kept(part) for key, part in observation.items()} if isinstance(observation, dict) else observation
