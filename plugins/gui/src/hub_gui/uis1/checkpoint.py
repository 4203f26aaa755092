"""UI-S1 for Hugging Face checkpoints and recorded episodes: the paper's own setting, at whatever size the machine bears."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from hub_baselines.relative import Segment
from hub_baselines.relative.hf import CausalPolicy, Prompt
from hub_envs.androidcontrol import SOP, Match, Step, Trace, evaluation_match, load, read_output, training_match
from hub_envs.androidcontrol.outputs import Action

from hub.errors import UsageError
from hub_gui.uis1.prompts import messages, patched
from hub_gui.uis1.rewards import REWARDS, Level
from hub_gui.uis1.rollout import Judgement, semi_online
from hub_gui.uis1.semi_online import Settings, Trainer

LOG = "updates.jsonl"
"""File of the numbers of each update, one JSON object a line, in the folder of the trained checkpoint."""


@dataclass(frozen=True, slots=True, eq=False)
class PhoneTrace:
    """A recorded episode, as UI-S1 reads it; entries of histories are outputs as text.

    Attributes:
        trace: the episode.
        policy: reads prompts and tells what outputs say.
        match: `training_match` for rewards, `evaluation_match` for SOP.
    """

    trace: Trace
    policy: CausalPolicy
    match: Callable[[Action, Step, tuple[int, int]], Match] = training_match

    @property
    def task(self) -> int:
        """The episode's number in the data."""
        return self.trace.episode

    @property
    def steps(self) -> int:
        """Its length."""
        return len(self.trace.steps)

    def context(self, step: int, history: Sequence[str]) -> Prompt:
        """Return the conversation so far as the model reads it."""
        return self.policy.prompt(messages(self.trace, step, history, pictures=self.policy.sees))

    def judge(self, step: int, output: Segment) -> Judgement:
        """Compare an output with the person's action. Without a thought it lacks its form, though its action may match."""
        text = self.policy.text(output)
        try:
            said = read_output(text)
        except ValueError:
            return Judgement(Level.UNREADABLE, False, text, formed=False)
        found = self.match(said.action, self.trace.steps[step], self.trace.size)
        level = Level.EXACT if found.exact else Level.RIGHT_TYPE if found.type else Level.WRONG_TYPE
        return Judgement(level, found.exact, text, formed=bool(said.thought))

    def patch(self, step: int) -> str:
        """Return the person's action with an empty thought."""
        return patched(self.trace.steps[step].action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A training.

    Attributes:
        checkpoint: folder of the checkpoint to begin with.
        traces: file of recorded episodes; see `hub_envs.androidcontrol.traces`.
        out: folder for the trained checkpoint.
        updates: of the policy.
        learning_rate: Adam's; the paper's is 1e-6.
        seed: of everything random.
        max_tokens: most tokens of an output.
        lora: rank of low-rank adapters; 0 trains all weights.
        device: torch's name of a device.
        dtype: of the weights, torch's name.
        save_every: updates between two saves; it is saved at the end too.
        settings: the algorithm's.
    """

    checkpoint: Path
    traces: Path
    out: Path
    updates: int
    learning_rate: float = 1e-6
    seed: int = 0
    max_tokens: int = 512
    lora: int = 0
    device: str = "cpu"
    dtype: str = "float32"
    save_every: int = 50
    settings: Settings


def train(run: Run, tell: Callable[[str], None] = print) -> None:
    """Train a checkpoint on recorded episodes, and save it with the numbers of its updates.

    Args:
        run: what to do.
        tell: gets a line after each update.

    Raises:
        UsageError: traces or checkpoint cannot be read, or the folder holds a training already.
    """
    log = run.out / LOG
    if log.exists():
        raise UsageError(f"{run.out} holds a training already: choose another folder, or remove this one")
    policy = CausalPolicy(
        run.checkpoint, device=run.device, dtype=run.dtype, max_tokens=run.max_tokens, lora=run.lora, prompts_at_once=_at_once(run.settings)
    )
    reference = CausalPolicy(run.checkpoint, device=run.device, dtype=run.dtype) if run.settings.kl else None
    traces = [PhoneTrace(trace, policy) for trace in _traces(run.traces)]
    adam = torch.optim.AdamW(policy.parameters(), lr=run.learning_rate, weight_decay=0.0)
    trainer = Trainer(policy, adam, traces, run.settings, rng=np.random.default_rng(run.seed), reference=reference)
    run.out.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as lines:
        for number in range(1, run.updates + 1):
            told = trainer.update()
            lines.write(json.dumps({"update": number, **told}) + "\n")
            lines.flush()
            tell(f"update {number}/{run.updates}: " + ", ".join(f"{name} {value:.3g}" for name, value in told.items()))
            if number % run.save_every == 0 or number == run.updates:
                policy.save(run.out)


def measured(checkpoint: Path, traces: Path, *, max_tokens: int = 512, device: str = "cpu", dtype: str = "float32") -> SOP:
    """Return the SOP of a checkpoint that takes the likeliest token each time, on recorded episodes.

    Raises:
        UsageError: traces or checkpoint cannot be read.
    """
    policy = CausalPolicy(checkpoint, device=device, dtype=dtype, max_tokens=max_tokens)
    asked = [PhoneTrace(trace, policy, evaluation_match) for trace in _traces(traces)]
    groups = semi_online(policy, asked, copies=1, patches=0, rewards=REWARDS["paper"], rng=np.random.default_rng(0), temperature=0.0)
    shares = [group.rollouts[0].info["matched"].sum() / trace.steps for group, trace in zip(groups, asked, strict=True)]
    return SOP(float(np.mean(shares)), float(np.mean(np.array(shares) == 1)))


def _traces(path: Path) -> tuple[Trace, ...]:
    try:
        return load(path)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _at_once(settings: Settings) -> int:
    return settings.rows_at_once or settings.traces * settings.copies
