"""Endpoints over files and folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .web import Handler, Reply, Request, RequestError, as_json, as_text


def get_file(request: Request) -> Reply:
    """Answer the bytes of the form's `file_path`."""
    path = _path(request.form().get("file_path", b"").decode(), "file_path")
    try:
        return Reply(path.read_bytes())
    except OSError as error:
        raise RequestError(f"File not found: {path} ({error.strerror})", 404) from error


def upload(request: Request) -> Reply:
    """Write the form's `file_data` to `file_path`; folders are made."""
    form = request.form()
    if "file_data" not in form:
        raise RequestError("file_path and file_data are required")
    path = _path(form.get("file_path", b"").decode(), "file_path")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(form["file_data"])
    except OSError as error:
        raise RequestError(f"cannot write {path}: {error.strerror}", 500) from error
    return as_text("File Uploaded")


def list_directory(request: Request) -> Reply:
    """Answer the tree of files and folders below `path`."""
    path = _path(str(request.json().get("path") or ""), "path")
    if not path.is_dir():
        raise RequestError("The provided path is not a directory")
    return as_json({"directory_tree": _tree(path)})


def desktop_path(request: Request) -> Reply:
    """Answer the folder whose files a person expects on the desktop."""
    return as_json({"desktop_path": str(Path.home() / "Desktop")})


def download(request: Request) -> Reply:
    """Refuse: there is no network. Whoever sets a task up fetches the file outside and uploads it."""
    url = request.json().get("url")
    raise RequestError(f"this machine has no network and cannot fetch {url}: fetch it outside and send it to /setup/upload", 501)


def _path(text: str, field: str) -> Path:
    if not text:
        raise RequestError(f"{field} is required")
    return Path(os.path.expandvars(Path(text).expanduser()))


def _tree(folder: Path) -> dict[str, Any]:
    children: list[dict[str, Any]] = []
    try:
        for entry in sorted(folder.iterdir()):
            children.append(_tree(entry) if entry.is_dir() and not entry.is_symlink() else {"type": "file", "name": entry.name})
    except OSError as error:
        return {"error": str(error)}
    return {"type": "directory", "name": folder.name, "children": children}


HANDLERS: dict[tuple[str, str], Handler] = {
    ("POST", "/file"): get_file,
    ("POST", "/setup/upload"): upload,
    ("POST", "/list_directory"): list_directory,
    ("POST", "/desktop_path"): desktop_path,
    ("POST", "/setup/download_file"): download,
}
