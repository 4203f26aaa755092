"""Ids reach Gymnasium from a bare `import hub_envs`, with or without hub, and never over somebody else's."""

import subprocess
import sys


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_gymnasium_alone_makes_the_environment_without_hub() -> None:
    hide_hub = "import sys; sys.modules['hub'] = None; "
    made = run_python(
        hide_hub + "import gymnasium as gym; print(gym.make('hub_envs:cormab/Matching-v0', arms=6, budget=2).unwrapped.model.arms)"
    )
    assert made == "6"


def test_the_bare_id_works_after_the_import_and_so_does_the_newest_version() -> None:
    made = run_python("import hub_envs, gymnasium as gym; print(gym.make('cormab/Matching-v0').spec.id)")
    assert made == "cormab/Matching-v0"


def test_an_id_that_is_there_already_stays() -> None:
    code = (
        "import gymnasium as gym; gym.register('cormab/Matching-v0', entry_point='elsewhere:Env'); "
        "import hub_envs; print(gym.spec('cormab/Matching-v0').entry_point)"
    )
    assert run_python(code) == "elsewhere:Env"


def test_the_import_brings_no_environment() -> None:
    assert run_python("import hub_envs, sys; print('hub_envs.cormab' in sys.modules, 'scipy' in sys.modules)") == "False False"


def test_pictures_without_pillow_say_what_to_install() -> None:
    code = (
        "import sys; sys.modules['PIL'] = None\n"
        "from gymnasium.error import DependencyNotInstalled\n"
        "from hub_envs.cormab import MatchingEnv\n"
        "env = MatchingEnv(render_mode='rgb_array'); env.reset(seed=0)\n"
        "try: env.render()\n"
        "except DependencyNotInstalled as missing: print(missing)\n"
    )
    assert run_python(code) == 'pictures need Pillow: pip install "gymhub-envs[render]"'
