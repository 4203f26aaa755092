"""Heterogeneous highway traffic: five learners among fifty drivers of three kinds."""

from hub_envs.highway.vector import HeterogeneousVectorEnv

__all__ = ["HeterogeneousVectorEnv"]
