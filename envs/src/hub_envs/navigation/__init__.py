"""Non-Cooperative Navigation: a particle world of several players, batched and compiled.

Source: Wu et al., "iPLAN: Intent-Aware Planning in Heterogeneous Traffic via Distributed Multi-Agent Reinforcement Learning", CoRL 2023.
"""

from hub_envs.navigation.single import NavigationEnv, NavigationSoloEnv
from hub_envs.navigation.vector import NavigationSoloVectorEnv, NavigationVectorEnv

__all__ = ["NavigationEnv", "NavigationSoloEnv", "NavigationSoloVectorEnv", "NavigationVectorEnv"]
