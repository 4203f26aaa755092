"""What happens in the child process that looks into one plugin: import, register with pluggy, call the hooks, check everything."""

from __future__ import annotations

import faulthandler
import importlib
import signal
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

import pluggy

from hub import hookspecs
from hub.loading import one_line
from hub.plugins import API_VERSION, descriptions
from hub.plugins.effects import Watch
from hub.plugins.rows import KINDS

_LONGEST_TRACE = 20_000


class IncompatibleError(Exception):
    """The plugin was written for another version of the contract."""


class RefusedError(Exception):
    """The plugin breaks the contract; the message says how."""


def leave_traces(file: int, seconds: float) -> None:
    """Have a crash, or still being busy after `seconds`, write where it happened to an open file."""
    faulthandler.enable(file)
    faulthandler.register(signal.SIGXCPU, file, chain=True)
    faulthandler.dump_traceback_later(seconds, file=file)


def answer(name: str, value: str) -> dict[str, Any]:
    """Look into a plugin.

    Returns:
        `state`, `reason` and `trace`, the rows that each hook returned, and the files `imported` that may be edited where they are.
    """
    warnings.simplefilter("ignore")
    found: dict[str, Any] = {"state": "ok", "reason": "", "trace": ""}
    loaded = set(sys.modules)
    watch = Watch(name, value.partition(":")[0].partition(".")[0])
    try:
        found.update(_registered(name, value))
        effects = watch.effects()
        if effects:
            raise RefusedError(f"registering has side effects: {'; '.join(effects)} (heavy packages belong in the modules it names)")
    except IncompatibleError as error:
        found.update(state="incompatible", reason=str(error))
    except (RefusedError, descriptions.FaultyError, pluggy.PluginValidationError) as error:
        found.update(state="broken", reason=one_line(error))
    except BaseException as error:  # sys.exit and KeyboardInterrupt are the plugin's doing here
        found.update(state="broken", reason=_raised(error, value), trace=_trace(error))
    if found["state"] != "ok":
        found.update((kind, []) for kind in KINDS)
    found["imported"] = _sources(set(sys.modules) - loaded)
    return found


def _registered(name: str, value: str) -> dict[str, list[dict[str, Any]]]:
    module_name, _, attribute = value.partition(":")
    module = importlib.import_module(module_name)
    plugin: object = module
    for part in filter(None, attribute.split(".")):
        plugin = getattr(plugin, part)
    version = getattr(plugin, "hub_api_version", getattr(module, "hub_api_version", API_VERSION))
    if version != API_VERSION:
        raise IncompatibleError(
            f"it is written for version {version!r} of hub's plugin contract, and this hub speaks version {API_VERSION}"
        )
    host = pluggy.PluginManager("hub")
    host.add_hookspecs(hookspecs)
    host.register(plugin, name)
    host.check_pending()
    if not host.get_hookcallers(plugin):
        raise RefusedError(f"{value} implements no hook: mark its functions with @hub.hookimpl (docs/hooks.md)")
    returned = {kind: [item for items in getattr(host.hook, f"hub_{kind}")() for item in _iterated(kind, items)] for kind in KINDS}
    return descriptions.checked(name, returned)


def _iterated(kind: str, items: Any) -> list[Any]:
    if isinstance(items, (str, bytes, dict)):
        raise RefusedError(f"hub_{kind} returns a {type(items).__name__}, not a list of descriptions")
    try:
        iterator = iter(items)
    except TypeError:
        raise RefusedError(f"hub_{kind} returns a {type(items).__name__}, not a list of descriptions") from None
    return list(iterator)


def _raised(error: BaseException, value: str) -> str:
    if isinstance(error, SystemExit):
        return f"it calls sys.exit({error.code!r}) while registering"
    if isinstance(error, ModuleNotFoundError) and error.name:
        own = value.partition(":")[0]
        if own == error.name or own.startswith(error.name + "."):
            return f"its entry point names module {own!r}, and there is no {error.name!r}"
        return f"it imports {error.name!r}, which is not installed: pip install what it needs"
    return f"it raises {type(error).__name__} while registering: {one_line(error)}"


def _trace(error: BaseException) -> str:
    lines = "".join(traceback.format_exception(error, limit=-30))
    return lines[-_LONGEST_TRACE:]


def _sources(names: set[str]) -> list[str]:
    """List the files of modules that pip has not installed as copies: an editable plugin's own and those of others it imports."""
    files = {getattr(sys.modules.get(name), "__file__", None) for name in names}
    copies = (sys.base_prefix, sys.prefix)
    paths = [Path(file) for file in files if isinstance(file, str) and not file.startswith(copies)]
    return sorted(str(path) for path in paths if not {"site-packages", "dist-packages"} & set(path.parts))
