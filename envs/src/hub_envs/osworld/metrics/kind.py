"""What a metric is, and OSWorld's rules for single values."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

Metric = Callable[..., float]
Rule = Mapping[str, Any]


def matches(value: Any, rule: Rule) -> bool:
    """Return whether `value` is what `{"method": ..., "ref": ...}` asks for.

    Methods are `eq`, `ne`, `le`, `lt`, `ge`, `gt`; `re` with flags, as in `re.IGNORECASE`; `approx:LIMIT` for numbers; `range.XY`, where X
    and Y are `t` or `e` for ends that are open or closed, with `ref` the two ends; `str_list_eq` and `str_set_eq` for texts with commas.

    Raises:
        ValueError: there is no such method.
    """
    method, ref = rule["method"], rule["ref"]
    if method in ("eq", "ne"):
        return bool(getattr(operator, method)(value, ref))
    if value is None:
        return False
    if method in ("le", "lt", "ge", "gt"):
        return bool(getattr(operator, method)(value, ref))
    if method == "re" or method.startswith("re."):
        flags = reduce(operator.or_, (getattr(re, name) for name in method.split(".")[1:]), re.RegexFlag(0))
        return re.search(ref, str(value), flags) is not None
    if method.startswith("approx:"):
        return bool(abs(float(value) - ref) <= float(method.partition(":")[2]))
    if method.startswith("range."):
        below, above = (getattr(operator, f"l{end}") for end in method[6:8])
        return bool(below(ref[0], value) and above(value, ref[1]))
    if method in ("str_list_eq", "str_set_eq"):
        kind = list if method == "str_list_eq" else set
        return bool(kind(str(value).strip("\"'").split(",")) == kind(ref))
    raise ValueError(f"no rule {method!r}: there are eq, ne, le, lt, ge, gt, re, approx:LIMIT, range.XY, str_list_eq, str_set_eq")
