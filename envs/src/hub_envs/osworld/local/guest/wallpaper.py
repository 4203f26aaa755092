"""Endpoints over the picture behind all windows."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image

from .screen import Screen
from .web import Handler, Reply, Request, RequestError, as_text


class Wallpaper:
    """The root window's picture; there is none at the start.

    Args:
        screen: how large it has to be.
    """

    def __init__(self, screen: Screen) -> None:
        self._size = (screen.width, screen.height)
        self._path: Path | None = None

    def get(self, request: Request) -> Reply:
        """Answer the file of the picture that is shown."""
        if self._path is None or not self._path.exists():
            raise RequestError("Wallpaper file not found", 404)
        return Reply(self._path.read_bytes(), "image/png")

    def change(self, request: Request) -> Reply:
        """Show the picture `path`, stretched over the screen."""
        path = Path(os.path.expandvars(Path(str(request.json().get("path") or "")).expanduser()))
        try:
            picture = Image.open(path).convert("RGB").resize(self._size)
        except OSError as error:
            raise RequestError(f"cannot show {path} as wallpaper: {error}", 404) from error
        _show(picture)
        self._path = path
        return as_text("Wallpaper changed successfully")

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """Return what answers which request."""
        return {("POST", "/wallpaper"): self.get, ("POST", "/setup/change_wallpaper"): self.change}


def _show(picture: Image.Image) -> None:
    from Xlib import X, display

    connection = display.Display()
    screen = connection.screen()
    pixmap = screen.root.create_pixmap(picture.width, picture.height, screen.root_depth)
    context = pixmap.create_gc()
    rows = max(1, 2**17 // (4 * picture.width))  # a request of the X protocol holds at most 256 KiB
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        pixmap.put_image(context, 0, top, picture.width, strip.height, X.ZPixmap, screen.root_depth, 0, strip.tobytes("raw", "BGRX"))
    screen.root.change_attributes(background_pixmap=pixmap)
    screen.root.clear_area()
    connection.sync()
    connection.close()
