"""CUBE's protocol: JSON-RPC 2.0 by POST to one URL.

A benchmark's server knows `cube/info`, `cube/tasks`, `cube/task_configs`, `cube/spawn` (which gives a task's URL) and `cube/shutdown`; a
task's server `tools/list`, `tools/call`, `cube/reset`, `cube/step`, `cube/evaluate`, `cube/status`, `cube/privileged_info` and
`cube/close`.

Source: cube-standard 0.1.0rc10 (`cube/server.py`, `cube/core.py`), which itself needs Python 3.12.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

import httpx


class CubeError(RuntimeError):
    """The server cannot be reached, or does not answer as CUBE says; the message says which call it was."""


class Client:
    """Calls one server.

    Args:
        url: of a task's or a benchmark's server.
        timeout: seconds until a call has failed.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self._url = url
        self._http = httpx.Client(timeout=timeout)
        self._ids = count(1)

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the result of one call.

        Raises:
            CubeError: no answer, an HTTP status other than 200, JSON-RPC's `error`, or no JSON-RPC answer to this call.
        """
        request: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "id": next(self._ids)}
        if params is not None:
            request["params"] = dict(params)
        try:
            answer = self._http.post(self._url, json=request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CubeError(f"{method}: {self._url} does not answer: {type(error).__name__}: {error}") from error
        if answer.status_code != httpx.codes.OK:
            raise CubeError(f"{method}: {self._url} answers {answer.status_code}: {' '.join(answer.text.split())[:200]}")
        try:
            said = answer.json()
        except ValueError:
            said = None
        if not isinstance(said, dict) or said.get("jsonrpc") != "2.0" or said.get("id") != request["id"]:
            raise CubeError(f"{method}: {self._url} gives no JSON-RPC 2.0 answer to the call: is it a CUBE server?")
        if said.get("error") is not None:  # some servers write null beside a result
            wrong = said["error"] if isinstance(said["error"], dict) else {}
            raise CubeError(f"{method}: {self._url} answers error {wrong.get('code')}: {wrong.get('message')}")
        if "result" not in said:
            raise CubeError(f"{method}: {self._url} answers with neither result nor error")
        return said["result"]

    def close(self) -> None:
        """Hang up."""
        self._http.close()
