"""A language model in miniature: at each step it writes one word, a note, and then acts; it reads what it wrote and did before.

Its outputs have two tokens, (note, action). The context of a step is the history of such pairs and the current screen, a row of numbers;
earlier screens are gone, so what they showed is known only as far as a note tells it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from hub_baselines.episodes import drawn_categories
from hub_baselines.relative.data import Segment

_EMBEDDING = 16


class Step(NamedTuple):
    """The context of a step.

    Attributes:
        history: (steps so far, 2) int64, note and action of each.
        screen: (features,) float32.
    """

    history: NDArray[np.int64]
    screen: NDArray[np.float32]


class NotePolicy(nn.Module):
    """A recurrent policy over notes and actions; 54,000 parameters over memo's forms.

    Args:
        features: numbers of a screen.
        notes: different notes; 0 is the empty one.
        actions: different actions.
        hidden: width of the recurrent layer.
    """

    def __init__(self, features: int, notes: int, actions: int, hidden: int = 96) -> None:
        super().__init__()
        self.hidden = hidden
        self.embed_note, self.embed_action = nn.Embedding(notes, _EMBEDDING), nn.Embedding(actions, _EMBEDDING)
        self.cell = nn.GRUCell(2 * _EMBEDDING, hidden)
        self.note = nn.Sequential(nn.Linear(hidden + features, 64), nn.Tanh(), nn.Linear(64, notes))
        self.action = nn.Sequential(nn.Linear(hidden + features + _EMBEDDING, 64), nn.Tanh(), nn.Linear(64, actions))

    def remember(self, hidden: torch.Tensor, pairs: torch.Tensor) -> torch.Tensor:
        """Return the memory (n, hidden) after the pairs (n, 2) of a further step."""
        written = torch.cat([self.embed_note(pairs[:, 0]), self.embed_action(pairs[:, 1])], dim=1)
        memory: torch.Tensor = self.cell(written, hidden)
        return memory

    def note_logits(self, hidden: torch.Tensor, screens: torch.Tensor) -> torch.Tensor:
        """Return logits (n, notes)."""
        logits: torch.Tensor = self.note(torch.cat([hidden, screens], dim=1))
        return logits

    def action_logits(self, hidden: torch.Tensor, screens: torch.Tensor, notes: torch.Tensor) -> torch.Tensor:
        """Return logits (n, actions), given the notes (n,) just written."""
        logits: torch.Tensor = self.action(torch.cat([hidden, screens, self.embed_note(notes)], dim=1))
        return logits

    def logp(self, segments: Sequence[Segment]) -> torch.Tensor:
        """Return log-probabilities (n, 2)."""
        hidden, screens = self._read([segment.context for segment in segments])
        tokens = torch.from_numpy(np.stack([segment.tokens for segment in segments]))
        cooling = torch.tensor([[segment.temperature] for segment in segments])
        of_note = (self.note_logits(hidden, screens) / cooling).log_softmax(dim=1)
        of_action = (self.action_logits(hidden, screens, tokens[:, 0]) / cooling).log_softmax(dim=1)
        return torch.cat([of_note.gather(1, tokens[:, :1]), of_action.gather(1, tokens[:, 1:])], dim=1)

    @torch.no_grad()
    def sample(self, contexts: Sequence[Step], *, temperature: float, rng: np.random.Generator) -> list[Segment]:
        """Draw a note and an action for each context."""
        hidden, screens = self._read(contexts)
        uniform = rng.random((2, len(contexts)))
        of_note = (self.note_logits(hidden, screens) / temperature).log_softmax(dim=1).numpy()
        notes = drawn_categories(np.exp(of_note), uniform[0])
        of_action = (self.action_logits(hidden, screens, torch.from_numpy(notes)) / temperature).log_softmax(dim=1).numpy()
        actions = drawn_categories(np.exp(of_action), uniform[1])
        rows = np.arange(len(contexts))
        tokens = np.stack([notes, actions], axis=1)
        logp = np.stack([of_note[rows, notes], of_action[rows, actions]], axis=1)
        own = np.ones(2, dtype=np.bool_)
        return [Segment(context, tokens[row], own, logp[row], temperature) for row, context in enumerate(contexts)]

    def _read(self, contexts: Sequence[Step]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return memories (n, hidden) of the histories, and screens (n, features)."""
        lengths = np.array([len(context.history) for context in contexts])
        pairs = np.zeros((len(contexts), lengths.max(), 2), dtype=np.int64)
        for row, context in enumerate(contexts):
            pairs[row, : lengths[row]] = context.history
        history, hidden = torch.from_numpy(pairs), torch.zeros(len(contexts), self.hidden)
        for step in range(history.shape[1]):
            there = torch.from_numpy(lengths > step)[:, None]
            hidden = torch.where(there, self.remember(hidden, history[:, step]), hidden)
        return hidden, torch.from_numpy(np.stack([context.screen for context in contexts]))
