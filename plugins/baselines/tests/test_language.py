"""Agents that ask language models: accounts, transcripts, replays, and answers that do not depend on what is asked beside."""

import json
import threading

import numpy as np
import pytest
from gymnasium import spaces
from hub_baselines.language import Journal, LanguageAgent, Message, Prices, ReplayClient, Reply, ScriptedClient
from hub_baselines.language.agent import side_by_side
from hub_baselines.language.choosing import client_for

import hub
from hub.errors import HubError, UsageError

TASK = hub.Task(
    env_id="x",
    observation_space=spaces.Dict(word=spaces.Text(20), picture=spaces.Box(0, 255, (2, 2, 3), np.uint8)),
    action_space=spaces.Text(50),
)


class Echo:
    """Tells the model how many words it has been shown in the episode, and does what it answers."""

    def __init__(self, journal: Journal) -> None:
        self.journal, self.shown, self.kept = journal, 0, None

    def act(self, observation):
        self.shown += 1
        if self.kept is not None:
            assert self.kept.tolist() == np.full((2, 2, 3), self.shown - 1).tolist()
        self.kept = observation["picture"]
        return self.journal.ask("echo", [Message("user", (f"{self.shown}:{observation['word']}", observation["picture"]))])

    def metrics(self):
        return {"shown": float(self.shown)}


class EchoAgent(LanguageAgent):
    name = "echo"
    roles = ("echo", "silent")

    def player(self, journal, seed):
        return Echo(journal)


class ScriptedEcho(EchoAgent):
    def open_client(self):
        return ScriptedClient(lambda messages: messages[-1].text[::-1])


def observe(words, picture):
    return {"word": tuple(words), "picture": np.full((len(words), 2, 2, 3), picture, np.uint8)}


def play(agent, seeds, words):
    """Play two steps of one episode a seed side by side; return their actions by seed."""
    slots = np.arange(len(seeds))
    agent.begin(slots.tolist(), seeds)
    pictures = observe(words, 1)
    steps = [agent.act(pictures, slots)]
    pictures["picture"][:] = 2  # the evaluator may write over what it gave before
    steps.append(agent.act(pictures, slots))
    return {seed: [step[place] for step in steps] for place, seed in enumerate(seeds)}


def test_players_keep_apart_whoever_plays_beside():
    agent = ScriptedEcho(TASK)
    both = play(agent, [5, 9], ["ab", "cd"])
    assert both == {5: ["ba:1", "ba:2"], 9: ["dc:1", "dc:2"]}
    assert play(agent, [9], ["cd"])[9] == both[9]


def test_metrics_count_every_role_and_the_transcript_holds_no_pictures():
    agent = ScriptedEcho(TASK, prompt_price=2.0, completion_price=5.0)
    play(agent, [5, 9], ["ab", "cd"])
    assert agent.episode_metrics(1) == {
        "calls": 2,
        "prompt_tokens": 2,
        "completion_tokens": 2,
        "cost": pytest.approx(14e-6),
        "calls_echo": 2,
        "calls_silent": 0,
        "shown": 2,
    }
    turns = agent.transcript(1)
    assert turns == json.loads(json.dumps(turns))
    assert [(turn["step"], turn["role"], turn["reply"]) for turn in turns] == [(0, "echo", "dc:1"), (1, "echo", "dc:2")]
    picture = turns[0]["messages"][0]["parts"][1]["image"]
    assert (picture["width"], picture["height"]) == (2, 2)
    assert picture["sha256"] != turns[1]["messages"][0]["parts"][1]["image"]["sha256"]


def test_a_demonstration_says_so():
    assert "script" in ScriptedEcho(TASK).demonstration


def test_a_replay_answers_what_was_recorded_and_nothing_else(tmp_path):
    agent = ScriptedEcho(TASK)
    first = play(agent, [5, 9], ["ab", "cd"])
    for slot in (0, 1):
        (tmp_path / f"{slot}.json").write_text(json.dumps({"transcript": list(agent.transcript(slot))}))
    again = EchoAgent(TASK, client="replay", transcript=str(tmp_path))
    assert play(again, [9, 5], ["cd", "ab"]) == first
    assert "recorded" in again.demonstration
    with pytest.raises(HubError, match=r"no reply to this prompt .*'1:ef'.* 4 recorded turns"):
        play(again, [5], ["ef"])
    with pytest.raises(HubError, match="settings"):
        play(EchoAgent(TASK, client="replay", transcript=str(tmp_path), temperature=0.5), [5], ["ab"])
    alone = EchoAgent(TASK, client="replay", transcript=str(tmp_path / "1.json"))
    assert play(alone, [9], ["cd"])[9] == first[9]


def test_every_call_samples_with_a_seed_of_its_own():
    seeds = []

    class Client(ScriptedClient):
        def complete(self, messages, *, max_tokens, temperature, stop=(), seed=None):
            seeds.append(seed)
            return Reply("")

    for seed in (1, 2, 1):
        journal = Journal(Client(str), seed=seed)
        journal.ask("a", [])
        journal.ask("a", [])
    assert len(set(seeds)) == 4
    assert seeds[:2] == seeds[4:]
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_moves_run_side_by_side_and_come_back_in_order():
    together = threading.Barrier(3, timeout=10)

    def move(name):
        together.wait()  # passes only when all three are running
        return name

    assert side_by_side([lambda name=name: move(name) for name in "abc"], 3) == ["a", "b", "c"]


def test_the_first_failing_move_is_reported():
    def fail(name):
        raise HubError(name)

    with pytest.raises(HubError, match="a"):
        side_by_side([lambda: fail("a"), lambda: fail("b")], 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, r"agent echo asks a language model, and none is configured.*--agent-arg base_url=\S+ --agent-arg model=NAME"),
        ({"base_url": "http://localhost:1/v1"}, "none is configured"),
        ({"client": "hf"}, "--agent-arg client=hf --agent-arg model=FOLDER"),
        ({"client": "replay"}, "transcript=RUN/episodes"),
        ({"client": "replay", "transcript": "/nowhere"}, "cannot be read"),
        ({"client": "mine"}, "'mine': there are openai, hf, replay"),
    ],
)
def test_settings_that_name_no_model(settings, message):
    with pytest.raises(UsageError, match=message):
        client_for("echo", **settings)
    with pytest.raises(UsageError, match=message):
        EchoAgent(TASK, **settings)


def test_a_transcript_without_turns(tmp_path):
    (tmp_path / "0.json").write_text('{"transcript": []}')
    with pytest.raises(UsageError, match="holds no recorded turns"):
        client_for("echo", client="replay", transcript=str(tmp_path))


def test_settings_out_of_range():
    with pytest.raises(UsageError, match="max_tokens of agent echo"):
        ScriptedEcho(TASK, max_tokens=0)


def test_prices_are_of_a_million_tokens():
    assert Prices(3.0, 15.0).cost(1_000_000, 200_000) == pytest.approx(6.0)


def test_a_replay_of_nothing_says_so():
    with pytest.raises(HubError, match="0 recorded turns"):
        ReplayClient([]).complete([], max_tokens=1, temperature=0.0)
