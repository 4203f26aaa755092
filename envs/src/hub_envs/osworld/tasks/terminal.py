"""Tasks at a shell in the Xfce terminal."""

from __future__ import annotations

import random
from typing import Any

from hub_envs.osworld.tasks.kind import HOME, OwnTask, Parameters, Plan, answer, fetched, launch, printed, rule, shell, typed, upload
from hub_envs.osworld.tasks.words import CITIES, NAMES, TOPICS

TERMINAL = launch("xfce4-terminal", window="Terminal")


def run(command: str) -> str:
    """Type a command and Enter."""
    return f"{typed(command + chr(10))}; time.sleep(0.7)"


class RenameExtension(OwnTask):
    """Give files another extension."""

    name = "terminal-rename-extension"
    apps = ("xfce4-terminal",)

    def draw(self, rng: random.Random) -> Parameters:
        names = rng.sample(TOPICS, rng.randint(3, 5))
        return {"texts": names[1:], "other": names[0], "new": rng.choice(("md", "rst", "log"))}

    def describe(self, p: Parameters) -> dict[str, Any]:
        made = " ".join([*(f"{name}.txt" for name in p["texts"]), f"{p['other']}.csv"])
        expected = sorted([*(f"{name}.{p['new']}" for name in p["texts"]), f"{p['other']}.csv"])
        return {
            "instruction": f"Give all files in the folder work that end in .txt the extension .{p['new']} instead. A terminal is open.",
            "config": [shell(f"mkdir -p ~/work && cd ~/work && touch {made}"), *TERMINAL],
            "evaluator": {
                "func": "exact_match",
                "result": printed("LC_ALL=C ls -A ~/work"),
                "expected": rule({"expected": "".join(f"{name}\n" for name in expected)}),
            },
        }

    def oracle(self, p: Parameters, files: str = "*.txt", how: str = "mv") -> Plan:
        """Move each file in a loop."""
        yield run(f'cd ~/work; for f in {files}; do {how} "$f" "${{f%.*}}.{p["new"]}"; done')

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"copied": self.oracle(p, how="cp"), "all-files": self.oracle(p, "*"), "one-only": self.oracle(p, f"{p['texts'][0]}.txt")}


class CountLines(OwnTask):
    """Count the lines of a log that name a place."""

    name = "terminal-count-lines"
    apps = ("xfce4-terminal",)

    def draw(self, rng: random.Random) -> Parameters:
        cities = rng.sample(CITIES, 4)
        lines = [f"{rng.randint(1000, 9999)} {rng.choice(NAMES)} {rng.choice(cities)}" for _ in range(rng.randint(60, 90))]
        return {"lines": [*lines, f"1000 {NAMES[0]} {cities[0]}"], "city": cities[0]}

    def files(self, p: Parameters) -> dict[str, bytes]:
        return {"visits.log": ("\n".join(p["lines"]) + "\n").encode()}

    def describe(self, p: Parameters) -> dict[str, Any]:
        count = sum(p["city"] in line for line in p["lines"])
        return {
            "instruction": f"How many lines of visits.log in the home folder hold the word {p['city']}? Write the number, and nothing else,"
            f" to answer.txt in the home folder. A terminal is open.",
            "config": [upload("visits.log"), *TERMINAL],
            "evaluator": {"func": "text_lines", "result": fetched(f"{HOME}/answer.txt"), "expected": rule({"expected": [str(count)]})},
        }

    def oracle(self, p: Parameters, count: str = "grep -c {city}", file: str = "answer.txt") -> Plan:
        """Let grep count."""
        yield run(f"cd; {count.format(city=p['city'])} visits.log > {file}")

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {
            "other-lines": self.oracle(p, "grep -vc {city}"),
            "lines-themselves": self.oracle(p, "grep {city}"),
            "wrong-file": self.oracle(p, file="Documents/answer.txt"),
        }


class MakeExecutable(OwnTask):
    """Let scripts be run, and nothing else."""

    name = "terminal-make-executable"
    apps = ("xfce4-terminal",)

    def draw(self, rng: random.Random) -> Parameters:
        scripts = rng.sample(TOPICS, rng.randint(2, 3))
        return {"scripts": scripts, "data": rng.choice([topic for topic in TOPICS if topic not in scripts])}

    def describe(self, p: Parameters) -> dict[str, Any]:
        names = sorted([*(f"{name}.sh" for name in p["scripts"]), f"{p['data']}.dat"])
        modes = "".join(f"{744 if name.endswith('.sh') else 644} {name}\n" for name in names)
        return {
            "instruction": "Let the owner run the shell scripts (.sh) in the folder tools; change no other permission and no other file."
            " A terminal is open.",
            "config": [shell(f"mkdir -p ~/tools && cd ~/tools && touch {' '.join(names)} && chmod 644 *"), *TERMINAL],
            "evaluator": {
                "func": "exact_match",
                "result": printed("cd ~/tools && LC_ALL=C stat -c '%a %n' *"),
                "expected": rule({"expected": modes}),
            },
        }

    def oracle(self, p: Parameters, mode: str = "u+x", files: str = "*.sh") -> Plan:
        """Change the mode."""
        yield run(f"chmod {mode} ~/tools/{files}")

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"for-everybody": self.oracle(p, "+x"), "all-files": self.oracle(p, files="*"), "gives-up": answer("FAIL")}


TASKS = (RenameExtension, CountLines, MakeExecutable)
