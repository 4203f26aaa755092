"""Where watched frames go: a window, a GIF or an MP4; needs the extra `video`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import numpy as np

from hub.errors import HubError, MissingExtra, UsageError
from hub.running.frames import Frame

PIP_LINE = "pip install 'gymhub[video]'"


class Screen(Protocol):
    """Something frames can be shown on; a context manager that closes it."""

    def show(self, frame: Frame) -> None:
        """Show the next frame, (height, width, 3)."""

    def __enter__(self) -> Screen:
        """Open it."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it; a film that was not finished is thrown away."""


def open_screen(out: str | None, frames_per_second: float, title: str) -> Screen:
    """Return a film to be written to `out`, or a window when None.

    Raises:
        UsageError: `out` ends in neither `.gif` nor `.mp4`, or there is no display for a window.
        MissingExtra: imageio or pygame is not installed.
    """
    if out is None:
        return Window(frames_per_second, title)
    if Path(out).suffix.lower() not in (".gif", ".mp4"):
        raise UsageError(f"a film is written as .gif or .mp4, not as {Path(out).name!r}")
    return Film(Path(out), frames_per_second)


class Film:
    """A GIF (plays for ever) or MP4 file, which appears when it is whole."""

    def __init__(self, path: Path, frames_per_second: float) -> None:
        try:
            import imageio.v2 as imageio
        except ModuleNotFoundError as error:
            raise MissingExtra(f"films need {error.name!r}, which is not installed: {PIP_LINE}") from error
        self._path = path
        self._draft = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix.lower()}")
        is_gif = path.suffix.lower() == ".gif"
        options: dict[str, Any] = (
            {"duration": 1000 / frames_per_second, "loop": 0} if is_gif else {"fps": frames_per_second, "macro_block_size": 2}
        )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._draft.touch()
            self._writer = imageio.get_writer(self._draft, **options)
        except OSError as error:
            raise HubError(f"cannot write {path}: {error.strerror or error}; choose another file") from error
        except ImportError as error:
            raise MissingExtra(
                f"{path.suffix} films need a package that is not installed ({error.name or 'imageio-ffmpeg'}): {PIP_LINE}"
            ) from error

    def show(self, frame: Frame) -> None:
        """Append a frame; one row and column of black are added where a video codec needs even sizes."""
        even = np.pad(frame, [(0, frame.shape[0] % 2), (0, frame.shape[1] % 2), (0, 0)])
        try:
            self._writer.append_data(even)
        except OSError as error:
            raise HubError(f"cannot write {self._path}: {error.strerror or error}") from error

    def __enter__(self) -> Film:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._writer.close()
            if kind is None:
                self._draft.replace(self._path)
        except OSError as failure:
            raise HubError(
                f"cannot write {self._path}: {failure.strerror or failure}; free space there or choose another file"
            ) from failure
        finally:
            self._draft.unlink(missing_ok=True)


class Window:
    """A window that shows frames in real time; closing it interrupts what is watched."""

    def __init__(self, frames_per_second: float, title: str) -> None:
        if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")):
            raise UsageError("there is no display to open a window on; write a film instead: --out FILE.gif or FILE.mp4")
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        try:
            import pygame
        except ModuleNotFoundError as error:
            raise MissingExtra(f"a window needs {error.name!r}, which is not installed: {PIP_LINE}") from error
        self._pygame: Any = pygame
        self._frames_per_second = frames_per_second
        self._title = title
        self._clock: Any = None

    def show(self, frame: Frame) -> None:
        """Show a frame and wait until it is time for the next. Raises `KeyboardInterrupt` when the window was closed."""
        pygame = self._pygame
        surface = pygame.surfarray.make_surface(frame.swapaxes(0, 1))
        screen = pygame.display.get_surface()
        if screen is None or screen.get_size() != surface.get_size():
            screen = pygame.display.set_mode(surface.get_size())
        screen.blit(surface, (0, 0))
        pygame.display.flip()
        if any(event.type == pygame.QUIT for event in pygame.event.get()):
            raise KeyboardInterrupt
        self._clock.tick(self._frames_per_second)

    def __enter__(self) -> Window:
        try:
            self._pygame.display.init()
        except self._pygame.error as error:
            raise UsageError(f"no window can be opened ({error}); write a film instead: --out FILE.gif or FILE.mp4") from error
        self._pygame.display.set_caption(self._title)
        self._clock = self._pygame.time.Clock()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pygame.display.quit()
