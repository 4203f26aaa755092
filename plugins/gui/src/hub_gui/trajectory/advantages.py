"""What an attempt earns, and how that is told to its steps (section 4.3 of the paper).

The paper calls the method TRPO, for trajectory-aware relative policy optimisation; it has nothing to do with trust regions.
"""

from __future__ import annotations

from hub_baselines.relative import Group, broadcast, z_scores
from hub_baselines.relative.advantages import Advantages, Std

MALFORMED = -0.5
"""What an episode with malformed actions loses, once, however many there were."""


def trajectory_reward(success: bool, malformed: bool) -> float:
    """Return R: 1 for success, and `MALFORMED` for an episode in which actions could not be understood."""
    return float(success) + MALFORMED * malformed


def trajectory_advantages(group: Group, *, std: Std = "population", scaled: bool = True) -> Advantages:
    """Give every step of an attempt the attempt's advantage (R - mean) / (std + 1e-6) among those of its task.

    Args:
        group: attempts at one task; a segment is a step.
        std: which standard deviation. The paper speaks of a "running mean and standard deviation over multiple trajectories"; here they
            are the group's.
        scaled: divide by the number of the attempt's steps, so that a long attempt weighs as much as a short one. The paper says that the
            loss of a step is "scaled by the number of steps", which is read as divided.
    """
    scores = z_scores(group.rewards, std).tolist()
    shares = [1 / len(rollout.segments) if scaled else 1.0 for rollout in group.rollouts]
    return broadcast(
        group, [[score * share] * len(rollout.segments) for rollout, score, share in zip(group.rollouts, scores, shares, strict=True)]
    )
