"""The agent of a run: trained, or copied from the checkpoint to evaluate; in either case saved before the first episode is played."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.checkpoints import build_agent, copy_checkpoint, read_checkpoint, save_agent
from hub.errors import HubError, ProtocolViolation, UsageError
from hub.loading import one_line
from hub.results.models import AgentRecord
from hub.running.orders import Order
from hub.running.progress import Progress, spell_numbers
from hub.running.unfinished import NAME, TrainingFile
from hub.running.watchdog import reported_watchdog
from hub.training import Training


def train_only(order: Order, step_timeout: float, progress: Progress) -> tuple[Path, AgentRecord, bool]:
    """Train the agent of `order` unless that is done; return its folder, its record, and whether it was there already.

    Raises as `hub.running.session.carry_out` does.
    """
    folder = order.folder / "agent"
    repeated = folder.exists()
    record = prepare_agent(order, step_timeout, progress)
    return folder, record, repeated


def prepare_agent(order: Order, step_timeout: float, progress: Progress, on_save: Callable[[], None] | None = None) -> AgentRecord:
    """See to it that the run's folder holds its agent, trained or copied from the checkpoint to evaluate; return the agent's record.

    A training that an earlier session left unfinished is taken up where the agent saved it last; `on_save` is called after each save.
    """
    folder = order.folder / "agent"
    asked = order.configuration.agent
    if not folder.exists():
        if order.weights is not None:
            copy_checkpoint(order.weights, folder)
        else:
            _train(order, folder, step_timeout, progress, on_save)
    checkpoint = read_checkpoint(folder)
    found = checkpoint.agent
    if order.weights is not None:
        same = found.weights_sha256 == asked.weights_sha256 and found.config == asked.config
    else:
        same = checkpoint.train_budget == asked.train_steps and checkpoint.env == order.configuration.env
        same = same and checkpoint.training_kwargs == order.configuration.protocol.training_kwargs
        facts = {key: getattr(found, key) for key in ("train_steps", "weights_sha256", "demonstration")}
        same = same and found == asked.model_copy(update=facts)
    if not same:
        raise UsageError(
            f"{folder} holds {found.name} (seed {found.seed}, {checkpoint.train_budget} training steps on {checkpoint.env.id}) under other"
            " settings than these; choose another --out, or evaluate it with `hub eval --weights`"
        )
    if order.weights is not None:
        return asked
    _file(order).remove()
    return found


def standing(order: Order) -> str:
    """Say what a session leaves that was interrupted before its agent was there. Raises as `TrainingFile.read` does."""
    folder = order.folder / "agent"
    if folder.exists():
        return f"the trained agent is kept in {folder}"
    if order.weights is not None:
        return "nothing was played yet"
    saved = _file(order).read()
    return "the training starts anew next time" if saved is None else f"the training goes on from step {saved.steps:,} next time"


def _file(order: Order) -> TrainingFile:
    return TrainingFile(order.folder, order.configuration)


def _train(order: Order, folder: Path, step_timeout: float, progress: Progress, on_save: Callable[[], None] | None) -> None:
    record, env = order.configuration.agent, order.configuration.env
    agent = build_agent(record, order.task)
    curve = None
    if record.train_steps:
        with reported_watchdog(step_timeout) as watchdog:
            watchdog.name(f"environment {order.env} in the training of {record.name}")
            training = Training(
                order.training_task,
                steps=record.train_steps,
                seed=record.seed,
                on_step=progress.advance_to,
                on_report=lambda numbers: progress.note(spell_numbers(numbers)),
                around=watchdog.guard,
                file=_file(order),
                on_save=on_save,
            )
            if training.saved is not None:
                progress.say(f"the training of {record.name} goes on from step {training.done:,}")
            progress.begin(f"train {record.name}", record.train_steps, "steps", done=training.done)
            with _training_faults(record.name, env.id, training):
                agent.learn(training)
        record = record.model_copy(update={"train_steps": training.done})
        curve = training.curve
    save_agent(
        agent,
        folder,
        record,
        env,
        train_budget=order.configuration.agent.train_steps,
        training_kwargs=order.configuration.protocol.training_kwargs,
        curve=curve,
    )


@contextmanager
def _training_faults(agent: str, env: str, training: Training) -> Iterator[None]:
    try:
        yield
    except (HubError, MemoryError):
        raise
    except Exception as error:
        saved = training.saved
        resumed = "" if saved is None else f" (the first {saved.steps} taken up from {NAME}; without that file it starts anew)"
        raise ProtocolViolation(
            f"the training of {agent} on {env} failed after {training.done} steps{resumed}: {type(error).__name__}: {one_line(error)}"
            " (--debug shows where)"
        ) from error
