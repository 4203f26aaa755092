"""The policy: a score for each candidate, given what was done before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from hub_baselines.episodes import drawn_categories
from hub_baselines.relative import Segment
from numpy.typing import NDArray
from torch import nn

from hub_gui.pointing.candidates import candidates
from hub_gui.pointing.features import WIDTH, features
from hub_gui.surfaces.view import read_elements

_OWN = np.ones(1, dtype=np.bool_)


class Choice(NamedTuple):
    """The context of a step.

    Attributes:
        history: (steps so far, WIDTH) float32, what was done.
        offered: (candidates, WIDTH) float32, what can be done.
        actions: the candidates as the environment takes them.
    """

    history: NDArray[np.float32]
    offered: NDArray[np.float32]
    actions: tuple[str, ...]


def choice(observation: Mapping[str, Any], history: Sequence[NDArray[np.float32]]) -> Choice:
    """Return the context of a step, from a phone's observation and what was done before, one row of numbers an action."""
    goal, elements = observation["goal"], read_elements(observation["elements"])
    found = candidates(goal, elements)
    done = np.array(history, dtype=np.float32).reshape(-1, WIDTH)
    return Choice(done, features(goal, elements, found), tuple(candidate.text for candidate in found))


class PointingPolicy(nn.Module):
    """Scores candidates beside a memory of the episode's own actions; an output is one token, the place of a candidate.

    Args:
        memory: width of the recurrent layer.
        hidden: width of the layers above it.
    """

    def __init__(self, memory: int = 48, hidden: int = 96) -> None:
        super().__init__()
        self.memory = memory
        self.cell = nn.GRUCell(WIDTH, memory)
        self.score = nn.Sequential(nn.Linear(WIDTH + memory, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def scores(self, contexts: Sequence[Choice]) -> torch.Tensor:
        """Return log-probabilities at temperature 1, up to a constant: (n, most candidates), -inf where there is none."""
        counts = [len(context.offered) for context in contexts]
        remembered = self._read(contexts).repeat_interleave(torch.tensor(counts), dim=0)
        offered = torch.from_numpy(np.concatenate([context.offered for context in contexts]))
        flat = self.score(torch.cat([offered, remembered], dim=1))[:, 0]
        table: torch.Tensor = flat.new_full((len(contexts), max(counts)), -torch.inf)
        rows = torch.arange(len(contexts)).repeat_interleave(torch.tensor(counts))
        places = torch.cat([torch.arange(count) for count in counts])
        return table.index_put((rows, places), flat)

    def logp(self, segments: Sequence[Segment]) -> torch.Tensor:
        """Return log-probabilities (n, 1)."""
        tokens = torch.from_numpy(np.stack([segment.tokens for segment in segments]))
        cooling = torch.tensor([[segment.temperature] for segment in segments])
        return (self.scores([segment.context for segment in segments]) / cooling).log_softmax(dim=1).gather(1, tokens)

    @torch.no_grad()
    def sample(self, contexts: Sequence[Choice], *, temperature: float, rng: np.random.Generator) -> list[Segment]:
        """Draw a candidate for each context."""
        logp = (self.scores(contexts) / temperature).log_softmax(dim=1).numpy()
        chosen = drawn_categories(np.exp(logp), rng.random(len(contexts)))
        # A draw beyond the last sum, which rounding keeps below 1, must not leave a row's own candidates.
        chosen = np.minimum(chosen, [len(context.offered) - 1 for context in contexts])
        return [
            Segment(context, np.array([place]), _OWN, logp[row, [place]].astype(np.float32), temperature)
            for row, (context, place) in enumerate(zip(contexts, chosen.tolist(), strict=True))
        ]

    def _read(self, contexts: Sequence[Choice]) -> torch.Tensor:
        """Return memories (n, memory) of the histories."""
        lengths = np.array([len(context.history) for context in contexts])
        history = np.zeros((len(contexts), lengths.max(), WIDTH), dtype=np.float32)
        for row, context in enumerate(contexts):
            history[row, : lengths[row]] = context.history
        memory, done = torch.zeros(len(contexts), self.memory), torch.from_numpy(history)
        for step in range(done.shape[1]):
            there = torch.from_numpy(lengths > step)[:, None]
            memory = torch.where(there, self.cell(done[:, step], memory), memory)
        return memory
