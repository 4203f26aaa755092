"""Tasks in GIMP."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING, Any

from hub_envs.osworld.tasks.kind import (
    HOME,
    OwnTask,
    Parameters,
    Plan,
    click_on,
    code,
    fetched,
    hotkey,
    launch,
    press,
    rule,
    sleep,
    typed,
    upload,
)

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE = "picture.png"
PATH = f"{HOME}/Pictures/{PICTURE}"


def picture(p: Parameters) -> Image:
    """Return a picture of a bar and a disc."""
    from PIL import Image as Pictures
    from PIL import ImageDraw

    width, height = p["size"]
    made = Pictures.new("RGB", (width, height), p["ground"])
    pen = ImageDraw.Draw(made)
    pen.rectangle((10, 10, 10 + width // 6, height - 20), fill=p["bar"])
    pen.ellipse((width // 2, 20, width // 2 + height // 3, 20 + height // 3), fill=p["disc"])
    return made


def png(image: Image) -> bytes:
    """Return a picture as a file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def command(name: str, place: int = 0) -> Plan:
    """Find a command by its name and give it; `place` picks among several of that name."""
    yield press("/", rest=0.5)
    yield code(typed(name), sleep(0.5))
    yield code(press("down", place) if place else "pass", press("enter", rest=0.5))


def overwrite() -> Plan:
    """Choose File, then Overwrite."""
    yield hotkey("alt", "f")
    yield press("w", rest=0.5)


class _Picture(OwnTask):
    """A picture is open."""

    apps = ("gimp",)

    def draw(self, rng: random.Random) -> Parameters:
        colours = rng.sample(["#1f4e79", "#b03a2e", "#1e8449", "#d4ac0d", "#7d3c98", "#e5e7e9"], 3)
        size = [rng.randrange(200, 400, 20), rng.randrange(120, 240, 20)]
        return {"size": size, "ground": colours[0], "bar": colours[1], "disc": colours[2]}

    def task(self, instruction: str, evaluator: dict[str, Any]) -> dict[str, Any]:
        """Return the description."""
        return {
            "instruction": f"{instruction} The picture Pictures/{PICTURE} is open in GIMP; write the result over that file.",
            "config": [
                upload(PICTURE, folder=f"{HOME}/Pictures"),
                *launch("gimp", "-s", "-n", PATH, window=f"[{PICTURE.partition('.')[0]}]"),
            ],
            "evaluator": {**evaluator, "result": fetched(PATH)},
        }

    def golden(self, p: Parameters) -> Image:
        """Return what the picture must become."""
        return picture(p)

    def files(self, p: Parameters) -> dict[str, bytes]:
        return {PICTURE: png(picture(p)), "golden.png": png(self.golden(p))}


_SAME = {"func": "compare_image_list", "expected": {"type": "cloud_file", "path": "golden.png", "dest": "golden.png"}}


class FlipPicture(_Picture):
    """Mirror a picture."""

    name = "gimp-flip-picture"

    def golden(self, p: Parameters) -> Image:
        from PIL import ImageOps

        return ImageOps.mirror(picture(p))

    def describe(self, p: Parameters) -> dict[str, Any]:
        return self.task("Mirror the picture, so that left and right change places.", _SAME)

    def oracle(self, p: Parameters, name: str = "Flip Horizontally", place: int = 1, *, saved: bool = True) -> Plan:
        """Give the second of the commands of that name: the first flips the view alone."""
        yield from command(name, place)
        if saved:
            yield from overwrite()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {
            "view-only": self.oracle(p, place=0),
            "upside-down": self.oracle(p, "Flip Vertically"),
            "not-written": self.oracle(p, saved=False),
        }


class ScalePicture(_Picture):
    """Give a picture another size."""

    name = "gimp-scale-picture"
    looks = True

    def describe(self, p: Parameters) -> dict[str, Any]:
        width, height = p["size"]
        wanted = {"width": width // 2, "height": height // 2}
        text = f"Scale the picture to half its size, {width // 2} x {height // 2} pixels."
        return self.task(text, {"func": "check_image_size", "expected": rule(wanted)})

    def oracle(self, p: Parameters, factor: float = 0.5, *, saved: bool = True) -> Plan:
        """Type the width; the height follows."""
        yield from command("Scale Image")
        seen = yield code(hotkey("ctrl", "a"), typed(f"{int(p['size'][0] * factor)}\t"))
        yield click_on(seen, "Scale", "push-button")
        if saved:
            yield from overwrite()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"double": self.oracle(p, 2), "not-written": self.oracle(p, saved=False)}


class InvertPicture(_Picture):
    """Invert the colours of a picture."""

    name = "gimp-invert-colours"

    def golden(self, p: Parameters) -> Image:
        from PIL import ImageOps

        return ImageOps.invert(picture(p))

    def describe(self, p: Parameters) -> dict[str, Any]:
        return self.task("Invert the colours of the picture, so that it looks like a negative.", _SAME)

    def oracle(self, p: Parameters, place: int = 1, *, saved: bool = True) -> Plan:
        """Open Colours; the key V goes to Invert, and pressed again to Value Invert."""
        yield hotkey("alt", "c")
        yield press("v", place)
        yield press("enter", rest=0.5)
        if saved:
            yield from overwrite()

    def wrong(self, p: Parameters) -> dict[str, Plan]:
        return {"only-value": self.oracle(p, 2), "not-written": self.oracle(p, saved=False)}


TASKS = (FlipPicture, ScalePicture, InvertPicture)
