"""A client of the control server that runs inside OSWorld's guests, and inside the desktops that this package starts.

Where the server has them it uses the quick endpoints `/act`, `/screenshot.raw` and `/idle`, else OSWorld's.
"""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import numpy as np
from gymnasium.error import DependencyNotInstalled
from numpy.typing import NDArray

Screen = NDArray[np.uint8]
Command = str | Sequence[str]

PRELUDE = (
    "import pyautogui; import time; pyautogui.FAILSAFE = False; _keys = getattr(pyautogui.platformModule, 'keyboardMapping', {});"
    " _keys.update({'<': _keys[','], '>': _keys['.']} if hasattr(pyautogui.platformModule, '_display') else {})\n"
)
"""What a guest that starts a Python for every action runs first. Under X11 pyautogui finds '<' on a key that holds '>' as well, and types
the latter (asweigart/pyautogui issue 198); on the key of the comma it is right."""

_CARET = (48, 4)
"""A change no higher and no wider than this, in pixels, is a blinking caret and not a program at work."""


class DesktopError(RuntimeError):
    """The desktop did not do what was asked, or does not answer."""


class ActionError(DesktopError):
    """The code of an action raised in the guest."""


class Desktop:
    """A desktop behind an address.

    Args:
        url: of the control server, e.g. `http://127.0.0.1:5000`.
        timeout: seconds after which a request counts as unanswered.
    """

    def __init__(self, url: str, timeout: float = 90.0) -> None:
        self.url = url.rstrip("/")
        secure = self.url.startswith("https:")  # reading certificates that nobody needs takes a tenth of a second
        self._http = httpx.Client(base_url=self.url, timeout=timeout, trust_env=False, verify=secure)
        self._quick: dict[str, bool] = {}
        self._size: tuple[int, int] | None = None

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def wait(self, seconds: float = 60.0) -> None:
        """Return when the server answers.

        Raises:
            DesktopError: it does not within `seconds`.
        """
        end = time.monotonic() + seconds
        while True:
            try:
                self._http.get("/platform", timeout=5.0)
            except httpx.HTTPError as silence:
                if time.monotonic() > end:
                    raise DesktopError(f"no OSWorld control server answers at {self.url} within {seconds:.0f} s: {silence!r}") from silence
                time.sleep(0.2)
            else:
                return

    # What is seen

    def screenshot(self) -> Screen:
        """Return the screen, uint8 (H, W, 3)."""
        raw = self._if_there("GET", "/screenshot.raw")
        if raw is not None:
            self._size = self._size or self.screen_size()
            return np.frombuffer(bytearray(raw.content), np.uint8).reshape(self._size[1], self._size[0], 3)
        try:
            from PIL import Image
        except ModuleNotFoundError as missing:
            raise DependencyNotInstalled('screens need Pillow: pip install "gymhub-envs[osworld]"') from missing
        with Image.open(io.BytesIO(self._get("/screenshot").content)) as picture:
            return np.array(picture.convert("RGB"))

    def accessibility_tree(self) -> str:
        """Return OSWorld's XML of what accessibility tools see."""
        return str(self._get("/accessibility").json()["AT"])

    def terminal(self) -> str:
        """Return what the terminal in front shows; empty where there is none."""
        return str(self._get("/terminal").json()["output"] or "")

    def settle(self, limit: float, looks: int, interval: float) -> bool:
        """Wait until `looks` screens, `interval` seconds apart, are the same but for a caret; tell whether `limit` seconds were enough."""
        answer = self._if_there("GET", "/idle", params={"frames": looks, "interval": interval, "limit": limit})
        if answer is not None:
            return bool(answer.json()["still"])
        end = time.monotonic() + limit
        before, same = self.screenshot(), 1
        while same < looks:
            if time.monotonic() > end:
                return False
            time.sleep(interval)
            now = self.screenshot()
            same = same + 1 if _alike(before, now) else 1
            before = now
        return True

    # What is done

    def act(self, code: str) -> None:
        """Run Python code over `pyautogui` in the guest.

        Raises:
            ActionError: the code raised, or ran too long; what it did before stands.
        """
        answer = self._if_there("POST", "/act", json={"code": code})
        result = self.execute(["python", "-c", PRELUDE + code]) if answer is None else answer.json()
        if result.get("returncode"):
            raise ActionError(_last_line(str(result.get("error", ""))))

    def execute(self, command: Command, *, shell: bool = False) -> dict[str, Any]:
        """Run a command to its end; return its `output`, `error` and `returncode`."""
        return dict(self._post("/execute", {"command": command, "shell": shell}).json())

    def launch(self, command: Command, *, shell: bool = False) -> None:
        """Start a program and do not wait for it."""
        self._post("/setup/launch", {"command": command, "shell": shell})

    def setup(self, what: str, payload: Mapping[str, Any]) -> None:
        """Ask for one of the server's other preparations: `/setup/WHAT` with a JSON payload."""
        self._post(f"/setup/{what}", payload)

    # Files

    def upload(self, path: str, content: bytes) -> None:
        """Write a file of the guest."""
        name = path.rsplit("/", 1)[-1]
        answer = self._http_call("POST", "/setup/upload", data={"file_path": path}, files={"file_data": (name, content)})
        _raise_for(answer, f"upload of {path}")

    def file(self, path: str) -> bytes | None:
        """Return the content of a file of the guest; None where there is none."""
        answer = self._http_call("POST", "/file", data={"file_path": path})
        if answer.status_code == 404:
            return None
        _raise_for(answer, f"file {path}")
        return answer.content

    def directory(self, path: str) -> Any:
        """Return what a folder of the guest holds, as OSWorld's nested `{type, name, children}`; None where there is no folder."""
        answer = self._http_call("POST", "/list_directory", json={"path": path})
        if answer.status_code >= 400:
            return None
        return answer.json()["directory_tree"]

    # The rest

    def screen_size(self) -> tuple[int, int]:
        """Return width and height in pixels."""
        size = self._http_call("POST", "/screen_size").json()
        return int(size["width"]), int(size["height"])

    def window_size(self, app_class_name: str) -> Any:
        """Return `{width, height}` of the window of an application; None where there is none."""
        answer = self._http_call("POST", "/window_size", data={"app_class_name": app_class_name})
        return None if answer.status_code >= 400 else answer.json()

    def wallpaper(self) -> bytes | None:
        """Return the picture behind the desktop; None where there is none."""
        answer = self._http_call("POST", "/wallpaper")
        return None if answer.status_code >= 400 else answer.content

    def _if_there(self, method: str, path: str, **content: Any) -> httpx.Response | None:
        """Return the answer of an endpoint that OSWorld's own server lacks; None from a server that lacks it."""
        if not self._quick.get(path, True):
            return None
        answer = self._http_call(method, path, **content)
        self._quick[path] = answer.status_code not in (404, 405)
        if not self._quick[path]:
            return None
        _raise_for(answer, f"{method} {path}")
        return answer

    def _get(self, path: str) -> httpx.Response:
        answer = self._http_call("GET", path)
        _raise_for(answer, f"GET {path}")
        return answer

    def _post(self, path: str, payload: Mapping[str, Any]) -> httpx.Response:
        answer = self._http_call("POST", path, json=payload)
        _raise_for(answer, f"POST {path}")
        return answer

    def _http_call(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **content)
        except httpx.TimeoutException as late:
            raise DesktopError(f"the desktop at {self.url} does not answer {method} {path}") from late
        except httpx.HTTPError as gone:
            raise DesktopError(f"the desktop at {self.url} has gone ({method} {path}: {gone!r})") from gone


def _alike(before: Screen, now: Screen) -> bool:
    if before.shape != now.shape:
        return False
    changed = np.nonzero((before != now).any(-1))
    return all(places.size == 0 or np.ptp(places) < most for places, most in zip(changed, _CARET, strict=True))


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        result = answer.json()
    except ValueError:
        return {}
    return result if isinstance(result, dict) else {}


def _raise_for(answer: httpx.Response, what: str) -> None:
    """Raise if the server refused, with its own words."""
    if answer.status_code >= 400:
        result = _json(answer)
        raise DesktopError(f"{what}: {result.get('message') or result.get('error') or answer.text[:200] or answer.status_code}")


def _last_line(trace: str) -> str:
    """Return what a traceback says in the end."""
    return trace.strip().rsplit("\n", 1)[-1] or "the action failed"
