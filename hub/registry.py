"""What the installed plugins registered: listings as plain rows, and look-up by the names people type."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from hub.errors import BrokenPlugin, NameClash, UnknownAgent, UnknownEnvironment, UnknownName
from hub.naming import command_line_name, folded, matching
from hub.plugins.rows import plugins, rows
from hub.specs import AgentSpec, CheckupSpec, DatasetSpec, EnvironmentSpec, PaperSpec, ProtocolSpec

Spec = TypeVar("Spec")
Row = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Plugin:
    """The package that a registered thing comes from.

    Attributes:
        name: name of its entry point; `gymnasium` for environments that no plugin registers.
        distribution: name of the pip package.
        version: its version.
    """

    name: str
    distribution: str
    version: str


@dataclasses.dataclass(frozen=True, slots=True)
class Found(Generic[Spec]):
    """A registered thing.

    Attributes:
        spec: its description.
        plugin: where it comes from.
    """

    spec: Spec
    plugin: Plugin


def environments() -> list[Row]:
    """Return a row for each environment that a plugin registers: the fields of `EnvironmentSpec` and `plugin`."""
    return rows("environments")


def agents() -> list[Row]:
    """Return a row for each agent: the fields of `AgentSpec` and `plugin`."""
    return rows("agents")


def protocols() -> list[Row]:
    """Return a row for each protocol: the fields of `ProtocolSpec` and `plugin`."""
    return rows("protocols")


def papers() -> list[Row]:
    """Return a row for each paper: the fields of `PaperSpec` and `plugin`."""
    return rows("papers")


def datasets() -> list[Row]:
    """Return a row for each dataset that a recipe records: the fields of `DatasetSpec` and `plugin`."""
    return rows("datasets")


def checkups() -> list[Row]:
    """Return a row for each checkup: the fields of `CheckupSpec` and `plugin`."""
    return rows("checkups")


def find_environment(name: str) -> Found[EnvironmentSpec]:
    """Find the environment that `name` means: an id, an id without version, a command-line name, or any id that Gymnasium knows.

    Raises:
        UnknownEnvironment: nothing has that name; the message lists the nearest.
        NameClash: several environments have it.
        BrokenPlugin: the plugin that owns the name's namespace is not ok.
        MissingExtra: the name says which module registers it (`module:Name-v0`), and that module is not installed.
    """
    from hub import foreign

    known = {row["id"]: row for row in environments()}
    meant = _meant(name, known)
    if len(meant) > 1:
        raise NameClash(f"environment {name!r} is ambiguous: it may be {' or '.join(meant)}; write the id")
    if meant:
        return _found(EnvironmentSpec, known[meant[0]])
    spec = foreign.find(name)
    if spec is not None:
        return Found(spec, Plugin("gymnasium", *foreign.distribution_of(spec)))
    _refuse_unusable_owner("environment", name, _namespaces(name))
    raise UnknownEnvironment(name, [*map(command_line_name, known), *known, *foreign.ids()])


def _meant(name: str, env_ids: Mapping[str, object]) -> list[str]:
    """Return which of the plugins' ids a name may mean.

    An id of another package, spelled as that package spells it (`MiniGrid-DoorKey-5x5-v0`), is that package's, however alike a plugin's
    command-line name (`minigrid-doorkey-5x5-v0`) may be.
    """
    from hub import foreign

    return [] if foreign.registered_by(name) and name not in env_ids else matching(name, env_ids)


def find_agent(name: str) -> Found[AgentSpec]:
    """Find an agent by its name, or by `PLUGIN/NAME` when several plugins register the same name.

    Raises:
        UnknownAgent: nothing has that name; the message lists the nearest.
        NameClash: several plugins register it; the message names them.
        BrokenPlugin: the plugin named before the slash is not ok.
    """
    return _find(AgentSpec, "agent", name, agents())


def find_paper(name: str) -> Found[PaperSpec]:
    """Find a paper by its name or by `PLUGIN/NAME`; raises as `find_agent`, `UnknownName` for an unknown one."""
    return _find(PaperSpec, "paper", name, papers())


def find_protocol(name: str) -> Found[ProtocolSpec] | None:
    """Find a protocol by its own name, or the default one of an environment by the environment's id or command-line name.

    Returns:
        None when no protocol has that name and none judges such an environment.

    Raises:
        NameClash: several plugins register a protocol of that name.
    """
    all_rows = protocols()
    if any(name in (row["name"], f"{row['plugin']}/{row['name']}") for row in all_rows):
        return _find(ProtocolSpec, "protocol", name, all_rows)
    meant = _meant(name, dict.fromkeys(row["env"] for row in all_rows))
    if len(meant) > 1:
        raise NameClash(f"environment {name!r} is ambiguous: it may be {' or '.join(meant)}; write the id")
    return next((_found(ProtocolSpec, row) for row in all_rows if [row["env"]] == meant), None)


def find_dataset(name: str) -> Found[DatasetSpec]:
    """Find the recipe of the dataset called exactly `name`; raises as `find_agent`, `UnknownName` for an unknown one."""
    known = {row["name"]: row for row in datasets()}
    if name in known:
        return _found(DatasetSpec, known[name])
    _refuse_unusable_owner("dataset", name, [name.partition("/")[0]])
    raise UnknownName("dataset", name, known)


def find_checkups(name: str) -> list[Found[CheckupSpec]]:
    """Find the checkup called `name`, or all those of the plugin called so; raises as `find_agent`, `UnknownName` for an unknown one."""
    known = checkups()
    meant = [row for row in known if name in (row["name"], row["plugin"])]
    if meant:
        return [_found(CheckupSpec, row) for row in meant]
    _refuse_unusable_owner("checkup", name, [name.partition("/")[0]])
    raise UnknownName("checkup", name, [word for row in known for word in (row["plugin"], row["name"])])


def find_plugin(name: str) -> Row:
    """Return the row of an installed plugin, whatever its state.

    Raises:
        UnknownName: no plugin has that name.
    """
    all_plugins = plugins()
    for row in all_plugins:
        if row["name"] == name:
            return row
    raise UnknownName("plugin", name, [row["name"] for row in all_plugins])


def _find(kind: type[Spec], word: str, name: str, known: list[Row]) -> Found[Spec]:
    plugin, slash, bare = name.rpartition("/")
    meant = [row for row in known if row["name"] == bare and (not slash or row["plugin"] == plugin)]
    if len(meant) > 1:
        sides = [f"{row['plugin']}/{bare}" for row in meant]
        raise NameClash(f"{word} {bare!r} is registered by {' and '.join(row['plugin'] for row in meant)}; write {' or '.join(sides)}")
    if meant:
        return _found(kind, meant[0])
    _refuse_unusable_owner(word, name, [plugin] if slash else [name])
    names = [row["name"] for row in known] + [f"{row['plugin']}/{row['name']}" for row in known]
    raise UnknownAgent(name, names) if word == "agent" else UnknownName(word, name, names)


def _found(kind: type[Spec], row: Row) -> Found[Spec]:
    plugin = find_plugin(row["plugin"])
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    values = {key: _restored(fields[key], value) for key, value in row.items() if key != "plugin"}
    return Found(kind(**values), Plugin(plugin["name"], plugin["distribution"], plugin["version"]))


def _restored(field: dataclasses.Field[Any], value: Any) -> Any:
    # JSON knows no tuples; the fields that are tuples say so
    return tuple(value) if str(field.type).startswith("tuple") else value


def _namespaces(name: str) -> list[str]:
    """List the plugins that an environment name may belong to: `acme` for `acme/Maze-v0`; `a` and `a-b` for `a-b-maze`."""
    if "/" in name:
        return [name.partition("/")[0]]
    parts = folded(name).split("-")
    return ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _refuse_unusable_owner(word: str, name: str, owners: list[str]) -> None:
    for plugin in plugins():
        if plugin["name"] in owners and plugin["state"] != "ok":
            raise BrokenPlugin(
                f"{word} {name!r} belongs to plugin {plugin['name']!r}, which is {plugin['state']}: {plugin['reason']}"
                f" (`hub plugins --why {plugin['name']}` shows more)"
            )
