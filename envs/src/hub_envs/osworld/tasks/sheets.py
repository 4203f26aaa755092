"""Tasks in LibreOffice Calc."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from typing import Any

from hub_envs.osworld.tasks.kind import (
    HOME,
    OwnTask,
    Parameters,
    Plan,
    answer,
    click_on,
    code,
    fetched,
    hotkey,
    launch,
    press,
    sleep,
    typed,
    upload,
)
from hub_envs.osworld.tasks.words import ITEMS

Rows = Sequence[Sequence[Any]]

BOOK = "prices.xlsx"
PATH = f"{HOME}/{BOOK}"
GOLDEN = {"type": "cloud_file", "path": "golden.xlsx", "dest": "golden.xlsx"}
SAME_VALUES = {"type": "sheet_data", "sheet_idx0": "RI0", "sheet_idx1": "EI0"}


def workbook(rows: Rows, *, title: str = "Sheet1") -> bytes:
    """Return a workbook of one sheet."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def table(rng: random.Random) -> list[list[Any]]:
    """Draw a table of goods with prices and stocks."""
    goods = rng.sample(ITEMS, rng.randint(4, 7))
    return [["Item", "Price", "Stock"], *([item, rng.randint(2, 60), rng.randint(1, 400)] for item in goods)]


def go_to(cells: str) -> Plan:
    """Select cells through the Name Box."""
    yield hotkey("ctrl", "shift", "t")
    yield typed(f"{cells}\n")


def save() -> str:
    """Save, in the format that the file has."""
    return hotkey("ctrl", "s", rest=1)


class _Sheet(OwnTask):
    """A workbook is open; its values must become those of a golden one."""

    apps = ("libreoffice_calc",)

    def golden(self, p: Parameters) -> Rows:
        """Return the values that the first sheet must have in the end."""
        return [list(row) for row in p["rows"]]

    def files(self, p: Parameters) -> dict[str, bytes]:
        return {BOOK: workbook(p["rows"]), "golden.xlsx": workbook(self.golden(p))}

    def task(self, instruction: str, *rules: dict[str, Any]) -> dict[str, Any]:
        """Return the description with this instruction; `rules` come beside equal values."""
        return {
            "instruction": f"{instruction} The workbook {BOOK} is open in LibreOffice Calc; save it in the format it has.",
            "config": [upload(BOOK), *launch("libreoffice", "--calc", PATH, window=BOOK)],
            "evaluator": {
                "func": "compare_table",
                "result": fetched(PATH),
                "expected": GOLDEN,
                "options": {"rules": [SAME_VALUES, *rules]},
            },
        }


class EnterValue(_Sheet):
    """Write a number into a cell."""

    name = "calc-enter-value"

    def draw(self, rng: random.Random) -> Parameters:
        rows = table(rng)
        return {"rows": rows, "row": rng.randint(2, len(rows)), "column": rng.choice("BC"), "value": rng.randint(500, 999)}

    def golden(self, p: Parameters) -> Rows:
        rows = [list(row) for row in p["rows"]]
        rows[p["row"] - 1]["ABC".index(p["column"])] = p["value"]
        return rows

    def describe(self, p: Parameters) -> dict[str, Any]:
        what = {"B": "price", "C": "stock"}[p["column"]]
        return self.task(f"Change the {what} of {p['rows'][p['row'] - 1][0]} to {p['value']}.")

    def oracle(self, p: Parameters, row: int = 0, value: int = 0, *, saved: bool = True) -> Plan:
        """Go to the cell, type, save; `row` more rows down, `value` more."""
        yield from go_to(f"{p['column']}{p['row'] + row}")
        yield typed(f"{p['value'] + value}\n")
        if saved:
            yield save()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"cell-below": self.oracle(p, row=1), "wrong-number": self.oracle(p, value=1), "unsaved": self.oracle(p, saved=False)}


class TotalColumn(_Sheet):
    """Write a sum under a column."""

    name = "calc-total-column"

    def draw(self, rng: random.Random) -> Parameters:
        return {"rows": table(rng), "column": rng.choice("BC")}

    def golden(self, p: Parameters) -> Rows:
        place = "ABC".index(p["column"])
        total: list[Any] = [None, None, None]
        total[place] = sum(row[place] for row in p["rows"][1:])
        return [*p["rows"], total]

    def describe(self, p: Parameters) -> dict[str, Any]:
        head = p["rows"][0]["ABC".index(p["column"])]
        return self.task(f"Put the sum of all numbers of the column {head} into the first empty cell under them.")

    def oracle(self, p: Parameters, formula: str = "SUM", last: int = 0, *, saved: bool = True) -> Plan:
        """Write a formula over the column, less `last` rows of it."""
        column, end = p["column"], len(p["rows"])
        yield from go_to(f"{column}{end + 1}")
        yield typed(f"={formula}({column}2:{column}{end - last})\n")
        if saved:
            yield save()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"average": self.oracle(p, "AVERAGE"), "last-row-left-out": self.oracle(p, last=1), "unsaved": self.oracle(p, saved=False)}


class BoldHeader(_Sheet):
    """Make the first row bold."""

    name = "calc-bold-header"

    def draw(self, rng: random.Random) -> Parameters:
        return {"rows": table(rng)}

    def describe(self, p: Parameters) -> dict[str, Any]:
        bold = [(f"{column}{row}", row == 1) for column in "ABC" for row in (1, 2, len(p["rows"]))]
        return self.task(
            "Make the row with the headings bold, and nothing else.",
            *(
                {"type": "check_cell", "sheet_idx": 0, "coordinate": cell, "props": {"font_bold": {"method": "eq", "ref": is_bold}}}
                for cell, is_bold in bold
            ),
        )

    def oracle(self, p: Parameters, cells: str = "A1:C1", key: str = "b", *, saved: bool = True) -> Plan:
        """Select cells and press Ctrl and a key."""
        yield from go_to(cells)
        yield hotkey("ctrl", key)
        if saved:
            yield save()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {
            "whole-table": self.oracle(p, f"A1:C{len(p['rows'])}"),
            "two-headings": self.oracle(p, "A1:B1"),
            "italic": self.oracle(p, key="i"),
            "unsaved": self.oracle(p, saved=False),
        }


class DeleteRow(_Sheet):
    """Delete a row, so that those below move up."""

    name = "calc-delete-row"

    def draw(self, rng: random.Random) -> Parameters:
        rows = table(rng)
        return {"rows": rows, "row": rng.randint(2, len(rows) - 1)}

    def golden(self, p: Parameters) -> Rows:
        return [row for number, row in enumerate(p["rows"], start=1) if number != p["row"]]

    def describe(self, p: Parameters) -> dict[str, Any]:
        return self.task(f"Delete the whole row of {p['rows'][p['row'] - 1][0]}; no empty row must stay.")

    def oracle(self, p: Parameters, row: int = 0) -> Plan:
        """Delete the row, or another that many below."""
        yield from go_to(f"A{p['row'] + row}")
        yield hotkey("shift", "space")
        yield hotkey("ctrl", "-")
        yield save()

    def emptied(self, p: Parameters) -> Plan:
        """Clear the row's cells and leave it there."""
        yield from go_to(f"A{p['row']}:C{p['row']}")
        yield press("delete")
        yield save()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"row-below": self.oracle(p, row=1), "only-emptied": self.emptied(p)}


class RenameSheet(_Sheet):
    """Give the sheet another name."""

    name = "calc-rename-sheet"
    looks = True

    def draw(self, rng: random.Random) -> Parameters:
        return {"rows": table(rng), "title": rng.choice(("Spring", "Summer", "Autumn", "Winter")) + str(rng.randint(2020, 2029))}

    def files(self, p: Parameters) -> dict[str, bytes]:
        return {BOOK: workbook(p["rows"]), "golden.xlsx": workbook(p["rows"], title=p["title"])}

    def describe(self, p: Parameters) -> dict[str, Any]:
        return self.task(f"Rename the sheet Sheet1 to {p['title']}.", {"type": "sheet_name"})

    def oracle(self, p: Parameters, title: str = "", *, saved: bool = True) -> Plan:
        """Choose Rename Sheet from the menu Sheet and type the name."""
        seen = yield hotkey("alt", "s")
        yield click_on(seen, "Rename Sheet...", "menu-item")
        yield code(hotkey("ctrl", "a"), typed(f"{title or p['title']}\n"))
        if saved:
            yield save()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"small-letters": self.oracle(p, p["title"].lower()), "unsaved": self.oracle(p, saved=False)}


class ExportCsv(OwnTask):
    """Save a workbook as text."""

    name = "calc-export-csv"
    apps = ("libreoffice_calc",)

    def draw(self, rng: random.Random) -> Parameters:
        return {"rows": table(rng), "file": f"stock{rng.randint(1, 99)}.csv"}

    def files(self, p: Parameters) -> dict[str, bytes]:
        return {BOOK: workbook(p["rows"]), "golden.csv": "".join(",".join(map(str, row)) + "\n" for row in p["rows"]).encode()}

    def describe(self, p: Parameters) -> dict[str, Any]:
        return {
            "instruction": f"Save the open sheet as comma-separated text under the name {p['file']} in the folder Documents.",
            "config": [upload(BOOK), *launch("libreoffice", "--calc", PATH, window=BOOK)],
            "evaluator": {
                "func": "compare_csv",
                "result": fetched(f"{HOME}/Documents/{p['file']}"),
                "expected": {"type": "cloud_file", "path": "golden.csv", "dest": "golden.csv"},
            },
        }

    def oracle(self, p: Parameters, folder: str = f"{HOME}/Documents") -> Plan:
        """Save under another name; the extension chooses the format."""
        yield hotkey("ctrl", "shift", "s", rest=1)
        yield code(hotkey("ctrl", "a"), typed(f"{folder}/{p['file']}\n"), sleep(1))
        yield press("enter", rest=1)

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"home-folder": self.oracle(p, HOME), "gives-up": answer("FAIL")}


TASKS = (EnterValue, TotalColumn, BoldHeader, DeleteRow, RenameSheet, ExportCsv)
