from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hub
from hub.environments import describe
from hub.results.files import read_cost, read_result
from hub.running.seeds import EVALUATION, evaluation_seeds

Hub = Callable[..., tuple[int, str, str]]
TALLY = ("run", "--agent", "tally", "--env", "lab-walk", "--episodes", "6")


def test_a_run_leaves_what_the_contract_says(hub_here: Hub, tmp_path: Path) -> None:
    code, out, err = hub_here("run", "--agent", "random", "--env", "CartPole-v1", "--episodes", "9", "--out", tmp_path)
    assert (code, err) == (0, "")
    assert "random (this run)" in " ".join(out.split())
    assert str(tmp_path / "result.json") in out
    document = json.loads((tmp_path / "result.json").read_text())
    assert document["env"]["id"] == "CartPole-v1"
    assert document["agent"]["name"] == "random"
    assert document["protocol"]["name"] == "standard"
    assert [episode["seed"] for episode in document["episodes"]] == evaluation_seeds("standard", 1, "CartPole-v1", 9)
    assert all(episode["return"] == episode["length"] for episode in document["episodes"])
    assert {"mean", "iqm", "ci_low", "ci_high"} <= set(document["summary"])
    assert {"python", "gymhub", "gymnasium", "gymhub-baselines", "numpy"} <= set(document["versions"])
    assert read_cost(tmp_path).resumed == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["agent", "cost.json", "journal.sqlite", "result.json"]


def test_the_same_bits_for_any_engine_workers_and_slots(hub_here: Hub, tmp_path: Path) -> None:
    ways = [["--slots", "1"], ["--slots", "5"], ["--engine", "process", "--workers", "2", "--slots", "2"]]
    for number, way in enumerate(ways):
        assert hub_here(*TALLY, "--out", tmp_path / str(number), *way)[0] == 0
    results = {(tmp_path / str(number) / "result.json").read_bytes() for number in range(len(ways))}
    assert len(results) == 1


def test_json_is_alone_on_standard_output(apart: Callable[..., Any], tmp_path: Path) -> None:
    done = apart(*TALLY, "--out", tmp_path, "--json", LAB_FAULT="print:")
    assert done.returncode == 0
    assert done.stdout == (tmp_path / "result.json").read_text()
    assert "printed by the environment" in done.stderr


def test_a_finished_run_is_shown_again_and_not_run_again(hub_here: Hub, tmp_path: Path) -> None:
    hub_here(*TALLY, "--out", tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.suffix == ".json"}
    code, out, _ = hub_here(*TALLY, "--out", tmp_path)
    assert code == 0
    assert "finished before" in out
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.suffix == ".json"} == before
    assert json.loads(hub_here(*TALLY, "--out", tmp_path, "--json")[1]) == json.loads(before["result.json"])


def test_without_out_the_same_command_finds_its_folder_and_another_gets_another(
    hub_here: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    hub_here(*TALLY)
    assert "finished before" in hub_here(*TALLY, "--slots", "2")[1]
    hub_here(*TALLY, "--seed", "1")
    assert len(list((tmp_path / "runs" / "lab-walk-v0").glob("tally-*"))) == 2


def test_another_configuration_in_the_same_folder_is_refused(hub_here: Hub, tmp_path: Path) -> None:
    hub_here(*TALLY, "--out", tmp_path)
    code, _, err = hub_here(*TALLY, "--out", tmp_path, "--agent-arg", "gain=2")
    assert code == 2
    assert "agent.config.gain is 1.0 there and 2.0 here" in err


def test_a_result_edited_by_hand_is_noticed(hub_here: Hub, tmp_path: Path) -> None:
    hub_here(*TALLY, "--out", tmp_path)
    path = tmp_path / "result.json"
    path.write_text(path.read_text().replace('"std": ', '"std": 9'))
    code, _, err = hub_here(*TALLY, "--out", tmp_path)
    assert code == 1
    assert "edited, exchanged or cut short" in err
    path.unlink()
    assert hub_here(*TALLY, "--out", tmp_path)[0] == 0


def test_arguments_reach_environment_and_agent_and_the_result(hub_here: Hub, tmp_path: Path) -> None:
    code, out, _ = hub_here(
        *TALLY, "--out", tmp_path, "--env-arg", "longest=4", "--agent-arg", "layers=[3]", "--agent-arg", "gain=-1", "--json"
    )
    document = json.loads(out)
    assert code == 0
    assert document["env"]["kwargs"] == {"longest": 4}
    assert document["agent"]["config"] == {"gain": -1.0, "layers": [3], "ponder": 0.0}
    assert max(episode["length"] for episode in document["episodes"]) == 4
    document = json.loads(hub_here(*TALLY, "--out", tmp_path / "b", "--env-arg", "max_episode_steps=2", "--json")[1])
    assert {episode["length"] for episode in document["episodes"]} == {2}


def test_the_registered_protocol_is_applied(hub_here: Hub, tmp_path: Path) -> None:
    code, out, _ = hub_here("run", "--agent", "tally", "--env", "lab-judged", "--out", tmp_path, "--json")
    document = json.loads(out)
    assert code == 0
    assert (document["protocol"]["name"], document["protocol"]["version"]) == ("lab-judged", 3)
    assert document["env"]["kwargs"] == {"longest": 6}
    assert len(document["episodes"]) == 7
    assert document["summary"]["metric"] == "height"
    assert document["summary"]["mean"] == pytest.approx(np.mean([episode["metrics"]["height"] for episode in document["episodes"]]))
    assert max(episode["length"] for episode in document["episodes"]) == 4
    code, _, err = hub_here("run", "--agent", "tally", "--env", "lab-judged", "--train-steps", "51")
    assert (code, "at most 50" in err) == (2, True)


def test_another_registered_protocol_is_applied_when_it_is_named(hub_here: Hub, tmp_path: Path) -> None:
    words = ("--agent", "random", "--env", "lab-judged", "--protocol", "lab-judged-short")
    assert hub_here("run", *words, "--out", tmp_path / "run")[0] == 0
    result = read_result(tmp_path / "run")
    assert (result.protocol.name, result.protocol.metric, len(result.episodes)) == ("lab-judged-short", "return", 3)
    assert result.env.kwargs == {"longest": 5}
    assert [episode.seed for episode in result.episodes] == evaluation_seeds("lab-judged-short", 1, "lab/Judged-v0", 3)
    assert hub_here("verify", tmp_path / "run")[0] == 0
    code, _, err = hub_here("train", *words, "--train-steps", "5", "--out", tmp_path / "trained")
    assert (code, "protocol lab-judged-short allows" in err or "does not learn" in err) == (2, True)


def test_a_saved_agent_is_evaluated_under_the_tasks_of_a_named_protocol(hub_here: Hub, tmp_path: Path) -> None:
    words = ("--agent", "random", "--env", "lab-judged", "--env-arg", "longest=9", "--out", tmp_path / "run")
    assert hub_here("run", *words)[0] == 0
    assert hub_here("eval", "--weights", tmp_path / "run" / "agent", "--protocol", "lab-judged-short", "--out", tmp_path / "eval")[0] == 0
    assert read_result(tmp_path / "eval").env.kwargs == {"longest": 5}


def test_seeds_of_training_and_construction_change_the_agent_but_not_fixed_episodes(hub_here: Hub, tmp_path: Path) -> None:
    first, second = (json.loads(hub_here(*TALLY, "--out", tmp_path / seed, "--seed", seed, "--json")[1]) for seed in "01")
    assert [episode["seed"] for episode in first["episodes"]] == [episode["seed"] for episode in second["episodes"]]
    assert first["agent"]["weights_sha256"] != second["agent"]["weights_sha256"]


def test_committed_seeds_follow_the_trained_weights(hub_here: Hub, tmp_path: Path) -> None:
    runs = [
        json.loads(hub_here(*TALLY, "--eval-seeds", "committed", "--out", tmp_path / steps, "--train-steps", steps, "--json")[1])
        for steps in ("10", "20")
    ]
    seeds = [[episode["seed"] for episode in run["episodes"]] for run in runs]
    assert seeds[0] != seeds[1]
    assert all(seed in EVALUATION for each in seeds for seed in each)
    assert {run["protocol"]["seeds"] for run in runs} == {"committed"}


def test_training_first_and_evaluating_later_gives_the_same_episodes(hub_here: Hub, tmp_path: Path) -> None:
    whole = json.loads(hub_here(*TALLY, "--out", tmp_path / "whole", "--json")[1])
    names = ("--agent", "tally", "--env", "lab-walk")
    code, out, _ = hub_here("train", *names, "--out", tmp_path / "trained")
    assert (code, "40 training steps" in out) == (0, True)
    assert "nothing was run again" in hub_here("train", *names, "--out", tmp_path / "trained")[1]
    trained = json.loads(hub_here("train", *names, "--out", tmp_path / "trained", "--json")[1])
    assert trained["agent"]["weights_sha256"] == whole["agent"]["weights_sha256"]
    weights = ("eval", "--weights", tmp_path / "trained" / "agent", "--episodes", "6")
    later = json.loads(hub_here(*weights, "--out", tmp_path / "later", "--json")[1])
    assert later["episodes"] == whole["episodes"]
    assert later["agent"] == whole["agent"]
    assert hub_here("run", *names, "--episodes", "6", "--out", tmp_path / "trained")[0] == 0
    assert read_result(tmp_path / "trained") == read_result(tmp_path / "whole")
    child = json.loads(
        hub_here("eval", "--weights", tmp_path / "whole" / "agent", "--episodes", "6", "--out", tmp_path / "child", "--json")[1]
    )
    assert len(child["parent"]) == 64


def test_evaluation_refuses_another_agents_checkpoint_and_other_settings(hub_here: Hub, tmp_path: Path) -> None:
    hub_here("train", "--agent", "tally", "--env", "lab-walk", "--out", tmp_path)
    weights = ("eval", "--weights", tmp_path / "agent")
    code, _, err = hub_here(*weights, "--agent", "other")
    assert (code, "holds agent tally, not other" in err) == (2, True)
    code, _, err = hub_here(*weights, "--agent-arg", "gain=3")
    assert (code, "with gain=1.0, not 3.0" in err) == (2, True)
    code, _, err = hub_here(*weights, "--seed", 3)
    assert (code, "leave out --seed 3" in err) == (2, True)
    code, _, err = hub_here("eval", "--agent", "tally")
    assert (code, "--weights DIR" in err) == (2, True)
    code, _, err = hub_here("run", "--agent", "other", "--env", "lab-walk", "--out", tmp_path)
    assert (code, "under other settings" in err) == (2, True)


def test_an_untrained_agent_can_be_evaluated(hub_here: Hub, tmp_path: Path) -> None:
    code, out, _ = hub_here("eval", "--agent", "tally", "--env", "lab-walk", "--episodes", "3", "--out", tmp_path, "--json")
    assert (code, json.loads(out)["agent"]["train_steps"]) == (0, 0)


def test_the_table_shows_committed_results_of_the_same_task(hub_here: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub_here("run", "--agent", "random", "--env", "lab-judged", "--out", tmp_path / "null")
    board = tmp_path / "boards" / "judged"
    (board / "random").mkdir(parents=True)
    result = json.loads((tmp_path / "null" / "result.json").read_text())
    (board / "random" / "short.json").write_text((tmp_path / "null" / "result.json").read_text())
    from hub.leaderboards.models import BoardDocument
    from hub.results.files import canonical_bytes

    document = {
        "schema": "hub/board/1",
        "env": "lab/Judged-v0",
        "protocol": result["protocol"],
        "tasks": [{"name": "short", "kwargs": {"longest": 6}}],
        "null_agents": ["random"],
    }
    (board / "board.json").write_bytes(canonical_bytes(BoardDocument.model_validate(document)))
    monkeypatch.setenv("HUB_LEADERBOARDS", str(tmp_path / "boards"))
    _, out, _ = hub_here("run", "--agent", "tally", "--env", "lab-judged", "--out", tmp_path / "own")
    assert "tally (this" in out
    assert "\n random " in out
    _, out, _ = hub_here("run", "--agent", "tally", "--env", "lab-judged", "--env-arg", "longest=9", "--out", tmp_path / "else")
    assert "\n random " not in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--episodes", "0"], "--episodes must be at least 1, not 0"),
        (["--episodes", "-3"], "--episodes must be at least 1, not -3"),
        (["--episodes", "many"], "--episodes takes a whole number"),
        (["--seed", "-1"], "--seed must be at least 0"),
        (["--train-steps", "-5"], "--train-steps must be at least 0"),
        (["--slots", "0"], "--slots must be at least 1"),
        (["--engine", "process", "--workers", "0"], "--workers must be at least 1"),
        (["--workers", "2"], "add --engine process"),
        (["--engine", "quantum"], "--engine takes inline or process"),
        (["--eval-seeds", "lucky"], "--eval-seeds takes fixed or committed"),
        (["--step-timeout", "0"], "--step-timeout takes a positive number"),
        (["--step-timeout", "soon"], "--step-timeout takes a positive number"),
        (["--agent", "taly"], "did you mean tally"),
        (["--env", "lab-wolk"], "did you mean lab-walk"),
        (["--env-arg", "longer=3"], "did you mean longest"),
        (["--env-arg", "longest=x"], "takes int"),
        (["--agent-arg", "gain=x"], "takes float"),
        (["--agent-arg", "gain"], "write key=value"),
        (["--agent-arg", "seed=3"], "--seed sets it"),
        (["--agent", "random", "--train-steps", "5"], "does not learn"),
        (["--agent", "crowd"], "several agents at once"),
        (["--env", "Pendulum-v1"], "its actions must be Discrete"),
        (["--protocol", "lab-judged"], "lab/Walk-v0 has no protocol 'lab-judged'; it has standard"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(hub_here: Hub, tmp_path: Path, words: list[str], said: str) -> None:
    code, out, err = hub_here(*TALLY, "--out", tmp_path / "run", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_from_python_a_run_and_an_evaluation_give_results(tmp_path: Path) -> None:
    run = hub.run(agent="tally", env="lab-walk", episodes=5, agent_args={"gain": 2}, env_args={"noise": (0.5,)}, out=tmp_path / "run")
    assert run == read_result(tmp_path / "run")
    assert run.env.kwargs == {"noise": [0.5]}
    again = hub.evaluate(tmp_path / "run" / "agent", episodes=5, out=tmp_path / "again")
    assert again.episodes == run.episodes
    named = hub.evaluate("tally", "lab-walk", episodes=2, out=tmp_path / "named")
    assert named.agent.train_steps == 0


def test_an_agent_object_is_evaluated_in_memory(tmp_path: Path) -> None:
    class Still(hub.Agent):
        def act(self, observations: Any, slots: np.ndarray) -> Any:
            return np.ones(len(slots), np.int64)

    result = hub.evaluate(Still(describe("lab-walk", {"longest": 5})), episodes=4, slots=3)
    assert result.agent.name.endswith("Still")
    assert result.env.kwargs == {"longest": 5}
    assert [episode.index for episode in result.episodes] == [0, 1, 2, 3]
    with pytest.raises(hub.HubError, match="leaves no files"):
        hub.evaluate(Still(describe("lab-walk", {})), episodes=1, out=tmp_path)
    with pytest.raises(hub.HubError, match="which environment"):
        hub.evaluate("tally")


def test_an_interrupted_run_says_how_to_resume_and_the_command_works(apart: Callable[..., Any], tmp_path: Path) -> None:
    seed = evaluation_seeds("standard", 1, "lab/Walk-v0", 6)[4]
    words = [*TALLY, "--out", tmp_path / "a b", "--slots", "1"]
    for fault in ("interrupt", "terminate", "hang-up"):
        stopped = apart(*words, LAB_FAULT=f"{fault}:{seed}")
        assert stopped.returncode == 130
        assert "4 of 6 episodes are kept" in stopped.stderr
        assert stopped.stderr.count("\n") == 1
    resume = shlex.split(stopped.stderr.partition("Resume with: ")[2])
    assert resume[:2] == ["hub", "run"]
    assert apart(*resume[1:]).returncode == 0
    assert apart(*TALLY, "--out", tmp_path / "straight").returncode == 0
    assert (tmp_path / "a b" / "result.json").read_bytes() == (tmp_path / "straight" / "result.json").read_bytes()
    assert read_cost(tmp_path / "a b").resumed == 3
