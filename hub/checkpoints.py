"""Trained agents on disk: a folder with `agent.json` (what to build) and `weights.safetensors` (what training changed). Never a pickle.

Beside them lies `curve.json`, what the agent reported while it trained, if it did; no agent is built from that.

Opening a checkpoint runs no code from it: `agent.json` names an agent of an installed plugin, and the weights are plain arrays.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import numpy as np
import safetensors
import safetensors.numpy
from pydantic import Field

from hub.agent import Agent, Task
from hub.arguments import check_arguments
from hub.curves import Curve
from hub.errors import DamagedFile, HubError, UsageError
from hub.files import write_atomically
from hub.loading import load, one_line
from hub.registry import Found, find_agent
from hub.results.files import canonical_bytes, read_document
from hub.results.models import AgentRecord, EnvironmentRecord, SparseRecord
from hub.specs import AgentSpec

DESCRIPTION = "agent.json"
WEIGHTS = "weights.safetensors"
CURVE = "curve.json"
FOREIGN = {b"PK\x03\x04": "a zip archive (as stable-baselines3 and torch write)", b"\x80": "a pickle", b"\x1f\x8b": "a gzip archive"}


class Checkpoint(SparseRecord):
    """The content of `agent.json`.

    `agent.train_steps` are the steps it has trained for, `train_budget` the steps it was to train for. `env` is the environment it was
    built for; it trained there with `training_kwargs` laid over the environment's own, absent where its protocol has none.
    """

    later: ClassVar[frozenset[str]] = frozenset({"training_kwargs"})

    schema_: Literal["hub/agent/1"] = Field(default="hub/agent/1", alias="schema")
    agent: AgentRecord
    env: EnvironmentRecord
    train_budget: int
    training_kwargs: dict[str, Any] = Field(default={})


def agent_class(found: Found[AgentSpec]) -> type[Agent]:
    """Import the class of a registered agent.

    Raises:
        MissingExtra: a package it needs is not installed.
        BrokenPlugin: it cannot be imported.
        HubError: what the plugin names is not a `hub.Agent`.
    """
    cls = load(found.spec.entry_point, found.spec.requires)
    if not (isinstance(cls, type) and issubclass(cls, Agent)):
        raise HubError(f"agent {found.spec.name!r} of plugin {found.plugin.name!r} is not a hub.Agent: {found.spec.entry_point}")
    return cls


def build_agent(record: AgentRecord, task: Task) -> Agent:
    """Build the untrained agent that `record` describes for `task`.

    Raises:
        ImpossiblePairing: the agent cannot act there.
        UsageError: its configuration does not fit its signature.
        HubError: its constructor raises.
    """
    cls = agent_class(find_agent(full_name(record)))
    cls.needs.check(record.name, task)
    config = check_arguments(record.config, cls, f"agent {record.name}")
    try:
        return cls(task, seed=record.seed, **config)
    except (HubError, MemoryError):
        raise
    except Exception as error:
        raise HubError(f"agent {record.name} cannot be built for {task.env_id}: {type(error).__name__}: {one_line(error)}") from error


def full_name(record: AgentRecord) -> str:
    """Return the name that says whose agent it is: `PLUGIN/NAME`."""
    return f"{record.plugin}/{record.name}"


def save_agent(
    agent: Agent,
    folder: str | os.PathLike[str],
    record: AgentRecord,
    env: EnvironmentRecord,
    *,
    train_budget: int = 0,
    training_kwargs: Mapping[str, Any] = MappingProxyType({}),
    curve: Curve | None = None,
) -> Checkpoint:
    """Save `agent` to `folder`, whole or not at all, and return what `agent.json` says.

    Args:
        agent: the agent; its `weights()` are written.
        folder: must not exist yet.
        record: how it was built, and the steps it has trained for; what the agent itself tells (the digest of its weights, whether it only
            demonstrates) is filled in.
        env: the environment it was built for.
        train_budget: the steps it was to train for.
        training_kwargs: what was laid over that environment's arguments while it trained.
        curve: what it reported meanwhile, if anything.

    Raises:
        UsageError: `folder` exists.
        HubError: it cannot be written.
    """
    data = weights_file(agent)
    digest = None if data is None else hashlib.sha256(data).hexdigest()
    checkpoint = Checkpoint(
        agent=record.model_copy(update={"weights_sha256": digest, "demonstration": agent.demonstration}),
        env=env,
        train_budget=train_budget,
        training_kwargs=dict(training_kwargs),
    )
    _write(checkpoint, data, curve, Path(folder))
    return checkpoint


def weights_file(agent: Agent) -> bytes | None:
    """Return the content of the safetensors file of an agent's weights; None for an agent without."""
    weights = {name: np.asarray(array, order="C") for name, array in agent.weights().items()}
    return safetensors.numpy.save(weights) if weights else None


def copy_checkpoint(source: str | os.PathLike[str], folder: str | os.PathLike[str]) -> Checkpoint:
    """Copy a sound checkpoint to `folder`, whole or not at all. Raises as `read_checkpoint` and `save_agent` do."""
    checkpoint, data = _read(Path(source))
    _write(checkpoint, data, read_curve(source), Path(folder))
    return checkpoint


def read_checkpoint(folder: str | os.PathLike[str]) -> Checkpoint:
    """Read and check the checkpoint in `folder`; nothing of it is executed.

    Raises:
        UsageError: there is none, or something else than a checkpoint of hub is offered (a pickle, a zip).
        DamagedFile: it is damaged, or of a newer format.
    """
    return _read(Path(folder))[0]


def read_curve(folder: str | os.PathLike[str]) -> Curve | None:
    """Read the learning curve of the checkpoint in `folder`; None where the agent reported nothing.

    Raises:
        DamagedFile: it is damaged, or of a newer format.
    """
    file = Path(folder) / CURVE
    return read_document(file, Curve, CURVE) if file.exists() else None


def load_agent(folder: str | os.PathLike[str], task: Task) -> Agent:
    """Build the agent saved in `folder` for `task` and give it its weights. Raises as `read_checkpoint` and `build_agent` do."""
    checkpoint, data = _read(Path(folder))
    agent = build_agent(checkpoint.agent, task)
    weights: Mapping[str, np.ndarray] = {}
    try:
        weights = safetensors.numpy.load(data) if data is not None else {}
    except safetensors.SafetensorError as error:
        raise DamagedFile(f"{Path(folder) / WEIGHTS} is damaged: {one_line(error)}") from error
    try:
        agent.load_weights(weights)
    except (HubError, MemoryError):
        raise
    except Exception as error:
        raise UsageError(
            f"the weights in {folder}, trained on {checkpoint.env.id} {checkpoint.env.kwargs | checkpoint.training_kwargs},"
            f" do not fit {checkpoint.agent.name} on {task.env_id} {dict(task.env_kwargs)}: {one_line(error)}"
        ) from error
    return agent


def require_agent(checkpoint: Checkpoint, folder: str | os.PathLike[str], name: str | None, config: Mapping[str, Any]) -> None:
    """Refuse a checkpoint that is not of the agent called `name`, or not configured as `config` asks.

    Raises:
        UsageError: the message says what the checkpoint holds.
    """
    record = checkpoint.agent
    if name is not None and name not in (record.name, full_name(record)):
        raise UsageError(f"{folder} holds agent {record.name}, not {name}; leave out --agent or give {name}'s own checkpoint")
    for key, value in config.items():
        if record.config.get(key) != value:
            raise UsageError(
                f"{folder} holds {record.name} with {key}={record.config.get(key)!r}, not {value!r}; leave out --agent-arg {key}="
                " or train an agent with that setting"
            )


def _write(checkpoint: Checkpoint, data: bytes | None, curve: Curve | None, folder: Path) -> None:
    with _appearing(folder) as draft:
        if data is not None:
            write_atomically(draft / WEIGHTS, data)
        if curve is not None:
            write_atomically(draft / CURVE, canonical_bytes(curve))
        write_atomically(draft / DESCRIPTION, canonical_bytes(checkpoint))


@contextlib.contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """Give a folder to fill, which then appears as `target` in one move."""
    if target.exists():
        raise UsageError(f"{target} exists; choose another folder, so that no trained agent is overwritten")
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        yield draft
        draft.rename(target)
    except OSError as error:
        raise HubError(f"cannot write {target}: {error.strerror}; free space there or choose another folder") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _read(folder: Path) -> tuple[Checkpoint, bytes | None]:
    if not folder.exists():
        raise UsageError(f"there is no checkpoint {folder}: give the folder with {DESCRIPTION} that `hub train` or `hub run` wrote")
    if not folder.is_dir():
        _refuse_foreign(folder)
        raise UsageError(f"{folder} is a file: give the folder with {DESCRIPTION} that `hub train` or `hub run` wrote")
    description, weights = folder / DESCRIPTION, folder / WEIGHTS
    if not description.is_file():
        raise UsageError(f"{folder} holds no {DESCRIPTION}: give a folder that `hub train` or `hub run` wrote, such as RUN/agent")
    _refuse_foreign(description)
    checkpoint = read_document(description, Checkpoint, DESCRIPTION)
    expected = checkpoint.agent.weights_sha256
    if expected is None:
        if weights.exists():
            raise DamagedFile(f"{description} names no weights, yet {weights} exists: the folder was put together from two checkpoints")
        return checkpoint, None
    if not weights.is_file():
        raise DamagedFile(f"{folder} is incomplete: {WEIGHTS} is missing; train again or copy the whole folder")
    _refuse_foreign(weights)
    data = weights.read_bytes()
    if hashlib.sha256(data).hexdigest() != expected:
        raise DamagedFile(f"{weights} is not the file that {DESCRIPTION} describes (its digest differs): truncated, edited or exchanged")
    return checkpoint, data


def _refuse_foreign(file: Path) -> None:
    """Refuse by content, whatever the file is called."""
    with file.open("rb") as opened:
        start = opened.read(4)
    for magic, what in FOREIGN.items():
        if start.startswith(magic) and not _is_safetensors(file):
            raise UsageError(
                f"{file} is {what}, which can run code when it is opened; hub opens only its own checkpoints."
                f" A stable-baselines3 zip is imported on request: python -m hub_baselines.import_zip {file} --agent A --env E --out DIR"
            )


def _is_safetensors(file: Path) -> bool:
    """Say whether the file begins as safetensors does: the length of a JSON header, 8 bytes, then `{`."""
    with file.open("rb") as opened:
        head = opened.read(9)
    return len(head) == 9 and head[8:] == b"{" and int.from_bytes(head[:8], "little") <= file.stat().st_size
