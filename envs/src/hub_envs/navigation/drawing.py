"""Pictures of a game: the arena, agents as discs, landmarks as crosses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hub_envs.navigation.particles import NEAR, Floats, colliding_pairs
from hub_envs.pictures import BLUE, FAINT, GREEN, INK, PURPLE, SKY, VERMILION, YELLOW, finished, open_picture
from hub_envs.slots import Frame

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIDE, HEADER, FOOTER = 560, 40, 52
"""Pixels of the arena's picture each way, and of the text above and below it."""

SHOWN = 1.4
"""The picture shows coordinates from minus this to this; whoever is farther away is drawn at its rim."""

FINE = 2
"""The picture is drawn this many times as large, so that discs become smooth."""

PLAYERS = (BLUE, GREEN, PURPLE, SKY)
RANDOM, CROSS, RIM = "#9aa5b1", "#3e4c59", "#cbd2d9"


class Scene(NamedTuple):
    """A moment of a game.

    Attributes:
        world: (agents, 4), rows x, y, vx, vy.
        sizes: (agents,), the discs' radii.
        players: how many of the agents are players, the first ones.
        landmarks: (landmarks, 2).
        step: steps played.
        duration: steps of the episode.
    """

    world: Floats
    sizes: Floats
    players: int
    landmarks: Floats
    step: int
    duration: int


def draw(scene: Scene) -> Frame:
    """Return a frame (652, 560, 3): discs with names and velocities, a red ring for a collision, a yellow disc for a landmark reached.

    Raises:
        DependencyNotInstalled: Pillow is missing.
    """
    image, pen = open_picture((SIDE * FINE, (HEADER + SIDE + FOOTER) * FINE), text=13 * FINE)
    corners = [*_spot(-1.0, 1.0), *_spot(1.0, -1.0)]
    pen.rectangle(corners, outline=RIM, width=FINE)
    gaps = np.linalg.norm(scene.world[:, None, :2] - scene.landmarks[None], axis=2)
    for landmark, (x, y) in enumerate(scene.landmarks.tolist()):
        _draw_landmark(pen, x, y, reached=bool((gaps[:, landmark] < NEAR).any()))
    for agent in range(len(scene.world)):
        _draw_agent(pen, scene, agent)
    for agent in np.flatnonzero(colliding_pairs(scene.world, scene.sizes)).tolist():
        x, y = scene.world[agent, :2].tolist()
        _disc(pen, x, y, scene.sizes[agent] + 0.03, outline=VERMILION, width=4 * FINE)
    _draw_text(pen, scene, int((gaps.min(axis=1) < NEAR)[: scene.players].sum()))
    return finished(image.reduce(FINE))


def _spot(x: float, y: float) -> tuple[float, float]:
    """Return where in the picture a place is drawn; y points up."""
    scale = FINE * SIDE / (2 * SHOWN)
    return (x + SHOWN) * scale, FINE * HEADER + (SHOWN - y) * scale


def _disc(
    pen: ImageDraw, x: float, y: float, radius: float, *, fill: str | None = None, outline: str | None = None, width: int = 1
) -> None:
    left, top = _spot(x - radius, y + radius)
    right, bottom = _spot(x + radius, y - radius)
    pen.ellipse([left, top, right, bottom], fill=fill, outline=outline, width=width)


def _draw_landmark(pen: ImageDraw, x: float, y: float, *, reached: bool) -> None:
    """Draw a cross within the circle that counts as reached, filled when somebody is there."""
    _disc(pen, x, y, NEAR, fill=YELLOW if reached else None, outline=RIM if not reached else CROSS, width=FINE)
    for slope in (1.0, -1.0):
        pen.line([_spot(x - 0.045, y - 0.045 * slope), _spot(x + 0.045, y + 0.045 * slope)], fill=CROSS, width=3 * FINE)


def _draw_agent(pen: ImageDraw, scene: Scene, agent: int) -> None:
    """Draw a disc with where it would be in a quarter of a second and its number; hollow at the rim when it is beyond."""
    x, y, vx, vy = scene.world[agent].tolist()
    radius = float(scene.sizes[agent])
    colour = PLAYERS[agent % len(PLAYERS)] if agent < scene.players else RANDOM
    name = str(agent) if agent < scene.players else "r"
    inside = SHOWN - radius
    near_x, near_y = max(-inside, min(inside, x)), max(-inside, min(inside, y))
    if (near_x, near_y) != (x, y):
        _disc(pen, near_x, near_y, radius, fill="white", outline=colour, width=2 * FINE)
        pen.text(_spot(near_x, near_y), name, fill=colour, anchor="mm")
        return
    pen.line([_spot(x, y), _spot(x + vx / 4, y + vy / 4)], fill=colour, width=3 * FINE)
    _disc(pen, x, y, radius, fill=colour, outline="white", width=FINE)
    pen.text(_spot(x, y), name, fill="white", anchor="mm")


def _draw_text(pen: ImageDraw, scene: Scene, reached: int) -> None:
    """Write the step and how many players have reached a landmark above the arena, and what the marks mean below it."""
    title = f"Non-Cooperative Navigation    step {scene.step} of {scene.duration}    {reached} of {scene.players} players at a landmark"
    pen.text((12 * FINE, 12 * FINE), title, fill=INK)
    below = FINE * (HEADER + SIDE)
    pen.text((12 * FINE, below + 6 * FINE), "disc: player, by number (r: acts at random), with its velocity", fill=FAINT)
    pen.text(
        (12 * FINE, below + 26 * FINE),
        "cross: landmark, yellow when reached    red ring: collision    hollow: beyond the picture",
        fill=FAINT,
    )
