"""Datasets on this machine, in Minari's own format: what hub records loads with `minari.load_dataset`, and what others recorded loads here.

They lie under `MINARI_DATASETS_PATH`, or where Minari keeps them by default.
"""

from __future__ import annotations

import contextlib
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hub.datasets.drafts import draft, publish, rooted_at
from hub.datasets.episodes import OfflineDataset, OfflineEpisode, mapped
from hub.datasets.naming import FORM, namespace_of
from hub.datasets.provenance import KEY, Provenance, arrays_digest
from hub.errors import DamagedFile, HubError, MissingExtra, UnknownName, UsageError
from hub.loading import one_line
from hub.results.files import parse_document
from hub.running.versions import HOST


def load_dataset(name: str) -> OfflineDataset:
    """Load a dataset that lies on this machine; nothing is fetched from elsewhere.

    Args:
        name: `namespace/name-vN`.

    Raises:
        UsageError: it is no such name, or not on this machine; the message says which command records or downloads it.
        MissingExtra: Minari is not installed; the message gives the pip line.
        DamagedFile: its files cannot be read, or hold other arrays than hub recorded.
        BrokenPlugin: the plugin that records it is not ok.
    """
    dataset = read(name)
    if dataset.provenance and not intact(dataset):
        raise DamagedFile(
            f"{folder_of(name)} does not hold the arrays that were recorded: their digest is another;"
            f" record them anew: {dataset.provenance['command']} --force"
        )
    return dataset


def read(name: str) -> OfflineDataset:
    """Return what `load_dataset` does, without comparing the digest."""
    with _readable(name):
        return _read(name)


def metadata_of(name: str) -> dict[str, Any]:
    """Return what Minari keeps beside the arrays of a dataset, hub's provenance under `hub`; raises as `load_dataset` does."""
    with _readable(name):
        found: dict[str, Any] = minari().load_dataset(name).storage.metadata
        return found


def intact(dataset: OfflineDataset) -> bool:
    """Whether a dataset that hub recorded holds the arrays that were recorded."""
    expected: str = dataset.provenance["contents"]["arrays_sha256"]
    return arrays_digest(dataset.episodes) == expected


def require_local(name: str) -> Path:
    """Return the folder of a dataset; raises as `load_dataset` where it is not on this machine."""
    folder = folder_of(name)
    if not (folder / "data").is_dir():
        raise UsageError(f"dataset {name} is not on this machine; get it: hub data {_way_to_get(name)} {name}")
    return folder


def folder_of(name: str) -> Path:
    """Return the folder where dataset `name` lies or would lie. Raises `UsageError` where that is no name of a dataset."""
    if namespace_of(name) is None:
        raise UsageError(f"{name!r} is no name of a dataset: it must be of the form {FORM}")
    return root() / name


def root() -> Path:
    """Return the folder under which all datasets lie; it exists."""
    minari()
    from minari.storage import get_dataset_path

    try:
        return Path(get_dataset_path()).absolute()  # Minari cannot write under a relative one
    except OSError as error:
        raise HubError(f"cannot make the folder of datasets: {error}; set MINARI_DATASETS_PATH to one that can be written") from error


def minari() -> Any:
    """Import Minari and what its HDF5 format needs. Raises `MissingExtra` where something of it is not installed."""
    try:
        import h5py  # noqa: F401
        import minari
        import PIL  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra(f"datasets need {error.name!r}, which is not installed: pip install '{HOST}[data]'") from error
    return minari


def local_metadata() -> dict[str, dict[str, Any]]:
    """Return Minari's metadata of every dataset on this machine by its name; damaged ones are left out with a warning."""
    root()
    found: dict[str, dict[str, Any]] = minari().list_local_datasets()
    return found


def write(dataset: OfflineDataset, provenance: Provenance, environment: Any, *, replace: bool) -> None:
    """Keep a dataset, whole or not at all.

    Args:
        dataset: at least one episode, of array spaces; its own provenance is not looked at.
        provenance: kept beside it.
        environment: a Gymnasium environment of its kind, from which Minari takes what is needed to build one again.
        replace: whether to put it in the place of a dataset of that name.

    Raises:
        UsageError: there is one of that name, and `replace` is false.
        HubError: it cannot be written, or Minari does not keep such arrays without loss.
    """
    base = root()
    with draft(base) as folder:
        with rooted_at(folder):
            _write(dataset, provenance, environment)
            sound = _reads_back(dataset.name)
        if not sound:
            raise HubError(
                f"Minari {minari().__version__} does not keep the arrays of {dataset.name} as they are (before 0.5.4 it takes bytes in"
                " 32 x 32 or more for compressed images): pip install 'minari>=0.5.4'"
            )
        publish(folder, dataset.name, base, replace=replace)


@contextlib.contextmanager
def _readable(name: str) -> Iterator[None]:
    """Turn whatever h5py, JSON and Minari make of the damaged files of dataset `name` into a `DamagedFile`."""
    folder = require_local(name)
    try:
        yield
    except (HubError, MemoryError):
        raise
    except Exception as error:
        raise DamagedFile(f"dataset {name} in {folder} cannot be read: {type(error).__name__}: {one_line(error)}") from error


def _write(dataset: OfflineDataset, provenance: Provenance, environment: Any) -> None:
    import inspect

    from minari.data_collector import EpisodeBuffer

    create = minari().create_dataset_from_buffers
    lossless = {"jpeg_encoding": False} if "jpeg_encoding" in inspect.signature(create).parameters else {}
    buffers = [
        EpisodeBuffer(
            seed=episode.seed,
            observations=mapped(_Plain, episode.observations),
            actions=mapped(_Plain, episode.actions),
            rewards=episode.rewards,
            terminations=episode.terminations,
            truncations=episode.truncations,
        )
        for episode in dataset.episodes
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that no author and no code's address are given: `hub` below says more
        kept = create(
            dataset.name,
            buffers,
            env=environment,
            observation_space=dataset.observation_space,
            action_space=dataset.action_space,
            algorithm_name=provenance.maker,
            description=f"Recorded by hub; made again by: {provenance.command}",
            data_format="hdf5",
            **lossless,
        )
    kept.storage.update_metadata({KEY: provenance.model_dump(mode="json")})


def _reads_back(name: str) -> bool:
    try:
        return intact(_read(name))
    except (HubError, MemoryError):
        raise
    except Exception:  # Pillow's, of arrays that were written as they are and are read as images
        return False


class _Plain:
    """An array that Minari does not know as one. Before 0.5.4 it compresses every array of bytes that it takes for images, with losses."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._array)

    def __getitem__(self, row: int) -> Any:
        return self._array[row]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self._array if dtype is None else self._array.astype(dtype)


def _read(name: str) -> OfflineDataset:
    kept = minari().load_dataset(name)
    found = kept.storage.metadata.get(KEY)
    provenance = None if found is None else parse_document(json.dumps(found), Provenance, f"the provenance of dataset {name}")
    spec = kept.spec.env_spec
    return OfflineDataset(
        name=name,
        env_id=provenance.env.id if provenance else spec and spec.id,
        env_kwargs=provenance.env.kwargs if provenance else dict(spec.kwargs) if spec else {},
        observation_space=kept.spec.observation_space,
        action_space=kept.spec.action_space,
        episodes=tuple(_episodes(kept)),
        provenance=provenance.model_dump(mode="json") if provenance else {},
    )


def _episodes(kept: Any) -> Iterator[OfflineEpisode]:
    about = kept.storage.get_episode_metadata(kept.episode_indices)
    for episode, metadata in zip(kept.iterate_episodes(), about, strict=True):
        seed = metadata.get("seed")
        yield OfflineEpisode(
            observations=mapped(_as_kept, episode.observations),
            actions=mapped(_as_kept, episode.actions),
            rewards=np.asarray(episode.rewards, np.float64),
            terminations=np.asarray(episode.terminations, np.bool_),
            truncations=np.asarray(episode.truncations, np.bool_),
            seed=None if seed is None else int(seed),
        )


def _as_kept(values: Any) -> Any:
    return values if isinstance(values, np.ndarray) else list(values)


def _way_to_get(name: str) -> str:
    from hub.registry import find_dataset

    try:
        find_dataset(name)
    except UnknownName:
        return "download"
    return "record"
