"""CPU time that hub costs before it does anything, as multiples of `python -c pass` in the same run.

    python benchmarks/startup.py [--runs 21] [--plugins 1000] [--ids 5]

The many plugins are packages of two files each, installed (without pip) into a folder of their own, with `--ids` environments each. The
figures to hold: `--version` and `list envs` at most 4 times the floor, at most 100 ms more with many plugins, `import hub` at most 50 ms.
The runs are of one episode, in a new folder each: nearly all that they cost is what comes before and after it.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PLUGIN = """import hub

@hub.hookimpl
def hub_environments():
    return [
        hub.EnvironmentSpec(id=f"{name}/Maze{{number}}-v0", entry_point=f"{name}.mazes:Maze{{number}}", summary="a maze")
        for number in range({ids})
    ]
"""

RUN = ("run", "--agent", "random", "--episodes", "1", "--env")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21, help="runs of each command; the median is shown")
    parser.add_argument("--plugins", type=int, default=1000, help="number of synthetic plugins")
    parser.add_argument("--ids", type=int, default=5, help="environments of each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ordinary = {name: value for name, value in os.environ.items() if name not in ("HUB_HOME", "PYTHONPATH")}
        few = {**ordinary, "XDG_DATA_HOME": f"{folder}/few"}
        many = {**ordinary, "XDG_DATA_HOME": f"{folder}/many", "PYTHONPATH": f"{folder}/site-packages"}
        install(Path(folder, "site-packages"), options.plugins, options.ids)
        cold_few, cold_many = (cpu([sys.executable, "-m", "hub", "list", "envs"], place) for place in (few, many))
        rows = measure(options, few, many, Path(folder, "runs"))
    floor = rows["python -c pass"][0]
    print(f"{'':28}{'few plugins':>22}{f'{options.plugins} plugins':>22}{'more':>10}")
    print(f"{'':28}{'CPU ms   x floor':>22}{'CPU ms   x floor':>22}{'CPU ms':>10}")
    for name, (with_few, with_many) in rows.items():
        print(f"{name:28}" + "".join(f"{ms:>12.1f}{ms / floor:>9.1f}x" for ms in (with_few, with_many)) + f"{with_many - with_few:>10.1f}")
    print(f"{'first listing, no index yet':28}{cold_few:>12.1f}{cold_many:>22.1f}")


def measure(options: argparse.Namespace, few: dict[str, str], many: dict[str, str], runs: Path) -> dict[str, tuple[float, float]]:
    """Return median CPU milliseconds with few and with many plugins, the commands taking turns; runs get folders in `runs`."""
    python = [sys.executable, "-c"]
    script = shutil.which("hub", path=str(Path(sys.executable).parent))
    commands = {
        "python -c pass": [*python, "pass"],
        "hub --version": [script or "hub", "--version"],
        "hub list envs": [script or "hub", "list", "envs"],
        "hub list envs --json": [script or "hub", "list", "envs", "--json"],
        "import hub": [*python, "import hub"],
        "import hub; read the index": [*python, "import hub; from hub.plugins import index; index.current()"],
        "import gymnasium": [*python, "import gymnasium"],
        "import hub, gymnasium": [*python, "import hub, gymnasium"],
        "hub run: CartPole-v1": [script or "hub", *RUN, "CartPole-v1", "--out"],
        "hub run: MiniGrid's own": [script or "hub", *RUN, "MiniGrid-Empty-5x5-v0", "--out"],
    }
    folders = (str(runs / str(number)) for number in itertools.count())
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in commands}
    for _ in range(options.runs):
        for name, command in commands.items():
            for into, place in zip(times[name], (few, many), strict=True):
                into.append(cpu([*command, next(folders)] if command[-1] == "--out" else command, place))
    return {name: (statistics.median(pair[0]), statistics.median(pair[1])) for name, pair in times.items()}


def cpu(command: list[str], environ: dict[str, str]) -> float:
    """Run a command and return the CPU milliseconds it and its children used."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def install(folder: Path, plugins: int, ids: int) -> None:
    """Write the synthetic plugins."""
    folder.mkdir()
    for number in range(plugins):
        name = f"synthetic{number}"
        (folder / f"{name}.py").write_text(PLUGIN.format(name=name, ids=ids))
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[hub.plugins]\n{name} = {name}\n")


if __name__ == "__main__":
    main()
