"""How tasks are scored: the store at the end must be the store at the beginning with the wanted changes, and with no other."""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from hub_envs.phonesim.tasks.task import Params, Store

Change = Callable[[Params, dict[str, Any]], None]
"""Makes a wanted change in a store of its own, as the phone would."""

Check = Callable[[Params, Store, Store, str | None], float]


def changed(*parts: Change, answer: Callable[[Params], str] | None = None, ordered: bool = False) -> Check:
    """Score the share of the parts that were done, the answer being one more of them; 0 as soon as anything else changed.

    Parts that are `ordered` count only together with all before them.
    """

    def check(params: Params, before: Store, after: Store, answered: str | None) -> float:
        made = _parts_made(params, parts, before, after, ordered)
        if made is None:
            return 0.0
        right = answer is not None and says(answered, answer(params))
        return (made + right) / (len(parts) + (answer is not None))

    return check


def whole(check: Check) -> Check:
    """Score 1 where `check` does, and nothing for less."""
    return lambda params, before, after, answered: float(check(params, before, after, answered) == 1)


def changed_each(changes: Callable[[Params], Sequence[Change]]) -> Check:
    """Score like `changed` where the parts depend on the parameters."""

    def check(params: Params, before: Store, after: Store, answered: str | None) -> float:
        return changed(*changes(params))(params, before, after, answered)

    return check


def answered(answer: Callable[[Params], str]) -> Check:
    """Score the right answer to a question about what is on the phone; 0 as soon as anything changed."""
    return changed(answer=answer)


def says(answered: str | None, wanted: str) -> bool:
    """Whether an answer is the wanted one, whatever its case, spaces and punctuation."""
    return answered is not None and _words(answered) == _words(wanted)


def same(first: Store, second: Store) -> bool:
    """Whether stores hold the same, as far as anybody cares.

    Ids, the order of lists, white space around and between words, spaces within phone numbers, what was read or visited, and permissions
    given do not count.
    """
    apps = (first.keys() | second.keys()) - _UNIMPORTANT
    return all(_same_app(first.get(app), second.get(app), app) for app in apps)


def _parts_made(params: Params, parts: Sequence[Change], before: Store, after: Store, ordered: bool) -> int | None:
    """Number of parts that turn `before` into `after`; None where no choice of them does."""
    for count in range(len(parts), -1, -1):
        for chosen in [parts[:count]] if ordered else itertools.combinations(parts, count):
            store = copy.deepcopy(dict(before))
            for change in chosen:
                change(params, store)
            if same(store, after):
                return count
    return None


def _same_app(first: Any, second: Any, app: str) -> bool:
    return bool(first == second or _plain(first, app) == _plain(second, app))  # mostly nothing changed, which is quickly seen


_UNIMPORTANT = {"id", "unread", "history", "system"}


def _plain(value: Any, key: str = "") -> Any:
    if isinstance(value, str):
        return re.sub(r"\D", "", value) if key in {"phone", "number"} else " ".join(value.split())
    if isinstance(value, list):
        return sorted((_plain(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, dict):
        return {name: _plain(item, name) for name, item in value.items() if name not in _UNIMPORTANT}
    return value


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
