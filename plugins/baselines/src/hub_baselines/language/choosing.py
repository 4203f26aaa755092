"""From an agent's settings to the client that they mean."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hub.errors import MissingExtra, UsageError
from hub_baselines.language.messages import Client
from hub_baselines.language.scripted import ReplayClient

CLIENTS = ("openai", "hf", "replay")


def client_for(
    agent: str,
    *,
    client: str = "openai",
    base_url: str | None = None,
    model: str | None = None,
    api_key_env: str | None = None,
    timeout: float = 120.0,
    retries: int = 4,
    device: str = "cpu",
    threads: int = 1,
    transcript: str | None = None,
) -> Client:
    """Return the language model that an agent's settings name.

    Args:
        agent: name of the agent, for messages.
        client: `openai` asks a server, `hf` runs a checkpoint in this process, `replay` repeats recorded replies.
        base_url: of the server.
        model: its name there; or the checkpoint's folder or id.
        api_key_env: environment variable that holds the server's key.
        timeout: seconds that the server may take for one try.
        retries: further tries.
        device: where the checkpoint runs.
        threads: of torch for the checkpoint.
        transcript: file of recorded turns, or a folder of them such as `episodes/` of a recorded run.

    Raises:
        UsageError: a setting is missing or wrong; the message gives one that would do.
        MissingExtra: what the client needs is not installed.
        HubError: the checkpoint or the transcript cannot be read.
    """
    if client == "openai":
        remedy = "say --agent-arg base_url=http://localhost:8000/v1 --agent-arg model=NAME, or client=hf and the checkpoint's model=FOLDER"
        _require(agent, "a server", remedy, base_url, model)
        openai = _module("openai")
        made: Client = openai.OpenAIClient(base_url, model, api_key_env=api_key_env, timeout=timeout, retries=retries)
        return made
    if client == "hf":
        _require(agent, "a checkpoint", "say --agent-arg client=hf --agent-arg model=FOLDER", model)
        local = _module("local")
        loaded: Client = local.TransformersClient(model, device=device, threads=threads)
        return loaded
    if client == "replay":
        _require(agent, "a transcript", "say --agent-arg client=replay --agent-arg transcript=RUN/episodes", transcript)
        return ReplayClient(_recorded(Path(str(transcript))))
    raise UsageError(f"client of agent {agent} cannot be {client!r}: there are {', '.join(CLIENTS)}")


def _require(agent: str, what: str, remedy: str, *values: str | None) -> None:
    if not all(values):
        raise UsageError(f"agent {agent} asks a language model, and none is configured: it needs {what}; {remedy}")


def _module(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(f"hub_baselines.language.{name}")
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"asking language models needs {error.name!r}, which is not installed: pip install 'gymhub-baselines[models]'"
        ) from error


def _recorded(path: Path) -> list[Mapping[str, Any]]:
    """Return the turns of a transcript, of which there must be some."""
    turns = list(_turns(path))
    if not turns:
        raise UsageError(f"transcript {path} holds no recorded turns: give episodes/ of a recorded run whose agent asked a language model")
    return turns


def _turns(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield all turns, however deep, in a JSON document or in the documents of a folder."""
    try:
        documents = sorted(path.glob("*.json")) if path.is_dir() else [path]
        pending = [json.loads(document.read_text("utf-8")) for document in documents]
    except (OSError, ValueError) as error:
        raise UsageError(
            f"transcript {path} cannot be read ({error}): give a JSON file of recorded turns, or a recorded run's folder episodes/"
        ) from None
    while pending:
        value = pending.pop()
        if isinstance(value, dict) and {"digest", "reply", "prompt_tokens", "completion_tokens"} <= value.keys():
            yield value
        elif isinstance(value, dict | list):
            pending += value.values() if isinstance(value, dict) else value
