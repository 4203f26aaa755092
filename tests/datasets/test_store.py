"""Datasets on disk: without loss, whole or not at all, and readable with Minari alone."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import minari
import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st

import hub
from hub.datasets import drafts, store
from hub.datasets.episodes import leaves
from hub.errors import DamagedFile, HubError, MissingExtra, UsageError

from .made import BOX, dataset, episode, sampled, write

KEEPS_IMAGES = "jpeg_encoding" in inspect.signature(minari.create_dataset_from_buffers).parameters
"""Whether this Minari can store what it takes for images without loss."""

ARRAYS = st.one_of(
    st.builds(
        lambda shape, dtype: spaces.Box(-2, 2, shape, dtype),
        st.sampled_from([(), (1,), (2, 3)]),
        st.sampled_from([np.float32, np.float64, np.int16]),
    ),
    st.just(spaces.Box(0, 255, (32, 40, 3), np.uint8) if KEEPS_IMAGES else BOX),
    st.builds(lambda n, start: spaces.Discrete(n, start=start), st.integers(1, 5), st.integers(-3, 3)),
    st.just(spaces.MultiDiscrete([2, 3])),
    st.just(spaces.MultiBinary(3)),
)
NESTED = st.recursive(
    ARRAYS,
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=2).map(spaces.Dict),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: spaces.Tuple(tuple(parts))),
    ),
    max_leaves=3,
)


@settings(max_examples=25)
@given(
    observations=NESTED,
    actions=NESTED,
    lengths=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    seeds=st.lists(st.none() | st.integers(0, 2**31), min_size=3, max_size=3),
    truncated=st.booleans(),
)
def test_what_is_written_is_read_bit_for_bit(observations, actions, lengths, seeds, truncated):
    episodes = [
        episode(
            length,
            seeds[number],
            truncated=truncated,
            observations=sampled(observations, length + 1, number),
            actions=sampled(actions, length, number),
        )
        for number, length in enumerate(lengths)
    ]
    with tempfile.TemporaryDirectory() as folder, drafts.rooted_at(Path(folder)):
        write(dataset(episodes, observations=observations, actions=actions))
        loaded = hub.load_dataset("quarry/made-v0")
        plain = list(minari.load_dataset("quarry/made-v0"))
    assert (loaded.observation_space, loaded.action_space) == (observations, actions)
    for before, after, others in zip(episodes, loaded.episodes, plain, strict=True):
        assert after.seed == before.seed
        for name in ("observations", "actions", "rewards", "terminations", "truncations"):
            assert_same(getattr(before, name), getattr(after, name))
            assert_same(getattr(before, name), getattr(others, name))


def assert_same(these, those):
    for (path, this), (other_path, that) in zip(leaves(these), leaves(those), strict=True):
        assert path == other_path
        assert this.dtype == that.dtype
        np.testing.assert_array_equal(this, that)


def test_minari_lists_the_dataset_and_builds_its_environment():
    write(dataset([episode(2)]))
    assert list(minari.list_local_datasets()) == ["quarry/made-v0"]
    plain = minari.load_dataset("quarry/made-v0")
    environment = plain.recover_environment()
    assert environment.spec.id == "quarry/Pit-v0"
    assert environment.spec.kwargs == {"part": "test"}
    assert plain.storage.metadata["hub"]["recipe"]["function"] == "hub_quarry:made"
    assert minari.namespace.list_local_namespaces() == ["quarry"]


def test_a_dataset_that_others_recorded_is_loaded():
    arrays = episode(3, seed=8)
    buffer = minari.data_collector.EpisodeBuffer(
        seed=8,
        observations=list(arrays.observations),
        actions=list(arrays.actions),
        rewards=[0, 1, 2],
        terminations=[False] * 3,
        truncations=[False] * 3,
    )
    with pytest.warns(UserWarning, match="None"):
        minari.create_dataset_from_buffers("others/walk-v1", [buffer], observation_space=BOX, action_space=spaces.Discrete(2))
    loaded = hub.load_dataset("others/walk-v1")
    assert (loaded.env_id, loaded.env_kwargs, loaded.provenance) == (None, {}, {})
    assert loaded.episodes[0].seed == 8
    assert loaded.episodes[0].return_ == 3.0
    assert_same(loaded.episodes[0].observations, arrays.observations)


@pytest.mark.parametrize(
    ("name", "way"), [("quarry/pit/ramps-v0", "hub data record quarry/pit/ramps-v0"), ("D4RL/door-v2", "hub data download D4RL/door-v2")]
)
def test_a_dataset_that_is_not_here_names_the_way_to_get_it(name, way):
    with pytest.raises(UsageError, match=f"dataset {name} is not on this machine; get it: {way}$"):
        hub.load_dataset(name)


@pytest.mark.parametrize("name", ["walk", "../../etc/passwd-v0", ""])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(UsageError, match=r"is no name of a dataset: it must be of the form namespace/name-v0"):
        hub.load_dataset(name)


@pytest.mark.parametrize("package", ["minari", "h5py", "PIL"])
def test_without_minari_the_pip_line_is_named(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"datasets need '{package}', which is not installed: pip install 'gymhub\[data\]'"):
        hub.load_dataset("quarry/made-v0")


def cut_short(data):
    file = data / "main_data.hdf5"
    file.write_bytes(file.read_bytes()[:500])


def change_a_reward(data):
    with h5py.File(data / "main_data.hdf5", "a") as file:
        file["episode_0/rewards"][0] = 9.0


def lose_an_episode(data):
    with h5py.File(data / "main_data.hdf5", "a") as file:
        del file["episode_1"]


def break_metadata(data):
    (data / "metadata.json").write_text("{")


def change_provenance(**fields):
    def damage(data):
        metadata = json.loads((data / "metadata.json").read_text())
        metadata["hub"].update(fields)
        (data / "metadata.json").write_text(json.dumps(metadata))

    return damage


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut_short, "dataset quarry/made-v0 in .* cannot be read: OSError"),
        (lose_an_episode, "cannot be read: KeyError"),
        (break_metadata, "cannot be read: JSONDecodeError"),
        (change_a_reward, "does not hold the arrays that were recorded.*record them anew: hub data record quarry/made-v0 --force"),
        (change_provenance(schema="hub/dataset/2"), "the provenance of dataset quarry/made-v0 has schema 'hub/dataset/2'"),
        (change_provenance(versions=3), "the provenance of dataset quarry/made-v0 is damaged: field 'versions'"),
    ],
)
def test_damage_is_noticed(datasets, damage, message):
    write(dataset([episode(2), episode(3)]))
    damage(datasets / "quarry" / "made-v0" / "data")
    with pytest.raises(DamagedFile, match=message):
        hub.load_dataset("quarry/made-v0")


def test_a_dataset_is_replaced_only_when_that_is_said(datasets):
    write(dataset([episode(2)]))
    with pytest.raises(UsageError, match=r"made-v0 is there already; --force replaces it"):
        write(dataset([episode(3)]))
    assert hub.load_dataset("quarry/made-v0").episodes[0].length == 2
    write(dataset([episode(3)]), replace=True)
    assert hub.load_dataset("quarry/made-v0").episodes[0].length == 3
    assert [entry.name for entry in datasets.iterdir()] == ["quarry"]


def test_a_minari_that_loses_something_is_noticed(monkeypatch, datasets):
    create = minari.create_dataset_from_buffers

    def compressing(*words, jpeg_encoding=False, **rest):
        return create(*words, **rest)

    monkeypatch.setattr(minari, "create_dataset_from_buffers", compressing)
    images = spaces.Box(0, 255, (32, 32, 3), np.uint8)
    lossy = dataset([episode(2, observations=sampled(images, 3, 0))], observations=images)
    with pytest.raises(HubError, match=r"does not keep the arrays of quarry/made-v0 as they are .* pip install 'minari>=0.5.4'"):
        write(lossy)
    assert list(datasets.iterdir()) == []


def test_a_full_disk_leaves_nothing(monkeypatch, datasets):
    def full(self, metadata):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(minari.dataset.minari_storage.MinariStorage, "update_metadata", full)
    with pytest.raises(
        HubError, match=r"cannot write in .*datasets: No space left on device; free space there, or set MINARI_DATASETS_PATH"
    ):
        write(dataset([episode(2)]))
    assert list(datasets.iterdir()) == []
    assert os.environ["MINARI_DATASETS_PATH"] == str(datasets)


def test_a_killed_recording_leaves_nothing_that_lists_and_is_swept_by_the_next(datasets):
    code = (
        "import os, signal\nfrom hub.datasets import drafts, recording\nfrom hub.running.progress import SilentProgress\n"
        "import hub.datasets.store as store\nstore.publish = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "recording.record_recipe('quarry/pit/ramps-v0', SilentProgress())\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == -9
    assert [entry.name.startswith(".hub-draft-") for entry in datasets.iterdir()] == [True]
    assert minari.list_local_datasets() == {}
    assert store.local_metadata() == {}
    write(dataset([episode(2)]))
    assert [entry.name for entry in datasets.iterdir()] == ["quarry"]


def test_a_draft_of_a_running_process_is_left_alone(datasets):
    with drafts.draft(store.root()) as other:
        write(dataset([episode(2)]))
        assert other.is_dir()
    assert not other.exists()


def test_the_folder_of_datasets_may_be_relative(monkeypatch, tmp_path):
    monkeypatch.setenv("MINARI_DATASETS_PATH", "here")
    write(dataset([episode(2)]))
    assert hub.load_dataset("quarry/made-v0").episodes[0].length == 2
    assert store.folder_of("quarry/made-v0") == tmp_path / "here" / "quarry" / "made-v0"


def test_a_folder_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "file" / "below"))
    with pytest.raises(HubError, match=r"cannot make the folder of datasets.*set MINARI_DATASETS_PATH"):
        hub.load_dataset("quarry/made-v0")
