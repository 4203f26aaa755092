"""What can be said of datasets, as plain rows and facts: those on this machine, those that a recipe records, those on Minari's server."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

from hub.datasets import store
from hub.datasets.provenance import KEY
from hub.registry import datasets

Facts = dict[str, Any]


def here() -> tuple[list[Facts], list[str]]:
    """Return a row for each dataset on this machine and for each that a recipe could record, and a line for each that is damaged.

    A row has `name`, `state` (`local` or `recipe`), `env`, `episodes`, `transitions`, `size_mb` and `summary`; numbers are None for what
    is not recorded.
    """
    with warnings.catch_warnings(record=True) as damaged:
        warnings.simplefilter("always")
        local = store.local_metadata()
    recipes = {row["name"]: row for row in datasets()}
    rows = [{**_row(name, "local", metadata), "summary": recipes.get(name, {}).get("summary", "")} for name, metadata in local.items()]
    for name in sorted(recipes.keys() - local.keys()):
        row = {"name": name, "state": "recipe", "env": recipes[name]["env"], "episodes": None, "transitions": None, "size_mb": None}
        rows.append({**row, "summary": recipes[name]["summary"]})
    return rows, [str(warning.message) for warning in damaged]


def there() -> list[Facts]:
    """Return a row for each dataset on Minari's server, as `here` does; `state` is `remote`, or `local` for one that is here too."""
    from hub.datasets.remote import remote_metadata

    known, local = remote_metadata(), store.local_metadata()
    return [{**_row(name, "local" if name in local else "remote", known[name]), "summary": ""} for name in sorted(known)]


def facts_of(name: str, *, check: bool = False) -> Facts:
    """Return what is known of a dataset on this machine.

    Args:
        name: of the dataset.
        check: whether to compare the arrays with the digest: `intact` is then true or false, and None for a dataset that carries none.

    Raises:
        As `hub.load_dataset`, but for arrays that are not those recorded.
    """
    metadata = store.metadata_of(name)
    facts = {**_row(name, "local", metadata), "folder": str(store.folder_of(name))}
    for key in ("algorithm_name", "author", "description", "code_permalink", "minari_version"):
        value = metadata.get(key)
        facts[key] = sorted(value) if isinstance(value, set) else value
    facts["provenance"] = metadata.get(KEY)
    if check:
        dataset = store.read(name)
        facts["intact"] = store.intact(dataset) if dataset.provenance else None
    return facts


def _row(name: str, state: str, metadata: Mapping[str, Any]) -> Facts:
    return {
        "name": name,
        "state": state,
        "env": _env_of(metadata),
        "episodes": metadata.get("total_episodes"),
        "transitions": metadata.get("total_steps"),
        "size_mb": metadata.get("dataset_size"),
    }


def _env_of(metadata: Mapping[str, Any]) -> str | None:
    try:
        return str(json.loads(metadata["env_spec"])["id"])
    except (KeyError, TypeError, ValueError):
        return None
