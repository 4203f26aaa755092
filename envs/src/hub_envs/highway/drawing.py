"""Pictures of a road: for every player the stretch it drives on, under each other, with what it does beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hub_envs.highway.drivers import AGGRESSIVE, DEFENSIVE, NORMAL, PLAYER
from hub_envs.highway.neighbours import CAR_LENGTH, CAR_WIDTH, LANE_WIDTH
from hub_envs.pictures import FAINT, GREEN, INK, SKY, VERMILION, YELLOW, finished, font, open_picture
from hub_envs.slots import Frame

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

FINE = 2
"""The picture is drawn this many times as large, so that slanted edges become smooth."""

WIDTH, HEADER, ROADS, MARGIN, VERGE, TICKS = 960, 56, 160, 10, 7, 22
"""Pixels: of the picture across, of the text above, left of the roads, around everything, above a road, and below it for distances."""

LARGEST, SMALLEST, HEIGHT, LEAST = 5.0, 2.0, 800, 84
"""Most and fewest pixels of a metre; what all roads together should take in height, and the least that one takes."""

BEHIND, DASH, GAP, TICK = 40.0, 3.0, 6.0, 20.0
"""Metres shown behind a player; of a dash between lanes and of the gap after it; between two distances below a road."""

BRAKING, PUSHING = -0.5, 0.5
"""m/s2 from which on a car brakes or accelerates in words."""
TOP_SPEED, PAID_SPEED = 40.0, (20.0, 30.0)
"""m/s: the end of the gauge, and where reward rises with speed."""

ASPHALT, PLANNED, LINE, GLASS, STOP, WRECK = "#4a5361", "#66707c", "#e8ecf0", "#27303b", "#e10600", "#b00020"
COLOURS = {PLAYER: YELLOW, NORMAL: "#c3ccd6", AGGRESSIVE: VERMILION, DEFENSIVE: SKY}
LEGEND = ((PLAYER, "player"), (NORMAL, "normal driver"), (AGGRESSIVE, "aggressive"), (DEFENSIVE, "defensive"))


class Cars(NamedTuple):
    """All cars of a road, arrays (N,) each; players are numbered in the order in which they stand here.

    Attributes:
        x: place of the centre along the road (m).
        y: place across it (m), 0 in the middle of lane 0, growing to the right of the drivers.
        heading: rad, 0 along the road.
        speed: m/s.
        acceleration: m/s2.
        target_lane: the lane steered to.
        kind: who drives, one of `hub_envs.highway.drivers`' kinds.
        crashed: whether it is a wreck.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    heading: NDArray[np.float64]
    speed: NDArray[np.float64]
    acceleration: NDArray[np.float64]
    target_lane: NDArray[np.int64]
    kind: NDArray[np.int64]
    crashed: NDArray[np.bool_]


class View(NamedTuple):
    """What surrounds the cars: how many lanes there are, and the time (s)."""

    lanes: int
    time: float


@dataclass(frozen=True, slots=True)
class _Strip:
    """The stretch of road that is drawn for one player: where its picture is, in pixels of the large one, and what it shows, in metres."""

    pen: ImageDraw
    top: float
    scale: float
    lanes: int
    start: float
    end: float

    def spot(self, x: float, y: float) -> tuple[float, float]:
        return FINE * ROADS + (x - self.start) * self.scale, self.top + (y + LANE_WIDTH / 2) * self.scale

    def lane_of(self, y: float) -> int:
        return max(0, min(self.lanes - 1, round(y / LANE_WIDTH)))

    def box(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        """Fill a rectangle, given in metres, as far as it lies in the stretch."""
        if left < self.end and right > self.start:
            self.pen.rectangle([self.spot(max(left, self.start), top), self.spot(min(right, self.end), bottom)], fill=colour)


def draw(cars: Cars, view: View) -> Frame:
    """Return a frame (height, 960, 3): for every player a stretch of the road from 40 m behind it on, and its speed, lane and state.

    Cars are coloured by who drives them, and players bear their numbers. Red tails brake, a star marks a wreck, and the lane that a player
    steers to is lighter. The height is even and grows with the number of players.

    Raises:
        DependencyNotInstalled: Pillow is missing.
    """
    players = np.flatnonzero(cars.kind == PLAYER).tolist()
    metres = view.lanes * LANE_WIDTH
    scale = max(SMALLEST, min(LARGEST, HEIGHT / len(players) / metres, HEIGHT / 5 / metres))
    row = VERGE + max(LEAST, math.ceil(metres * scale)) + TICKS
    image, pen = open_picture((WIDTH * FINE, (HEADER + len(players) * row + (row * len(players)) % 2) * FINE), text=13 * FINE)
    _draw_header(pen, cars, players, view)
    for number, car in enumerate(players):
        start = float(cars.x[car]) - BEHIND
        end = start + (WIDTH - ROADS - MARGIN) / scale
        strip = _Strip(pen, FINE * (HEADER + number * row + VERGE), FINE * scale, view.lanes, start, end)
        _draw_road(strip, cars, car)
        for other in np.argsort(cars.crashed, kind="stable").tolist():  # wrecks above the rest
            if strip.start < cars.x[other] < strip.end:
                _draw_car(strip, cars, other, str(players.index(other)) if other in players else "", outlined=other == car)
        _draw_frame(strip)
        _draw_player(strip, cars, car, number)
    return finished(image.reduce(FINE))


def _draw_header(pen: ImageDraw, cars: Cars, players: list[int], view: View) -> None:
    driving = int((~cars.crashed[players]).sum())
    title = f"Heterogeneous highway    {view.time:.0f} s    {driving} of {len(players)} players driving"
    pen.text((MARGIN * FINE, 12 * FINE), title, fill=INK)
    x, y = MARGIN * FINE, 42 * FINE
    for kind, name in LEGEND:
        pen.rectangle([x, y - 5 * FINE, x + 22 * FINE, y + 4 * FINE], fill=COLOURS[kind], outline=FAINT)
        pen.text((x + 28 * FINE, y), name, fill=FAINT, anchor="lm")
        x += int(pen.textlength(name)) + 44 * FINE
    pen.rectangle([x, y - 5 * FINE, x + 5 * FINE, y + 4 * FINE], fill=STOP)
    pen.text((x + 11 * FINE, y), "braking", fill=FAINT, anchor="lm")
    x += int(pen.textlength("braking")) + 34 * FINE
    _draw_wreck(pen, (x, y), 9 * FINE)
    pen.text((x + 15 * FINE, y), "crashed", fill=FAINT, anchor="lm")
    x += int(pen.textlength("crashed")) + 32 * FINE
    pen.rectangle([x, y - 5 * FINE, x + 22 * FINE, y + 4 * FINE], fill=PLANNED)
    pen.text((x + 28 * FINE, y), "lane that the player steers to", fill=FAINT, anchor="lm")


def _draw_road(strip: _Strip, cars: Cars, player: int) -> None:
    """Draw asphalt, the lane that the player steers to, the markings, and distances below."""
    half, right = LANE_WIDTH / 2, (strip.lanes - 0.5) * LANE_WIDTH
    strip.box(strip.start, -half, strip.end, right, ASPHALT)
    if not cars.crashed[player]:
        middle = float(cars.target_lane[player]) * LANE_WIDTH
        strip.box(float(cars.x[player]), middle - half, strip.end, middle + half, PLANNED)
    thin = FINE * 0.5 / strip.scale
    for border in range(1, strip.lanes):
        y = (border - 0.5) * LANE_WIDTH
        dash = math.floor(strip.start / (DASH + GAP)) * (DASH + GAP)
        while dash < strip.end:
            strip.box(dash, y - thin, dash + DASH, y + thin, LINE)
            dash += DASH + GAP
    for y in (-half, right):
        strip.box(strip.start, y - 2 * thin, strip.end, y + 2 * thin, LINE)
    mark = math.ceil(strip.start / TICK) * TICK
    while mark < strip.end:
        x, y = strip.spot(mark, right)
        strip.pen.line([(x, y + 2 * FINE), (x, y + 6 * FINE)], fill=FAINT, width=FINE)
        if mark % (2 * TICK) == 0 and FINE * ROADS + 20 * FINE < x < FINE * (WIDTH - MARGIN - 20):
            strip.pen.text((x, y + 12 * FINE), f"{mark:.0f} m", fill=FAINT, anchor="mm", font=font(10 * FINE))
        mark += TICK


def _draw_car(strip: _Strip, cars: Cars, car: int, name: str, *, outlined: bool) -> None:
    """Draw a car with its windscreen, and what it does."""
    colour = COLOURS[int(cars.kind[car])]
    rim = ("white", 2 * FINE) if outlined else (GLASS, 1)
    strip.pen.polygon(_part(strip, cars, car, (-0.5, 0.5)), fill=colour, outline=rim[0], width=rim[1])
    strip.pen.polygon(_part(strip, cars, car, (0.16, 0.3), 0.4), fill=GLASS)
    middle = strip.spot(float(cars.x[car]), float(cars.y[car]))
    if cars.crashed[car]:
        _draw_wreck(strip.pen, middle, 2.0 * strip.scale)
        return
    if cars.acceleration[car] <= BRAKING:
        strip.pen.polygon(_part(strip, cars, car, (-0.56, -0.42)), fill=STOP)
    if name:
        x, y = strip.spot(float(cars.x[car]) - 0.16 * CAR_LENGTH, float(cars.y[car]))
        strip.pen.text((x, y), name, fill=INK, anchor="mm", font=font(round(1.9 * strip.scale)))


def _part(strip: _Strip, cars: Cars, car: int, ends: tuple[float, float], side: float = 0.5) -> list[tuple[float, float]]:
    """Return the corners of a slice of a car: its `ends` in car lengths, its `side` in car widths from the car's centre."""
    back, front = ends
    cos, sin = math.cos(cars.heading[car]), math.sin(cars.heading[car])
    corners = [(back, -side), (front, -side), (front, side), (back, side)]
    across = [(along * CAR_LENGTH, aside * CAR_WIDTH) for along, aside in corners]
    x, y = float(cars.x[car]), float(cars.y[car])
    return [strip.spot(x + cos * along - sin * aside, y + sin * along + cos * aside) for along, aside in across]


def _draw_wreck(pen: ImageDraw, middle: tuple[float, float], radius: float) -> None:
    """Draw a white star with a red cross."""
    x, y = middle
    spokes = 16
    turns = [(math.pi * 2 * spoke / spokes, radius if spoke % 2 == 0 else radius * 0.62) for spoke in range(spokes)]
    pen.polygon([(x + far * math.cos(turn), y + far * math.sin(turn)) for turn, far in turns], fill="white", outline=WRECK, width=FINE)
    arm = radius * 0.38
    for slope in (1, -1):
        pen.line([(x - arm, y - arm * slope), (x + arm, y + arm * slope)], fill=WRECK, width=2 * FINE)


def _draw_frame(strip: _Strip) -> None:
    """Cover what cars at the ends of the stretch left outside of it."""
    bottom = strip.spot(0, (strip.lanes - 0.5) * LANE_WIDTH)[1]
    for left, right in ((0, ROADS - 1), (WIDTH - MARGIN + 1, WIDTH)):
        strip.pen.rectangle([FINE * left, strip.top - FINE * VERGE, FINE * right, bottom + FINE * VERGE], fill="white")


def _draw_player(strip: _Strip, cars: Cars, car: int, number: int) -> None:
    """Write a player's name, state, speed and lane left of its road."""
    pen, left, top, crashed = strip.pen, MARGIN * FINE, strip.top, bool(cars.crashed[car])
    speed, pull = float(cars.speed[car]), float(cars.acceleration[car])
    lane, target = strip.lane_of(float(cars.y[car])), int(cars.target_lane[car])
    pen.text((left, top), f"agent_{number}", fill=INK, font=font(15 * FINE))
    pen.text((FINE * (ROADS - 12), top + 2 * FINE), "crashed" if crashed else "driving", fill=WRECK if crashed else GREEN, anchor="ra")
    doing = "braking" if pull <= BRAKING else "accelerating" if pull >= PUSHING else "steady"
    pen.text((left, top + 22 * FINE), f"{speed:.1f} m/s" + ("" if crashed else f", {doing}"), fill=INK)
    _draw_gauge(pen, top + 42 * FINE, speed)
    going = f"lane {lane}" if lane == target or crashed else f"lane {lane}, going to {target}"
    pen.text((left, top + 56 * FINE), going, fill=INK)


def _draw_gauge(pen: ImageDraw, top: float, speed: float) -> None:
    """Draw a bar of the speed; a green line below it says where speed is rewarded."""
    left, width, height = MARGIN * FINE, (ROADS - MARGIN - 12) * FINE, 6 * FINE
    pen.rectangle([left, top, left + width, top + height], fill="#e4e7eb")
    pen.rectangle([left, top, left + width * max(0.0, min(1.0, speed / TOP_SPEED)), top + height], fill=FAINT)
    low, high = (left + width * bound / TOP_SPEED for bound in PAID_SPEED)
    pen.rectangle([low, top + height + FINE, high, top + height + 3 * FINE], fill=GREEN)
