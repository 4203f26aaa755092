"""Receipts: digests that do not depend on how steps were gathered, action logs that read back, chains that show every change."""

import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given, settings
from hypothesis import strategies as st

import hub.running.receipts as receipts
from hub.errors import DamagedFile
from hub.results.models import ActionLog
from hub.running.canonical import value_bytes
from hub.running.receipts import Stream, chain, decode_actions, encode_actions
from hub.running.worlds.layouts import Layout
from hub.running.worlds.leaves import Players

from .any_space import any_space, samples
from .playing import episodes_of, single
from .tiny_environments import Structured

pytestmark = pytest.mark.filterwarnings("ignore:.*Casting input x")


def bytes_of(space, values):
    return [value_bytes(space, value) for value in values]


@settings(max_examples=80)
@given(space=any_space, count=st.integers(1, 5), seed=st.integers(0, 2**20))
def test_action_logs_of_any_space_read_back(space, count, seed):
    actions = samples(space, count, seed)
    log = ActionLog.model_validate_json(encode_actions(space, actions).model_dump_json())
    layout = Layout(space)
    assert bytes_of(space, layout.rows(decode_actions(space, log, count))) == bytes_of(space, actions)


@pytest.mark.parametrize(
    ("space", "log", "length"),
    [
        (spaces.Discrete(2), encode_actions(spaces.Discrete(2), [0, 1]), 3),
        (spaces.Discrete(2), encode_actions(spaces.Discrete(2), [0, 1]), 1),
        (spaces.Discrete(2), ActionLog(encoding="zlib+base64", data="?"), 1),
        (spaces.Discrete(2), ActionLog(encoding="zlib+base64", data="AAAA"), 1),
        (spaces.Discrete(2), ActionLog(encoding="json", data=[0, 1]), 2),
        (spaces.Text(3), encode_actions(spaces.Text(3), ["a", "b"]), 1),
        (spaces.Text(3), ActionLog(encoding="json", data=["long word"]), 1),
        (spaces.Dict({"a": spaces.Text(3)}), ActionLog(encoding="json", data=[]), 0),
    ],
)
def test_a_log_that_does_not_fit_is_damaged(space, log, length):
    with pytest.raises(DamagedFile, match=r"the action log (holds|does not hold)"):
        decode_actions(space, log, length)


def test_free_form_actions_stay_readable():
    assert encode_actions(spaces.Text(9), ["click", "type"]).data == ["click", "type"]


def test_actions_of_several_players_are_compressed_and_read_back():
    space = Players({"ann": spaces.Discrete(5), "bob": spaces.Discrete(5)})
    actions = [{"ann": np.int64(step % 5), "bob": np.int64(3)} for step in range(60)] + [{"bob": np.int64(1)}] * 40
    log = encode_actions(space, actions)
    assert len(log.data) < 2 * len(actions)
    assert decode_actions(space, log, 100)[0] == actions
    plain = ActionLog(encoding="json", data=space.to_jsonable(actions))
    assert decode_actions(space, plain, 100)[0] == actions
    with pytest.raises(DamagedFile, match="the action log holds 100 actions"):
        decode_actions(space, log, 99)
    with pytest.raises(DamagedFile, match="the action log does not hold"):
        decode_actions(space, ActionLog(encoding="json+zlib+base64", data="AAAA"), 100)


@settings(max_examples=40)
@given(space=any_space, seed=st.integers(0, 2**20), lengths=st.lists(st.integers(1, 7), min_size=1, max_size=4), stretch=st.integers(1, 4))
def test_digests_do_not_depend_on_slots_or_stretches(space, seed, lengths, stretch):
    episodes = [samples(space, length, seed + length) for length in lengths]
    alone = [digest_alone(space, episode) for episode in episodes]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receipts, "_STRETCH_STEPS", stretch)
        assert digests_side_by_side(space, episodes) == alone


def digest_alone(space, values):
    layout, stream = Layout(space), Stream(Layout(space), 1)
    stream.begin(0)
    stream.add_one(0, layout.stack(values[:1]), 0)
    for value in values[1:]:
        stream.add(np.array([0]), layout.stack([value]))
    return stream.finish(0)


def digests_side_by_side(space, episodes):
    layout, stream, found = Layout(space), Stream(Layout(space), len(episodes)), {}
    for slot in range(len(episodes)):
        stream.begin(slot)
    for step in range(max(map(len, episodes))):
        live = [slot for slot, episode in enumerate(episodes) if step < len(episode)]
        stream.add(np.array(live), layout.stack([episodes[slot][step] for slot in live]))
        found |= {slot: stream.finish(slot) for slot in live if step == len(episodes[slot]) - 1}
    return [found[slot] for slot in range(len(episodes))]


@settings(max_examples=60)
@given(space=any_space, seed=st.integers(0, 2**20), length=st.integers(2, 5))
def test_another_value_is_another_digest(space, seed, length):
    values = samples(space, length + 1, seed)
    changed = [*values[: length - 1], values[length]]
    same = value_bytes(space, values[length]) == value_bytes(space, values[length - 1])
    assert (digest_alone(space, values[:length]) == digest_alone(space, changed)) == same


def test_dtype_and_shape_are_part_of_the_digest():
    boxes = [
        spaces.Box(0, 1, shape, dtype) for shape, dtype in (((4,), np.uint8), ((2, 2), np.uint8), ((1,), np.float32), ((1,), np.int32))
    ]
    assert len({digest_alone(box, [np.zeros(box.shape, box.dtype)]) for box in boxes}) == 4


def test_neighbouring_texts_do_not_run_together():
    space = spaces.Tuple((spaces.Text(4, min_length=0), spaces.Sequence(spaces.Text(4, min_length=0))))
    values = [("ab", ("c",)), ("a", ("bc",)), ("abc", ()), ("ab", ("", "c"))]
    assert len({digest_alone(space, [value]) for value in values}) == 4


def test_a_large_observation_is_hashed_at_every_step():
    space = spaces.Box(0, 255, (600, 600, 3), np.uint8)
    assert digest_alone(space, [np.zeros(space.shape, np.uint8)] * 3) != digest_alone(space, [np.zeros(space.shape, np.uint8)] * 2)


def test_chains_bind_every_field_but_the_compressed_log():
    episodes = chain(episodes_of(single(Structured), seeds=range(4)))
    assert chain(reversed(episodes)) == episodes
    for change in (
        {"seed": 9},
        {"return_": 0.5},
        {"length": 1},
        {"terminated": False},
        {"agent_metrics": {"tokens": 1.0}},
        {"metrics": {"x": 1.0}},
    ):
        changed = chain([episodes[0], episodes[1].model_copy(update=change), *episodes[2:]])
        assert [new.chain == old.chain for new, old in zip(changed, episodes, strict=True)] == [True, False, False, False]


def test_values_too_large_to_be_gathered_have_the_digest_of_gathered_ones(monkeypatch):
    space = spaces.Dict({"screen": spaces.Box(0, 255, (4, 4, 3), np.uint8), "place": spaces.Box(-9, 9, (), np.float64)})
    values = samples(space, 7, 3)

    def digest_and_kept():
        stream = Stream(Layout(space), 2, keep=True)
        stream.begin(1)
        for value in values:
            stream.add(np.array([1]), Layout(space).stack([value]))
        return stream.finish(1), [b"".join(pieces) for pieces in stream.kept(1)]

    gathered = digest_and_kept()
    monkeypatch.setattr(receipts, "_LARGE_BYTES", 48)
    assert digest_and_kept() == gathered
