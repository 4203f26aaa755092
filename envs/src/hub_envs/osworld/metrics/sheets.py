"""The metric of workbooks, rule by rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub_envs.osworld.metrics.kind import Metric, Rule, matches

_STYLES: dict[str, Callable[[Any], Any]] = {
    "number_format": lambda cell: cell.number_format.lower(),
    "font_name": lambda cell: cell.font.name,
    "font_family": lambda cell: cell.font.family,
    "font_color": lambda cell: cell.font.color.rgb if cell.font.color is not None else None,
    "font_bold": lambda cell: bool(cell.font.bold),
    "font_italic": lambda cell: bool(cell.font.italic),
    "font_underline": lambda cell: cell.font.underline,
    "font_size": lambda cell: cell.font.size,
    "fill_type": lambda cell: cell.fill.fill_type,
    "bgcolor": lambda cell: cell.fill.bgColor.rgb,
    "fgcolor": lambda cell: cell.fill.fgColor.rgb,
    "horizontal_alignment": lambda cell: cell.alignment.horizontal,
    "hyperlink": lambda cell: cell.hyperlink.target if cell.hyperlink is not None else None,
    "merge": lambda cell: type(cell).__name__ == "MergedCell",
}
"""Properties of cells beside `value`."""


class _Books:
    """The agent's workbook and the golden one: values as last computed, and the workbooks themselves."""

    def __init__(self, result: str, expected: str | None) -> None:
        from openpyxl import load_workbook as load

        self._books = {"R": (load(result, data_only=True), load(result))}
        if expected is not None:
            self._books["E"] = (load(expected, data_only=True), load(expected))

    def names(self, whose: str) -> list[str]:
        """Return the names of the sheets."""
        return list(self._books[whose][1].sheetnames)

    def sheets(self, place: int | str) -> tuple[Any, Any]:
        """Return a sheet with computed values, and the sheet itself; `place` is `RI0` or `RNSheet1`, `E...` of the golden book, or 0."""
        if isinstance(place, int):
            place = f"RI{place}"
        whose, how, which = place[0], place[1], place[2:]
        name = self.names(whose)[int(which)] if how == "I" else which
        values, book = self._books[whose]
        return values[name], book[name]


def _sheet_name(books: _Books, rule: Rule) -> bool:
    return books.names("R") == books.names("E")


def _sheet_data(books: _Books, rule: Rule) -> bool:
    """Compare the values of two sheets, numbers rounded to `precision` decimals, empty rows and columns in the end aside."""
    digits = rule.get("precision", 4)
    one, other = (_values(books.sheets(rule[key])[0], digits) for key in ("sheet_idx0", "sheet_idx1"))
    return one == other


def _values(sheet: Any, digits: int) -> list[list[Any]]:
    rows = [[round(v, digits) if isinstance(v, float) else v for v in row] for row in sheet.iter_rows(values_only=True)]
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _check_cell(books: _Books, rule: Rule) -> bool:
    """Hold properties of the cell at `coordinate` against rules: `value`, or one of `_STYLES`."""
    values, sheet = books.sheets(rule["sheet_idx"])
    where = rule["coordinate"]
    for name, wanted in rule["props"].items():
        if name != "value" and name not in _STYLES:
            raise ValueError(f"no property {name!r} of cells: there are value, {', '.join(_STYLES)}")
        held = values[where].value if name == "value" else _STYLES[name](sheet[where])
        if not matches(held, wanted):
            return False
    return True


def _style(books: _Books, rule: Rule) -> bool:
    """Compare `props`, of `_STYLES`, of all cells of two sheets."""
    one, other = (books.sheets(rule[key])[1] for key in ("sheet_idx0", "sheet_idx1"))
    extent = range(1, max(one.max_row, other.max_row) + 1), range(1, max(one.max_column, other.max_column) + 1)
    return all(
        _STYLES[name](one.cell(row, column)) == _STYLES[name](other.cell(row, column))
        for name in rule["props"]
        for row in extent[0]
        for column in extent[1]
    )


def _freeze(books: _Books, rule: Rule) -> bool:
    one, other = (books.sheets(rule[key])[1].freeze_panes for key in ("sheet_idx0", "sheet_idx1"))
    return bool(one == other)


def _zoom(books: _Books, rule: Rule) -> bool:
    return matches(books.sheets(rule["sheet_idx"])[1].sheet_view.zoomScale or 100.0, rule)


_RULES: dict[str, Callable[[_Books, Rule], bool]] = {
    "check_cell": _check_cell,
    "freeze": _freeze,
    "sheet_data": _sheet_data,
    "sheet_name": _sheet_name,
    "style": _style,
    "zoom": _zoom,
}


def _compare_table(result: str, expected: str | None = None, rules: list[Rule] | None = None) -> float:
    """Score whether all `rules` hold of a workbook, some of them against a golden one."""
    books = _Books(result, expected)
    for rule in rules or ():
        if rule["type"] not in _RULES:
            raise ValueError(f"compare_table has no rule {rule['type']!r} here: there are {', '.join(_RULES)}; desktop_env has more")
        if not _RULES[rule["type"]](books, rule):
            return 0.0
    return 1.0


METRICS: dict[str, Metric] = {"compare_table": _compare_table}
