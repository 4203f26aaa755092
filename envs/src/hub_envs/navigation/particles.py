"""The particle world as functions over slots of a batch: what pushes its agents, how they move, what they are paid and see.

A world is an array of rows x, y, vx, vy, one an agent, in units of half the arena and of that a second.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hub_envs.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

DT, DAMPING = 0.1, 0.25
"""Seconds of a step, and the share of its speed that an agent loses in one."""
CONTACT_FORCE, CONTACT_MARGIN = 100.0, 1e-3
"""Of two discs that overlap: force for each unit of depth, and how softly it sets in."""
SENSITIVITY = 5.0
"""Force of an action for each unit of an agent's step size; all agents have mass 1."""
NEAR = 0.1
"""Within this distance of a landmark an agent has reached it."""
COLLISION, REACHED, ALL_REACHED = -5.0, 10.0, 100.0
"""Rewards: for each ordered pair of agents that collide; for having reached a landmark; for all agents having reached one."""

DIRECTIONS = np.array([[0.0, 0.0], [-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]])
"""Of the actions: stay, left, right, down, up."""


@compiled
def contact_force(dx: float, dy: float, reach: float) -> tuple[float, float]:
    """Return the force on a disc that lies (dx, dy) from another, their radii adding up to `reach`; the other gets the opposite.

    Its size is 100 k log(1 + exp((reach - distance) / k)) with the margin k: almost nothing without an overlap. Two discs with the same
    centre do not push each other, as no direction leads apart.
    """
    distance = math.sqrt(dx * dx + dy * dy)
    if distance == 0.0:
        return 0.0, 0.0
    depth = (reach - distance) / CONTACT_MARGIN
    softened = max(depth, 0.0) + math.log1p(math.exp(-abs(depth)))
    force = CONTACT_FORCE * softened * CONTACT_MARGIN / distance
    return force * dx, force * dy


@compiled
def forces(world: Floats, actions: Ints, sizes: Floats, step_sizes: Floats) -> Floats:
    """Return the force on each agent, (agents, 2): its action's, and that of every disc it touches."""
    agents = len(world)
    total = np.empty((agents, 2))
    for agent in range(agents):
        strength = SENSITIVITY * step_sizes[agent]
        total[agent, 0] = strength * DIRECTIONS[actions[agent], 0]
        total[agent, 1] = strength * DIRECTIONS[actions[agent], 1]
    for one in range(agents):
        for other in range(one + 1, agents):
            dx, dy = world[one, 0] - world[other, 0], world[one, 1] - world[other, 1]
            push_x, push_y = contact_force(dx, dy, sizes[one] + sizes[other])
            total[one, 0] += push_x
            total[one, 1] += push_y
            total[other, 0] -= push_x
            total[other, 1] -= push_y
    return total


@compiled
def move(world: Floats, force: Floats, speed_first: bool) -> None:
    """Move agents for one step, in place; they travel at the speed after the force (`speed_first`) or at that before it."""
    for agent in range(len(world)):
        for axis in range(2):
            before = world[agent, 2 + axis]
            after = before * (1 - DAMPING) + force[agent, axis] * DT
            world[agent, axis] += (after if speed_first else before) * DT
            world[agent, 2 + axis] = after


@compiled
def step(worlds: Floats, actions: Ints, playing: Flags, bodies: tuple[Floats, Floats], speed_first: bool) -> None:
    """Play one step in the slots of `playing`, in place: worlds (n, agents, 4), actions (n, agents), bodies' radii and step sizes."""
    sizes, step_sizes = bodies
    for slot in range(len(worlds)):
        if playing[slot]:
            move(worlds[slot], forces(worlds[slot], actions[slot], sizes, step_sizes), speed_first)


@compiled
def colliding_pairs(world: Floats, sizes: Floats) -> Ints:
    """Return of how many ordered pairs that collide each agent is part, (agents,): two for everyone whose disc overlaps its own."""
    agents = len(world)
    pairs = np.zeros(agents, dtype=np.int64)
    for one in range(agents):
        for other in range(one + 1, agents):
            dx, dy = world[one, 0] - world[other, 0], world[one, 1] - world[other, 1]
            if math.sqrt(dx * dx + dy * dy) < sizes[one] + sizes[other]:
                pairs[one] += 2
                pairs[other] += 2
    return pairs


@compiled
def landmark_distances(world: Floats, landmarks: Floats) -> Floats:
    """Return each agent's distance to its nearest landmark, (agents,)."""
    nearest = np.full(len(world), np.inf)
    for agent in range(len(world)):
        for landmark in range(len(landmarks)):
            dx, dy = world[agent, 0] - landmarks[landmark, 0], world[agent, 1] - landmarks[landmark, 1]
            nearest[agent] = min(nearest[agent], math.sqrt(dx * dx + dy * dy))
    return nearest


@compiled
def reward(agent: int, pairs: Ints, distances: Floats) -> float:
    """Return an agent's reward, from who collides and how far everyone's nearest landmark is."""
    collisions, reached = 0, 0
    for each in range(len(pairs)):
        collisions += pairs[each]
        reached += distances[each] < NEAR
    paid = -distances[agent]
    if collisions > 0:
        return float(paid + COLLISION * (collisions // 2))  # every ordered pair stands in two agents' counts
    if distances[agent] < NEAR:
        paid += REACHED
    if reached == len(pairs):
        paid += ALL_REACHED
    return float(paid)


@compiled
def score(worlds: Floats, landmarks: Floats, sizes: Floats, players: int) -> tuple[Floats, Floats, Floats]:
    """Return rewards, colliding pairs and whether a landmark is reached (1.0 or 0.0) of the first agents, (n, players) each."""
    slots = len(worlds)
    paid, collided, reached = np.empty((slots, players)), np.empty((slots, players)), np.empty((slots, players))
    for slot in range(slots):
        pairs = colliding_pairs(worlds[slot], sizes)
        distances = landmark_distances(worlds[slot], landmarks[slot])
        for player in range(players):
            paid[slot, player] = reward(player, pairs, distances)
            collided[slot, player] = pairs[player]
            reached[slot, player] = distances[player] < NEAR
    return paid, collided, reached


@compiled
def look(world: Floats, landmarks: Floats, player: int, view: NDArray[np.float32]) -> None:
    """Write what an agent sees into `view` (agents + landmarks, 4), which holds zeros: itself, the other agents in order, the landmarks.

    All but the first row are seen from the agent's place; velocities are absolute.
    """
    view[0, 0], view[0, 1] = world[player, 0], world[player, 1]
    view[0, 2], view[0, 3] = world[player, 2], world[player, 3]
    row = 1
    for other in range(len(world)):
        if other != player:
            view[row, 0], view[row, 1] = world[other, 0] - world[player, 0], world[other, 1] - world[player, 1]
            view[row, 2], view[row, 3] = world[other, 2], world[other, 3]
            row += 1
    for landmark in range(len(landmarks)):
        view[row, 0], view[row, 1] = landmarks[landmark, 0] - world[player, 0], landmarks[landmark, 1] - world[player, 1]
        row += 1


@compiled
def observe(worlds: Floats, landmarks: Floats, players: int) -> NDArray[np.float32]:
    """Return what the first agents see, (n, players, agents + landmarks, 4)."""
    seen = np.zeros((len(worlds), players, worlds.shape[1] + landmarks.shape[1], 4), dtype=np.float32)
    for slot in range(len(worlds)):
        for player in range(players):
            look(worlds[slot], landmarks[slot], player, seen[slot, player])
    return seen
