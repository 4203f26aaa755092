"""Memo: short forms that can only be filled in by who remembers.

A code is shown on one screen and asked for on a later one, and no screen shows both. The expert's actions alone do not tell the code
before it is asked for, so an agent that reads only the current screen and the actions so far can do no better than guess: it has to write
notes of its own.

Source: a stand-in, made for this project, for what Lu et al. ("UI-S1: Advancing GUI Automation via Semi-online Reinforcement Learning",
arXiv 2509.11543) show on phones: that a policy has to be trained on a history of its own outputs.
"""

from hub_envs.memo.single import FormEnv
from hub_envs.memo.traces import Layout, Trace, Traces
from hub_envs.memo.vector import FormVectorEnv

__all__ = ["FormEnv", "FormVectorEnv", "Layout", "Trace", "Traces"]
