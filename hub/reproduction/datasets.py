"""The datasets that a budget's agents learn from: recorded before any run where the machine lacks them."""

from __future__ import annotations

from hub.datasets.provenance import arrays_digest
from hub.datasets.recording import record_recipe
from hub.datasets.store import folder_of, load_dataset
from hub.registry import datasets
from hub.reproduction.spec import Budget
from hub.running.progress import Progress


def provide(budget: Budget, progress: Progress) -> dict[str, str]:
    """See to it that every dataset of a budget is there, and return the digest of each one's arrays by its name.

    Raises:
        UsageError: a dataset is not there and no plugin registers it; the message says how to get it.
        MissingExtra: a package that Minari or a recipe needs is not installed.
        BrokenPlugin: a recipe raises, or makes something else than episodes of its environment.
        DamagedFile: one that is there cannot be read, or holds other arrays than were recorded.
        HubError: raised by a recipe itself, or a dataset cannot be written.
    """
    registered = {row["name"] for row in datasets()}
    digests = {}
    for name in dict.fromkeys(name for study in budget.studies for name in study.datasets):
        if name in registered and not folder_of(name).exists():
            progress.say(f"recording dataset {name}, which is not on this machine")
            record_recipe(name, progress)
        digests[name] = arrays_digest(load_dataset(name).episodes)
    return digests
