"""Tasks in the file manager PCManFM."""

from __future__ import annotations

import random
from typing import Any

from hub_envs.osworld.tasks.kind import (
    HOME,
    OwnTask,
    Parameters,
    Plan,
    answer,
    click_on,
    code,
    hotkey,
    launch,
    press,
    printed,
    rule,
    shell,
    typed,
)
from hub_envs.osworld.tasks.words import TOPICS

FOLDER = f"{HOME}/work"


class _Folder(OwnTask):
    """A folder is open; in the end exactly these paths must be in it, and the files must hold what they held."""

    apps = ("pcmanfm",)

    def task(self, instruction: str, files: list[str], folders: list[str], expected: list[str]) -> dict[str, Any]:
        """Return the description; every file holds its own name; folders end with a slash."""
        make = " && ".join(
            [f"mkdir -p {FOLDER} && cd {FOLDER}", *(f"mkdir -p {name}" for name in folders), *(f"echo {name} > {name}" for name in files)]
        )
        return {
            "instruction": f"{instruction} The folder work is open in the file manager.",
            "config": [shell(make), *launch("pcmanfm", FOLDER, window="work")],
            "evaluator": {
                "func": "exact_match",
                "result": printed(
                    f"cd {FOLDER} && find . -type d -printf '%P/\\n' -o -type f -printf '%P ' -exec cat {{}} \\; | LC_ALL=C sort"
                ),
                "expected": rule({"expected": "".join(f"{line}\n" for line in sorted(["/", *expected]))}),
            },
        }


class CreateFolder(_Folder):
    """Make a folder."""

    name = "files-create-folder"

    def draw(self, rng: random.Random) -> Parameters:
        old, new = rng.sample(TOPICS, 2)
        return {"file": f"{old}.txt", "folder": f"{new}-{rng.randint(2020, 2030)}"}

    def describe(self, p: Parameters) -> dict[str, Any]:
        expected = [f"{p['file']} {p['file']}", f"{p['folder']}/"]
        return self.task(f"Create a new folder with the name {p['folder']} in it.", [p["file"]], [], expected)

    def oracle(self, p: Parameters, folder: str = "", place: str = FOLDER) -> Plan:
        """Use the shortcut for new folders."""
        if place != FOLDER:
            yield code(hotkey("ctrl", "l"), typed(f"{place}\n"))
        yield hotkey("ctrl", "shift", "n")
        yield code(hotkey("ctrl", "a"), typed(f"{folder or p['folder']}\n"), "time.sleep(0.5)")

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"wrong-name": self.oracle(p, p["folder"].replace("-", "_")), "in-the-home-folder": self.oracle(p, place=HOME)}


class RenameFile(_Folder):
    """Give a file another name."""

    name = "files-rename-file"
    looks = True

    def draw(self, rng: random.Random) -> Parameters:
        old, other, new = rng.sample(TOPICS, 3)
        return {"old": f"{old}.txt", "other": f"{other}.txt", "new": f"{new}.txt"}

    def describe(self, p: Parameters) -> dict[str, Any]:
        expected = [f"{p['new']} {p['old']}", f"{p['other']} {p['other']}"]
        return self.task(f"Rename the file {p['old']} to {p['new']}.", [p["old"], p["other"]], [], expected)

    def oracle(self, p: Parameters, which: str = "old", new: str = "") -> Plan:
        """Click the file, press F2, type."""
        seen = yield "pass"
        yield click_on(seen, p[which])
        yield press("f2")
        yield code(hotkey("ctrl", "a"), typed(f"{new or p['new']}\n"), "time.sleep(0.5)")

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"other-file": self.oracle(p, "other"), "no-extension": self.oracle(p, new=p["new"].removesuffix(".txt"))}


class MoveFile(_Folder):
    """Move a file into a folder beside it."""

    name = "files-move-file"
    looks = True

    def draw(self, rng: random.Random) -> Parameters:
        file, other, right, left = rng.sample(TOPICS, 4)
        return {"file": f"{file}.txt", "other": f"{other}.txt", "target": right, "decoy": left}

    def describe(self, p: Parameters) -> dict[str, Any]:
        expected = [f"{p['target']}/{p['file']} {p['file']}", f"{p['other']} {p['other']}", f"{p['target']}/", f"{p['decoy']}/"]
        return self.task(
            f"Move the file {p['file']} into the folder {p['target']}.", [p["file"], p["other"]], [p["target"], p["decoy"]], expected
        )

    def oracle(self, p: Parameters, key: str = "x", folder: str = "target") -> Plan:
        """Cut the file, go into the folder, paste."""
        seen = yield "pass"
        yield code(click_on(seen, p["file"]), hotkey("ctrl", key))
        yield code(hotkey("ctrl", "l"), typed(f"{FOLDER}/{p[folder]}\n"))
        yield hotkey("ctrl", "v", rest=1)

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"copied": self.oracle(p, "c"), "other-folder": self.oracle(p, folder="decoy")}


class DeleteFile(_Folder):
    """Throw a file away."""

    name = "files-delete-file"
    looks = True

    def draw(self, rng: random.Random) -> Parameters:
        names = rng.sample(TOPICS, 3)
        return {"files": [f"{name}.txt" for name in names], "place": rng.randint(0, 2)}

    def describe(self, p: Parameters) -> dict[str, Any]:
        gone = p["files"][p["place"]]
        return self.task(
            f"Delete the file {gone}, and no other.", p["files"], [], [f"{file} {file}" for file in p["files"] if file != gone]
        )

    def oracle(self, p: Parameters, place: int = 0) -> Plan:
        """Click the file, or one of the others, and delete it."""
        seen = yield "pass"
        yield click_on(seen, p["files"][(p["place"] + place) % 3])
        yield hotkey("shift", "delete")
        yield press("enter")

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"other-file": self.oracle(p, 1), "gives-up": answer("FAIL")}


TASKS = (CreateFolder, RenameFile, MoveFile, DeleteFile)
