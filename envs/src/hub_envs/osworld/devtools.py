"""The guest's browser through its DevTools, asked from inside the guest: a desktop without network still has its own loopback."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

from hub_envs.osworld.client import Desktop, DesktopError

PORTS = (1337, 9222)
"""Where OSWorld's tasks start the browser's DevTools, and where its guests pass them on."""

_ASK = """
import json, sys, urllib.request
method, path, ports = sys.argv[1], sys.argv[2], sys.argv[3:]
for port in ports:
    try:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
        print(urllib.request.urlopen(request, timeout=10).read().decode())
        break
    except OSError as error:
        last = error
else:
    sys.exit(f"no browser with DevTools: {last}")
"""


def open_tabs(desktop: Desktop) -> list[dict[str, Any]]:
    """Return the browser's pages as `{"title", "url", "id"}`, the one used last first.

    Raises:
        DesktopError: no browser with DevTools runs.
    """
    return [
        {"title": page.get("title", ""), "url": page.get("url", ""), "id": page["id"]}
        for page in json.loads(_ask(desktop, "GET", "/json"))
        if page.get("type") == "page"
    ]


def open_tab(desktop: Desktop, url: str) -> None:
    """Open a page in a new tab."""
    _ask(desktop, "PUT", f"/json/new?{quote(url, safe='')}")


def close_tab(desktop: Desktop, page: str) -> None:
    """Close the page with this id."""
    _ask(desktop, "GET", f"/json/close/{page}")


def same_url(one: str, other: str) -> bool:
    """Return whether two addresses name the same page: scheme, `www.` and slashes in the end aside."""
    return _plain(one) == _plain(other)


def _plain(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url if "://" in url else f"https://{url}")
    return parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/"), parts.query


def _ask(desktop: Desktop, method: str, path: str) -> str:
    result = desktop.execute(["python3", "-c", _ASK, method, path, *map(str, PORTS)])
    if result.get("returncode"):
        raise DesktopError(str(result.get("error", "")).strip() or "no browser with DevTools")
    return str(result["output"])
