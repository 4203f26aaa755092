from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from pathlib import Path

import pytest

from hub.errors import DamagedFile, HubError, UsageError
from hub.results.models import AgentRecord, Digests, EnvironmentRecord, Episode, ProtocolRecord
from hub.running.configuration import Configuration
from hub.running.journal import open_journal

CONFIGURATION = Configuration(
    env=EnvironmentRecord(id="a/B-v0", kwargs={"size": 3}, plugin="a", distribution="a", version="1"),
    agent=AgentRecord(name="x", config={"rate": 0.1}, seed=0, plugin="a", distribution="a", version="1"),
    protocol=ProtocolRecord(name="standard", version=1, episodes=3),
    versions={"python": "3"},
)


def episode(index: int, score: float = 0.1) -> Episode:
    digests = Digests(actions="", observations="", outcomes="")
    return Episode(index=index, seed=2**30 + index, return_=score, length=4, terminated=True, digests=digests)


def filled(folder: Path) -> Path:
    with open_journal(folder, CONFIGURATION) as journal:
        journal.record([episode(2, 1 / 3), episode(0, -0.0)], "eval", (1.5, 0.5))
    return folder / "journal.sqlite"


def test_episodes_come_back_as_they_went_in_ordered_by_index(tmp_path: Path) -> None:
    filled(tmp_path)
    with open_journal(tmp_path, CONFIGURATION) as journal:
        assert journal.episodes() == [episode(0, -0.0), episode(2, 1 / 3)]
        assert journal.indices == {0, 2}
        assert str(journal.episodes()[0].return_) == "-0.0"


def test_costs_add_up_over_sessions(tmp_path: Path) -> None:
    filled(tmp_path)
    with open_journal(tmp_path, CONFIGURATION) as journal:
        journal.record([episode(1)], "eval", (1.0, 1.0))
        assert journal.cost("eval") == (2.5, 1.5)
        assert journal.cost("train") == (0.0, 0.0)
        assert journal.sessions() == 2


def test_another_configuration_is_refused_and_every_difference_named(tmp_path: Path) -> None:
    filled(tmp_path)
    other = CONFIGURATION.model_copy(
        update={
            "agent": CONFIGURATION.agent.model_copy(update={"config": {"rate": 0.2, "depth": 1}}),
            "env": CONFIGURATION.env.model_copy(update={"kwargs": {}}),
        }
    )
    with pytest.raises(UsageError) as raised:
        open_journal(tmp_path, other)
    assert "env.kwargs.size is 3 there and absent here" in str(raised.value)
    assert "agent.config.rate is 0.1 there and 0.2 here" in str(raised.value)
    assert "agent.config.depth is absent there and 1 here" in str(raised.value)
    assert "--out" in str(raised.value)


def test_two_runs_cannot_share_a_folder_at_the_same_time(tmp_path: Path) -> None:
    with open_journal(tmp_path, CONFIGURATION), pytest.raises(HubError, match="in use by another hub process"):
        open_journal(tmp_path, CONFIGURATION)
    open_journal(tmp_path, CONFIGURATION).__exit__(None, None, None)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_journal_is_refused_and_left_alone(tmp_path: Path, share: float) -> None:
    path = filled(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    before = path.read_bytes()
    with pytest.raises(DamagedFile, match="is damaged") as raised:
        open_journal(tmp_path, CONFIGURATION)
    assert "Move it away" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("needle", [b'"return":0.3', b"a/B-v0", b"CREATE TABLE episodes"])
def test_a_flipped_bit_is_noticed(tmp_path: Path, needle: bytes) -> None:
    path = filled(tmp_path)
    content = bytearray(path.read_bytes())
    content[content.index(needle) + len(needle) - 1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match="is damaged"):
        open_journal(tmp_path, CONFIGURATION)


@pytest.mark.parametrize("change", ["json = CAST(json AS BLOB)", "digest = 7"])
@pytest.mark.parametrize("table", ["episodes", "configuration"])
def test_values_of_another_kind_are_noticed(tmp_path: Path, table: str, change: str) -> None:
    with contextlib.closing(sqlite3.connect(filled(tmp_path), isolation_level=None)) as database:
        database.execute(f"UPDATE {table} SET {change}")
    with pytest.raises(DamagedFile, match="is not what was written"):
        open_journal(tmp_path, CONFIGURATION)


def test_a_configuration_of_another_hub_is_refused(tmp_path: Path) -> None:
    text = '{"format":"hub/configuration/9"}'
    with contextlib.closing(sqlite3.connect(filled(tmp_path), isolation_level=None)) as database:
        database.execute(
            "UPDATE configuration SET json = ?, digest = ?", (text, hashlib.blake2b(text.encode(), digest_size=16).hexdigest())
        )
    with pytest.raises(DamagedFile, match="another version of hub may have written it"):
        open_journal(tmp_path, CONFIGURATION)


def test_something_else_called_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_text("a diary")
    with pytest.raises(DamagedFile, match="not a database"):
        open_journal(tmp_path, CONFIGURATION)
    (tmp_path / "journal.sqlite").unlink()
    sqlite3.connect(tmp_path / "journal.sqlite").execute("CREATE TABLE diary (x)").connection.close()
    with pytest.raises(DamagedFile, match="not a journal of hub"):
        open_journal(tmp_path, CONFIGURATION)


def test_a_newer_format_asks_for_a_newer_hub(tmp_path: Path) -> None:
    path = filled(tmp_path)
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version=9")
    database.close()
    with pytest.raises(DamagedFile, match=r"format 9.*upgrade hub"):
        open_journal(tmp_path, CONFIGURATION)


def test_a_result_without_a_journal_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text("{}")
    with pytest.raises(UsageError, match="without its journal"):
        open_journal(tmp_path, CONFIGURATION)


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HubError, match=r"cannot begin a run in .*: Not a directory.*--out"):
        open_journal(tmp_path / "file" / "run", CONFIGURATION)
