"""What we ship: each wheel holds its own import package and nothing else, and says who made it and under which licence."""

import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = {
    ".": "hub",
    "envs": "hub_envs",
    "plugins/baselines": "hub_baselines",
    "plugins/cormab": "hub_cormab",
    "plugins/minigrid": "hub_minigrid",
    "plugins/highway": "hub_highway",
    "plugins/gui": "hub_gui",
}


@pytest.fixture(scope="module", params=DISTRIBUTIONS)
def built(request, tmp_path_factory):
    """The wheel, source archive and import name of one distribution."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT / request.param], check=True, capture_output=True
    )
    return next(out.glob("*.whl")), next(out.glob("*.tar.gz")), DISTRIBUTIONS[request.param]


def names(wheel):
    return zipfile.ZipFile(wheel).namelist()


def metadata(wheel):
    archive = zipfile.ZipFile(wheel)
    return Parser().parsestr(archive.read(next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))).decode())


def test_only_the_import_package_is_installed(built):
    wheel, _, package = built
    top = {name.split("/")[0] for name in names(wheel) if ".dist-info/" not in name}
    assert top == {package}


def test_no_tests_and_no_caches_travel(built):
    wheel, _, _ = built
    assert not [name for name in names(wheel) if "tests/" in name or "__pycache__" in name]


def test_type_information_travels(built):
    wheel, _, package = built
    assert f"{package}/py.typed" in names(wheel)


def test_metadata_names_licence_readme_and_python(built):
    wheel, _, package = built
    fields = metadata(wheel)
    # the plugin for MiniGrid carries two files of the paper's authors
    assert fields["License-Expression"] == ("Apache-2.0 AND MIT" if package == "hub_minigrid" else "Apache-2.0")
    assert fields["Requires-Python"] == ">=3.11"
    assert len(fields.get_payload()) > 200, "the README is the page on the package index"


def test_torch_is_bounded_below_2_14(built):
    wheel, _, _ = built
    for requirement in metadata(wheel).get_all("Requires-Dist", []):
        if requirement.startswith("torch"):
            assert "<2.14" in requirement


def test_source_archive_builds_what_the_wheel_holds(built):
    wheel, source, package = built
    with tarfile.open(source) as archive:
        inside = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    missing = [name for name in names(wheel) if name.endswith(".py") and not {name, f"src/{name}"} & inside]
    assert not missing
    assert package


def test_the_package_index_will_render_it(built):
    wheel, source, _ = built
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", wheel, source], check=True, capture_output=True)
