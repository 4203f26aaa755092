"""An unfinished training on disk: one file in the run's folder, replaced whole at each save and removed when the trained agent is saved.

One file, because two cannot be replaced in one move. It is safetensors; what is not an array stands as JSON in its header. A digest covers
both, because safetensors itself does not notice a flipped bit. Reading it runs nothing from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray
from pydantic import Field

from hub.curves import Curve
from hub.errors import DamagedFile, HubError, UsageError
from hub.files import write_atomically
from hub.loading import one_line
from hub.results.files import parse_document
from hub.results.models import Record
from hub.running.configuration import Configuration, differences

NAME = "training.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class SavedTraining:
    """What an agent saved of its training, and where that stood.

    Attributes:
        arrays: the agent's arrays; they are the reader's own and may be changed.
        facts: the agent's JSON values.
        steps: environment steps taken.
        seeds: training seeds drawn.
        curve: what the agent reported; None when it did not.
    """

    arrays: dict[str, NDArray[Any]]
    facts: dict[str, Any]
    steps: int
    seeds: int
    curve: Curve | None


class _Document(Record):
    """The JSON in the file's header."""

    schema_: Literal["hub/training/1"] = Field(default="hub/training/1", alias="schema")
    configuration: Configuration
    steps: int
    seeds: int
    facts: dict[str, Any]
    curve: Curve | None = None


class TrainingFile:
    """The file of one training. It belongs to an agent, its budget, an environment and versions; how the agent will be judged is left open.

    Args:
        folder: of the run.
        configuration: of the run.
    """

    def __init__(self, folder: Path, configuration: Configuration) -> None:
        self.path = folder / NAME
        self._configuration = configuration

    def read(self) -> SavedTraining | None:
        """Return what was saved last, or None when nothing was.

        Raises:
            UsageError: the file belongs to another training; the message says what differs.
            DamagedFile: it is damaged, or of a newer format.
        """
        if not self.path.exists():
            return None
        try:
            with safetensors.safe_open(self.path, "numpy") as file:
                header: Mapping[str, str] = file.metadata() or {}
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
        except (OSError, safetensors.SafetensorError) as error:
            raise self._damaged(one_line(error)) from error
        text = header.get("training", "")
        if header.get("digest") != _digest(text, arrays):
            raise self._damaged("its digest differs: truncated, edited or exchanged")
        document = parse_document(text, _Document, str(self.path))
        trained = {"training_kwargs": document.configuration.protocol.training_kwargs}
        there = document.configuration.model_copy(update={"protocol": self._configuration.protocol.model_copy(update=trained)})
        if there != self._configuration:
            raise UsageError(
                f"{self.path} holds another unfinished training: {'; '.join(differences(there, self._configuration))}."
                " Choose another --out, repeat that training's settings to go on with it, or delete the file to start anew"
            )
        return SavedTraining(arrays, document.facts, document.steps, document.seeds, document.curve)

    def write(
        self, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any], *, steps: int, seeds: int, curve: Curve | None = None
    ) -> None:
        """Replace what was saved, whole or not at all.

        Raises:
            ValueError: an array is of a kind that safetensors does not hold, or facts are not JSON values.
            HubError: the file cannot be written; the previous one is untouched.
        """
        document = _Document(configuration=self._configuration, steps=steps, seeds=seeds, facts=dict(facts), curve=curve)
        try:
            text = json.dumps(document.model_dump(by_alias=True), ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"the facts of a training must be JSON values: {error}") from error
        plain = {name: np.asarray(array, order="C") for name, array in arrays.items()}
        try:
            data = safetensors.numpy.save(plain, {"training": text, "digest": _digest(text, plain)})
        except safetensors.SafetensorError as error:
            raise ValueError(f"an array of a training cannot be saved: {error}") from error
        write_atomically(self.path, data)

    def remove(self) -> None:
        """Remove the file, and what sessions left that were killed while they wrote it.

        Raises:
            HubError: it cannot be removed.
        """
        try:
            for path in (self.path, *self.path.parent.glob(f".{NAME}.*.tmp")):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise HubError(f"cannot remove {self.path}, which is no longer needed: {error.strerror or error}") from error

    def _damaged(self, reason: str) -> DamagedFile:
        return DamagedFile(
            f"the unfinished training {self.path} is damaged: {reason}. Nothing was changed. Delete it"
            " and run the same command again: the training starts anew"
        )


def _digest(text: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
