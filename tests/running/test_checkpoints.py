from __future__ import annotations

import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from hub.agent import Agent
from hub.checkpoints import build_agent, copy_checkpoint, load_agent, read_checkpoint, save_agent
from hub.environments import describe
from hub.errors import DamagedFile, HubError, ImpossiblePairing, UsageError
from hub.results.models import AgentRecord, EnvironmentRecord

ENV = EnvironmentRecord(id="lab/Walk-v0", kwargs={}, plugin="lab", distribution="hub-lab", version="1.0")


def record(name: str = "tally", **config: object) -> AgentRecord:
    return AgentRecord(name=name, config=config, seed=5, plugin="lab", distribution="hub-lab", version="1.0")


def tally(**config: object) -> Agent:
    return build_agent(record(**config), describe("lab/Walk-v0", {}))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save_agent(tally(), tmp_path / "agent", record(), ENV, train_budget=9)
    return tmp_path / "agent"


def test_an_agent_comes_back_with_its_weights_bit_for_bit(saved: Path) -> None:
    again = load_agent(saved, describe("lab/Walk-v0", {}))
    for name, array in tally().weights().items():
        assert again.weights()[name].tobytes() == array.tobytes()
    checkpoint = read_checkpoint(saved)
    assert (checkpoint.agent.seed, checkpoint.train_budget, checkpoint.env) == (5, 9, ENV)
    assert len(checkpoint.agent.weights_sha256 or "") == 64


def test_equal_agents_give_equal_files_and_a_copy_is_one(saved: Path, tmp_path: Path) -> None:
    save_agent(tally(), tmp_path / "twin", record(), ENV, train_budget=9)
    copy_checkpoint(saved, tmp_path / "copy")
    for name in ("agent.json", "weights.safetensors"):
        assert (tmp_path / "twin" / name).read_bytes() == (saved / name).read_bytes() == (tmp_path / "copy" / name).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["agent", "copy", "twin"]


def test_a_trained_agent_is_never_overwritten(saved: Path) -> None:
    before = (saved / "weights.safetensors").read_bytes()
    with pytest.raises(UsageError, match="exists"):
        save_agent(tally(), saved, record(), ENV)
    assert (saved / "weights.safetensors").read_bytes() == before


def foreign_files() -> dict[str, bytes]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("data.pkl", pickle.dumps({}))
    return {"zip": archive.getvalue(), "pickle": pickle.dumps([1, 2]), "safetensors": pickle.dumps({"w": 1})}


@pytest.mark.parametrize("kind", ["zip", "pickle", "safetensors"])
@pytest.mark.parametrize("place", ["a file", "agent.json", "weights.safetensors"])
def test_pickles_and_zips_are_refused_by_content_and_never_opened(saved: Path, tmp_path: Path, kind: str, place: str) -> None:
    target = tmp_path / f"model.{kind}" if place == "a file" else saved / place
    target.write_bytes(foreign_files()[kind])
    with pytest.raises(UsageError, match="can run code when it is opened") as raised:
        read_checkpoint(target if place == "a file" else saved)
    assert "hub_baselines.import_zip" in str(raised.value)


@pytest.mark.parametrize("keep", [0, 5, 40, -1])
def test_truncated_weights_are_refused(saved: Path, keep: int) -> None:
    weights = saved / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:keep])
    with pytest.raises(DamagedFile, match="digest differs"):
        read_checkpoint(saved)


def test_a_truncated_description_a_missing_file_and_a_newer_format_say_so(saved: Path) -> None:
    description = saved / "agent.json"
    whole = description.read_text()
    description.write_text(whole[:40])
    with pytest.raises(DamagedFile, match="cut short"):
        read_checkpoint(saved)
    description.write_text(whole.replace("hub/agent/1", "hub/agent/2"))
    with pytest.raises(DamagedFile, match=r"hub/agent/2.*install a hub that reads it"):
        read_checkpoint(saved)
    description.write_text(whole)
    (saved / "weights.safetensors").unlink()
    with pytest.raises(DamagedFile, match="incomplete"):
        read_checkpoint(saved)
    description.unlink()
    with pytest.raises(UsageError, match=r"holds no agent\.json"):
        read_checkpoint(saved)
    with pytest.raises(UsageError, match="there is no checkpoint"):
        read_checkpoint(saved / "nowhere")


def test_weights_without_a_word_in_the_description_are_refused(saved: Path) -> None:
    document = json.loads((saved / "agent.json").read_text())
    document["agent"]["weights_sha256"] = None
    (saved / "agent.json").write_text(json.dumps(document))
    with pytest.raises(DamagedFile, match="two checkpoints"):
        read_checkpoint(saved)


def test_weights_that_do_not_fit_say_whose_they_are(tmp_path: Path) -> None:
    agent = tally()
    agent.__dict__["_mean"] = np.zeros(3)
    save_agent(agent, tmp_path / "agent", record(), ENV)
    with pytest.raises(UsageError, match=r"trained on lab/Walk-v0.*do not fit tally"):
        load_agent(tmp_path / "agent", describe("lab/Walk-v0", {}))


def test_a_configuration_is_checked_when_it_is_read(saved: Path) -> None:
    document = json.loads((saved / "agent.json").read_text())
    document["agent"]["config"] = {"gian": 2}
    (saved / "agent.json").write_text(json.dumps(document))
    with pytest.raises(UsageError, match="did you mean gain"):
        load_agent(saved, describe("lab/Walk-v0", {}))


def test_an_agent_that_does_not_fit_or_cannot_be_built_is_one_line() -> None:
    with pytest.raises(ImpossiblePairing, match="several agents at once"):
        build_agent(record("crowd"), describe("lab/Walk-v0", {}))
    with pytest.raises(ImpossiblePairing, match="its actions must be Discrete"):
        build_agent(record(), describe("Pendulum-v1", {}))
    with pytest.raises(HubError, match="stubborn cannot be built for lab/Walk-v0: RuntimeError: no"):
        build_agent(record("stubborn"), describe("lab/Walk-v0", {}))
