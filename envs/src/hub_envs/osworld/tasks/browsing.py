"""Tasks in Chromium, on pages in the guest's own files."""

from __future__ import annotations

import random
from collections.abc import Mapping
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
    rule,
    typed,
    upload,
)
from hub_envs.osworld.tasks.words import CITIES, ITEMS, NAMES

WEB = f"{HOME}/web"


def url(page: str) -> str:
    """Return the address of a page."""
    return f"file://{WEB}/{page}.html"


def html(title: str, body: str) -> bytes:
    """Return a page."""
    return f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>'.encode()


def browser(files: Mapping[str, bytes], *pages: str, window: str) -> list[dict[str, Any]]:
    """Return the steps that put pages into the guest and open some of them."""
    return [
        upload(*files, folder=WEB),
        *launch("google-chrome", "--remote-debugging-port=1337", "--start-maximized", *map(url, pages), window=window),
    ]


class BookmarkPage(OwnTask):
    """Bookmark a page."""

    name = "chromium-bookmark-page"
    apps = ("chrome",)
    looks = True

    def draw(self, rng: random.Random) -> Parameters:
        here, there = rng.sample(CITIES, 2)
        return {"here": here, "there": there}

    def files(self, p: Parameters) -> dict[str, bytes]:
        here, there = p["here"], p["there"]
        return {
            f"{here}.html": html(here, f'<h1>{here}</h1><p><a href="{there}.html">On to {there}</a></p>'),
            f"{there}.html": html(there, f'<h1>{there}</h1><p><a href="{here}.html">Back to {here}</a></p>'),
        }

    def describe(self, p: Parameters) -> dict[str, Any]:
        place = ["roots", "other", "children"]
        rules = {
            "expect": [{"key": [*place, 0, "url"], "method": "eq", "ref": url(p["there"])}],
            "unexpect": [{"key": [*place, 1, "url"], "method": "re", "ref": "."}],
        }
        return {
            "instruction": f"Follow the link to {p['there']} and bookmark that page, and no other, in the folder that Chromium proposes.",
            "config": browser(self.files(p), p["here"], window=p["here"]),
            "evaluator": {
                "postconfig": [{"type": "sleep", "parameters": {"seconds": 3}}],  # Chromium writes bookmarks 2.5 s after a change
                "func": "check_json",
                "result": fetched(f"{HOME}/.config/chromium/Default/Bookmarks"),
                "expected": rule(rules),
            },
        }

    def oracle(self, p: Parameters, *, follow: bool = True, keep: bool = True) -> Plan:
        """Click the link, press Ctrl+D and Enter."""
        seen = yield "pass"
        if follow:
            yield click_on(seen, f"On to {p['there']}", "link")
        if keep:
            yield hotkey("ctrl", "d", rest=0.5)
            yield press("enter")

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"other-page": self.oracle(p, follow=False), "only-visited": self.oracle(p, keep=False)}


class CloseTab(OwnTask):
    """Close one tab of several."""

    name = "chromium-close-tab"
    apps = ("chrome",)
    looks = True

    def draw(self, rng: random.Random) -> Parameters:
        pages = rng.sample(CITIES, rng.randint(3, 4))
        return {"pages": pages, "place": rng.randrange(len(pages))}

    def files(self, p: Parameters) -> dict[str, bytes]:
        return {f"{page}.html": html(page, f"<h1>{page}</h1>") for page in p["pages"]}

    def describe(self, p: Parameters) -> dict[str, Any]:
        gone = p["pages"][p["place"]]
        kept = [url(page) for page in p["pages"] if page != gone]
        return {
            "instruction": f"Close the tab about {gone}, and leave the others open.",
            "config": browser(self.files(p), *p["pages"], window="Chromium"),
            "evaluator": {
                "func": "is_expected_tabs",
                "result": {"type": "open_tabs_info"},
                "expected": rule({"type": "url", "urls": kept}),
            },
        }

    def oracle(self, p: Parameters, *places: int) -> Plan:
        """Click a tab and press Ctrl+W; tabs are counted from the right one."""
        for place in places or (0,):
            seen = yield "pass"
            yield click_on(seen, p["pages"][(p["place"] + place) % len(p["pages"])], "page-tab")
            yield hotkey("ctrl", "w", rest=1)

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"other-tab": self.oracle(p, 1), "two-tabs": self.oracle(p, 0, 1), "gives-up": answer("FAIL")}


class OrderForm(OwnTask):
    """Fill in a form and send it off."""

    name = "chromium-order-form"
    apps = ("chrome",)
    looks = True

    def draw(self, rng: random.Random) -> Parameters:
        return {"who": rng.choice(NAMES), "size": rng.choice(("small", "medium", "large")), "gift": rng.random() < 0.5}

    def files(self, p: Parameters) -> dict[str, bytes]:
        sizes = "".join(f"<option>{size}</option>" for size in ("", "small", "medium", "large"))
        form = (
            '<h1>Order a lamp</h1><form action="thanks.html"><p><label>Name <input name="who"></label></p>'
            f'<p><label>Size <select name="size">{sizes}</select></label></p>'
            '<p><label><input type="checkbox" name="gift" value="yes"> Wrap as a gift</label></p><p><button>Order</button></p></form>'
        )
        return {"order.html": html("Order", form), "thanks.html": html("Thanks", "<h1>Thank you</h1>")}

    def describe(self, p: Parameters) -> dict[str, Any]:
        wrapped = "wrapped as a gift" if p["gift"] else "not wrapped as a gift"
        sent = f"{url('thanks')}?who={p['who']}&size={p['size']}" + ("&gift=yes" if p["gift"] else "")
        return {
            "instruction": f"On the open page, order a {p['size']} lamp for {p['who']}, {wrapped}.",
            "config": browser(self.files(p), "order", window="Order"),
            "evaluator": {
                "func": "is_expected_active_tab",
                "result": {"type": "active_tab_info"},
                "expected": rule({"type": "url", "url": sent}),
            },
        }

    def oracle(self, p: Parameters, *, other: bool = False, sent: bool = True) -> Plan:
        """Fill the form by the keyboard; `other` wraps when it should not, and the other way round."""
        seen = yield "pass"
        yield code(click_on(seen, "Name", "entry"), typed(p["who"]))
        yield code(press("tab", rest=0.4), typed(p["size"][0]), "time.sleep(0.4)", press("tab", rest=0.4))
        if p["gift"] != other:
            yield press("space", rest=0.4)
        if sent:
            yield code(press("tab", rest=0.4), press("enter", rest=1))

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {
            "other-wrapping": self.oracle(p, other=True),
            "not-sent": self.oracle(p, sent=False),
            "for-nobody": self.oracle({**p, "who": ""}),
        }


class FindCheapest(OwnTask):
    """Read prices and open the page of the cheapest thing."""

    name = "chromium-find-cheapest"
    apps = ("chrome",)
    looks = True

    def draw(self, rng: random.Random) -> Parameters:
        goods = rng.sample(ITEMS, 5)
        return {"goods": goods, "prices": rng.sample(range(10, 90), 5)}

    def files(self, p: Parameters) -> dict[str, bytes]:
        rows = "".join(
            f'<tr><td><a href="{item}.html">{item}</a></td><td>{price} euros</td></tr>'
            for item, price in zip(p["goods"], p["prices"], strict=True)
        )
        pages = {f"{item}.html": html(item, f"<h1>{item}</h1>") for item in p["goods"]}
        return {"shop.html": html("Shop", f"<h1>Shop</h1><table>{rows}</table>"), **pages}

    def describe(self, p: Parameters) -> dict[str, Any]:
        return {
            "instruction": "Open the page of the cheapest article of the shop.",
            "config": browser(self.files(p), "shop", window="Shop"),
            "evaluator": {
                "func": "is_expected_active_tab",
                "result": {"type": "active_tab_info"},
                "expected": rule({"type": "url", "url": url(self.at(p, 0))}),
            },
        }

    def at(self, p: Parameters, rank: int) -> str:
        """Return the article with a rank, 0 the cheapest."""
        return str(p["goods"][p["prices"].index(sorted(p["prices"])[rank])])

    def oracle(self, p: Parameters, rank: int = 0) -> Plan:
        """Click the article's link."""
        seen = yield "pass"
        yield click_on(seen, self.at(p, rank), "link")

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"dearest": self.oracle(p, -1), "second": self.oracle(p, 1)}


TASKS = (BookmarkPage, CloseTab, OrderForm, FindCheapest)
