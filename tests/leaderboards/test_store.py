"""The store of submissions and `hub submit`."""

from __future__ import annotations

import json
import os
import sys
import threading

import pytest
import sqlalchemy as sa

from hub.cli import main
from hub.errors import DamagedFile, HubError, MissingExtra, UsageError
from hub.leaderboards import store as store_module
from hub.leaderboards.store import Base, Submission, open_store
from hub.results.files import read_result, write_result


@pytest.fixture(params=["sqlite", *filter(None, [os.environ.get("HUB_TEST_DATABASE")])])
def url(request, tmp_path):
    """An empty store: SQLite, and also the database at `$HUB_TEST_DATABASE` (postgresql+psycopg://...), whose tables are dropped."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'deep' / 'store.sqlite'}"
    engine = sa.create_engine(request.param)
    Base.metadata.drop_all(engine)
    engine.dispose()
    return request.param


@pytest.fixture
def result(board):
    return read_result(board.folder / "random" / "00.json")


def test_submitted_result_comes_back_whole(url, result):
    with open_store(url) as store:
        assert store.add(result)
    with open_store(url) as store:
        assert store.results("CartPole-v1") == [result]
        assert store.results("Acrobot-v1") == []
        assert store.environments() == ["CartPole-v1"]


def test_same_document_is_stored_once(url, result):
    with open_store(url) as store:
        assert [store.add(result), store.add(result)] == [True, False]
        assert len(store.results("CartPole-v1")) == 1


def test_two_at_once_do_not_hurt_each_other(url, board):
    results = [each for _, each in board.results()]
    failures = []

    def submit():
        try:
            with open_store(url) as store:
                for each in results:
                    store.add(each)
        except HubError as error:
            failures.append(error)

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with open_store(url) as store:
        assert len(store.results("CartPole-v1")) == len(results)


def test_document_changed_in_the_store_is_noticed(url, result):
    with open_store(url) as store:
        store.add(result)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.update(Submission).values(document=Submission.document + " "))
    engine.dispose()
    with open_store(url) as store, pytest.raises(DamagedFile, match=r"submission 1 in .* is damaged"):
        store.results("CartPole-v1")


def test_older_store_is_migrated_and_keeps_its_submissions(url, result, monkeypatch):
    with open_store(url) as store:
        store.add(result)

    def add_note(connection):
        connection.execute(sa.text("ALTER TABLE submission ADD COLUMN note TEXT"))

    monkeypatch.setattr(store_module, "MIGRATIONS", (*store_module.MIGRATIONS, add_note))
    for _ in range(2):  # the second time there is nothing to do
        with open_store(url) as store:
            assert store.results("CartPole-v1") == [result]
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version FROM schema_version")) == 2
        assert connection.scalar(sa.text("SELECT note FROM submission")) is None
    engine.dispose()


def test_failed_migration_leaves_the_store_as_it_was(url, result, monkeypatch):
    with open_store(url) as store:
        store.add(result)

    def fail(connection):
        connection.execute(sa.text("CREATE TABLE half (x INTEGER)"))
        connection.execute(sa.text("nonsense"))

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "MIGRATIONS", (*store_module.MIGRATIONS, fail))
        with pytest.raises(HubError, match="cannot be used"):
            open_store(url)
    with open_store(url) as store:
        assert store.results("CartPole-v1") == [result]
    engine = sa.create_engine(url)
    assert not sa.inspect(engine).has_table("half")
    engine.dispose()


def test_newer_store_is_refused(url):
    with open_store(url):
        pass
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE schema_version SET version = 99"))
    engine.dispose()
    with pytest.raises(DamagedFile, match="schema version 99 and this hub knows 1"):
        open_store(url)


def test_file_that_is_no_database_is_one_clear_line(tmp_path):
    (tmp_path / "x.sqlite").write_text("certainly no database, whatever its name may say")
    with pytest.raises(HubError, match="cannot be used: file is not a database"):
        open_store(f"sqlite:///{tmp_path / 'x.sqlite'}")


@pytest.mark.parametrize(
    ("address", "error", "message"),
    [
        ("store.sqlite", UsageError, "must be a database URL"),
        ("oracles://me:secret@host/x", UsageError, "no database hub knows"),
        ("sqlite:////proc/nowhere/x.sqlite", HubError, "cannot create /proc/nowhere"),
    ],
)
def test_bad_addresses_are_explained(address, error, message):
    with pytest.raises(error, match=message):
        open_store(address)


def test_missing_driver_names_the_package_and_no_password(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match="pip install 'psycopg") as caught:
        open_store("postgresql://me:secret@localhost/boards")
    assert "secret" not in str(caught.value)


def test_submit_verifies_and_stores(board, url, capsys):
    path = str(board.folder / "random" / "00.json")
    assert main(["submit", path, "--store", url]) == 0
    assert "submitted: random on CartPole-v1, 10 episodes confirmed" in capsys.readouterr().out
    assert main(["submit", path, "--store", url]) == 0
    assert "nothing to do: the store already holds this result" in capsys.readouterr().out
    assert main(["submit", path, "--store", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"state": "confirmed", "reasons": [], "added": False}


def test_submit_uses_hubs_own_store(board, tmp_path, capsys):
    assert main(["submit", str(board.folder / "random" / "00.json")]) == 0
    assert (tmp_path / "home" / "leaderboard.sqlite").exists()


def better(episode):
    return episode.model_copy(update={"return_": episode.return_ + 1})


def test_edited_result_is_refused_and_not_stored(board, result, url, tmp_path, capsys):
    write_result(
        result.model_copy(update={"episodes": [*result.episodes[:3], better(result.episodes[3]), *result.episodes[4:]]}),
        tmp_path / "x.json",
    )
    assert main(["submit", str(tmp_path / "x.json"), "--store", url]) == 1
    shown = capsys.readouterr().out
    assert "refused" in shown
    assert "episode 3" in shown
    with open_store(url) as store:
        assert store.environments() == []


def test_result_without_actions_is_refused(board, result, url, tmp_path, capsys):
    bare = [episode.model_copy(update={"actions": None}) for episode in result.episodes]
    write_result(result.model_copy(update={"episodes": bare}), tmp_path / "x.json")
    assert main(["submit", str(tmp_path / "x.json"), "--store", url, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["state"], found["added"]) == ("not replayable", False)


def test_what_an_agent_demonstrates_is_refused_unplayed(result, url, tmp_path, capsys):
    agent = result.agent.model_copy(update={"demonstration": "its replies are scripted"})
    write_result(result.model_copy(update={"agent": agent}), tmp_path / "x.json")
    assert main(["submit", str(tmp_path / "x.json"), "--store", url]) == 1
    assert "x.json cannot be submitted: random only demonstrates: its replies are scripted" in capsys.readouterr().err
    with open_store(url) as store:
        assert store.environments() == []


def test_damaged_result_is_refused(url, tmp_path, capsys):
    (tmp_path / "x.json").write_text("{")
    assert main(["submit", str(tmp_path / "x.json"), "--store", url]) == 1
    assert "not JSON" in capsys.readouterr().err
