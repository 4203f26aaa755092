"""`hub data`: what it shows, and what it says of mistakes."""

from __future__ import annotations

import json
import subprocess
import sys

import h5py
import minari
import pytest

from .made import dataset, episode, write

NAME = "quarry/pit/ramps-v0"


def test_recording_tells_what_it_made(hub_here, datasets):
    code, out, err = hub_here("data", "record", NAME)
    assert (code, err) == (0, "")
    assert out == f"{NAME}: 4 episodes, 10 transitions\nreturn: mean 1.263, from 0.1 to 2.2\ndataset: {datasets / NAME}\n"
    assert json.loads(hub_here("data", "record", NAME, "--force", "--json")[1])["contents"]["episodes"] == 4


def test_the_list_tells_local_datasets_from_recipes(hub_here):
    write(dataset([episode(2)]))
    rows = {row["name"]: row for row in json.loads(hub_here("data", "list", "--json")[1])}
    assert (rows["quarry/made-v0"]["state"], rows["quarry/made-v0"]["env"]) == ("local", "quarry/Pit-v0")
    assert (rows["quarry/made-v0"]["episodes"], rows["quarry/made-v0"]["transitions"]) == (1, 2)
    assert (rows[NAME]["state"], rows[NAME]["episodes"], rows[NAME]["summary"]) == ("recipe", None, "four ramps")
    hub_here("data", "record", NAME)
    line = next(line for line in hub_here("data", "list", "RAMPS")[1].splitlines() if line.startswith(NAME))
    assert line.split()[1:5] == ["local", "quarry/Pit-v0", "4", "10"]
    assert hub_here("data", "list", "nothing has this")[:2] == (0, "no datasets found\n")


def test_a_damaged_dataset_is_named_and_hides_no_other(hub_here, datasets):
    write(dataset([episode(2)]))
    write(dataset([episode(2)], name="quarry/worse-v0"))
    (datasets / "quarry/worse-v0/data/metadata.json").write_text("[")
    code, out, err = hub_here("data", "list", "--json")
    names = [row["name"] for row in json.loads(out)]
    assert code == 0
    assert "quarry/made-v0" in names
    assert "quarry/worse-v0" not in names
    assert err.startswith("hub: Misconfigured dataset named quarry/worse-v0")


def test_info_shows_provenance_and_checks_the_arrays(hub_here, datasets):
    hub_here("data", "record", NAME)
    code, out, err = hub_here("data", "info", NAME, "--check")
    assert (code, err) == (0, "")
    assert f"  record it again: hub data record {NAME}\n" in out
    assert "  made by: recipe hub_quarry:ramps, {'count': 4} (hub-quarry 1.0)\n" in out
    assert "  different seeds: 2\n" in out
    assert "  intact: True" in out
    assert json.loads(hub_here("data", "info", NAME, "--json")[1])["provenance"]["contents"]["transitions"] == 10
    with h5py.File(datasets / NAME / "data/main_data.hdf5", "a") as file:
        file["episode_3/actions"][1] = 0
    code, out, err = hub_here("data", "info", NAME, "--check")
    assert (code, err) == (1, "")
    assert "  intact: False" in out
    assert hub_here("data", "info", NAME)[0] == 0  # nothing was compared


def test_info_of_an_agents_dataset_names_the_agent(hub_here):
    hub_here("data", "record", "quarry/dug-v0", "--agent", "digger", "--env", "quarry-pit")
    out = hub_here("data", "info", "quarry/dug-v0")[1]
    assert "  record it again: hub data record quarry/dug-v0 --agent digger --env quarry-pit --seed 0\n" in out
    assert "  made by: agent digger, {'strength': 1.0}, seed 0, weights" in out
    assert "  seeds: the first 5 of the training seeds that 0 determines\n" in out


def test_info_of_what_others_recorded_shows_what_they_say(hub_here):
    made = episode(2)
    buffer = minari.data_collector.EpisodeBuffer(
        observations=made.observations,
        actions=made.actions,
        rewards=made.rewards,
        terminations=made.terminations,
        truncations=made.truncations,
    )
    kept = dataset([made])
    with pytest.warns(UserWarning, match="None"):
        minari.create_dataset_from_buffers(
            "others/walk-v0", [buffer], observation_space=kept.observation_space, action_space=kept.action_space, author="A. Walker"
        )
    assert "  author: ['A. Walker']\n" in hub_here("data", "info", "others/walk-v0")[1]
    code, _, err = hub_here("data", "info", "others/walk-v0", "--check")
    assert code == 2
    assert err == "hub: others/walk-v0 was not recorded by hub and carries no digest that its arrays could be compared with\n"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["record", "quarry/pit/ramp-v0"], 2, "unknown dataset 'quarry/pit/ramp-v0'; did you mean quarry/pit/ramps-v0"),
        (["record", "quarry/mine-v0"], 2, "to record an agent's episodes under that name, say whose: --agent A --env E"),
        (["record", NAME, "--env", "quarry-pit"], 2, "a recipe's arguments are its own; --env goes with --agent or --weights"),
        (["record", NAME, "--agent-arg", "a=1"], 2, "a recipe's arguments are its own; --agent-arg goes with --agent or --weights"),
        (["record", "quarry/mine-v0", "--agent", "digger"], 2, "say where the agent plays: --env E"),
        (["record", NAME, "--agent", "digger", "--env", "quarry-pit"], 2, "quarry/pit/ramps-v0 is what the recipe of hub-quarry is called"),
        (["record", "mine", "--agent", "digger", "--env", "quarry-pit"], 2, "'mine' is no name of a dataset"),
        (["record", "quarry/mine-v0", "--agent", "diger", "--env", "quarry-pit"], 2, "unknown agent 'diger'; did you mean digger"),
        (["record", "quarry/mine-v0", "--weights", "nowhere"], 2, "there is no checkpoint nowhere"),
        (["record", "quarry/mine-v0", "--agent", "digger", "--env", "quarry/Echo-v0"], 2, "and its observations are Text("),
        (["record", "quarry/mine-v0", "--agent", "digger", "--env", "quarry-pit", "--episodes", "0"], 2, "--episodes must be at least 1"),
        (["info", "quarry/mine-v0"], 2, "get it: hub data download quarry/mine-v0"),
        (["info", NAME], 2, f"get it: hub data record {NAME}"),
        (["record"], 2, "the following arguments are required: NAME"),
    ],
)
def test_mistakes_get_one_line(hub_here, words, code, message, datasets):
    found, out, err = hub_here("data", *words)
    assert (found, out) == (code, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert not datasets.exists() or list(datasets.iterdir()) == []


def test_a_dataset_that_is_there_is_not_recorded_over(hub_here):
    hub_here("data", "record", NAME)
    code, _, err = hub_here("data", "record", NAME)
    assert code == 2
    assert "is there already; --force replaces it" in err


@pytest.mark.parametrize("words", [["--help"], ["list", "datasets"], ["info", NAME]])
def test_what_needs_no_dataset_does_not_import_minari(words):
    code = f"import sys, hub.cli; assert hub.cli.main({words}) == 0; assert not {{'minari', 'h5py'}} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False).returncode == 0
