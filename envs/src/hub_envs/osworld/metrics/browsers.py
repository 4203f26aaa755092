"""Metrics of what a browser shows and keeps."""

from __future__ import annotations

import re
from typing import Any

from hub_envs.osworld.devtools import same_url
from hub_envs.osworld.metrics.kind import Metric, Rule


def _is_expected_tabs(result: list[dict[str, str]], rules: Rule) -> float:
    """Score whether the pages of `urls` are open, each as often as named, and no others."""
    _only(rules, "url")
    left = [page["url"] for page in result]
    for url in rules["urls"]:
        match = next((other for other in left if same_url(url, other)), None)
        if match is None:
            return 0.0
        left.remove(match)
    return float(not left)


def _is_expected_active_tab(result: Any, rules: Rule) -> float:
    _only(rules, "url")
    return float(same_url(rules["url"], _url(result)))


def _is_expected_url_pattern_match(result: Any, rules: Rule) -> float:
    return float(all(re.search(pattern, _url(result)) for pattern in rules["expected"]))


def _url(page: Any) -> str:
    return str(page["url"] if isinstance(page, dict) else page)


def _is_expected_bookmarks(result: Any, rules: Rule) -> float:
    """Score the bookmark bar: its folders are `names`, or its pages are `urls`."""
    _only(rules, "bookmark_bar_folders_names", "bookmark_bar_websites_urls")
    if not result:
        return 0.0
    kind, key, wanted = ("folder", "name", "names") if rules["type"] == "bookmark_bar_folders_names" else ("url", "url", "urls")
    return float({child[key] for child in result["bookmark_bar"]["children"] if child["type"] == kind} == set(rules[wanted]))


def _check_history_deleted(result: list[Any], rules: Rule) -> float:
    _only(rules, "keywords")
    return float(not any(word in entry[0] for word in rules["keywords"] for entry in result))


def _check_font_size(result: Rule, rules: Rule) -> float:
    _only(rules, "value", "range")
    size = result["default_font_size"]
    return float(size == rules["value"] if rules["type"] == "value" else rules["min"] < size < rules["max"])


def _only(rules: Rule, *kinds: str) -> None:
    if rules["type"] not in kinds:
        raise ValueError(f"this metric has no type {rules['type']!r} here: there is {', '.join(kinds)}; desktop_env has more")


METRICS: dict[str, Metric] = {
    "check_font_size": _check_font_size,
    "check_history_deleted": _check_history_deleted,
    "is_expected_active_tab": _is_expected_active_tab,
    "is_expected_bookmarks": _is_expected_bookmarks,
    "is_expected_tabs": _is_expected_tabs,
    "is_expected_url_pattern_match": _is_expected_url_pattern_match,
}
