"""A page that steps through an episode: one HTML file with its screens in it, which needs nothing else and asks for nothing."""

from __future__ import annotations

import base64
import contextlib
import html
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from hub.environments import describe
from hub.errors import HubError, UsageError
from hub.files import write_atomically
from hub.registry import find_environment
from hub.results.marks import mark_of
from hub.results.models import Episode, Result
from hub.results.recordings import FOLDER, Recording, Seen, Step, read_recording, recording_file
from hub.results.replay import RecordedActions, differing_streams, replay_rules
from hub.running.loop import play

GOALS = ("goal", "instruction", "mission")
"""What environments call the text that says what to do."""
LONGEST_TEXT = 20_000
"""Characters of a text that a page shows."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A recording to show.

    Attributes:
        recording: what happened.
        screens: folder of its screens.
        replayed: whether it was made from the receipt just now, without the agent and its words.
        differing: streams in which that replay differs from the receipt.
    """

    recording: Recording
    screens: Path
    replayed: bool = False
    differing: list[str] = field(default_factory=list)


@contextlib.contextmanager
def shown_episode(result: Result, run: Path, index: int) -> Iterator[Shown]:
    """Find the recording of episode `index` in the folder of the run, or make one for a while by replaying its receipt.

    Raises:
        UsageError: there is no such episode, or it was neither recorded nor can be replayed.
        DamagedFile: the recording is damaged or another run's; the receipt does not fit the environment.
    """
    kwargs, episode = find_episode(result, index)
    recording = read_recording(run, episode)
    if recording is not None:
        yield Shown(recording, recording_file(run, index).with_suffix(""))
        return
    spec = find_environment(result.env.id).spec
    if episode.actions is None or not spec.deterministic:
        why = "its actions were not kept either" if episode.actions is None else f"{spec.id} replays no episode"
        raise UsageError(f"episode {index} was not recorded, and {why}; run it again with --record")
    with tempfile.TemporaryDirectory(prefix="hub-watch-") as folder:
        made, differing = _replayed(result, kwargs, episode, Path(folder))
        yield Shown(made, recording_file(Path(folder), 0).with_suffix(""), replayed=True, differing=differing)


def find_episode(result: Result, index: int) -> tuple[dict[str, Any], Episode]:
    """Return episode `index` and the environment arguments it was played under. Raises `UsageError` when there is none."""
    numbered = {episode.index: (kwargs, episode) for kwargs, episodes in result.parts for episode in episodes}
    if index not in numbered:
        raise UsageError(f"the result has no episode {index}; it has episodes 0 to {len(numbered) - 1}")
    return numbered[index]


def write_page(result: Result, shown: Shown, path: Path) -> None:
    """Write the page of an episode. Raises `HubError` where it, or a screen, cannot be read or written."""
    template = (resources.files("hub.results") / "page_template.html").read_text(encoding="utf-8")
    data = _data(result, shown)
    # "<" never stands in the data, so no text of an episode can end the script that holds it
    encoded = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    page = template.replace("{{title}}", html.escape(f"{data['title']} · episode {data['index']}"))
    write_atomically(path, page.replace("{{data}}", encoded))


def _replayed(result: Result, kwargs: dict[str, Any], episode: Episode, folder: Path) -> tuple[Recording, list[str]]:
    from hub.running.recording import open_recorded

    task = describe(result.env.id, kwargs)
    with open_recorded(result.env.id, task, 1, folder / FOLDER, result.agent.name) as (world, recorder):
        actions = RecordedActions(task, world.actions.space, [episode])
        (played,) = play(world, actions, [(0, episode.seed)], replay_rules(result, [episode]), watcher=recorder)
    made = read_recording(folder, played)
    assert made is not None
    return made, differing_streams(episode, played, find_environment(result.env.id).spec)


def _data(result: Result, shown: Shown) -> dict[str, Any]:
    """Return what the page's script reads."""
    recording, episode = shown.recording, shown.recording.episode
    moments: list[dict[str, Any]] = []
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}  # screens, in the order of their first use; an agent that goes to and fro sees the same ones again
    for number, (seen, step) in enumerate(zip([recording.first, *recording.steps], [*recording.steps, None], strict=True)):
        texts |= seen.texts
        moments.append(_moment(seen, step, texts))
        if seen.screen is not None:
            moments[-1]["screen"] = numbers.setdefault(_data_uri(shown.screens / seen.screen), len(numbers))
        moments[-1]["said"] = [entry for entry in recording.transcript if entry["step"] == number]
    return {
        "title": f"{result.agent.label} on {result.env.id}",
        "index": episode.index,
        "facts": _facts(result, shown),
        "goal": [text for name, text in recording.first.texts.items() if name.rpartition(".")[2] in GOALS],
        "moments": moments,
        "screens": list(numbers),
    }


def _moment(seen: Seen, step: Step | None, texts: dict[str, str]) -> dict[str, Any]:
    """Return what there was to see and, unless the episode was over, what was done about it and what came of that."""
    moment: dict[str, Any] = {"screen": None, "texts": {name: _short(text) for name, text in seen.texts.items()}}
    if step is not None:
        spelled = step.action if isinstance(step.action, str) else json.dumps(step.action, ensure_ascii=False)
        moment |= {
            "action": _short(spelled),
            "mark": mark_of(step.action, texts),
            "reward": step.reward,
            "error": step.info.get("error") or None,
            "invalid": bool(step.info.get("invalid", False)),
            "info": {key: value for key, value in step.info.items() if key not in ("error", "invalid")},
        }
    return moment


def _facts(result: Result, shown: Shown) -> dict[str, str]:
    episode = shown.recording.episode
    ended = "terminated" if episode.terminated else "cut by the clock" if episode.timed_out else "truncated"
    facts = {"return": f"{episode.return_:.6g}", "steps": f"{episode.length}, {ended}", "seed": str(episode.seed)}
    facts |= {key: f"{value:.6g}" for key, value in {**episode.metrics, **episode.agent_metrics}.items()}
    if result.agent.demonstration:
        facts["demonstration"] = result.agent.demonstration
    if shown.replayed:
        differing = f"; its {' and '.join(shown.differing)} differ from the receipt" if shown.differing else ""
        facts["from"] = f"a replay of the receipt, without the agent's words{differing}"
    return facts


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]} … ({len(text):,} characters in all)"


def _data_uri(file: Path) -> str:
    try:
        return f"data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()}"
    except OSError as error:
        raise HubError(f"a screen of the recording cannot be read: {file}: {error.strerror or error}") from error
