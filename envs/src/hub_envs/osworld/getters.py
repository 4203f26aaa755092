"""What an evaluator reads from the desktop or from beside the task: getters by OSWorld's names.

Each takes the episode's `Context` and its own part of the evaluator, and returns what OSWorld's getter of that name returns; a file is
given as the path of a copy here, None where the guest has none. Source: OSWorld, `desktop_env/evaluators/getters`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from hub_envs.osworld import browser, devtools
from hub_envs.osworld.client import DesktopError
from hub_envs.osworld.context import Context
from hub_envs.osworld.setup import fetch
from hub_envs.osworld.task import Part


def _vm_file(context: Context, config: Part) -> Any:
    """Fetch files of the guest: `path`, `dest`; with `multi` both are lists, of which the places in `gives` are returned."""
    return _files(config, context, context.desktop.file)


def _cloud_file(context: Context, config: Part) -> Any:
    """Fetch files of the internet, or beside the task, as `vm_file` does the guest's."""

    def content(path: str) -> bytes:
        return fetch(context, path) if "://" in path else context.local(path).read_bytes()

    return _files(config, context, content)


def _files(config: Part, context: Context, content: Callable[[str], bytes | None]) -> Any:
    several = config.get("multi", False)
    paths, names = (config["path"], config["dest"]) if several else ([config["path"]], [config["dest"]])
    kept: list[str | None] = []
    for place, (path, name) in enumerate(zip(paths, names, strict=True)):
        held = content(path)
        copy = context.cache / name
        if held is not None:
            copy.write_bytes(held)
        if place in config.get("gives", [0]):
            kept.append(None if held is None else str(copy))
    return kept[0] if len(kept) == 1 else kept


def _cache_file(context: Context, config: Part) -> str:
    path = context.cache / config["path"]
    if not path.is_file():
        raise FileNotFoundError(f"no {config['path']} among the files that the task's steps wrote")
    return str(path)


def _content_from_vm_file(context: Context, config: Part) -> list[str]:
    """Return the last row of a workbook's first sheet, as texts."""
    import openpyxl

    if (config["file_type"], config["file_content"]) != ("xlsx", "last_row"):
        raise ValueError("content_from_vm_file reads the last_row of an xlsx file only")
    copy = _vm_file(context, {"path": config["path"], "dest": config["path"].rsplit("/", 1)[-1]})
    if copy is None:
        raise FileNotFoundError(config["path"])
    rows = list(openpyxl.load_workbook(copy, data_only=True).worksheets[0].iter_rows(values_only=True))
    return [str(value) for value in rows[-1]]


def _rule(context: Context, config: Part) -> Any:
    return config["rules"]


def _vm_command_line(context: Context, config: Part) -> str:
    return str(context.desktop.execute(config["command"], shell=config.get("shell", False))["output"])


def _vm_command_error(context: Context, config: Part) -> str:
    return str(context.desktop.execute(config["command"], shell=config.get("shell", False))["error"])


def _vm_terminal_output(context: Context, config: Part) -> str:
    return context.desktop.terminal()


def _vm_screen_size(context: Context, config: Part) -> dict[str, int]:
    width, height = context.desktop.screen_size()
    return {"width": width, "height": height}


def _vm_window_size(context: Context, config: Part) -> Any:
    return context.desktop.window_size(config["app_class_name"])


def _vm_wallpaper(context: Context, config: Part) -> Any:
    return _files({"path": "", "dest": config["dest"]}, context, lambda _: context.desktop.wallpaper())


def _list_directory(context: Context, config: Part) -> Any:
    return context.desktop.directory(config["path"])


def _accessibility_tree(context: Context, config: Part) -> str:
    return context.desktop.accessibility_tree()


def _gimp_config_file(context: Context, config: Part) -> Any:
    home = _vm_command_line(context, {"command": ["python3", "-c", "import os; print(os.path.expanduser('~'))"]}).strip()
    return _vm_file(context, {"path": f"{home}/.config/GIMP/2.10/{config['file_name']}", "dest": config["dest"]})


# The browser


def _open_tabs_info(context: Context, config: Part) -> list[dict[str, str]]:
    try:
        pages = devtools.open_tabs(context.desktop)
    except DesktopError:
        return []
    return [{"title": page["title"], "url": page["url"]} for page in pages]


def _active_tab_info(context: Context, config: Part) -> dict[str, str] | None:
    """Return `{"title", "url"}` of the page used last; OSWorld's getter also reloads it, and returns its HTML."""
    pages = _open_tabs_info(context, config)
    return pages[0] if pages else None


def _active_url(context: Context, config: Part) -> str | None:
    page = _active_tab_info(context, config)
    return None if page is None else page["url"]


def _bookmarks(context: Context, config: Part) -> Any:
    import json

    _, content = browser.profile_file(context, "Bookmarks")
    return [] if content is None else json.loads(content)["roots"]


def _history(context: Context, config: Part) -> list[tuple[str, str, int]] | None:
    """Return (url, title, time of the last visit) of every address in the browser's history."""
    _, content = browser.profile_file(context, "History")
    if content is None:
        return None
    copy = context.cache / config.get("dest", "history.sqlite")
    copy.write_bytes(content)
    base = sqlite3.connect(copy)
    try:
        return list(base.execute("SELECT url, title, last_visit_time FROM urls"))
    finally:
        base.close()


def _default_search_engine(context: Context, config: Part) -> str:
    kept = browser.preferences(context) or {}
    return str(kept.get("default_search_provider_data", {}).get("template_url_data", {}).get("short_name", "Google"))


def _chrome_font_size(context: Context, config: Part) -> Any:
    kept = browser.preferences(context) or {}
    return kept.get("webkit", {}).get("webprefs", {"default_fixed_font_size": 13, "default_font_size": 16, "minimum_font_size": 13})


def _enable_do_not_track(context: Context, config: Part) -> str:
    kept = browser.preferences(context) or {}
    return "true" if kept.get("enable_do_not_track") else "false"


def _profile_name(context: Context, config: Part) -> str | None:
    kept = browser.preferences(context) or {}
    name = kept.get("profile", {}).get("name")
    return None if name is None else str(name)


GETTERS: dict[str, Callable[[Context, Part], Any]] = {
    "accessibility_tree": _accessibility_tree,
    "active_tab_info": _active_tab_info,
    "active_url_from_accessTree": _active_url,
    "bookmarks": _bookmarks,
    "cache_file": _cache_file,
    "chrome_font_size": _chrome_font_size,
    "cloud_file": _cloud_file,
    "content_from_vm_file": _content_from_vm_file,
    "default_search_engine": _default_search_engine,
    "enable_do_not_track": _enable_do_not_track,
    "gimp_config_file": _gimp_config_file,
    "history": _history,
    "list_directory": _list_directory,
    "open_tabs_info": _open_tabs_info,
    "profile_name": _profile_name,
    "rule": _rule,
    "vm_command_error": _vm_command_error,
    "vm_command_line": _vm_command_line,
    "vm_file": _vm_file,
    "vm_screen_size": _vm_screen_size,
    "vm_terminal_output": _vm_terminal_output,
    "vm_wallpaper": _vm_wallpaper,
    "vm_window_size": _vm_window_size,
}
"""Getters by the `type` that tasks name them with."""
