"""The package's environments as plain data, for Gymnasium's registry and for whoever lists them elsewhere. Imports no environment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One environment.

    Attributes:
        id: its Gymnasium id.
        entry_point: `"module:Class"` of the single environment.
        vector_entry_point: `"module:Class"` of the batched one.
        model: tag of what `env.unwrapped.model` gives to planning agents.
        requires: pip requirement that brings what the entry points import.
        summary: one line for listings.
    """

    id: str
    entry_point: str
    vector_entry_point: str
    model: str
    requires: str
    summary: str


CORMAB = (
    Entry(
        id="cormab/Matching-v0",
        entry_point="hub_envs.cormab:MatchingEnv",
        vector_entry_point="hub_envs.cormab:MatchingVectorEnv",
        model="hub_envs.cormab:Problem",
        requires="gymhub-envs[cormab]",
        summary="coupled restless bandit: workers visit arms by schedule, pulls must fit a matching",
    ),
)
"""Coupled restless bandits."""

ENVIRONMENTS = CORMAB
"""All families."""
