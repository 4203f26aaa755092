"""Group-relative policy gradients: several rollouts of one task, each judged against the others (GRPO and its kin).

Papers differ in small ways, and each way is a function that is handed in:

1. collect: whatever makes `Group`s of `Rollout`s from a `Policy`; a loop of the paper's own.
2. `Algorithm.score`: a group with its rewards shaped, or some of its rollouts replaced.
3. `Algorithm.select`: whether a group takes part.
4. `Algorithm.advantage`: a number for each token.
5. `Algorithm.token_loss`: what a token costs, given its log-probabilities now and then.
6. `Algorithm.aggregation`: how tokens' costs become one number; named, because results differ.

    groups = my_rollouts(policy, tasks, rng)
    told = improve(policy, optimiser, groups, Algorithm(), rng)

Source of the defaults: Shao et al., "DeepSeekMath", arXiv 2402.03300 (GRPO), with the sample's standard deviation, as verl and
TRL compute it.
"""

from hub_baselines.relative.advantages import broadcast, group_relative, z_scores
from hub_baselines.relative.aggregation import AGGREGATIONS
from hub_baselines.relative.data import Group, Policy, Rollout, Segment
from hub_baselines.relative.learning import Algorithm, Sample, improve, samples_of
from hub_baselines.relative.losses import clipped, k3
from hub_baselines.relative.supervised import imitate

__all__ = [
    "AGGREGATIONS",
    "Algorithm",
    "Group",
    "Policy",
    "Rollout",
    "Sample",
    "Segment",
    "broadcast",
    "clipped",
    "group_relative",
    "imitate",
    "improve",
    "k3",
    "samples_of",
    "z_scores",
]
