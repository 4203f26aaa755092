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
    Entry(
        id="cormab/Capacity-v0",
        entry_point="hub_envs.cormab:CapacityEnv",
        vector_entry_point="hub_envs.cormab:CapacityVectorEnv",
        model="hub_envs.cormab:Problem",
        requires="gymhub-envs[cormab]",
        summary="coupled restless bandit: workers carry arms, pulls must be packed into their capacities",
    ),
    Entry(
        id="cormab/Interventions-v0",
        entry_point="hub_envs.cormab:InterventionsEnv",
        vector_entry_point="hub_envs.cormab:InterventionsVectorEnv",
        model="hub_envs.cormab:Problem",
        requires="gymhub-envs[cormab]",
        summary="coupled restless bandit: a few interventions a step, arms answer to how many reach them",
    ),
    Entry(
        id="cormab/Path-v0",
        entry_point="hub_envs.cormab:PathEnv",
        vector_entry_point="hub_envs.cormab:PathVectorEnv",
        model="hub_envs.cormab:Problem",
        requires="gymhub-envs[cormab]",
        summary="coupled restless bandit: pulls must lie on one short closed walk through a network",
    ),
    Entry(
        id="cormab/OpenMatching-v0",
        entry_point="hub_envs.cormab.open_population:OpenMatchingEnv",
        vector_entry_point="hub_envs.cormab.open_population:OpenMatchingVectorEnv",
        model="hub_envs.cormab.open_population:Reader",
        requires="gymhub-envs[cormab]",
        summary="family of matching bandits: every episode a new instance, of 10 to 40 arms that come and go",
    ),
    Entry(
        id="cormab/OpenCapacity-v0",
        entry_point="hub_envs.cormab.open_population:OpenCapacityEnv",
        vector_entry_point="hub_envs.cormab.open_population:OpenCapacityVectorEnv",
        model="hub_envs.cormab.open_population:Reader",
        requires="gymhub-envs[cormab]",
        summary="family of capacity bandits: every episode a new instance, of 10 to 40 arms that come and go",
    ),
)
"""Coupled restless bandits."""

ENVIRONMENTS = CORMAB
"""All families."""
