"""One game at a time of Non-Cooperative Navigation: the batch of one, for several players and for one."""

from __future__ import annotations

from hub_envs.navigation.vector import Level, NavigationSoloVectorEnv, NavigationVectorEnv, Physics
from hub_envs.players import PlayersEnv
from hub_envs.solo import SoloEnv


class NavigationEnv(PlayersEnv):
    """Non-Cooperative Navigation of Wu et al. (iPLAN, CoRL 2023): agents of different size and strength, each out for a landmark.

    **Observations.** `Box(-inf, inf, (agents + 3, 4), float32)`, rows x, y, vx, vy: the player itself; the other agents by number, the
    random mover last; the 3 landmarks. Positions are in units of half the arena, the player's own absolute and all others relative to it;
    velocities are absolute, in those units a second. `state()` is all agents' and landmarks' rows, absolute, flattened.

    **Actions.** `Discrete(5)`: stay, left (-x), right (+x), down (-y), up (+y), each a force of 5 times the agent's step size.

    **Dynamics.** Discs of mass 1 on a plane without walls. In a step of 0.1 s an agent loses a quarter of its speed and gains what its
    action and the discs that touch it give (contact force 100, margin 0.001); landmarks touch nothing. Agents differ, in turn: radius 0.08,
    0.10, 0.06 with step size 1.0, 0.9, 1.1. They start at rest, anywhere in the square from -1 to 1. A landmark stays where its episode
    puts it, on the grid {-4, ..., 4}/5 each way, drawn independently: two may share a place, rarely. In the hard level one more agent, like
    the first, acts uniformly at random.

    **Rewards.** Of each player: minus the distance to its nearest landmark; for every ordered pair of agents that collide, -5 to everyone;
    if none collide, +10 for being within 0.1 of a landmark, and +100 if every agent is, the random mover included.

    **End.** All players are truncated after `duration` steps; nothing terminates.

    **Infos**, of each player in each step: `agent_return`, its reward; `collisions`, how many ordered pairs that collide it is part of;
    `reached`, 1.0 within 0.1 of a landmark.

    Args:
        level: `"easy"`, or `"hard"` with the random mover.
        agents: how many players there are, `agent_0` and so on.
        duration: steps of an episode.
        physics: `"mpe"`: agents travel at the speed that a step gives them, as in OpenAI's particle environments and in the authors' code.
            `"mpe2"`: at the speed they had before it, as in the package `mpe2`.
        render_mode: None or `"rgb_array"`.

    Raises:
        ValueError: an argument is none of these; the message says what would be right.

    Source: Wu et al., "iPLAN: Intent-Aware Planning in Heterogeneous Traffic via Distributed Multi-Agent Reinforcement Learning", CoRL
    2023, and its code (wuxiyang1996/iPLAN, scenario `simple_spread_Hetero`); the world is that of Lowe et al., "Multi-Agent Actor-Critic
    for Mixed Cooperative-Competitive Environments", NeurIPS 2017. There actions 1 and 2, and 3 and 4, are the other way round.

    Versions: v0.
    """

    def __init__(
        self,
        *,
        level: Level = "easy",
        agents: int = 3,
        duration: int = 50,
        physics: Physics = "mpe",
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            NavigationVectorEnv(
                1, level=level, agents=agents, duration=duration, physics=physics, autoreset_mode="Disabled", render_mode=render_mode
            )
        )


class NavigationSoloEnv(SoloEnv):
    """Non-Cooperative Navigation with one player, for agents that learn alone.

    `NavigationEnv`'s docstring is the specification; here is what `agent_0` alone meets.

    **Observations.** `Box(-inf, inf, (agents + 3, 4), float32)`, as there.

    **Actions.** `Discrete(5)`, as there.

    **Dynamics.** As there; the other agents act uniformly at random, as the hard level's random mover does.

    **Rewards.** As there: the player pays for the collisions of others, and gets the +100 only while every agent has reached a landmark.

    **End.** Truncation after `duration` steps; nothing terminates.

    Args:
        level: `"easy"`, or `"hard"` with one random mover more.
        agents: how many agents there are, the player and those that act at random.
        duration: steps of an episode.
        physics: `"mpe"` or `"mpe2"`, as in `NavigationEnv`.
        render_mode: None or `"rgb_array"`.

    Raises:
        ValueError: an argument is none of these; the message says what would be right.

    Source: as of `NavigationEnv`; that only one agent learns is this package's.

    Versions: v0.
    """

    def __init__(
        self,
        *,
        level: Level = "easy",
        agents: int = 3,
        duration: int = 50,
        physics: Physics = "mpe",
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            NavigationSoloVectorEnv(
                1, level=level, agents=agents, duration=duration, physics=physics, autoreset_mode="Disabled", render_mode=render_mode
            )
        )
