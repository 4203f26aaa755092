"""Importing what a plugin named by a string."""

from __future__ import annotations

from hub.errors import BrokenPlugin, MissingExtra


def load(entry_point: str, requires: str | None = None) -> object:
    """Import `"module:Name"` and return what it names.

    Args:
        entry_point: dotted module, colon, dotted attribute.
        requires: pip requirement that brings what the module imports.

    Raises:
        MissingExtra: a package that the module imports is not installed; the message holds the pip line.
        BrokenPlugin: the module or the attribute does not exist, or importing it raises.
    """
    import importlib

    module_name, _, attribute = entry_point.partition(":")
    try:
        found: object = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except ModuleNotFoundError as error:
        if error.name is None or (_is_part_of(error.name, module_name) and requires is None):
            raise BrokenPlugin(f"{entry_point} cannot be imported: {error}; its package is incomplete or not installed") from error
        raise MissingExtra(
            f"{entry_point} needs {error.name!r}, which is not installed: pip install {pip_argument(requires, error.name)}"
        ) from error
    except MemoryError:
        raise
    except Exception as error:
        raise BrokenPlugin(
            f"{entry_point} cannot be imported: {type(error).__name__}: {one_line(error)}; its plugin's authors should hear of it"
        ) from error
    return found


def pip_argument(requires: str | None, missing: str) -> str:
    """Return what to hand to `pip install`: the declared requirement, quoted for a shell, else the missing module's top-level name."""
    import shlex

    return shlex.quote(requires) if requires else missing.partition(".")[0]


def one_line(error: BaseException) -> str:
    """Return the error's message on one line of at most 300 characters."""
    try:
        return " ".join(str(error).split())[:300]
    except Exception:  # an exception may raise when it is shown
        return "(its message cannot be shown)"


def _is_part_of(name: str, module_name: str) -> bool:
    return module_name == name or module_name.startswith(name + ".")
