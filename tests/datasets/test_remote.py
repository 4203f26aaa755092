"""Minari's server, in whose place a module called `minari` answers in the child process that asks."""

from __future__ import annotations

import json
import os

import pytest

from hub.datasets import remote

from .made import dataset, episode, write

SERVER = """
import json, os, pathlib, shutil, sys, time

STORE = pathlib.Path({store!r})

def list_remote_datasets(prefix=None, compatible_minari_version=False):
    print("asking")
    {trouble}
    found = {{}}
    for file in STORE.glob("**/metadata.json"):
        name = str(file.parent.parent.relative_to(STORE))
        if name.startswith(prefix or ""):
            found[name] = json.loads(file.read_text())
    return found

def download_dataset(name):
    print("fetching")
    target = pathlib.Path(os.environ["MINARI_DATASETS_PATH"], name)
    for each in [name, *json.loads((STORE / name / "data/metadata.json").read_text()).get("combined_datasets", [])]:
        shutil.copytree(STORE / each, target.parents[0] / pathlib.Path(each).name, dirs_exist_ok=True)
    {late}
"""


@pytest.fixture
def server(tmp_path, monkeypatch, datasets):
    """Start a server that has two datasets, one of which is put together from the other."""
    write(dataset([episode(2)]))
    write(dataset([episode(3)], name="quarry/both-v0"))
    metadata = datasets / "quarry/both-v0/data/metadata.json"
    metadata.write_text(json.dumps(json.loads(metadata.read_text()) | {"combined_datasets": ["quarry/made-v0"]}))
    store = tmp_path / "server"
    datasets.rename(store)
    modules = tmp_path / "modules"
    modules.mkdir()
    monkeypatch.setenv("PYTHONPATH", f"{modules}{os.pathsep}{os.environ['PYTHONPATH']}")

    def start(trouble="pass", late="pass"):
        (modules / "minari.py").write_text(SERVER.format(store=str(store), trouble=trouble, late=late))

    start()
    return start


def test_the_servers_datasets_are_listed(server, hub_here):
    rows = {row["name"]: row for row in json.loads(hub_here("data", "list", "--remote", "--json")[1])}
    assert {name: (row["state"], row["episodes"]) for name, row in rows.items()} == {
        "quarry/both-v0": ("remote", 1),
        "quarry/made-v0": ("remote", 1),
    }
    hub_here("data", "download", "quarry/made-v0")
    assert "quarry/made-v0  local" in hub_here("data", "list", "--remote", "made")[1]


def test_a_dataset_is_downloaded_with_what_it_is_made_of(server, hub_here, datasets):
    code, out, _ = hub_here("data", "download", "quarry/both-v0", "--json")
    assert (code, json.loads(out)) == (0, {"name": "quarry/both-v0", "folder": str(datasets / "quarry/both-v0")})
    assert hub_here("data", "info", "quarry/made-v0", "--check")[0] == 0
    assert [entry.name for entry in datasets.iterdir()] == ["quarry"]


def test_a_dataset_that_is_here_is_downloaded_again_only_by_force(server, hub_here):
    write(dataset([episode(7)]))
    assert hub_here("data", "download", "quarry/made-v0")[0] == 2
    assert hub_here("data", "download", "quarry/made-v0", "--force")[0] == 0
    assert json.loads(hub_here("data", "info", "quarry/made-v0", "--json")[1])["transitions"] == 2


@pytest.mark.parametrize(
    ("trouble", "code", "message"),
    [
        ("raise ConnectionError('no route\\nto host')", 1, "cannot be asked for quarry: ConnectionError: no route to host; is there a con"),
        ("raise ImportError('pip install minari[hf]')", 2, "needs one more package: ImportError: pip install minari[hf]"),
        ("os._exit(9)", 1, "ended with exit code 9 and no answer"),
        ("STORE = pathlib.Path('nowhere')", 2, "Minari's server has no dataset 'quarry/made-v0'"),
    ],
)
def test_a_server_that_cannot_be_asked_gets_one_line(server, hub_here, datasets, trouble, code, message):
    server(trouble=trouble)
    found, out, err = hub_here("data", "download", "quarry/made-v0")
    assert (found, out) == (code, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert list(datasets.iterdir()) == []


def test_a_server_that_does_not_answer_is_given_up(server, hub_here, monkeypatch):
    monkeypatch.setattr(remote, "LIST_SECONDS", 1.0)
    server(trouble="time.sleep(60)")
    assert hub_here("data", "list", "--remote") == (1, "", "hub: Minari's server did not answer within 1 s; is there a connection to it?\n")


def test_a_download_that_fails_leaves_nothing(server, hub_here, datasets):
    server(late="raise OSError('the line is dead')")
    code, _, err = hub_here("data", "download", "quarry/made-v0")
    assert code == 1
    assert "cannot be asked for quarry/made-v0: OSError: the line is dead" in err
    assert list(datasets.iterdir()) == []


def test_a_mistyped_name_gets_the_nearest(server, hub_here):
    assert "did you mean quarry/made-v0" in hub_here("data", "download", "quarry/maid-v0")[2]
