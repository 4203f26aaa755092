"""One road at a time: PettingZoo's form for all players, Gymnasium's for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from gymnasium.vector import AutoresetMode

from hub_envs.highway.vector import HeterogeneousVectorEnv
from hub_envs.players import PlayersEnv
from hub_envs.solo import SoloEnv, SoloVectorEnv


class HeterogeneousEnv(PlayersEnv):
    """Five learners among fifty drivers of three kinds on a straight motorway (Wu et al., "iPLAN", CoRL 2023, arXiv 2306.06236).

    **Road.** 8 lanes of 4 m, 10 km; lane k's centre is y = 4 k, x runs along. Cars measure 5 m x 2 m. A step is one second, simulated in
    five.

    **Start.** As many groups as agents, each led from behind by an agent, the others shared out evenly. Each car stands
    c (12 + v0) exp(-5 lanes / 40) U(0.9, 1.1) metres ahead of the one before, with c = 2 and v0 = 25 m/s for agents, c = 1 / density and
    v0 ~ U(21, 24) m/s for others, in a lane drawn uniformly. Each other driver is aggressive or defensive with the mix's chances, else
    normal.

    **Observations.** `Dict(vehicles=Box(-1, 1, (15, 5), float32), ids=Box(0, 2**31 - 1, (15,), int64))`. A row of `vehicles` is
    (presence, x, y, vx, vy): the agent itself first, in absolute numbers, then the nearest others by distance along the road, relative to
    it; within 200 m and not more than 10 m behind. Places are divided by 100 m, velocities by 20 m/s, all cut to [-1, 1]; absent rows
    are 0.
    `ids` numbers the cars of the rows, from 1 on, so that a car can be followed from step to step; 0 in absent rows. It is a name, not a
    quantity. With `ids=False` the observation is `vehicles` alone. `state()` is the whole road: presence, x, y (m), vx, vy (m/s) of every
    car, in order of ids.

    **Actions.** `Discrete(5)`: 0 lane left, 1 idle, 2 lane right, 3 faster, 4 slower. Lane actions move the lane that the car steers to,
    speed actions set its target speed to the next of 20, 25, 30 m/s from the one nearest to its speed.

    **Dynamics.** highway-env's: agents steer and hold their target speed by proportional controllers; others follow IDM and change lanes by
    MOBIL, with the parameters of their kind (`hub_envs.highway.drivers`); all move by a bicycle model; two cars that touch are wrecks,
    which roll out and stay on the road. With `dynamics="released"` aggressive and defensive drivers hold their first speed and never
    brake, as they do in the authors' package, from which the paper's numbers come. Both agree with their models, highway-env 1.12 and the
    authors' package, to rounding.

    **Reward.** (0.1 lane / 7 + 0.4 clip((v cos(heading) - 20) / 10, 0, 1) - crashed + 1) / 1.5 a second, in [0, 1]; 0 off the road. The
    lane is the one steered to; with other numbers of lanes 7 is the rightmost.

    **End.** A crashed agent terminates and leaves; the others truncate after `duration` steps. With `post_crash_reward=True` wrecks stay in
    the game and are paid on, their actions ignored, until all have crashed (termination) or time is up, as in the authors' runner.

    **Infos** of each agent: `agent_return` (the step's reward), `return_with_wrecks` (the same, with an equal share of what agents
    that crashed before would still get), `success` (1 while not crashed), `survival` (s of this step), `speed` (m/s), and 1 in the step of
    a crash under what it came from: `crash_rear_end` (it ran into the car ahead), `crash_struck` (it was run into),
    `crash_own_lane_change`, `crash_other_lane_change`.

    Args:
        mix: `"mild"` (shares of aggressive and defensive drivers 0.1, 0.1), `"chaotic"` (0.3, 0.3), `"aggressive"` (0.5, 0), or two shares.
        density: of other cars; 2 halves their distances.
        dynamics: `"paper"` or `"released"`.
        agents: number of learners.
        vehicles: number of other cars.
        lanes: number of lanes.
        duration: steps of an episode.
        post_crash_reward: whether wrecks stay in the game.
        autopilot: whether agents' cars drive themselves as normal drivers, whatever the actions: a reference, not a task.
        ids: whether observations number the cars.
        render_mode: None or `"rgb_array"`: the road around each agent, drivers by colour, planned lanes, crashes; needs Pillow.

    Raises:
        ValueError: an argument is none of these; the message says what would be right.

    Source: the paper and its environment `heterogeneous-highway-env` 0.0.3; highway-env (Leurent, 2018).

    Versions: v0.
    """

    def __init__(
        self,
        *,
        mix: str | Sequence[float] = "chaotic",
        density: float = 1.0,
        dynamics: Literal["paper", "released"] = "paper",
        agents: int = 5,
        vehicles: int = 50,
        lanes: int = 8,
        duration: int = 90,
        post_crash_reward: bool = False,
        autopilot: bool = False,
        ids: bool = True,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            HeterogeneousVectorEnv(
                1,
                mix=mix,
                density=density,
                dynamics=dynamics,
                agents=agents,
                vehicles=vehicles,
                lanes=lanes,
                duration=duration,
                post_crash_reward=post_crash_reward,
                autopilot=autopilot,
                ids=ids,
                autoreset_mode=AutoresetMode.DISABLED,
                render_mode=render_mode,
            )
        )


class HeterogeneousSoloVectorEnv(SoloVectorEnv):
    """`num_envs` roads with one learner each, stepped together; `HeterogeneousSoloEnv` is the specification, both compute the same bits."""

    metadata: dict[str, Any] = HeterogeneousVectorEnv.metadata

    def __init__(
        self,
        num_envs: int = 1,
        *,
        mix: str | Sequence[float] = "chaotic",
        density: float = 1.0,
        dynamics: Literal["paper", "released"] = "paper",
        vehicles: int = 50,
        lanes: int = 8,
        duration: int = 90,
        autopilot: bool = False,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        game = HeterogeneousVectorEnv(
            num_envs,
            mix=mix,
            density=density,
            dynamics=dynamics,
            agents=1,
            vehicles=vehicles,
            lanes=lanes,
            duration=duration,
            autopilot=autopilot,
            ids=False,
            autoreset_mode=AutoresetMode.DISABLED,
            render_mode=render_mode,
        )
        super().__init__(game, autoreset_mode=autoreset_mode)


class HeterogeneousSoloEnv(SoloEnv):
    """One learner among fifty drivers of three kinds: `HeterogeneousEnv` with a single agent, as a Gymnasium environment.

    **Observation.** `Box(-1, 1, (15, 5), float32)`: what `HeterogeneousEnv` shows as `vehicles`.

    **Action, Dynamics, Reward, End** and infos are those of `HeterogeneousEnv`. A crash terminates; `duration` steps truncate.

    Args:
        mix: as for `HeterogeneousEnv`, and so are all others.
        density: of other cars.
        dynamics: `"paper"` or `"released"`.
        vehicles: number of other cars.
        lanes: number of lanes.
        duration: steps of an episode.
        autopilot: whether the car drives itself.
        render_mode: None or `"rgb_array"`.

    Raises:
        ValueError: an argument is none of these.

    Source: as for `HeterogeneousEnv`.

    Versions: v0.
    """

    metadata: dict[str, Any] = HeterogeneousVectorEnv.metadata

    def __init__(
        self,
        *,
        mix: str | Sequence[float] = "chaotic",
        density: float = 1.0,
        dynamics: Literal["paper", "released"] = "paper",
        vehicles: int = 50,
        lanes: int = 8,
        duration: int = 90,
        autopilot: bool = False,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(
            HeterogeneousSoloVectorEnv(
                1,
                mix=mix,
                density=density,
                dynamics=dynamics,
                vehicles=vehicles,
                lanes=lanes,
                duration=duration,
                autopilot=autopilot,
                autoreset_mode=AutoresetMode.DISABLED,
                render_mode=render_mode,
            )
        )
