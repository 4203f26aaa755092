"""What is installed: which pip packages bring which import packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.plugins import stamps

_last: tuple[stamps.Folders, Mapping[str, Sequence[str]]] | None = None


def distributions_by_package() -> Mapping[str, Sequence[str]]:
    """Return the distributions that bring each top-level import package, as `importlib.metadata.packages_distributions` does.

    That one reads the files of every installed package: half a second of CPU for two hundred. It is asked once a process, and again only
    when packages have come or gone: in a notebook that installs one meanwhile, or where a folder joins `sys.path`. Looking is cheap.
    """
    global _last  # noqa: PLW0603
    if _last is None or not stamps.unchanged(_last[0], {}):
        from importlib import metadata

        # stamped first: a package that is installed while the others are read is found the next time
        _last = stamps.folders(), metadata.packages_distributions()
    return _last[1]
