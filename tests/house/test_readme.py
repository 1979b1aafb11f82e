"""The README is true: every command in it runs here, over the replayed web and in a workspace of its own."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import ROOT, Demo, scrapy

from crawlers.replay.server import running

pytestmark = pytest.mark.timeout(600)

README = (ROOT / "README.md").read_text(encoding="utf-8")
# What a test cannot run from within: itself, the setting up, and a server that stays.
ELSEWHERE = {
    "uv run pytest": "is running",
    "uv run scrapy demo": "is the fixture `demo`",
}


def commands() -> list[str]:
    """Return every line of the README's shell blocks without its comment."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def place(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve the replayed web to a copy of the demo's workspace, so that a night has little left to do."""
    workspace = tmp_path_factory.mktemp("readme")
    shutil.copytree(demo.workspace, workspace, ignore=shutil.ignore_patterns("films"), dirs_exist_ok=True)
    with running(cache=demo.films) as origin:
        yield {"DATA_DIR": str(workspace), "REPLAY_ORIGIN": origin, "FIGURE1_TOKEN": "any"}


def test_the_two_commands_are_there(demo: Demo) -> None:
    assert demo.done.code == 0
    assert set(ELSEWHERE) <= set(commands())


def test_every_command_runs(place: dict[str, str], demo: Demo, tmp_path: Path) -> None:
    film = next((demo.workspace / "blobs").rglob("*.jpg"))
    text = tmp_path / "case.txt"
    text.write_text("A 54-year-old man with fever and cough for 5 days. Swab positive for SARS-CoV-2.")
    standing_for = {"film.jpg": str(film), "case.txt": str(text), "night.json": str(tmp_path / "night.json")}
    standing_for["data/demo/blobs"] = str(film)
    standing_for["read.csv"] = str(tmp_path / "read.csv")
    ran = 0
    for command in commands():
        if command in ELSEWHERE:
            continue
        program, *words = shlex.split(command)
        assert program == "scrapy", f"this test cannot run {command!r}"
        done = scrapy(*(standing_for.get(word, word) for word in words), environment=place)
        assert done.code == 0, f"{command}\n{done.out}\n{done.err}"
        ran += 1
    assert ran >= 10


def test_every_command_of_the_desk_is_documented() -> None:
    ours = {path.stem for path in (ROOT / "crawlers" / "commands").glob("*.py")} - {"__init__"}
    assert {name for name in ours if f"scrapy {name}" not in README} == set()


def test_the_settings_named_are_those_that_are_read() -> None:
    settings = (ROOT / "crawlers" / "settings.py").read_text() + (ROOT / "crawlers/spiders/figure1.py").read_text()
    for name in re.findall(r"^\| `([A-Z0-9_]+)` \|", README, re.MULTILINE):
        assert f'"{name}"' in settings
