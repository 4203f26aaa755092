"""Tasks among the files."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hub_envs.phonesim.tasks import words
from hub_envs.phonesim.tasks.checks import Change, answered, changed, changed_each
from hub_envs.phonesim.tasks.moves import Move, answer, back, in_turn, launch, play, tap, write
from hub_envs.phonesim.tasks.task import Moves, Params, PhoneTask
from hub_envs.phonesim.tasks.world import FOLDERS, World, draw_seed, entry, file, folder, number_ids, past, untouched, world

APP = ("Files",)


def _names(seed: int, inside: str) -> list[str]:
    """Return the names of files in a folder."""
    paths = [each["path"] for each in world(seed)["files"]["entries"] if not each["folder"]]
    return [path.split("/")[1] for path in paths if path.startswith(f"{inside}/")]


def _relocate(store: World, old: str, new: str) -> None:
    entry(store, old)["path"] = new


def _options(name: str, option: str) -> Move:
    return in_turn(tap(f"Options for {name}"), tap(option))


# FilesRename, FilesNewFolder, FilesDelete


def _draw_rename(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    inside = rng.choice(tuple(FOLDERS))
    name, other = rng.sample(_names(seed, inside), 2)
    stem, kind = name.split(".")
    return {"world": seed, "folder": inside, "name": name, "other": other, "new": f"{stem}_{rng.randrange(2010, 2024)}.{kind}"}


def _rename(p: Params, name: str, new: str, confirm: str = "OK") -> Moves:
    return play(launch("Files"), tap(p["folder"]), _options(name, "Rename"), write("Name", new), tap(confirm))


RENAME = PhoneTask(
    name="FilesRename",
    level="easy",
    complexity=1.4,
    apps=APP,
    draw=_draw_rename,
    goal=lambda p: f"Rename the file {p['name']} in the folder {p['folder']} to {p['new']}",
    state=untouched,
    check=changed(lambda p, store: _relocate(store, f"{p['folder']}/{p['name']}", f"{p['folder']}/{p['new']}")),
    oracle=lambda p: _rename(p, p["name"], p["new"]),
    wrong={
        "another file": lambda p: _rename(p, p["other"], p["new"]),
        "without its ending": lambda p: _rename(p, p["name"], p["new"].split(".")[0]),
        "cancelled": lambda p: _rename(p, p["name"], p["new"], "Cancel"),
    },
)


def _draw_folder(rng: random.Random) -> dict[str, Any]:
    inside, other = rng.sample(tuple(FOLDERS), 2)
    return {"world": draw_seed(rng), "folder": inside, "other": other, "new": f"{rng.choice(words.TOPICS)} {rng.randrange(2015, 2024)}"}


def _create(inside: str, new: str) -> Moves:
    return play(launch("Files"), tap(inside), tap("New folder"), write("Name", new), tap("Create"))


NEW_FOLDER = PhoneTask(
    name="FilesNewFolder",
    level="easy",
    complexity=1.2,
    apps=APP,
    draw=_draw_folder,
    goal=lambda p: f'Create a folder called "{p["new"]}" inside the folder {p["folder"]}.',
    state=untouched,
    check=changed(lambda p, store: store["files"]["entries"].append(folder(f"{p['folder']}/{p['new']}"))),
    oracle=lambda p: _create(p["folder"], p["new"]),
    wrong={
        "in another folder": lambda p: _create(p["other"], p["new"]),
        "beside the folder": lambda p: play(launch("Files"), tap("New folder"), write("Name", p["new"]), tap("Create")),
    },
)


def _draw_copies(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    inside, other = rng.sample(tuple(FOLDERS), 2)
    return {"world": seed, "folder": inside, "other": other, "name": rng.choice(_names(seed, inside))}


def _with_copies(p: Params) -> World:
    """The same name in another folder, and nearly the same in this one."""
    store = world(p["world"])
    store["files"]["entries"] += [
        file(f"{p['other']}/{p['name']}", 77, "2023-03-04"),
        file(f"{p['folder']}/copy_{p['name']}", 78, "2023-03-05"),
    ]
    return number_ids(store)


def _delete(inside: str, name: str) -> Moves:
    return play(launch("Files"), tap(inside), _options(name, "Delete"), tap("Delete"))


DELETE = PhoneTask(
    name="FilesDelete",
    level="easy",
    complexity=1.2,
    apps=APP,
    draw=_draw_copies,
    goal=lambda p: f"Delete the file {p['name']} in the folder {p['folder']}.",
    state=_with_copies,
    check=changed(lambda p, store: store["files"]["entries"].remove(entry(store, f"{p['folder']}/{p['name']}"))),
    oracle=lambda p: _delete(p["folder"], p["name"]),
    wrong={
        "in another folder": lambda p: _delete(p["other"], p["name"]),
        "the copy": lambda p: _delete(p["folder"], f"copy_{p['name']}"),
    },
)


# FilesMove, FilesLargest


def _draw_move(rng: random.Random) -> dict[str, Any]:
    seed = draw_seed(rng)
    source, target, decoy = rng.sample(tuple(FOLDERS), 3)
    return {
        "world": seed,
        "name": rng.choice(_names(seed, source)),
        "from": source,
        "to": target,
        "decoy": decoy,
        "inner": rng.choice(words.TOPICS),
    }


def _with_inner(p: Params) -> World:
    store = world(p["world"])
    store["files"]["entries"] += [folder(f"{p['to']}/{p['inner']}"), folder(f"{p['decoy']}/{p['inner']}")]
    return number_ids(store)


def _move(p: Params, *through: str) -> Moves:
    return play(launch("Files"), tap(p["from"]), _options(p["name"], "Move to"), *[tap(name) for name in through], tap("Move here"))


MOVE = PhoneTask(
    name="FilesMove",
    level="medium",
    complexity=1.6,
    apps=APP,
    draw=_draw_move,
    goal=lambda p: f'Move the file {p["name"]} from the folder {p["from"]} to the folder "{p["inner"]}" in {p["to"]}.',
    state=_with_inner,
    check=changed(lambda p, store: _relocate(store, f"{p['from']}/{p['name']}", f"{p['to']}/{p['inner']}/{p['name']}")),
    oracle=lambda p: _move(p, p["to"], p["inner"]),
    wrong={
        "the folder of that name elsewhere": lambda p: _move(p, p["decoy"], p["inner"]),
        "a level too high": lambda p: _move(p, p["to"]),
    },
)


def _draw_many(rng: random.Random) -> dict[str, Any]:
    inside, kinds = rng.choice(tuple(FOLDERS.items()))
    sizes = rng.sample(range(100, 9900, 150), 16)
    stems = rng.sample(words.FILE_STEMS, 16)
    files = [
        {"name": f"{stem}.{rng.choice(kinds)}", "size": size, "modified": past(rng, 300)[:10]}
        for stem, size in zip(stems, sizes, strict=True)
    ]
    return {"world": draw_seed(rng), "folder": inside, "files": files}


def _refilled(store: World, inside: str, files: Sequence[dict[str, Any]]) -> World:
    kept = [each for each in store["files"]["entries"] if not each["path"].startswith(f"{inside}/")]
    store["files"]["entries"] = kept + [file(f"{inside}/{each['name']}", each["size"], each["modified"]) for each in files]
    return number_ids(store)


def _largest(p: Params) -> str:
    return str(max(p["files"], key=lambda each: each["size"])["name"])


def _look(p: Params, said: str) -> Moves:
    return play(launch("Files"), tap(p["folder"]), tap("Sort"), tap("Largest first"), answer(said))


LARGEST = PhoneTask(
    name="FilesLargest",
    level="medium",
    complexity=1.2,
    apps=APP,
    draw=_draw_many,
    goal=lambda p: f"Which file in the folder {p['folder']} is the largest? Answer with its full name only.",
    state=lambda p: _refilled(world(p["world"]), p["folder"], p["files"]),
    check=answered(_largest),
    oracle=lambda p: _look(p, _largest(p)),
    wrong={
        "the smallest": lambda p: _look(p, min(p["files"], key=lambda each: each["size"])["name"]),
        "the first by name": lambda p: _look(p, sorted(each["name"] for each in p["files"] if each["name"] != _largest(p))[0]),
    },
)


# FilesTidy


def _draw_untidy(rng: random.Random) -> dict[str, Any]:
    names = [f"{stem}_{rng.randrange(2010, 2024)}.pdf" for stem in rng.sample(words.FILE_STEMS[:13], 3)]
    others = [f"{stem}.{rng.choice(('zip', 'apk', 'jpg'))}" for stem in rng.sample(words.FILE_STEMS[13:], 5)]
    files = [{"name": name, "size": rng.randrange(50, 5000), "modified": past(rng, 300)[:10]} for name in rng.sample(names + others, 8)]
    return {
        "world": draw_seed(rng),
        "names": names,
        "files": files,
        "new": f"{rng.choice(('Papers', 'Archive', 'Reading'))} {rng.randrange(2018, 2024)}",
    }


def _tidied(p: Params) -> Sequence[Change]:
    def moved(name: str) -> Change:
        return lambda p, store: _relocate(store, f"Downloads/{name}", f"Documents/{p['new']}/{name}")

    return [lambda p, store: store["files"]["entries"].append(folder(f"Documents/{p['new']}")), *map(moved, p["names"])]


def _tidy(p: Params, names: Sequence[str], *through: str) -> Moves:
    made = [launch("Files"), tap("Documents"), tap("New folder"), write("Name", p["new"]), tap("Create"), back()]
    moves = [[_options(name, "Move to"), *[tap(each) for each in through], tap("Move here")] for name in names]
    return play(*made, tap("Downloads"), *[move for each in moves for move in each])


TIDY = PhoneTask(
    name="FilesTidy",
    level="hard",
    complexity=4.6,
    apps=APP,
    draw=_draw_untidy,
    goal=lambda p: f'Create a folder called "{p["new"]}" in Documents, and move all pdf files from Downloads there.',
    state=lambda p: _refilled(world(p["world"]), "Downloads", p["files"]),
    check=changed_each(_tidied),
    oracle=lambda p: _tidy(p, p["names"], "Documents", p["new"]),
    wrong={
        "one left": lambda p: _tidy(p, p["names"][:2], "Documents", p["new"]),
        "a level too high": lambda p: _tidy(p, p["names"], "Documents"),
        "something else, too": lambda p: _tidy(
            p, [*p["names"], next(each["name"] for each in p["files"] if each["name"] not in p["names"])], "Documents", p["new"]
        ),
    },
)

TASKS = (RENAME, NEW_FOLDER, DELETE, MOVE, LARGEST, TIDY)
