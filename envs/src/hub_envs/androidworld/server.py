"""A device behind AndroidWorld's HTTP server (`server/android_server.py` of its repository, in its Docker image on port 5000).

The server tells pixels, as nested lists, and no UI elements. It has one device and one suite for all its clients: use it alone.
Tested with a server of the same end points; nobody who wrote this had a device behind it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import httpx
import numpy as np

from hub_envs.androidworld import suite
from hub_envs.androidworld.actions import Action, dumps
from hub_envs.androidworld.phone import Begun, RefusedError, Screen, TaskError


class ServerError(RuntimeError):
    """The server cannot be reached, or does not answer as it should.

    Attributes:
        status: its HTTP status; None where there was no answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    @property
    def is_its_task(self) -> bool:
        """Whether code on the server raised: a task's or the executor's."""
        return self.status == httpx.codes.INTERNAL_SERVER_ERROR


class Server:
    """Plays the 116 tasks on the server's device.

    Args:
        url: e.g. `http://localhost:5000`.
        pause: seconds between an action and the look at the screen; None waits until the elements stay the same, 6 s at most.
        timeout: seconds until a request has failed; setting a task up may take a minute.
    """

    def __init__(self, url: str, *, pause: float | None, timeout: float) -> None:
        self._url = url.rstrip("/")
        self._http = httpx.Client(timeout=timeout)
        self._pause = pause
        self._playing: dict[str, Any] | None = None

    def healthy(self) -> str | None:
        """Return None where the server and its device are ready, else why they are not."""
        try:
            self._ask("GET", "/health")
        except ServerError as error:
            return str(error)
        return None

    def names(self) -> Sequence[str]:
        """Return the names of the 116 tasks."""
        return list(suite.tasks())

    def begin(self, task: str, suite_seed: int) -> Begun:
        """Draw the suite anew and set up the task's first instance; raises `ServerError`."""
        self._ask("GET", "/suite/reinitialize", n_task_combinations=1, seed=suite_seed, task_family="android_world")
        if task not in self._told("/suite/task_list", "task_list", max_index=-1):
            raise ServerError(f"{self._url} has no task {task}")
        playing = {"task_type": task, "task_idx": 0}
        goal, failed = str(self._told("/task/goal", "goal", **playing)), None
        try:
            self._ask("POST", "/task/initialize", **playing)
            self._playing = playing
        except ServerError as error:
            if not error.is_its_task:
                raise
            failed = str(error)
        self._ask("POST", "/reset", go_home=True)
        return Begun(goal, suite.tasks()[task].budget, failed)

    def screen(self) -> Screen:
        """Fetch the screenshot; raises `ServerError`."""
        told = self._told("/screenshot", "pixels", wait_to_stabilize=self._pause is None)
        try:
            pixels = np.asarray(told)
        except ValueError:  # rows of different lengths
            pixels = np.zeros(0)
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype.kind not in "iu" or pixels.min() < 0 or pixels.max() > 255:
            raise ServerError(f"{self._url}/screenshot gave no picture of rows of pixels of red, green and blue")
        return Screen(pixels.astype(np.uint8))

    def perform(self, action: Action) -> None:
        """Have an action carried out, and pause."""
        try:
            self._ask("POST", "/execute_action", body=json.loads(dumps(action)))
        except ServerError as error:
            if not error.is_its_task:
                raise
            raise RefusedError(str(error)) from error
        if self._pause:
            time.sleep(self._pause)

    def over(self) -> bool:
        """No task of the suite ends by itself."""
        return False

    def score(self) -> float:
        """Ask for the score."""
        try:
            return float(self._told("/task/score", "score", **(self._playing or {})))
        except ServerError as error:
            if not error.is_its_task:
                raise
            raise TaskError(str(error)) from error

    def end(self) -> None:
        """Have the task torn down."""
        playing, self._playing = self._playing, None
        if playing is not None:
            self._ask("POST", "/task/tear_down", **playing)

    def close(self) -> None:
        """Hang up; the server and its device go on running."""
        self._http.close()

    def _told(self, path: str, key: str, **params: Any) -> Any:
        answer = self._ask("GET", path, **params)
        if key not in answer:
            raise ServerError(f"{self._url}{path} answers without {key!r}: is it AndroidWorld's server?")
        return answer[key]

    def _ask(self, method: str, path: str, *, body: Any = None, **params: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, self._url + path, params=params, json=body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServerError(f"{self._url}{path} does not answer: {type(error).__name__}: {error}") from error
        if answer.status_code != httpx.codes.OK:
            said = " ".join(answer.text.split())[:200]
            raise ServerError(f"{self._url}{path} answers {answer.status_code}: {said}", answer.status_code)
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ServerError(f"{self._url}{path} answers no JSON object: is it AndroidWorld's server?")
        return found
