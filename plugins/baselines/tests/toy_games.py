"""Small parallel environments, in PettingZoo's form and as a native batch; `conftest` registers them as plugin `toys`."""

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from pettingzoo import ParallelEnv

STEPS = 8


class Signals(ParallelEnv):
    """Each player is shown one of three signals a step, and earns 1 by answering with its number.

    The next number up makes it leave the game; the others are truncated after 8 steps. `ids` mean nothing. The state is everybody's signal.
    With `reseeds=False` only the first seed counts, as where a native batch begins episodes by itself.
    """

    metadata = {"name": "signals", "render_modes": []}  # noqa: RUF012

    def __init__(self, state: bool = True, reseeds: bool = True) -> None:
        self._reseeds, self._rng = reseeds, None
        self.possible_agents, self.agents = ["red", "green", "blue"], []
        self._space = spaces.Dict({"signal": spaces.Box(0, 1, (3,), np.float32), "ids": spaces.Box(0, 99, (2,), np.int64)})
        if state:
            self.state_space = spaces.Box(0, 1, (3, 3), np.float32)

    def observation_space(self, agent):
        return self._space

    def action_space(self, agent):
        return spaces.Discrete(3)

    def reset(self, seed=None, options=None):
        if self._rng is None or (self._reseeds and seed is not None):
            self._rng = np.random.default_rng(seed)
        self.agents, self._steps = list(self.possible_agents), 0
        return self._show(self.agents), {player: {} for player in self.agents}

    def step(self, actions):
        acted, signals = self.agents, self._signals
        answers = {player: (int(actions[player]) - signals[self.possible_agents.index(player)]) % 3 for player in acted}
        self._steps += 1
        left = {player: answer == 1 for player, answer in answers.items()}
        late = {player: not left[player] and self._steps == STEPS for player in acted}
        self.agents = [player for player in acted if not (left[player] or late[player])]
        rewards = {player: float(answer == 0) for player, answer in answers.items()}
        return self._show(acted), rewards, left, late, {player: {} for player in acted}

    def state(self):
        return np.eye(3, dtype=np.float32)[self._signals]

    def _show(self, players):
        self._signals = self._rng.integers(3, size=3)
        shown = self.state()
        return {player: {"signal": shown[self.possible_agents.index(player)], "ids": np.array([1, 2])} for player in players}


class SignalsBatch(gym.vector.VectorEnv):
    """`Signals` with a players axis, in the form of a native batch."""

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.SAME_STEP):
        self.num_envs, self.games = num_envs, [Signals() for _ in range(num_envs)]
        self.metadata = {"autoreset_mode": autoreset_mode}
        self.players = tuple(self.games[0].possible_agents)
        self.state_space = self.games[0].state_space
        self.single_observation_space = batch_space(self.games[0].observation_space("red"), 3)
        self.single_action_space = spaces.MultiDiscrete([3] * 3)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)

    @property
    def in_game(self):
        return np.array([[player in game.agents for player in self.players] for game in self.games])

    def state(self):
        return np.stack([game.state() for game in self.games])

    def reset(self, *, seed=None, options=None):
        return self._stacked([game.reset(seed=each)[0] for game, each in zip(self.games, seed, strict=True)]), {}

    def step(self, actions):
        seen, present, final = [], np.ones(self.num_envs, bool), {}
        values = {key: np.zeros((self.num_envs, 3), kind) for key, kind in (("rewards", float), ("terminated", bool), ("truncated", bool))}
        for slot, game in enumerate(self.games):
            chosen = dict(zip(self.players, actions[slot], strict=True))
            shown, *outcome, _ = game.step({player: chosen[player] for player in game.agents})
            for key, by_player in zip(values, outcome, strict=True):
                values[key][slot] = [by_player.get(player, 0) for player in self.players]
            if not game.agents:
                present[slot], shown = False, game.reset()[0]
            seen.append(shown)
        infos = {key: np.where(present[:, None], array, 0) for key, array in values.items()} if present.any() else {}
        if not present.all():
            final = {"final_info": {key: np.where(present[:, None], 0, array) for key, array in values.items()}, "_final_info": ~present}
        truncated = ~present & values["truncated"].any(1)
        return self._stacked(seen), values["rewards"].sum(1), ~present & ~truncated, truncated, {**infos, **final}

    def _stacked(self, rows):
        empty = {"signal": np.zeros(3, np.float32), "ids": np.zeros(2, np.int64)}
        return {key: np.stack([[row.get(player, empty)[key] for player in self.players] for row in rows]) for key in empty}
