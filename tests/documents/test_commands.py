"""Every command the documentation shows is executed, in order, in one shell, in an empty folder.

That is each line after `$ ` of a page's ```console blocks, and each ```python block that is a whole program (it begins with an import).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDS = {"desktop": "osworld", "phonesim": "phonesim"}
"""Pages that start programs of the machine, and the checkup that says whether they are there."""
_NAMES = ("tutorial", "plugin-tutorial", "maximise", "data", "minigrid", "highway", *NEEDS)
PAGES = ["README.md", *(f"docs/{name}.md" for name in _NAMES)]
SETS_UP = ("pip install -e . ", 'pip install -e ".', "pip install tox", "git clone")
"""Set-up commands: what they install is what these tests run in."""


def commands(page: Path) -> list[str]:
    found = []
    for language, block in re.findall(r"^```(console|python)\n(.*?)^```", page.read_text(), re.M | re.S):
        if language == "console":
            found += [strip_set_up(line[2:]) for line in block.replace("\\\n", "").splitlines() if line.startswith("$ ")]
        elif block.startswith("import "):
            found.append(f"python - <<'END'\n{block}END")
    return [command for command in found if command]


def strip_set_up(line: str) -> str:
    if line.startswith(SETS_UP):
        _, _, line = line.partition(" && ")
    return "" if line == "tox" else line


def skip_without_programs(page: str) -> None:
    if page in NEEDS:
        told = subprocess.run([Path(sys.executable).parent / "hub", "doctor", NEEDS[page]], capture_output=True, text=True, check=False)
        if told.returncode:
            pytest.skip(told.stdout[-500:])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.timeout(900)
def test_commands_succeed(page, tmp_path):
    skip_without_programs(Path(page).stem)
    script = "\n".join(["set -euo pipefail", *commands(ROOT / page)])
    where = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HUB_HOME": str(tmp_path / "home"),
        "HUB_LEADERBOARDS": str(ROOT / "leaderboards"),
    }
    work = tmp_path / "work"
    work.mkdir()
    done = subprocess.run(["bash", "-x", "-c", script], cwd=work, env=os.environ | where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]


def test_the_readme_opens_with_its_two_commands():
    shown = re.findall(r"^\$ (.*)$", (ROOT / "README.md").read_text(), re.M)
    assert shown[0].startswith("pip install -e . ")
    assert shown[0].endswith("&& hub run --agent sequoia --env cormab-matching")
    assert shown[1] == "pip install tox && tox"
    assert shown[1] in (ROOT / ".ci/run").read_text()
