"""AndroidControl's recorded episodes: what a person did on an Android phone, step by step, for agents to be measured against.

Source: Li et al., "On the Effects of Data Scale on UI Control Agents", NeurIPS 2024 (Datasets and Benchmarks), arXiv 2406.03679 (data CC
BY 4.0); checks of single steps, and the metric SOP, from Lu et al., "UI-S1", arXiv 2509.11543. The data are not part of this package.
"""

from hub_envs.androidcontrol.environment import SOPEnv
from hub_envs.androidcontrol.matching import Match, evaluation_match, training_match
from hub_envs.androidcontrol.outputs import Output, parse_action, read_output
from hub_envs.androidcontrol.sop import SOP, leniency, measure
from hub_envs.androidcontrol.traces import Step, Trace, load

__all__ = [
    "SOP",
    "Match",
    "Output",
    "SOPEnv",
    "Step",
    "Trace",
    "evaluation_match",
    "leniency",
    "load",
    "measure",
    "parse_action",
    "read_output",
    "training_match",
]
