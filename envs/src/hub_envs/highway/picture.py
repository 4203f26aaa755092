"""What `drawing` shows of a slot's traffic."""

from __future__ import annotations

from hub_envs.highway.drawing import Cars, View, draw
from hub_envs.highway.simulation import SIMULATIONS_PER_SECOND
from hub_envs.highway.state import ACCELERATION, CRASHED, HEADING, KIND, SPEED, TARGET_LANE, Traffic, X, Y
from hub_envs.slots import Frame


def picture(traffic: Traffic, slot: int, lanes: int) -> Frame:
    """Return a frame (height, width, 3) of the road of a slot, which has `lanes`.

    Raises:
        DependencyNotInstalled: Pillow is missing.
    """
    numbers, labels = traffic.numbers[slot], traffic.labels[slot]
    cars = Cars(
        x=numbers[X],
        y=numbers[Y],
        heading=numbers[HEADING],
        speed=numbers[SPEED],
        acceleration=numbers[ACCELERATION],
        target_lane=labels[TARGET_LANE],
        kind=labels[KIND],
        crashed=labels[CRASHED] != 0,
    )
    return draw(cars, View(lanes, float(traffic.steps[slot]) / SIMULATIONS_PER_SECOND))
