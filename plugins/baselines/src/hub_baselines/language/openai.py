"""Models behind a server that speaks OpenAI's chat completions: vLLM, llama.cpp's server, LiteLLM, hosted ones."""

from __future__ import annotations

import base64
import email.utils
import io
import os
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
from PIL import Image as Pictures

from hub.errors import HubError, UsageError
from hub_baselines.language.messages import Image, Message, Part, Reply

_LONGEST_WAIT_S = 60.0
_SHOWN = 300
"""Characters of a server's complaint that an error repeats."""


class OpenAIClient:
    """Asks `POST {base_url}/chat/completions`.

    Busy servers (429), failing ones (5xx) and broken connections are asked again, after a pause that doubles each time or that the server
    names in `Retry-After`.

    Args:
        base_url: e.g. `http://localhost:8000/v1`.
        model: the model's name there.
        api_key_env: name of the environment variable that holds the key; None sends none. The key itself is kept out of settings, results
            and messages.
        timeout: seconds that one try may take.
        retries: further tries.
        backoff: seconds before the second try.

    Raises:
        UsageError: an address that is none, fewer retries than 0, or an environment variable that is not set.

    Source: OpenAI API reference, "Create chat completion".
    """

    demonstration = None
    concurrent = True

    def __init__(
        self, base_url: str, model: str, *, api_key_env: str | None = None, timeout: float = 120.0, retries: int = 4, backoff: float = 1.0
    ) -> None:
        if retries < 0:
            raise UsageError(f"retries cannot be {retries}: give 0 for a single try, or more")
        self.name = model
        self._url = _checked(base_url).rstrip("/") + "/chat/completions"
        self._key = _key(api_key_env)
        self._key_hint = f"the key in {api_key_env}" if api_key_env else "whether it wants a key (api_key_env=NAME_OF_A_VARIABLE)"
        self._retries, self._backoff = retries, backoff
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._http = httpx.Client(timeout=timeout, headers=headers)

    def complete(
        self, messages: Sequence[Message], *, max_tokens: int, temperature: float, stop: Sequence[str] = (), seed: int | None = None
    ) -> Reply:
        """Return the first choice of the server; see `Client.complete`.

        Raises:
            HubError: no answer within the tries, a refusal, or an answer that is no chat completion.
        """
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": message.role, "content": _content(message.parts)} for message in messages],
            "max_tokens": max_tokens,
            "temperature": temperature,
        }
        if stop:
            body["stop"] = list(stop)
        if seed is not None:
            body["seed"] = seed
        return self._read(self._answer(body))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _answer(self, body: dict[str, Any]) -> httpx.Response:
        """Ask until the server answers something that asking again would not change."""
        for attempt in range(self._retries + 1):
            pause = min(self._backoff * 2**attempt, _LONGEST_WAIT_S)
            try:
                response = self._http.post(self._url, json=body)
            except httpx.TimeoutException:
                failure = f"gave no answer within {self._http.timeout.read:g} s; check its load, or give timeout= more seconds"
            except httpx.TransportError as error:
                failure = f"cannot be reached ({self._clean(str(error)) or type(error).__name__}); check that it runs, and base_url="
            else:
                if response.status_code != 429 and response.status_code < 500:
                    return response
                failure = f"answered {response.status_code} ({self._clean(response.text)}); check its load, quota and log"
                pause = min(_retry_after(response, pause), _LONGEST_WAIT_S)
            if attempt < self._retries:
                time.sleep(pause)
        raise HubError(f"{self._url} {failure} ({self._retries + 1} tries)")

    def _read(self, response: httpx.Response) -> Reply:
        if response.status_code in (401, 403):
            raise HubError(f"{self._url} refused access ({response.status_code}): check {self._key_hint}")
        if not response.is_success:
            said = self._clean(response.text)
            raise HubError(f"{self._url} answered {response.status_code} ({said}): check base_url= and whether it serves model={self.name}")
        try:
            found = response.json()
            message, usage = found["choices"][0]["message"], found.get("usage") or {}
            tokens = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
            return Reply(str(message["content"] or ""), *tokens)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            raise HubError(
                f"{self._url} answered {self._clean(response.text)!r}, which is no chat completion: check that base_url= ends where"
                " /chat/completions begins, mostly in /v1"
            ) from None

    def _clean(self, text: str) -> str:
        """Return what a server said on one line, cut off, without the key."""
        said = " ".join(text.split())
        return (said.replace(self._key, "[key]") if self._key else said)[:_SHOWN]


def data_uri(image: Image) -> str:
    """Return a picture (height, width, 3) uint8 as a `data:` URI of a PNG file."""
    file = io.BytesIO()
    Pictures.fromarray(image).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def _content(parts: Sequence[Part]) -> str | list[dict[str, Any]]:
    """Return parts as the API takes them; text alone stays one text, which servers without eyes understand as well."""
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) == len(parts):
        return "\n\n".join(texts)
    return [
        {"type": "text", "text": part} if isinstance(part, str) else {"type": "image_url", "image_url": {"url": data_uri(part)}}
        for part in parts
    ]


def _checked(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"base_url cannot be {base_url!r}: give an address such as http://localhost:8000/v1")
    if parts.username or parts.password or parts.query:
        raise UsageError("base_url must not hold a password or key, since results record it: name a variable with api_key_env=")
    return base_url


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise UsageError(f"api_key_env names the environment variable {variable}, which is not set: export {variable}=...")
    return key


def _retry_after(response: httpx.Response, otherwise: float) -> float:
    """Return the seconds that the server asks to wait: a number, or a date."""
    said = response.headers.get("Retry-After", "")
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(said).timestamp() - time.time())
    except (TypeError, ValueError):
        return otherwise
