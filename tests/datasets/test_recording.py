"""Recording: recipes and agents make the same episodes every time, on training seeds, and say what they made them with."""

from __future__ import annotations

import shlex

import numpy as np
import pytest

import hub
from hub import cli
from hub.checkpoints import read_checkpoint, save_agent
from hub.datasets.collecting import collect
from hub.datasets.episodes import leaves
from hub.datasets.listing import facts_of
from hub.datasets.provenance import arrays_digest
from hub.datasets.recording import record_recipe
from hub.environments import describe
from hub.errors import MissingExtra
from hub.results.models import AgentRecord, EnvironmentRecord
from hub.running.progress import SilentProgress
from hub.running.seeds import TRAINING, training_seeds
from hub.running.settings import Settings

NAME = "quarry/pit/ramps-v0"


def digger(env):
    from hub_quarry import Digger

    return Digger(describe(env))


class Told(SilentProgress):
    """Remembers what it was told."""

    def __init__(self):
        self.lines = []

    def begin(self, title, total, unit, done=0):
        self.lines.append((title, total, unit))

    def advance_to(self, done):
        self.lines.append(done)


def test_a_recipe_makes_what_it_yields_and_moves_the_bar():
    told = Told()
    record_recipe(NAME, told)
    loaded = hub.load_dataset(NAME)
    assert [episode.length for episode in loaded.episodes] == [1, 2, 3, 4]
    assert [bool(episode.truncations[-1]) for episode in loaded.episodes] == [False, False, True, False]
    assert (loaded.env_id, loaded.env_kwargs) == ("quarry/Pit-v0", {"part": "train"})
    assert told.lines == [("record", 4, "episodes"), 0, 1, 2, 3, 4]


def test_recording_twice_makes_the_same_arrays():
    first = record_recipe(NAME, SilentProgress())
    assert record_recipe(NAME, SilentProgress(), replace=True) == first


def test_a_recipes_provenance_says_all():
    record_recipe(NAME, SilentProgress())
    told = hub.load_dataset(NAME).provenance
    assert told["recipe"] == {
        "function": "hub_quarry:ramps",
        "kwargs": {"count": 4},
        "plugin": "quarry",
        "distribution": "hub-quarry",
        "version": "1.0",
    }
    assert told["command"] == f"hub data record {NAME}"
    assert {"python", "gymhub", "gymnasium", "minari", "h5py"} <= set(told["versions"])
    contents = told["contents"]
    assert (contents["episodes"], contents["transitions"], contents["distinct_seeds"]) == (4, 10, 2)
    assert contents["returns"] == {"mean": pytest.approx(1.2625), "min": 0.1, "max": pytest.approx(2.2)}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("raising", "failed after 1 episodes: RuntimeError: the shovel broke"),
        ("misfit", "failed after 1 episodes: ValueError: actions, row 0 holds 7; it must be between -1 and 1"),
        ("endless", "failed after 0 episodes: ValueError: an episode must be terminated or truncated in its last step and in no other"),
        ("something-else", "failed after 1 episodes: TypeError: it made a str where a hub.OfflineEpisode belongs"),
        ("empty", "made no episode"),
        ("missing", "failed after 1 episodes: ModuleNotFoundError: No module named 'package_that_nobody_has'"),
    ],
)
def test_a_faulty_recipe_is_the_plugins_fault_and_leaves_nothing(fault, message, hub_here, datasets):
    code, out, err = hub_here("data", "record", f"quarry/pit/{fault}-v0")
    assert (code, out) == (3, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert list(datasets.iterdir()) == []


def test_a_recipe_whose_package_is_missing_names_the_pip_line():
    with pytest.raises(MissingExtra, match=r"pip install 'hub-quarry\[unbuilt\]'"):
        record_recipe("quarry/pit/unbuilt-v0", SilentProgress())


def test_agents_play_on_training_seeds_under_the_arguments_of_training(hub_here):
    code, _, err = hub_here("data", "record", "quarry/dug-v0", "--agent", "digger", "--env", "quarry-pit", "--seed", "3")
    assert (code, err) == (0, "")
    loaded = hub.load_dataset("quarry/dug-v0")
    assert [episode.seed for episode in loaded.episodes] == [next(training_seeds(3, drawn)) for drawn in range(5)]
    assert all(episode.seed in TRAINING for episode in loaded.episodes)
    assert loaded.env_kwargs == {"part": "train"}
    assert max(np.abs(episode.observations).max() for episode in loaded.episodes) < 50  # the part held back lies about 100
    assert loaded.provenance["agent"]["name"] == "digger"
    assert loaded.provenance["episode_seeds"] == "the first 5 of the training seeds that 3 determines"


def test_episodes_are_those_that_stepping_the_environment_gives():
    agent = digger("quarry/Pit-v0")
    seeds = [5, 3, 5, 9]
    kept = collect("quarry/Pit-v0", {}, agent, seeds, max_steps=4, settings=Settings(slots=2), progress=SilentProgress())
    assert [episode.seed for episode in kept] == seeds
    assert any(episode.length == 4 and episode.truncations[-1] for episode in kept)
    environment = hub.make("quarry/Pit-v0")
    for episode in kept:
        observation, _ = environment.reset(seed=episode.seed)
        np.testing.assert_array_equal(observation, episode.observations[0])
        for step, action in enumerate(episode.actions):
            observation, reward, terminated, _, _ = environment.step(action)
            np.testing.assert_array_equal(observation, episode.observations[step + 1])
            assert (reward, terminated) == (episode.rewards[step], episode.terminations[step])
            assert episode.truncations[step] == (step == 3)


@pytest.mark.parametrize("env", ["quarry/Pit-v0", "quarry/Shaft-v0"])
def test_episodes_do_not_depend_on_the_number_of_slots(env):
    agent = digger(env)

    def played(slots):
        return collect(env, {}, agent, range(9), max_steps=7, settings=Settings(slots=slots), progress=SilentProgress())

    assert len({arrays_digest(played(slots)) for slots in (1, 2, 9)}) == 1


def test_dicts_and_tuples_are_recorded(hub_here):
    assert hub_here("data", "record", "quarry/shaft-v0", "--agent", "digger", "--env", "quarry/Shaft-v0", "--episodes", "3")[0] == 0
    loaded = hub.load_dataset("quarry/shaft-v0")
    walls = loaded.transitions().observations["walls"]
    assert (walls.dtype, walls.shape[1:]) == (np.uint8, (4, 3))
    assert {path for path, _ in leaves(loaded.episodes[0].actions)} == {(0,), (1,)}


@pytest.fixture
def saved(tmp_path):
    """A saved agent that always digs one way."""
    agent = digger("quarry/Pit-v0")
    agent.load_weights({"lean": np.ones(1)})
    record = AgentRecord(name="digger", config={"strength": 2.0}, seed=7, plugin="quarry", distribution="hub-quarry", version="1.0")
    env = EnvironmentRecord(id="quarry/Pit-v0", kwargs={"part": "test"}, plugin="quarry", distribution="hub-quarry", version="1.0")
    save_agent(agent, tmp_path / "agent", record, env)
    return tmp_path / "agent"


def test_a_saved_agent_plays_and_its_weights_are_named(saved, hub_here):
    assert hub_here("data", "record", "quarry/saved-v0", "--weights", saved, "--episodes", "4")[0] == 0
    loaded = hub.load_dataset("quarry/saved-v0")
    assert all((episode.actions == 1).all() for episode in loaded.episodes)
    told = loaded.provenance["agent"]
    assert (told["seed"], told["config"]) == (7, {"strength": 2.0})
    assert told["weights_sha256"] == read_checkpoint(saved).agent.weights_sha256 is not None


def test_the_command_in_the_provenance_records_the_same_arrays(saved, hub_here):
    commands = [
        ["--agent", "digger", "--env", "quarry/Pit-v0", "--agent-arg", "strength=0.5", "--episodes", "3", "--seed", "5"],
        ["--weights", saved, "--episodes", "2"],
    ]
    for number, words in enumerate(commands):
        assert hub_here("data", "record", f"quarry/again-v{number}", *words)[0] == 0
        before = facts_of(f"quarry/again-v{number}")["provenance"]
        program, *repeated = shlex.split(before["command"])
        assert program == "hub"
        assert cli.main([*repeated, "--force"]) == 0
        assert facts_of(f"quarry/again-v{number}")["provenance"] == before
