"""Verification: what was played is confirmed; any edited number is refuted; what cannot be played again is said to be so."""

import json
from pathlib import Path

import gymnasium as gym
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hub
from hub.environments import describe
from hub.plugins import index
from hub.registry import find_environment
from hub.results.files import write_result
from hub.results.models import AgentRecord, EnvironmentRecord, ProtocolRecord, Result
from hub.results.statistics import summarise
from hub.results.verify import verify
from hub.running.loop import Rules, play
from hub.running.receipts import chain, encode_actions
from hub.running.seeds import evaluation_seeds
from hub.running.worlds import open_world

from .playing import Leaning

ZOO = Path(__file__).parent / "zoo"


@pytest.fixture(scope="module", autouse=True)
def zoo(laboratory):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ZOO))
        index.forget()
        yield
    index.forget()


def result_of(env="CartPole-v1", agent=Leaning, count=4, rules=None, **kwargs):
    found = find_environment(env)
    protocol = ProtocolRecord(name="standard", episodes=count, version=1)
    seeds = evaluation_seeds("standard", 1, found.spec.id, count)
    played = play(open_world(env, kwargs, 3), agent(describe(env, kwargs)), enumerate(seeds), rules or Rules())
    episodes = chain(played)
    plugin = found.plugin
    where = {"plugin": plugin.name, "distribution": plugin.distribution, "version": plugin.version}
    return Result(
        env=EnvironmentRecord(id=found.spec.id, kwargs=kwargs, **where),
        agent=AgentRecord(name="leaning", seed=0, plugin="tests", distribution="tests", version="1"),
        protocol=protocol,
        episodes=episodes,
        summary=summarise([episode.return_ for episode in episodes], "return"),
        versions={},
    )


@pytest.fixture(scope="module")
def genuine():
    return result_of()


def edited(result, **changes):
    return result.model_copy(update=changes)


def with_episode(result, position, **changes):
    episodes = list(result.episodes)
    episodes[position] = episodes[position].model_copy(update=changes)
    return edited(result, episodes=episodes)


def test_what_was_played_is_confirmed(genuine):
    verdict = verify(genuine)
    assert (verdict.state, verdict.reasons, verdict.episodes) == ("confirmed", [], 4)
    assert verdict.steps == sum(episode.length for episode in genuine.episodes)
    assert hub.verify is verify


def numbers(document, path=()):
    """List the paths of all numbers, truth values and digests that a replay can check."""
    for key, value in document.items() if isinstance(document, dict) else enumerate(document):
        if isinstance(value, dict | list):
            yield from numbers(value, (*path, key))
        elif isinstance(value, int | float) or key in ("actions", "observations", "outcomes", "chain"):
            yield (*path, key)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_edited_number_is_refuted(genuine, data):
    document = genuine.model_dump(mode="json", by_alias=True)
    checked = {part: document[part] for part in ("episodes", "summary", "protocol")}
    *way, key = data.draw(st.sampled_from(sorted(numbers(checked), key=str)))
    inside = document
    for step in way:
        inside = inside[step]
    old = inside[key]
    if isinstance(old, str):
        inside[key] = data.draw(st.text("0123456789abcdef", min_size=32, max_size=32).filter(lambda new: new != old))
    elif isinstance(old, bool):
        inside[key] = not old
    else:
        inside[key] = old + data.draw(st.integers(1, 100))
    verdict = verify(Result.model_validate(document))
    assert verdict.state == "refuted"
    if way[0] == "episodes":
        assert any(reason.startswith(f"episode {way[1]}") for reason in verdict.reasons) or key == "index"


def test_an_edited_action_is_refuted_and_its_episode_named(genuine):
    actions = [0] * genuine.episodes[2].length
    verdict = verify(with_episode(genuine, 2, actions=encode_actions(open_world("CartPole-v1", {}, 1).actions.space, actions)))
    assert verdict.state == "refuted"
    assert verdict.reasons[0].startswith("episode 2")


def test_a_forged_episode_with_a_chain_of_its_own_is_refuted(genuine):
    forged = with_episode(genuine, 1, return_=500.0)
    forged = edited(forged, episodes=chain(forged.episodes))
    forged = edited(forged, summary=summarise([episode.return_ for episode in forged.episodes], "return"))
    verdict = verify(forged)
    assert verdict.state == "refuted"
    assert len(verdict.reasons) == 1
    assert verdict.reasons[0].startswith(f"episode 1 (seed {forged.episodes[1].seed}): its return is 500.0, replayed it is ")
    assert verdict.episodes == 3


def test_left_out_and_exchanged_episodes_are_refuted(genuine):
    assert "there are 3 episodes, and the protocol says 4" in verify(edited(genuine, episodes=genuine.episodes[:3])).reasons
    assert verify(edited(genuine, episodes=genuine.episodes[::-1])).state == "refuted"


def test_chosen_seeds_are_refuted(genuine):
    committed = edited(genuine, protocol=genuine.protocol.model_copy(update={"seeds": "committed"}))
    assert any("its seed is" in reason and "the protocol's (committed) is" in reason for reason in verify(committed).reasons)


def test_a_protocol_that_is_not_the_registered_one_is_refuted(genuine):
    judged = edited(genuine, protocol=genuine.protocol.model_copy(update={"higher_is_better": False}))
    assert verify(judged).reasons == ["protocol: higher_is_better is False, protocol standard version 1 has True"]


def test_another_version_is_remarked(genuine):
    verdict = verify(edited(genuine, env=genuine.env.model_copy(update={"version": "0.1"})))
    assert verdict.state == "confirmed"
    assert verdict.reasons[0].startswith("recorded with gymnasium 0.1, replayed with gymnasium ")


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        ({"id": "gone/Away-v0", "plugin": "gone", "distribution": "gymhub-gone"}, "pip install gymhub-gone"),
        ({"kwargs": {"nothing": 1}}, "CartPole-v1 cannot be built with nothing=1"),
    ],
)
def test_an_environment_that_cannot_be_had_is_not_replayable(genuine, env, reason):
    found = edited(genuine, env=genuine.env.model_copy(update=env))
    seeds = evaluation_seeds("standard", 1, found.env.id, 4)
    resown = [episode.model_copy(update={"seed": seed}) for episode, seed in zip(found.episodes, seeds, strict=True)]
    verdict = verify(edited(found, episodes=chain(resown)))
    assert verdict.state == "not replayable"
    assert reason in verdict.reasons[0]


def test_what_no_seed_determines_is_not_replayable(genuine, monkeypatch):
    monkeypatch.setattr(gym.spec("CartPole-v1"), "nondeterministic", True)
    verdict = verify(genuine)
    assert verdict.state == "not replayable"
    assert verdict.reasons == ["its episodes cannot be replayed: CartPole-v1 is registered as not deterministic"]


def test_without_actions_nothing_is_replayable(genuine):
    verdict = verify(with_episode(genuine, 1, actions=None))
    assert verdict.state == "not replayable"
    assert verdict.reasons == ["its episodes cannot be replayed: episode 1 was recorded without its actions"]


@pytest.mark.parametrize("env", ["zoo/Pursuit-v0", "zoo/Rps-v0"])
def test_games_of_several_players_run_and_verify_like_all_others(env, hub_here, tmp_path):
    code, out, err = hub_here("run", "--agent", "everybody", "--env", env, "--episodes", 3, "--slots", 2, "--out", tmp_path, "--json")
    assert code == 0, err
    episodes = json.loads(out)["episodes"]
    assert all(episode["return"] == pytest.approx(sum(episode["returns"].values())) for episode in episodes)
    code, out, _ = hub_here("verify", tmp_path / "result.json", "--json")
    assert (code, json.loads(out)[0]["state"]) == (0, "confirmed")


def test_the_command_says_which_episode_differs(genuine, hub_here, tmp_path):
    write_result(genuine, tmp_path / "good.json")
    write_result(with_episode(genuine, 2, return_=3.0), tmp_path / "bad.json")
    code, out, _ = hub_here("verify", tmp_path / "good.json")
    assert (code, out.splitlines()[0].partition(": ")[2].partition(" (")[0]) == (0, "confirmed")
    code, out, _ = hub_here("verify", tmp_path / "good.json", tmp_path / "bad.json")
    assert code == 1
    assert f"episode 2 (seed {genuine.episodes[2].seed}): its return is 3.0, replayed it is" in out


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [(None, 2, "there is no"), ("{", 1, "is damaged: not JSON"), ('{"schema": "hub/result/2"}', 1, "has schema 'hub/result/2'")],
)
def test_files_that_cannot_be_read_are_one_line(text, code, said, hub_here, tmp_path):
    if text is not None:
        (tmp_path / "result.json").write_text(text)
    found, out, err = hub_here("verify", tmp_path / "result.json")
    assert (found, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_file_that_cannot_be_read_does_not_stop_the_others(genuine, hub_here, tmp_path):
    write_result(genuine, tmp_path / "good.json")
    (tmp_path / "bad.json").write_text("{")
    paths = [tmp_path / "bad.json", tmp_path / "good.json"]
    code, out, err = hub_here("verify", *paths)
    assert (code, out.splitlines()[0].partition(" (")[0]) == (1, f"{paths[1]}: confirmed")
    assert err.startswith(f"hub: {paths[0]} is damaged")
    code, out, _ = hub_here("verify", tmp_path / "none.json", *paths, "--json")
    assert (code, [entry["state"] for entry in json.loads(out)]) == (2, ["unreadable", "unreadable", "confirmed"])
