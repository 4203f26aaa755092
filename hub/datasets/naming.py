"""Names of datasets, as Minari spells them: `namespace/name-vN`, where the namespace may itself contain slashes."""

from __future__ import annotations

import re

FORM = "namespace/name-v0, of letters, digits, - and _, the namespace at least two of them; no part may be `data`"
"""What a name must look like, for messages."""

# Minari takes a folder that holds one called `data` for a dataset, and has no namespace of a single character
_NAME = re.compile(r"(?!data/|.*/data/)(?P<namespace>[\w-]{2,}(/[\w-]+)*)/[\w-]+-v\d+", re.ASCII)


def namespace_of(name: str) -> str | None:
    """Return the namespace of a dataset's name: `minigrid/rooms` for `minigrid/rooms/optimal-v0`; None where `name` is no such name."""
    match = _NAME.fullmatch(name)
    return None if match is None else match["namespace"]
