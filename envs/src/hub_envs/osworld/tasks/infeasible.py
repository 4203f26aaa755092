"""Tasks that cannot be done: right is who says so."""

from __future__ import annotations

import random
from typing import Any

from hub_envs.osworld.task import INFEASIBLE
from hub_envs.osworld.tasks.editing import SAVE, editor
from hub_envs.osworld.tasks.kind import OwnTask, Parameters, Plan, answer, code, hotkey, typed, upload
from hub_envs.osworld.tasks.terminal import TERMINAL, run
from hub_envs.osworld.tasks.words import ITEMS, TOPICS


class _Infeasible(OwnTask):
    """The oracle answers FAIL."""

    def oracle(self, p: Parameters) -> Plan:
        return answer("FAIL")


class ColourPlainText(_Infeasible):
    """Plain text has no colours."""

    name = "infeasible-colour-plain-text"
    apps = ("mousepad",)

    def draw(self, rng: random.Random) -> Parameters:
        return {"items": rng.sample(ITEMS, 4), "colour": rng.choice(("red", "blue", "green"))}

    def files(self, p: Parameters) -> dict[str, bytes]:
        return {"list.txt": "".join(f"{item}\n" for item in p["items"]).encode()}

    def describe(self, p: Parameters) -> dict[str, Any]:
        return {
            "instruction": f"Make the word {p['items'][1]} {p['colour']} in list.txt, which is open, and save it as the plain text file"
            " that it is, so that whoever opens it sees the colour.",
            "config": [upload("list.txt"), *editor("list.txt")],
            "evaluator": {"func": INFEASIBLE},
        }

    def writes_it(self, p: Parameters) -> Plan:
        """Write the colour's name into the file, and claim to be done."""
        yield code(hotkey("ctrl", "end"), typed(f"{p['items'][1]}: {p['colour']}\n"))
        yield SAVE

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"writes-the-colour": self.writes_it(p)}


class CopyFromStick(_Infeasible):
    """There is no stick."""

    name = "infeasible-copy-from-stick"
    apps = ("xfce4-terminal",)

    def draw(self, rng: random.Random) -> Parameters:
        return {"file": f"{rng.choice(TOPICS)}.pdf"}

    def describe(self, p: Parameters) -> dict[str, Any]:
        return {
            "instruction": f"Copy the file {p['file']} from the USB stick in this computer to the folder Documents. A terminal is open.",
            "config": [*TERMINAL],
            "evaluator": {"func": INFEASIBLE},
        }

    def makes_one(self, p: Parameters) -> Plan:
        """Make an empty file of that name, and claim to be done."""
        yield run(f"touch ~/Documents/{p['file']}")

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"makes-a-file": self.makes_one(p)}


TASKS = (ColourPlainText, CopyFromStick)
