"""Small environments that show one behaviour each."""

import copy

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

STRUCTURED = spaces.Dict(
    {
        "image": spaces.Box(0, 255, (8, 8, 3), np.uint8),
        "words": spaces.Text(12, min_length=0),
        "inner": spaces.Tuple((spaces.Discrete(5, start=2), spaces.Box(-1, 1, (2,), np.float32))),
        "history": spaces.Sequence(spaces.Box(-1, 1, (2,), np.float32)),
    }
)


class Structured(gym.Env):
    """Observes and takes any space; the reward depends on what is observed; ends after 3 to 9 steps."""

    def __init__(self, observation_space=STRUCTURED, action_space=STRUCTURED):
        self.observation_space, self.action_space = copy.deepcopy(observation_space), copy.deepcopy(action_space)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.observation_space.seed(seed)
        self.left = int(self.np_random.integers(3, 10))
        return self.observation_space.sample(), {}

    def step(self, action):
        assert self.action_space.contains(action)
        self.left -= 1
        info = {"cost": float(self.left), "sum": 0.25}
        return self.observation_space.sample(), float(self.np_random.normal()), self.left == 0, False, info


class Faulty(gym.Env):
    """Counts steps and does what it is told to at step 3 (at reset for step 0)."""

    observation_space = spaces.Box(0, 100, (2,), np.float32)
    action_space = spaces.Discrete(2)

    def __init__(self, at=3, **fault):
        self.at, self.fault = at, fault

    def _now(self, key, usual):
        value = self.fault.get(key, usual) if self.t == self.at else usual
        if isinstance(value, Exception):
            raise value
        return value

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.t = 0
        return self._now("reset", (self._now("observation", np.zeros(2, np.float32)), {}))

    def step(self, action):
        self.t += 1
        observation = self._now("observation", np.full(2, self.t, np.float32))
        outcome = observation, self._now("reward", 1.0), self._now("terminated", self.t == 9), False, self._now("info", {"cost": 1.0})
        return self._now("step", outcome)


class Walk(VectorEnv):
    """A native batch of random walks that end at +-3; like Gymnasium's own, it refuses to step a slot that has ended."""

    def __init__(self, num_envs):
        self.metadata = {"autoreset_mode": AutoresetMode.DISABLED}
        self.num_envs = num_envs
        self.single_observation_space = spaces.Box(-3, 3, (1,), np.float64)
        self.single_action_space = spaces.Discrete(2)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.place = np.zeros((num_envs, 1))
        self.over = np.ones(num_envs, bool)
        self.rngs = [None] * num_envs

    def reset(self, *, seed=None, options=None):
        for slot in np.flatnonzero(options["reset_mask"]):
            self.rngs[slot] = np.random.default_rng(seed[slot])
            self.place[slot] = self.rngs[slot].uniform(-1, 1)
            self.over[slot] = False
        return self.place, {}

    def step(self, actions):
        assert not self.over.any(), "an ended slot was stepped"
        for slot in range(self.num_envs):
            if self.place[slot] == 0.0 and actions[slot]:
                raise AssertionError("a slot got an action that its state does not allow")
            self.place[slot] = np.clip(self.place[slot] + actions[slot] - 0.5 + self.rngs[slot].normal(), -3, 3)
        self.over = np.abs(self.place[:, 0]) >= 3
        return self.place, self.place[:, 0] / 2, self.over.copy(), np.zeros(self.num_envs, bool), {"cost": self.place[:, 0] ** 2}


class WalkAlone(gym.Env):
    """The same walk, one at a time."""

    def __init__(self):
        self.batch = Walk(1)
        self.observation_space, self.action_space = self.batch.single_observation_space, self.batch.single_action_space

    def reset(self, *, seed=None, options=None):
        return self.batch.reset(seed=[seed], options={"reset_mask": np.ones(1, bool)})[0][0].copy(), {}

    def step(self, action):
        place, rewards, over, _, infos = self.batch.step(np.array([action]))
        return place[0].copy(), float(rewards[0]), bool(over[0]), False, {"cost": float(infos["cost"][0])}
