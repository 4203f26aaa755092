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


@pytest.mark.parametrize("call", ["gym.make('hub:duel/Coins-v0')", "gym.make_vec('hub:pair/Alone-v0', num_envs=2)"])
def test_gymnasium_says_who_builds_a_parallel_environment(examples, call):
    examples.install(
        "pair",
        "import hub\n@hub.hookimpl\ndef hub_environments():\n"
        "    return [hub.EnvironmentSpec(id='pair/Alone-v0', entry_point='pair:Alone', kind='parallel')]\n",
    )
    done = examples.python("-W", "error", "-c", f"import gymnasium as gym; {call}")
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("hub.errors.UsageError: ")
    assert "-v0 is a parallel environment of several players, which gymnasium.make cannot give; hub.make('" in last


def test_gymnasium_builds_the_native_batch_of_a_parallel_environment(examples):
    done = examples.python("-W", "error", "-c", "import gymnasium as gym; print(*gym.make_vec('hub:duel/Coins-v0', num_envs=3).players)")
    assert done.stdout.split() == ["even", "odd"], done.stderr


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
