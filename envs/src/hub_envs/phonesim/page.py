"""The phone as one HTML document that needs nothing else."""

from __future__ import annotations

from functools import cache
from importlib import resources

SCRIPTS = (
    *("dom", "dates", "shell", "dialogs"),
    *("contacts", "messages", "notes", "calendar", "files", "browser", "settings"),
)
"""What the phone consists of, in the order it is read: later scripts use earlier ones, and apps stand on the home screen in this order."""


@cache
def document() -> str:
    """Return the phone's page with its style and scripts inside; after loading, `window.phone` waits for `load(state, now)`."""
    folder = resources.files(__package__) / "phone"

    def read(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8")

    scripts = "\n".join(f"<script>\n{read(f'{name}.js')}</script>" for name in SCRIPTS)
    return read("index.html").replace("<!-- style -->", f"<style>\n{read('phone.css')}</style>").replace("<!-- scripts -->", scripts)
