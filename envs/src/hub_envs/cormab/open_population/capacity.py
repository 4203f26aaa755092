"""The environment `cormab/OpenCapacity-v0`: workers carry arms of an open population."""

from __future__ import annotations

from hub_envs.cormab.open_population.loads import Loads
from hub_envs.cormab.open_population.single import OpenEnv
from hub_envs.cormab.open_population.vector import OpenVectorEnv


class OpenCapacityVectorEnv(OpenVectorEnv):
    """A batch of `OpenCapacityEnv`, which says what the task is."""

    coupling = Loads()


class OpenCapacityEnv(OpenEnv):
    """Load workers with arms never seen before, who come and go: the capacity bandit as a family of instances.

    **Story.** As in `cormab/Capacity-v0` arms drift downwards unless a worker carries them, and workers have limited capacity. But every
    episode is another instance, of another size, and arms leave and others arrive while it runs. All that matters about an instance is in
    the observation, so that a policy trained once can act on new ones.

    **Observation.** `Dict` of two float64 boxes. `"arms"` (P, 12), a row a place, all zero where no arm is; columns:

    - 0: 1 where an arm is present;
    - 1-4: its level 0, 1, 2, 3, one-hot;
    - 5, 6: its chance of moving up when left alone, and when pulled;
    - 7-10: what it pays for being in level 0, 1, 2, 3 after a move;
    - 11: its cost, 2 to 6, in units of capacity.

    `"shared"` (10,): B, the steps left, the chances `leave` and `arrive`, and the number of workers of capacity 2, 3, 4, 5, 6, 7.
    `model.read(observation)` gives the arms present as a closed `Problem` with its action set, their levels and their places. Other
    arguments change values, not shapes, as long as `places` is the same: with `places=200` small and large instances share one space.

    **Action.** `MultiBinary(P)`, int8 (P,): 1 pulls the arm in that place. Allowed are the pulls of present arms whose costs can be packed
    into the workers' capacities, each arm carried by one worker. Any other action, and any that pulls an empty place, plays as the zero
    action and `info["infeasible"]` is True (False otherwise); see `infeasible` below.

    **Dynamics.** An arm in level s moves to min(s + 1, 3) with its chance, else to max(s - 1, 0). Then each arm leaves with chance `leave`,
    and each of the episode's J places that was empty during the step is taken with chance `arrive` by a newcomer in level 0, or 1 with
    chance `start_probability`. Where that would leave nobody, all stay.

    **Reward.** The sum over present arms of R[level after the move], paid before arms leave. Good arms pay 0.20, 0.15, 0.10 in levels 0, 1,
    2 and then 4, 5 or 6; others 0.10, 0.15, 0.20 and then 1, 2 or 3. `info["expected_reward"]` is its expectation given the observation and
    the action: the score with less noise.

    **Start.** J arms in the first J places, each in level 1 with probability `start_probability` (0.2), else in level 0. The other P - J
    places stay empty.

    **End.** Truncated after `horizon` steps; never terminated.

    **Instance.** Drawn anew at every reset, from the episode's generator, in this order: J, uniform from `min_arms` to `max_arms`; B =
    max(1, round(`budget_share` J)) workers; a uniform for each step and place, for leaving and arriving; then for all M arms that ever
    appear: passive ~ U[0, 0.2), active ~ U[0.7, 0.9); top rewards of the J first arms, the first B of them good, then whether each
    newcomer is good (chance B / J), and their top rewards; costs from {2, ..., 6} and the B workers' capacities from {2, ..., 7}; start
    levels; a uniform for each step and place, for the moves.

    Args:
        min_arms: fewest arms that an episode starts with, 1 or more.
        max_arms: most.
        places: P, the length of actions; None makes it `max_arms`.
        budget_share: workers per arm of the start, greater than 0 and at most 1.
        leave: see Dynamics.
        arrive: see Dynamics.
        horizon: steps of an episode.
        start_probability: see Start.
        infeasible: what a forbidden action does: `"noop"` plays the zero action and sets `info["infeasible"]`, `"error"` raises
            ValueError naming the constraint it breaks.
        render_mode: None or `"rgb_array"` (needs Pillow: `pip install "gymhub-envs[render]"`).

    **Source.** Arms and capacities: Xu, Wilder, Khalil and Tambe, "Reinforcement learning with combinatorial actions for coupled restless
    bandits", ICLR 2025 (arXiv 2503.01919). Arms that opt in and out, and one policy for all of them: Zhao, Behari, Hughes, Zhang, Nagaraj,
    Tuyls, Taneja and Tambe, "Towards a pretrained model for restless bandits via multi-arm generalization", IJCAI 2024. The family that
    joins the two is this package's own.

    **Versions.** v0: first.
    """

    batch = OpenCapacityVectorEnv
