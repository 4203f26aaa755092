"""The index: what is kept, what makes it look again, and what cannot hurt it."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.plugins import index

COUNTING = """
import os
import hub

with open({log!r}, "a") as log:
    log.write("{name}\\n")

@hub.hookimpl
def hub_environments():
    return [hub.EnvironmentSpec(id="{name}/Maze-v0", entry_point="{name}:Maze")]
"""


@pytest.fixture
def counted(site, tmp_path):
    """Install plugins that write their names to a file whenever they are imported; return how often each was."""
    log = tmp_path / "log"
    log.touch()
    for name in ("one", "two"):
        site.install(name, COUNTING.format(log=str(log), name=name))
    return lambda: [log.read_text().split().count(name) for name in ("one", "two")]


def index_file(site) -> Path:
    (file,) = (site.home / "index").glob("*.json")
    return file


def test_a_plugin_is_imported_once_and_never_again(site, counted):
    assert [site.states()["one"] for _ in range(3)] == ["ok"] * 3
    assert counted() == [1, 1]


def test_a_new_plugin_is_found_and_the_others_are_not_looked_into_again(site, counted, good):
    site.states()
    site.install("three", good("three"))
    assert site.states()["three"] == "ok"
    assert counted() == [1, 1]


def test_a_removed_plugin_is_gone(site, counted):
    assert "two" in site.states()
    shutil.rmtree(site.packages / "two-1.0.dist-info")
    assert "two" not in site.states()
    assert counted() == [1, 1]


def test_a_new_version_is_looked_into(site, counted, tmp_path):
    site.states()
    shutil.rmtree(site.packages / "two-1.0.dist-info")
    site.install("two", COUNTING.format(log=str(tmp_path / "log"), name="two"), version="2.0")
    assert site.states()["two"] == "ok"
    assert counted() == [1, 2]


def test_an_edited_source_is_looked_into(site, counted, tmp_path):
    site.states()
    (site.packages / "two.py").write_text("raise RuntimeError('half edited')")
    assert site.states()["two"] == "broken"
    (site.packages / "two.py").write_text(COUNTING.format(log=str(tmp_path / "log"), name="two") + "\n")
    assert site.states()["two"] == "ok"
    assert counted() == [1, 2]


def test_an_edited_module_that_registration_imports_is_noticed(site):
    package = site.packages / "deep"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "names.py").write_text("NAMES = ['first']")
    registration = (
        "import hub\nfrom deep.names import NAMES\n@hub.hookimpl\ndef hub_agents():\n"
        "    return [hub.AgentSpec(name=name, entry_point='deep:A') for name in NAMES]\n"
    )
    site.install("deep-thing", "", entry="deep", value="deep.registration")
    (package / "registration.py").write_text(registration)
    assert "first" in site.hub("list", "agents").stdout
    (package / "names.py").write_text("NAMES = ['first', 'second']")
    assert "second" in site.hub("list", "agents").stdout


def test_a_missing_module_that_appears_is_noticed(site, good):
    site.install("late", "", value="late_package.registration")
    (site.packages / "late_package").mkdir()
    (site.packages / "late_package" / "__init__.py").touch()
    assert site.states()["late"] == "broken"
    (site.packages / "late_package" / "registration.py").write_text(good("late"))
    assert site.states()["late"] == "ok"


def test_a_missing_dependency_that_is_installed_is_noticed(site, good):
    site.install("needy", "import dependency\n" + good("needy"))
    assert site.states()["needy"] == "broken"
    site.install("dependency", "", entry="dependency")
    assert site.states()["needy"] == "ok"


def test_refresh_looks_into_everything_again(site, counted):
    site.states()
    assert site.hub("plugins", "refresh").returncode == 0
    assert counted() == [2, 2]


def test_byte_code_and_foreign_files_beside_the_packages_do_not_count_as_a_change(site, counted):
    site.states()
    (site.packages / "__pycache__").mkdir()
    (site.packages / "notes.txt").write_text("nothing")
    assert not site.python("-c", "import hub.plugins.index as i, sys; i.current(); assert 'importlib.metadata' not in sys.modules").stderr
    assert counted() == [1, 1]


def test_reading_an_index_that_holds_imports_nothing_heavy(site, counted):
    site.states()
    code = (
        "import sys; from hub.cli import main; main(['list', 'envs']); import hub.plugins.index;"
        "heavy = 'dataclasses typing pathlib pluggy pydantic rich numpy gymnasium torch importlib.metadata subprocess inspect'.split();"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    before = site.python("-c", "import sys; print(' '.join(sys.modules))").stdout.split()
    assert site.python("-c", code).stderr.strip() == str([name for name in ("typing", "pathlib") if name in before])


def test_importing_hub_imports_neither_gymnasium_nor_the_index(site):
    done = site.python(
        "-c", "import sys, hub; print([n for n in ('gymnasium', 'numpy', 'json', 'hub.plugins.index', 'dataclasses') if n in sys.modules])"
    )
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    """A written index and its bytes."""
    folder = tmp_path_factory.mktemp("damaged")
    document = {"identity": index.identity(), "folders": {}, "files": {}, "defaults": {}, "plugins": [{"name": "it"}]}
    assert index.write(str(folder / "index.json"), document) == ""
    return folder / "index.json", (folder / "index.json").read_bytes(), json.loads(json.dumps(document))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_damage_is_noticed(damaged, data):
    file, whole, document = damaged
    file.write_bytes(whole)
    assert index.read(str(file)) == document
    cut = data.draw(st.integers(0, len(whole) - 1))
    file.write_bytes(whole[:cut])
    assert index.read(str(file)) is None
    flipped = bytearray(whole)
    flipped[cut] ^= data.draw(st.integers(1, 255))
    file.write_bytes(flipped)
    assert index.read(str(file)) is None


def test_a_damaged_index_is_rebuilt(site, counted):
    site.states()
    index_file(site).write_bytes(index_file(site).read_bytes()[:100])
    assert site.states()["one"] == "ok"
    assert counted() == [2, 2]
    site.states()
    assert counted() == [2, 2]


def test_without_a_writable_home_everything_works_and_plugins_says_so(site, counted):
    site.home.write_text("a file where the folder should be")
    done = site.hub("plugins", "--json")
    assert done.returncode == 0
    assert "one" in {row["name"] for row in json.loads(done.stdout)}
    assert "looks into all plugins anew" in done.stderr
    assert "one/Maze-v0" in site.hub("list", "envs").stdout


def test_another_set_of_packages_has_another_index(site, counted, tmp_path):
    site.states()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert "one" not in json.loads(site.hub("plugins", "--json", PYTHONPATH=str(elsewhere)).stdout or "[]")
    assert site.states()["one"] == "ok"
    assert counted() == [1, 1]


def test_many_processes_at_once_look_only_once(site, counted):
    command = [sys.executable, "-m", "hub", "list", "envs", "--json"]
    running = [subprocess.Popen(command, env=site.environ, stdout=subprocess.PIPE, text=True, cwd=site.home.parent) for _ in range(4)]
    listings = [process.communicate(timeout=120)[0] for process in running]
    assert len(set(listings)) == 1
    assert "one/Maze-v0" in listings[0]
    assert counted() == [1, 1]


def test_a_home_in_the_users_data_folder_is_found_without_setting_anything(site, tmp_path):
    environ = {name: value for name, value in site.environ.items() if name != "HUB_HOME"} | {
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "HOME": str(tmp_path),
    }
    subprocess.run([sys.executable, "-m", "hub", "list", "envs"], env=environ, check=True, capture_output=True)
    assert list(tmp_path.rglob("hub/index/*.json"))


def test_the_index_lies_outside_the_folders_python_imports_from(site):
    site.states()
    assert not any(os.path.commonpath([folder, index_file(site)]) == folder for folder in (str(site.packages), sys.prefix))
    assert stat.S_ISREG(index_file(site).stat().st_mode)


def test_bad_limits_are_refused(site):
    site.install("one", "")
    done = site.hub("plugins", HUB_PROBE_SECONDS="soon")
    assert done.returncode == 2
    assert "HUB_PROBE_SECONDS='soon' is not a positive number" in done.stderr


def test_a_memory_limit_can_be_set(site, good):
    site.install("hungry", "import numpy\nhoard = numpy.zeros(2 << 30, 'u1')\n" + good("hungry"))
    assert site.hub("plugins", "--why", "hungry", HUB_PROBE_MEMORY="1500").stdout.count("MemoryError")
    assert site.states()["hungry"] == "broken"
    site.hub("plugins", "refresh")
    assert site.states()["hungry"] == "ok"


def test_a_plugin_that_copies_its_list_from_an_editable_package_follows_it(site):
    hook = "@hub.hookimpl\ndef hub_agents():\n    return [hub.AgentSpec(name=name, entry_point='a:A') for name in NAMES]\n"
    site.install("listing", f"import hub\nfrom names_elsewhere import NAMES\n{hook}")
    (site.packages / "names_elsewhere.py").write_text("NAMES = ['here']")
    assert "here" in site.hub("list", "agents").stdout
    (site.packages / "names_elsewhere.py").write_text("NAMES = ['here', 'there']")
    assert "there" in site.hub("list", "agents").stdout
