"""Metrics of texts, lists, records and trees."""

from __future__ import annotations

import csv
import difflib
import json
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub_envs.osworld.elements import NAMESPACES
from hub_envs.osworld.metrics.kind import Metric, Rule, matches


def _exact_match(result: Any, rules: Rule) -> float:
    return float(result == rules["expected"])


def _match_in_list(result: Any, rules: Rule) -> float:
    return float(result in rules["expected"])


def _is_in_list(result: Any, rules: Rule) -> float:
    return float(rules["expected"] in result)


def _literal_match(result: Any, expected: Any, type: str = "str", ignore_case: bool = False) -> float:
    if type == "list" and not (isinstance(result, list | tuple) and isinstance(expected, list | tuple)):
        return 0.0
    one, other = ([str(part) for part in value] if type == "list" else [str(value)] for value in (result, expected))
    if ignore_case:
        one, other = [part.lower() for part in one], [part.lower() for part in other]
    return float(one == other)


def _check_include_exclude(result: str, rules: Rule) -> float:
    """Score whether a text holds all of `include` and none of `exclude`."""
    return float(all(part in result for part in rules.get("include", ())) and not any(part in result for part in rules.get("exclude", ())))


def _file_contains(result: str, rules: Rule) -> float:
    text = _read(result)
    return float(all(part in text for part in rules["expected"]))


def _text_lines(result: str, rules: Rule) -> float:
    """Score whether a file holds exactly the lines of `expected`, but for empty ones in the end."""
    return float(_read(result).rstrip("\n").split("\n") == rules["expected"])


def _compare_text_file(result: str, expected: str, ignore_blanks: bool = False, ignore_case: bool = False) -> float:
    one, other = _read(result), _read(expected)
    if ignore_blanks:
        one, other = (re.sub(r"\s+", " ", text).strip() for text in (one, other))
    if ignore_case:
        one, other = one.lower(), other.lower()
    return float(one == other)


def _diff_text_file(result: str, expected: str) -> float:
    return difflib.SequenceMatcher(a=_read(result).splitlines(), b=_read(expected).splitlines()).ratio()


def _check_list(result: str, rules: Rule) -> float:
    """Score whether each pattern of `expect` is found in some line of a file, and none of `unexpect` in any."""
    lines = _read(result).splitlines()
    return float(
        all(any(re.search(pattern, line) for line in lines) for pattern in rules.get("expect", ()))
        and not any(re.search(pattern, line) for pattern in rules.get("unexpect", ()) for line in lines)
    )


def _check_csv(result: str, rules: Rule) -> float:
    """Score whether each record of `expect` is in a table, and none of `unexpect`; records name the fields that count."""
    with Path(result).open(newline="") as file:
        rows = list(csv.DictReader(file))

    def holds(record: Mapping[str, str]) -> bool:
        return any(all(row.get(key) == value for key, value in record.items()) for row in rows)

    return float(all(map(holds, rules.get("expect", ()))) and not any(map(holds, rules.get("unexpect", ()))))


def _compare_csv(result: str, expected: str | list[str], strict: bool = True, ignore_case: bool = False) -> float:
    def lines(path: str) -> list[str]:
        text = _read(path)
        return [line if strict else line.strip() for line in (text.lower() if ignore_case else text).splitlines()]

    given = lines(result)
    return float(any(given == lines(path) for path in ([expected] if isinstance(expected, str) else expected)))


def _check_json(result: str, rules: Rule) -> float:
    """Score values of a JSON file: each of `expect` and `unexpect` names a `key` (a list, the way down) and a rule for what is there."""
    held = json.loads(_read(result))
    return float(
        all(_at(held, rule["key"]) is not _NOTHING and matches(_at(held, rule["key"]), rule) for rule in rules.get("expect", ()))
        and not any(_at(held, rule["key"]) is not _NOTHING and matches(_at(held, rule["key"]), rule) for rule in rules.get("unexpect", ()))
    )


_NOTHING = object()


def _at(held: Any, keys: list[Any]) -> Any:
    for key in keys:
        try:
            held = held[key]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return held


def _check_json_settings(result: str, rules: Rule) -> float:
    held = json.loads(_read(result))
    return float(all(held.get(key, _NOTHING) == value for key, value in rules["expected"].items()))


def _check_direct_json_object(result: Any, rules: Rule) -> float:
    """Score whether a JSON object has the values of `expected`; with `expect_in_result` a text within, or one of a list, is enough."""
    held = json.loads(result.strip().replace("'", '"')) if isinstance(result, str) else result
    for key, value in rules["expected"].items():
        found = held.get(key)
        if not rules.get("expect_in_result", False):
            good = found == value
        elif isinstance(value, list):
            good = any(part in found if isinstance(found, list) else part == found for part in value)
        else:
            good = isinstance(found, str) and value in found
        if not good:
            return 0.0
    return 1.0


def _run_sqlite3(result: str, rules: Rule) -> float:
    base = sqlite3.connect(result)
    try:
        return float(base.execute(rules["sql"]).fetchone()[0] or 0)
    finally:
        base.close()


def _check_accessibility_tree(result: str, rules: list[Rule]) -> float:
    """Score whether each rule's `xpath` finds an element, of exactly `text` where that is given."""
    from lxml import etree

    tree = etree.fromstring(result.encode())
    for rule in rules:
        if "xpath" not in rule:
            raise ValueError("check_accessibility_tree needs an xpath in each rule; selectors and near texts need desktop_env")
        found = tree.xpath(rule["xpath"], namespaces=NAMESPACES)
        if not any(element.text == rule["text"] for element in found) if "text" in rule else not found:
            return 0.0
    return 1.0


def _check_moved_jpgs(result: Mapping[str, Any], rules: Rule) -> float:
    """Score whether a folder holds exactly the names of `expected`."""
    return float(sorted(node["name"] for node in result["children"]) == sorted(rules["expected"]))


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


METRICS: dict[str, Metric] = {
    "check_accessibility_tree": _check_accessibility_tree,
    "check_csv": _check_csv,
    "check_direct_json_object": _check_direct_json_object,
    "check_include_exclude": _check_include_exclude,
    "check_json": _check_json,
    "check_json_settings": _check_json_settings,
    "check_list": _check_list,
    "check_moved_jpgs": _check_moved_jpgs,
    "compare_config": _compare_text_file,
    "compare_csv": _compare_csv,
    "compare_text_file": _compare_text_file,
    "diff_text_file": _diff_text_file,
    "exact_match": _exact_match,
    "file_contains": _file_contains,
    "is_in_list": _is_in_list,
    "literal_match": _literal_match,
    "match_in_list": _match_in_list,
    "run_sqlite3": _run_sqlite3,
    "text_lines": _text_lines,
}
