"""How observations reach the networks: symbols as numbers, sentences as vectors, images with their channels first."""

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector.utils import batch_space
from hub_baselines.on_policy import PPOAgent
from hub_baselines.spaces import Reader
from hub_baselines.words import PLACES, sentences_to_vectors

import hub

GRID = spaces.Box(0, 255, (7, 7, 3), np.uint8)
PICTURE = spaces.Box(0, 255, (40, 44, 3), np.uint8)
SENTENCE = spaces.Text(60)
WHOLE = spaces.Dict(direction=spaces.Discrete(4), grid=GRID, picture=PICTURE, sentence=SENTENCE)


@pytest.mark.parametrize("space", [GRID, PICTURE, WHOLE, spaces.MultiDiscrete([2, 3])])
def test_what_is_read_lies_in_the_space_that_is_told(space):
    reader = Reader(space)
    values = [space.sample() for _ in range(3)]
    if isinstance(space, spaces.Dict):
        batch = {key: tuple(v[key] for v in values) if key == "sentence" else np.stack([v[key] for v in values]) for key in space}
    else:
        batch = np.stack(values)
    read = reader.read(batch)
    assert batch_space(reader.space, 3).contains(read)
    for row, value in enumerate(values):
        one = reader.read_one(value)
        assert reader.space.contains(one)
        alike = [one[key] == read[key][row] for key in one] if isinstance(one, dict) else [one == read[row]]
        assert all(np.all(each) for each in alike)


def test_a_grid_of_symbols_keeps_its_numbers_and_pixels_are_for_the_network_to_scale():
    grid = np.arange(2 * 147, dtype=np.uint8).reshape(2, 7, 7, 3)
    assert (Reader(GRID).read(grid) == grid.reshape(2, 147)).all()
    assert (Reader(GRID, "pixels").read(grid) == np.moveaxis(grid, -1, 1)).all()


def test_sentences_of_other_words_or_order_are_other_vectors():
    sentences = ["put the red ball near the blue key", "put the blue key near the red ball", "put the red ball near the blue box"]
    vectors = sentences_to_vectors(sentences)
    assert vectors.shape == (3, PLACES)
    assert len({vector.tobytes() for vector in vectors}) == 3
    assert (sentences_to_vectors(["Put the RED ball, near the blue key!"])[0] == vectors[0]).all()
    assert not sentences_to_vectors([""]).any()


def test_ppo_acts_on_a_dict_with_a_mission():
    task = hub.Task(env_id="acme/Grid-v0", observation_space=WHOLE, action_space=spaces.Discrete(7))
    agent = PPOAgent(task)
    batch = {"direction": np.array([0, 1]), "grid": np.zeros((2, 7, 7, 3), np.uint8), "picture": np.zeros((2, 40, 44, 3), np.uint8)}
    one = agent.act(batch | {"sentence": ("go left", "go right")}, np.array([0, 1]))
    assert one.shape == (2,)
    assert (agent.act(batch | {"sentence": ("go left", "go right")}, np.array([0, 1])) == one).all()
