"""Tasks that span programs."""

from __future__ import annotations

import random
from typing import Any

from hub_envs.osworld.tasks.browsing import browser, html
from hub_envs.osworld.tasks.editing import SAVE, lines
from hub_envs.osworld.tasks.kind import HOME, OwnTask, Parameters, Plan, code, fetched, hotkey, launch, typed, upload
from hub_envs.osworld.tasks.sheets import BOOK, GOLDEN, PATH, SAME_VALUES, go_to, save, table, workbook

SWITCH = hotkey("alt", "tab", rest=0.7)
"""Bring the window that was in front before to the front."""


class NoteTotal(OwnTask):
    """Read a table in Calc and write what it comes to in the editor."""

    name = "multi-sheet-to-note"
    apps = ("libreoffice_calc", "mousepad")

    def draw(self, rng: random.Random) -> Parameters:
        return {"rows": table(rng), "column": rng.choice(("Price", "Stock"))}

    def files(self, p: Parameters) -> dict[str, bytes]:
        return {BOOK: workbook(p["rows"]), "note.txt": b"Total:\n"}

    def total(self, p: Parameters, column: str = "") -> int:
        """Return the sum of a column."""
        place = p["rows"][0].index(column or p["column"])
        return sum(row[place] for row in p["rows"][1:])

    def describe(self, p: Parameters) -> dict[str, Any]:
        return {
            "instruction": f"The editor shows note.txt, and LibreOffice Calc the workbook {BOOK}. Make the only line of note.txt read"
            f' "Total: NUMBER" with the sum of the column {p["column"]} of the workbook, and save note.txt. Leave the workbook as it is.',
            "config": [
                upload(BOOK, "note.txt"),
                *launch("libreoffice", "--calc", PATH, window=BOOK),
                *launch("mousepad", f"{HOME}/note.txt", window="note.txt"),
            ],
            "evaluator": {
                "func": ["text_lines", "compare_table"],
                "conj": "and",
                "result": [lines(f"{HOME}/note.txt", [])["result"], fetched(PATH)],
                "expected": [{"type": "rule", "rules": {"expected": [f"Total: {self.total(p)}"]}}, {**GOLDEN, "path": BOOK}],
                "options": [{}, {"rules": [SAME_VALUES]}],
            },
        }

    def oracle(self, p: Parameters, column: str = "", *, saved: bool = True) -> Plan:
        """Switch to the workbook to look, back, and write the line."""
        yield SWITCH
        yield SWITCH
        yield code(hotkey("ctrl", "a"), typed(f"Total: {self.total(p, column)}\n"))
        if saved:
            yield SAVE

    def into_workbook(self, p: Parameters) -> Plan:
        """Write the note, and the sum into the workbook as well."""
        yield from self.oracle(p)
        yield SWITCH
        yield from go_to("E1")
        yield typed(f"{self.total(p)}\n")
        yield save()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        other = "Stock" if p["column"] == "Price" else "Price"
        return {"other-column": self.oracle(p, other), "unsaved": self.oracle(p, saved=False), "workbook-changed": self.into_workbook(p)}


class PriceFromPage(OwnTask):
    """Read a price on a web page and put it into a workbook."""

    name = "multi-page-to-sheet"
    apps = ("libreoffice_calc", "chrome")

    def draw(self, rng: random.Random) -> Parameters:
        rows = table(rng)
        prices = rng.sample(range(100, 400), len(rows) - 1)
        return {"rows": rows, "row": rng.randint(2, len(rows)), "prices": prices}

    def pages(self, p: Parameters) -> dict[str, bytes]:
        """Return the page with the new prices."""
        goods = [row[0] for row in p["rows"][1:]]
        items = "".join(f"<tr><td>{item}</td><td>{price}</td></tr>" for item, price in zip(goods, p["prices"], strict=True))
        return {"list.html": html("Price list", f"<h1>New prices</h1><table>{items}</table>")}

    def files(self, p: Parameters) -> dict[str, bytes]:
        rows = [list(row) for row in p["rows"]]
        rows[p["row"] - 1][1] = p["prices"][p["row"] - 2]
        return {BOOK: workbook(p["rows"]), "golden.xlsx": workbook(rows), **self.pages(p)}

    def describe(self, p: Parameters) -> dict[str, Any]:
        item = p["rows"][p["row"] - 1][0]
        return {
            "instruction": f"The browser shows a list of new prices. Change the price of {item}, and of nothing else, in the workbook"
            f" {BOOK}, which is open in LibreOffice Calc, to the new one; save it in the format it has.",
            "config": [
                *browser(self.pages(p), "list", window="Price list"),
                upload(BOOK),
                *launch("libreoffice", "--calc", PATH, window=BOOK),
            ],
            "evaluator": {"func": "compare_table", "result": fetched(PATH), "expected": GOLDEN, "options": {"rules": [SAME_VALUES]}},
        }

    def oracle(self, p: Parameters, price: int = 0, column: str = "B", *, saved: bool = True) -> Plan:
        """Switch to the browser to look, back, and type the price; or that of the row `price` further on."""
        yield SWITCH
        yield SWITCH
        yield from go_to(f"{column}{p['row']}")
        yield typed(f"{p['prices'][(p['row'] - 2 + price) % len(p['prices'])]}\n")
        if saved:
            yield save()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"price-of-another": self.oracle(p, 1), "into-stock": self.oracle(p, column="C"), "unsaved": self.oracle(p, saved=False)}


TASKS = (NoteTotal, PriceFromPage)
