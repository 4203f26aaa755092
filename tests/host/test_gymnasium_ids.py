"""Gymnasium knows the plugins' ids."""

from __future__ import annotations

import pytest

USE = "env = gym.make('lighthouse/Beam-v1'); print(env.spec.max_episode_steps, env.unwrapped.ships, env.reset(seed=0)[0]['beam'])"


@pytest.mark.parametrize("imports", ["import hub, gymnasium as gym", "import gymnasium as gym, hub"])
def test_bare_ids_work_whichever_is_imported_first(examples, imports):
    done = examples.python("-W", "error", "-c", f"{imports}; {USE}")
    assert done.stdout.split() == ["20", "3", "0"], done.stderr


def test_ids_with_the_hub_prefix_import_hub(examples):
    done = examples.python("-W", "error", "-c", f"import gymnasium as gym; {USE.replace('lighthouse/', 'hub:lighthouse/')}")
    assert done.stdout.split() == ["20", "3", "0"], done.stderr


def test_native_batches_and_spawned_workers(examples, tmp_path):
    script = tmp_path / "workers.py"
    script.write_text(
        "import functools\nimport gymnasium as gym\n"
        "if __name__ == '__main__':\n"
        "    native = gym.make_vec('hub:cormab/Matching-v0', num_envs=4)\n"
        "    print(type(native.unwrapped).__name__, native.num_envs)\n"
        "    make = functools.partial(gym.make, 'hub:lighthouse/Beam-v0')\n"
        "    workers = gym.vector.AsyncVectorEnv([make, make], context='spawn')\n"
        "    print(workers.reset(seed=1)[0]['ships'].sum())\n"
        "    workers.close()\n"
    )
    done = examples.python("-W", "error", str(script))
    assert done.stdout.split() == ["MatchingVectorEnv", "4", "4"], done.stderr


def test_parallel_environments_do_not_enter_gymnasiums_registry(examples):
    done = examples.python("-c", "import hub, gymnasium as gym; print('duel/Coins-v0' in gym.registry)")
    assert done.stdout.strip() == "False"


def test_what_no_seed_determines_is_told_to_gymnasium(examples):
    spec = "hub.EnvironmentSpec(id='dice/Roll-v0', entry_point='dice:Roll', deterministic=False)"
    examples.install("dice", f"import hub\n@hub.hookimpl\ndef hub_environments():\n    return [{spec}]\n")
    look = "import hub, gymnasium as gym; print(*(gym.spec(name).nondeterministic for name in ('dice/Roll-v0', 'lighthouse/Beam-v1')))"
    assert examples.python("-W", "error", "-c", look).stdout.split() == ["True", "False"]


def test_an_id_that_is_registered_already_stays(examples):
    register = "import gymnasium as gym; gym.register('lighthouse/Beam-v0', entry_point='mine:Mine')"
    look = "import hub; print(gym.spec('lighthouse/Beam-v0').entry_point)"
    assert examples.python("-W", "error", "-c", f"{register}; {look}").stdout.strip() == "mine:Mine"


def test_importing_hub_in_a_plugins_registration_does_not_look_into_plugins_again(examples):
    done = examples.python(
        "-c", "import hub, gymnasium; print(sum(e.startswith('lighthouse') for e in gymnasium.registry))", HUB_PROBING="1"
    )
    assert done.stdout.strip() == "0"
