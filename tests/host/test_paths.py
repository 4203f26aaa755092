"""Where hub's home folder is."""

from __future__ import annotations

import platformdirs
import pytest

from hub import paths


@pytest.mark.parametrize("data", [None, "", " ", "/somewhere/data"])
def test_without_a_setting_it_is_where_the_platform_keeps_users_data(monkeypatch, tmp_path, data):
    monkeypatch.delenv("HUB_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    if data is not None:
        monkeypatch.setenv("XDG_DATA_HOME", data)
    assert paths.home() == platformdirs.user_data_dir("hub", appauthor=False)


def test_hub_home_names_it(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_HOME", "here")
    assert paths.home() == str(tmp_path / "here")
