"""`hub plugins new` writes a package that works as it is."""

from __future__ import annotations

import json

import pytest

from hub.cli import main


@pytest.fixture
def written(site, tmp_path):
    done = site.hub("plugins", "new", "acme-lab", "--directory", str(tmp_path / "new"))
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "new" / "hub-acme-lab"
    assert str(folder) in done.stdout
    site.install_package(folder)
    return folder


def test_the_new_plugin_is_ok_and_runs(site, written):
    assert site.states()["acme-lab"] == "ok"
    about = json.loads(site.hub("info", "acme-lab-corridor", "--json").stdout)
    assert about["environment"]["observation_space"] == "Discrete(8)"
    assert about["protocol"]["env"] == "acme-lab/Corridor-v0"


def test_the_new_plugin_passes_its_own_tests(site, written):
    done = site.python("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(written), PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["acme-lab/Corridor-v0", "acme-lab"])
def test_the_new_plugin_passes_the_conformance_suite(site, written, name):
    done = site.hub("check", name)
    assert done.returncode == 0, done.stdout


def test_the_new_plugin_is_clean_python(site, written):
    for file in written.rglob("*.py"):
        compile(file.read_text(), str(file), "exec", dont_inherit=True)
        assert max(map(len, file.read_text().splitlines())) <= 140
    assert (written / "src" / "hub_acme_lab" / "py.typed").exists()


@pytest.mark.parametrize("name", ["Acme", "acme lab", "../acme", "hub", "phys2d", "", "-"])
def test_names_that_no_plugin_can_have_are_refused(tmp_path, capsys, name):
    assert main(["plugins", "new", "--directory", str(tmp_path), "--", name]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_left_alone(tmp_path, capsys):
    (tmp_path / "hub-acme").mkdir()
    assert main(["plugins", "new", "acme", "--directory", str(tmp_path)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert list((tmp_path / "hub-acme").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["plugins", "new", "acme", "--directory", str(tmp_path / "file")]) == 2
    assert "cannot write" in capsys.readouterr().err
