"""Heterogeneous motorway traffic: five learners among fifty drivers of three kinds.

`vector` is the batch, `single` its PettingZoo and Gymnasium forms; `simulation` plays a second of traffic out of small functions that
can be called alone: `idm`, `neighbours`, `lanes` (MOBIL), `motion`, `collisions`, `scoring`.
"""

from hub_envs.highway.single import HeterogeneousEnv, HeterogeneousSoloEnv, HeterogeneousSoloVectorEnv
from hub_envs.highway.vector import HeterogeneousVectorEnv

__all__ = ["HeterogeneousEnv", "HeterogeneousSoloEnv", "HeterogeneousSoloVectorEnv", "HeterogeneousVectorEnv"]
