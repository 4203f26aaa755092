"""`hub list`, `hub info` and `hub plugins`."""

from __future__ import annotations

import json

import pytest

from hub.cli import main


@pytest.fixture
def hub(examples, capsys):
    """Run a command in this process; return exit code, standard output and standard error."""

    def run(*words):
        code = main(words)
        return code, *capsys.readouterr()

    return run


def test_list_shows_ids_and_command_line_names(hub):
    code, out, err = hub("list", "envs")
    assert (code, err) == (0, "")
    assert any(line.split()[:4] == ["lighthouse/Beam-v1", "lighthouse-beam", "gymnasium", "lighthouse"] for line in out.splitlines())
    assert any(line.split()[:4] == ["duel/Coins-v0", "duel-coins", "parallel", "duel"] for line in out.splitlines())


def test_list_is_narrowed_by_plugin_and_substring(hub):
    assert [row["id"] for row in json.loads(hub("list", "envs", "--plugin", "duel", "--json")[1])] == ["duel/Coins-v0"]
    assert [row["id"] for row in json.loads(hub("list", "envs", "BEAM-V0", "--json")[1])] == ["lighthouse/Beam-v0"]
    assert hub("list", "envs", "nothing has this")[1] == "no envs found\n"


def test_list_takes_several_kinds(hub):
    listed = json.loads(hub("list", "agents,protocols,papers,datasets", "--plugin", "lighthouse", "--json")[1])
    assert {kind: [row["name"] for row in rows] for kind, rows in listed.items()} == {
        "agents": ["keeper", "oracle"],
        "protocols": ["lighthouse-beam"],
        "papers": ["beam"],
        "datasets": ["lighthouse/beam/nights-v0"],
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["list", "env"], "hub: cannot list 'env'; did you mean envs?\n"),
        (
            ["list", "envs", "--plugin", "lighthous"],
            "hub: unknown plugin 'lighthous'; did you mean lighthouse? (`hub plugins` shows all)\n",
        ),
        (["plugins", "--why", "lighthous"], "hub: unknown plugin 'lighthous'; did you mean lighthouse? (`hub plugins` shows all)\n"),
        (["plugins", "block", "lighthous"], "hub: unknown plugin 'lighthous'; did you mean lighthouse? (`hub plugins` shows all)\n"),
        (["plugins", "unblock", "duel"], "hub: unknown blocked plugin 'duel' (`hub plugins` shows all)\n"),
    ],
)
def test_mistakes_get_one_line_and_2(hub, words, message):
    assert hub(*words) == (2, "", message)


def test_info_of_an_environment_tells_spaces_parameters_and_docstring(hub):
    code, out, _ = hub("info", "lighthouse/Beam-v1", "--json")
    facts = json.loads(out)["environment"]
    assert code == 0
    assert (facts["id"], facts["plugin"], facts["version_of_distribution"]) == ("lighthouse/Beam-v1", "lighthouse", "0.3.0")
    assert facts["observation_space"].startswith("Dict('beam': Discrete(8)")
    assert facts["parameters"][0] == {"name": "ships", "type": "int", "default": "2"}
    assert facts["doc"].startswith("Turn the beam to the ships.")


def test_info_of_a_parallel_environment_tells_its_players(hub):
    facts = json.loads(hub("info", "duel-coins", "--json")[1])["environment"]
    assert facts["players"] == ["even", "odd"]


def test_info_of_an_agent_tells_its_needs_and_arguments(hub):
    facts = json.loads(hub("info", "keeper", "--json")[1])["agent"]
    assert facts["parameters"] == [{"name": "left", "type": "bool", "default": "False"}]
    assert facts["needs"]["observations"] == ["Dict"]


def test_info_tells_what_is_registered_and_why_the_rest_cannot_be_told(hub):
    code, out, _ = hub("info", "lighthouse/oracle")
    assert code == 0
    assert "summary: needs an extra" in out
    assert "pip install 'hub-lighthouse[oracle]'" in out


def test_info_shows_everything_that_has_the_name(hub):
    assert set(json.loads(hub("info", "lighthouse-beam", "--json")[1])) == {"protocol", "environment"}
    assert json.loads(hub("info", "lighthouse", "--json")[1])["plugin"]["agents"] == ["keeper", "oracle"]


def test_info_of_a_dataset_tells_the_command_that_records_it(hub):
    assert json.loads(hub("info", "lighthouse/beam/nights-v0", "--json")[1])["dataset"]["recipe"] == "hub_lighthouse.logbook:nights"
    assert "record it with: hub data record lighthouse/beam/nights-v0" in hub("info", "lighthouse/beam/nights-v0")[1]


def test_info_of_nothing_gets_the_nearest(hub):
    assert hub("info", "keepr")[0] == 2
    assert "did you mean keeper" in hub("info", "keepr")[2]


def test_plugins_lists_names_versions_and_states(hub):
    out = hub("plugins")[1]
    assert any(line.split() == ["lighthouse", "hub-lighthouse", "0.3.0", "ok"] for line in out.splitlines())


def test_why_of_a_good_plugin_says_that_it_is_ok(hub):
    assert hub("plugins", "--why", "duel")[1] == "duel (hub-duel 0.3.0, hub_duel.registration) is ok\n"
    assert json.loads(hub("plugins", "--json", "--why", "duel")[1])["state"] == "ok"


def test_a_blocked_plugin_is_out_until_it_is_let_in_again(hub):
    assert hub("plugins", "block", "duel")[:2] == (0, "duel is blocked\n")
    row = next(row for row in json.loads(hub("plugins", "--json")[1]) if row["name"] == "duel")
    assert (row["state"], row["reason"]) == ("blocked", "blocked on this machine; `hub plugins unblock duel` lets it in again")
    assert "duel" not in hub("list", "envs")[1]
    assert hub("list", "envs")[2] == ""
    assert hub("plugins", "unblock", "duel")[:2] == (0, "duel is let in again and ok\n")
    assert "duel/Coins-v0" in hub("list", "envs")[1]


def test_a_plugin_blocked_before_it_was_ever_looked_into_is_not_imported(site, good, tmp_path):
    site.home.mkdir()
    (site.home / "blocked.json").write_text('["late"]')
    mark = tmp_path / "mark"
    site.install("late", f"open({str(mark)!r}, 'w').close()\n" + good("late"))
    assert site.states()["late"] == "blocked"
    assert not mark.exists()
    assert site.hub("plugins", "unblock", "late").stdout == "late is let in again and ok\n"
    assert mark.exists()


@pytest.mark.parametrize("text", ["[", '{"a": 1}', "[1]"])
def test_a_damaged_block_list_is_named(site, text):
    site.home.mkdir()
    (site.home / "blocked.json").write_text(text)
    done = site.hub("plugins")
    assert done.returncode == 1
    assert "blocked.json" in done.stderr
    assert len(done.stderr.splitlines()) == 1
