"""`hub watch`: films of agents and of receipts."""

from __future__ import annotations

import sys

import imageio.v3 as imageio
import imageio_ffmpeg
import numpy as np
import pytest

import hub
from hub.checkpoints import load_agent
from hub.cli import main
from hub.results.files import read_result, write_result
from hub.results.models import ProtocolRecord
from hub.results.watch import watch_recorded
from hub.running.objects import evaluate_object
from hub.running.settings import Settings


@pytest.fixture(autouse=True)
def no_display(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


def test_receipt_becomes_a_film_of_every_state(runs, tmp_path, capsys):
    film = tmp_path / "film.gif"
    assert main(["watch", str(runs / "random"), "--episode", "2", "--out", str(film)]) == 0
    assert "replayed as recorded" in capsys.readouterr().out
    frames = imageio.imread(film)
    assert frames.shape[1:] == (400, 600, 3)
    assert 2 <= len(frames) <= read_result(runs / "random").episodes[2].length + 1  # equal neighbours may be merged
    assert not np.array_equal(frames[0], frames[-1])
    assert list(tmp_path.iterdir()) == [film]


def test_an_episode_of_the_generalisation_is_replayed_where_it_was_played(runs, tmp_path):
    agent = load_agent(runs / "constant" / "agent", hub.describe("CartPole-v1"))
    protocol = ProtocolRecord(name="standard", version=1, episodes=2, training_kwargs={"max_episode_steps": 5})
    result = evaluate_object(agent, "CartPole-v1", {}, protocol, Settings())
    assert watch_recorded(result, 3, str(tmp_path / "film.gif")) == []
    assert len(imageio.imread(tmp_path / "film.gif")) <= 6
    with pytest.raises(hub.HubError, match="it has episodes 0 to 3"):
        watch_recorded(result, 4, None)


def test_agent_becomes_an_mp4(tmp_path, capsys):
    film = tmp_path / "film.mp4"
    assert main(["watch", "--agent", "random", "--env", "CartPole-v1", "--agent-arg", "action=1", "--out", str(film)]) == 2
    assert main(["watch", "--agent", "constant", "--env", "CartPole-v1", "--agent-arg", "action=1", "--out", str(film)]) == 0
    assert "constant on CartPole-v1: return" in capsys.readouterr().out
    frames, seconds = imageio_ffmpeg.count_frames_and_secs(film)
    assert frames > 5
    assert seconds == pytest.approx(frames / 50, abs=0.05)


def test_live_episode_is_the_one_an_evaluation_plays(runs, tmp_path, capsys):
    recorded = read_result(runs / "constant").episodes[1]
    assert main(["watch", "--weights", str(runs / "constant" / "agent"), "--episode", "1", "--out", str(tmp_path / "a.gif")]) == 0
    assert f"return {recorded.return_:.6g} in {recorded.length} steps" in capsys.readouterr().out


def test_window_shows_the_episode(runs, capsys):
    assert main(["watch", str(runs / "constant")]) == 0
    assert "replayed as recorded" in capsys.readouterr().out


def test_without_a_display_a_film_is_proposed(runs, capsys, monkeypatch):
    monkeypatch.delenv("SDL_VIDEODRIVER")
    if sys.platform.startswith("linux"):
        assert main(["watch", str(runs / "constant")]) == 2
        assert "--out FILE.gif" in capsys.readouterr().err


def test_replay_that_differs_says_so(runs, tmp_path, capsys):
    result = read_result(runs / "random")
    first = result.episodes[0]
    forged = first.model_copy(update={"digests": first.digests.model_copy(update={"observations": "0" * 32})})
    write_result(result.model_copy(update={"episodes": [forged, *result.episodes[1:]]}), tmp_path / "forged.json")
    assert main(["watch", str(tmp_path / "forged.json"), "--out", str(tmp_path / "a.gif")]) == 1
    assert "its observations differ" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give a RESULT to replay"),
        (["--agent", "random"], "give a RESULT to replay"),
        (["{runs}/random", "--agent", "random"], "leave out --agent"),
        (["{runs}/random", "--seed", "3"], "leave out --seed"),
        (["--weights", "{runs}/random/agent", "--seed", "3"], "leave out --seed 3"),
        (["{runs}/random", "--episode", "99"], "no episode 99; it has episodes 0 to 11"),
        (["--agent", "random", "--env", "CartPole-v1", "--episode", "-1"], "--episode must be at least 0"),
        (["{runs}/random", "--out", "film.avi"], ".gif or .mp4"),
        (["--agent", "random", "--env", "phys2d/CartPole-v1x"], "unknown environment"),
    ],
)
def test_mistakes_are_explained(runs, capsys, words, message):
    assert main(["watch", *(word.format(runs=runs) for word in words)]) == 2
    assert message in capsys.readouterr().err


def test_environment_without_frames_is_refused(capsys, tmp_path, monkeypatch):
    from gymnasium.envs.classic_control import CartPoleEnv

    monkeypatch.setitem(CartPoleEnv.metadata, "render_modes", ["human"])
    assert main(["watch", "--agent", "random", "--env", "CartPole-v1", "--out", str(tmp_path / "a.gif")]) == 2
    assert "CartPole-v1 cannot be watched: it gives no frames (rgb_array); its render modes are human" in capsys.readouterr().err


def test_environment_that_renders_something_else_is_refused(capsys, tmp_path, monkeypatch):
    from gymnasium.envs.classic_control import CartPoleEnv

    monkeypatch.setattr(CartPoleEnv, "render", lambda self: "a picture")
    assert main(["watch", "--agent", "random", "--env", "CartPole-v1", "--out", str(tmp_path / "a.gif")]) == 1
    assert "render returned str; a frame is an array (height, width, 3) of uint8" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_film_into_a_missing_place_is_one_clear_line(runs, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["watch", str(runs / "random"), "--out", str(tmp_path / "file" / "a.gif")]) == 1
    assert "cannot write" in capsys.readouterr().err


@pytest.fixture
def arcade(tmp_path, monkeypatch):
    """A plugin that registers one of PettingZoo's own parallel environments."""
    from hub.plugins import index

    (tmp_path / "arcade.py").write_text(
        "import hub\n\n\n@hub.hookimpl\ndef hub_environments():\n"
        "    game = 'pettingzoo.classic.rps.rps:parallel_env'\n"
        "    return [hub.EnvironmentSpec(id='arcade/Scissors-v0', entry_point=game, kind='parallel')]\n"
    )
    info = tmp_path / "arcade-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: arcade\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[hub.plugins]\narcade = arcade\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    index.forget()
    yield
    monkeypatch.undo()
    index.forget()


def test_game_of_several_players_is_watched_the_same_way(arcade, tmp_path, capsys):
    hub.run(agent="random", env="arcade/Scissors-v0", episodes=2, out=tmp_path / "run", progress=False)
    assert main(["watch", str(tmp_path / "run"), "--episode", "1", "--out", str(tmp_path / "film.gif")]) == 0
    assert "replayed as recorded" in capsys.readouterr().out
    assert imageio.imread(tmp_path / "film.gif").ndim == 4
