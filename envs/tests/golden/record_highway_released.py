"""Record how the authors' package `heterogeneous-highway-env` 0.0.3 drives, for `test_highway_golden.py`.

The package needs gym 0.26 and numpy < 1.24, and calls itself `highway_env`, so it runs in an environment of its own (Python 3.10):

    pip install "numpy<1.24" gym==0.26.2 "pandas<2" scipy matplotlib pygame
    pip download --no-deps heterogeneous-highway-env==0.0.3 && unzip -d published Heterogeneous_Highway_Env-0.0.3-py3-none-any.whl
    cp -r published/Heterogeneous_Highway_Env highway_env
    sed -i 's/^import envs$/import highway_env.envs/' highway_env/__init__.py     # nothing else is changed
    PYTHONPATH=. python record_highway_released.py highway_released.npz

The file holds the state of every car at the start (`kind` as in `hub_envs.highway.drivers`), the agents' random actions, and every car's
x, y, heading, speed and crash at the start and after each second. An agent that has crashed idles.
"""

import sys

import numpy as np
from highway_env.envs.highway_env import HighwayEnvHetero_H

SECONDS = 25
SEED = 13
"""One where no normal driver comes to stand behind a wreck: around zero speed rounding errors of steering grow a millionfold a second."""
ACTIONS = 5
IDLE = 1
KINDS = {"MDPVehicle": 0, "IDMVehicle": 1, "AggressiveVehicle": 2, "DefensiveVehicle": 3}
CONFIG = {
    "observation": {"type": "MultiAgentObservation", "observation_config": {"type": "Kinematics"}},
    "action": {"type": "MultiAgentAction", "action_config": {"type": "DiscreteMetaAction"}},
    "lanes_count": 8,
    "controlled_vehicles": 5,
    "vehicles_count": 50,
    "simulation_frequency": 5,
    "policy_frequency": 1,
    "duration": 90,
}


def main(path: str) -> None:
    """Play an episode of chaotic traffic and write it to `path`."""
    np.random.seed(SEED)  # the package draws the kinds of drivers from here
    env = HighwayEnvHetero_H(CONFIG)
    env.seed(SEED)
    env.reset()
    cars = env.road.vehicles
    initial = {
        "kind": [KINDS[type(car).__name__] for car in cars],
        "lane": [car.lane_index[2] for car in cars],
        "target_speed": [car.target_speed for car in cars],
        "timer": [getattr(car, "timer", 0.0) for car in cars],
        "exponent": [getattr(car, "DELTA", 4.0) for car in cars],
    }
    actions = np.random.default_rng(SEED).integers(ACTIONS, size=(SECONDS, len(env.controlled_vehicles)))
    seen = [look(cars)]
    for second in range(SECONDS):
        actions[second, [car.crashed for car in env.controlled_vehicles]] = IDLE
        env.step(tuple(actions[second].tolist()))
        seen.append(look(cars))
    np.savez_compressed(path, actions=actions, states=np.array(seen), **initial)
    print(f"{SECONDS} s, {len(cars)} cars, {int(seen[-1][-1].sum())} of them wrecks at the end")


def look(cars: list) -> np.ndarray:
    """Return x, y, heading, speed and crash of every car, (5, cars)."""
    return np.array([(*car.position, car.heading, car.speed, float(car.crashed)) for car in cars]).T


if __name__ == "__main__":
    main(sys.argv[1])
