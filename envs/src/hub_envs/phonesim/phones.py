"""Phones: pages of the shared browser, started, looked at and touched many at a time."""

from __future__ import annotations

import base64
import io
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from hub_envs.phonesim.browser import Browser, BrowserError, Call, acquire, release
from hub_envs.phonesim.tasks.task import Elements, Store
from hub_envs.slots import Frame

WIDTH, HEIGHT = 412, 915
"""Pixels of the screen: a Pixel 6 in CSS pixels, one device pixel each."""

NOW = "2023-10-15T15:34:00"
"""What every clock on the phone shows, always: AndroidWorld's date and time."""

_SCREEN = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": True}
_SHOT = {"format": "png", "optimizeForSpeed": True}
_FRAME = "HeadlessExperimental.beginFrame"
_SECONDS_TO_DRAW = 60.0


class View(NamedTuple):
    """What is on a phone's screen; `pixels` (HEIGHT, WIDTH, 3) where they were asked for."""

    elements: Elements
    pixels: Frame | None


class Phones:
    """`count` phones, numbered from 0, each a page in a browser context of its own.

    Args:
        count: how many.
        document: the HTML that every phone runs.

    Raises:
        DependencyNotInstalled: there is no Chromium.
        BrowserError: Chromium does not start.
    """

    def __init__(self, count: int, document: str) -> None:
        self._browser: Browser = acquire()
        self._owner = os.getpid()
        self._contexts: list[str] = []
        self._seen: dict[int, View] = {}
        try:
            self._sessions = self._open(count)
            self._install(document)
        except BaseException:
            self.close()
            raise

    def _open(self, count: int) -> list[str]:
        call_all = self._browser.call_all
        for answer in call_all([Call("Target.createBrowserContext", {})] * count):
            self._contexts.append(answer["browserContextId"])
        page: dict[str, Any] = {"url": "about:blank", "width": WIDTH, "height": HEIGHT}
        if self._browser.draws_on_request:
            page["enableBeginFrameControl"] = True
        pages = [{**page, "browserContextId": context} for context in self._contexts]
        targets = call_all([Call("Target.createTarget", page) for page in pages])
        attached = call_all([Call("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}) for target in targets])
        return [answer["sessionId"] for answer in attached]

    def _install(self, document: str) -> None:
        settings: tuple[tuple[str, dict[str, Any]], ...] = (
            ("Inspector.enable", {}),
            ("Emulation.setDeviceMetricsOverride", _SCREEN),
            ("Emulation.setTouchEmulationEnabled", {"enabled": True}),
            ("Emulation.setFocusEmulationEnabled", {"enabled": True}),  # all phones are in hand at once
            ("Page.getFrameTree", {}),
        )
        answers = self._browser.call_all([Call(*setting, session) for session in self._sessions for setting in settings])
        frames = [answer["frameTree"]["frame"]["id"] for answer in answers[len(settings) - 1 :: len(settings)]]
        pages = zip(self._sessions, frames, strict=True)
        self._browser.call_all([Call("Page.setDocumentContent", {"frameId": frame, "html": document}, session) for session, frame in pages])
        script = resources.files("hub_envs.phonesim").joinpath("screen.js").read_text(encoding="utf-8")
        self.evaluate(dict.fromkeys(range(len(self._sessions)), script))
        if self._browser.draws_on_request:
            self._draw_first()

    def _draw_first(self) -> None:
        """Have each page drawn once: one that never was drops all input, and one that is not ready is not drawn."""
        end = time.monotonic() + _SECONDS_TO_DRAW
        waiting = self._sessions
        while waiting:
            answers = self._browser.call_all([], in_turn=[Call(_FRAME, {}, session) for session in waiting])
            waiting = [session for session, answer in zip(waiting, answers, strict=True) if not answer["hasDamage"]]
            if waiting and time.monotonic() > end:
                raise BrowserError(f"a phone's page was not drawn within {_SECONDS_TO_DRAW:.0f} s")

    @property
    def usable(self) -> bool:
        """Whether the phones are there, and this process's own."""
        return bool(self._contexts) and self._browser.usable and self._owner == os.getpid()

    def close(self) -> None:
        """Throw the phones away; closing twice does nothing."""
        contexts, self._contexts = self._contexts, []
        if self._owner != os.getpid() or not contexts:
            return
        try:
            self._browser.call_all([Call("Target.disposeBrowserContext", {"browserContextId": context}) for context in contexts])
        except BrowserError:
            pass  # gone with all its phones
        finally:
            release(self._browser)

    def load(self, states: Mapping[int, Mapping[str, Any]]) -> dict[int, Store]:
        """Give phones new stores, and return them as the phones hold them; everything before is forgotten."""
        return self.evaluate(
            {phone: f"phone.load({json.dumps(state)}, {json.dumps(NOW)}); phone.store()" for phone, state in states.items()}
        )

    def stores(self, which: Sequence[int]) -> dict[int, Store]:
        """Return the stores of phones."""
        return self.evaluate(dict.fromkeys(which, "phone.store()"))

    def evaluate(self, expressions: Mapping[int, str]) -> dict[int, Any]:
        """Return the JSON values of JavaScript expressions, one for each phone named.

        Raises:
            BrowserError: a page raised an exception.
        """
        self._forget(expressions)
        answers = self._browser.call_all([self._script(phone, expression) for phone, expression in expressions.items()])
        return {phone: _value(answer) for phone, answer in zip(expressions, answers, strict=True)}

    def look(self, which: Sequence[int], *, pixels: bool) -> dict[int, View]:
        """Return what phones show, with or without pixels.

        A phone that was left alone since it was last looked at shows the same, and is not asked again: pages do nothing by themselves.
        """
        changed = [phone for phone in which if phone not in self._seen or (pixels and self._seen[phone].pixels is None)]
        at_once = [self._script(phone, "phoneScreen.elements()") for phone in changed]
        in_turn: list[Call] = []
        if pixels:  # frames on request get lost when several pages are to draw at the same time
            (in_turn if self._browser.draws_on_request else at_once).extend(map(self._shot, changed))
        answers = self._browser.call_all(at_once, in_turn)
        frames = dict(zip(changed, answers[len(changed) :], strict=False))
        self._seen |= {phone: View(_value(answer), frames.get(phone)) for phone, answer in zip(changed, answers, strict=False)}
        return {phone: self._seen[phone] if pixels else self._seen[phone]._replace(pixels=None) for phone in which}

    def send(self, commands: Mapping[int, Sequence[tuple[str, Mapping[str, Any]]]]) -> None:
        """Send phones input events, all at once, and wait until their pages have dealt with them."""
        self._forget(commands)
        self._browser.call_all([Call(*command, self._sessions[phone]) for phone, own in commands.items() for command in own])

    def _forget(self, phones: Iterable[int]) -> None:
        for phone in phones:
            self._seen.pop(phone, None)

    def _shot(self, phone: int) -> Call:
        if self._browser.draws_on_request:
            return Call(_FRAME, {"screenshot": _SHOT}, self._sessions[phone], _drawn)
        return Call("Page.captureScreenshot", _SHOT, self._sessions[phone], _captured)

    def _script(self, phone: int, expression: str) -> Call:
        return Call("Runtime.evaluate", {"expression": expression, "returnByValue": True}, self._sessions[phone])


def _value(answer: Mapping[str, Any]) -> Any:
    if "exceptionDetails" in answer:
        details = answer["exceptionDetails"]
        raise BrowserError(f"the phone's page failed: {details.get('exception', {}).get('description', details['text'])}")
    return answer["result"].get("value")


def _drawn(answer: Mapping[str, Any]) -> Frame:
    if "screenshotData" not in answer:
        raise BrowserError("the phone's page was not drawn")
    return _decoded(answer["screenshotData"])


def _captured(answer: Mapping[str, Any]) -> Frame:
    return _decoded(answer["data"])


def _decoded(data: str) -> Frame:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))
