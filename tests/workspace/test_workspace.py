"""What follows from DATA_DIR, DATABASE_URL, REPLAY_ORIGIN and INTAKE_CONTACT, wherever each was set."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from crawlers.workspace import crossref_url, data_dir, database_url, settle


def settings_of(**given: Any) -> Settings:
    settings = Settings()
    project = {"BOT_NAME": "intake-desk", "DATA_DIR": "data", "DATABASE_URL": "", "REPLAY_ORIGIN": ""}
    settings.setdict(project, priority="project")
    settings.setdict(given, priority="cmdline")
    return settings


def test_everything_lies_under_data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = settings_of(DATA_DIR="elsewhere")
    settle(settings)
    place = tmp_path / "elsewhere"
    assert data_dir(settings) == place
    assert settings["DATA_DIR"] == str(place)
    assert settings["DATABASE_URL"] == database_url(settings) == f"sqlite:///{place}/intake.sqlite"
    assert settings["HTTPCACHE_DIR"] == str(place / "httpcache")
    assert not place.exists(), "naming a place must not create it"


def test_a_database_of_its_own_stays(tmp_path: Path) -> None:
    settings = settings_of(DATA_DIR=str(tmp_path), DATABASE_URL="postgresql+psycopg://desk@db/intake")
    settle(settings)
    assert settings["DATABASE_URL"] == "postgresql+psycopg://desk@db/intake"


def test_settling_twice_changes_nothing(tmp_path: Path) -> None:
    settings = settings_of(DATA_DIR=str(tmp_path), REPLAY_ORIGIN="http://127.0.0.1:8765/")
    settle(settings)
    once = settings.copy_to_dict()
    settle(settings)
    assert settings.copy_to_dict() == once


def test_the_replayed_web_goes_before_a_spider_and_after_the_command_line() -> None:
    settings = settings_of(REPLAY_ORIGIN="http://127.0.0.1:8765/")
    settings.set("DOWNLOAD_DELAY", 2.0, priority="spider")
    settle(settings)
    assert settings["DOWNLOAD_DELAY"] == 0
    assert set(settings["DOWNLOAD_HANDLERS"]) == {"http", "https"}
    assert crossref_url(settings) == settings["CROSSREF_URL"] == "http://127.0.0.1:8765/api.crossref.org"
    settings.set("DOWNLOAD_DELAY", 1.5, priority="cmdline")
    settle(settings)
    assert settings["DOWNLOAD_DELAY"] == 1.5


def test_without_a_replay_the_real_web_is_crawled_at_its_pace() -> None:
    settings = settings_of()
    settings.set("DOWNLOAD_DELAY", 2.0, priority="spider")
    settle(settings)
    assert settings["DOWNLOAD_DELAY"] == 2.0
    assert settings["CROSSREF_URL"] == "https://api.crossref.org"
    assert "http" not in settings["DOWNLOAD_HANDLERS"]
    assert settings["USER_AGENT"].startswith("intake-desk/")
    assert "mailto" not in settings["USER_AGENT"]


@pytest.mark.parametrize("origin", ["127.0.0.1:8765", "ftp://x", "http://"])
def test_an_origin_that_is_no_address_is_refused_with_the_right_form(origin: str) -> None:
    with pytest.raises(UsageError, match=r"REPLAY_ORIGIN is .*; write it as http://127\.0\.0\.1:8765"):
        settle(settings_of(REPLAY_ORIGIN=origin))


def test_each_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "sqlite://",
        "REPLAY_ORIGIN": "http://127.0.0.1:1",
        "INTAKE_CONTACT": "desk@hospital.example",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert given.items() <= runpy.run_module("crawlers.settings").items()
