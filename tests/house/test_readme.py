"""The README is true: every command in it runs here, over the replayed web and in a workspace of its own."""

import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from running import ROOT, Demo, scrapy

from crawlers.replay.article_pdf import pdf_of
from crawlers.replay.articles import written_articles
from crawlers.replay.server import running
from pipelines.candidates.store import Store
from pipelines.records import Decision

pytestmark = pytest.mark.timeout(600)

README = (ROOT / "README.md").read_text(encoding="utf-8")
# What a test cannot run from within: itself, the setting up, and a server that stays.
ELSEWHERE = {
    "uv run pytest": "is running",
    "uv run scrapy demo": "is the fixture `demo`",
    "scrapy triage": "serves until it is ended: tests/triage",
}


def commands() -> list[str]:
    """Return every line of the README's shell blocks without its comment."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return [line.split(" #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def place(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve the replayed web to a copy of the demo's workspace, so that a night has little left to do."""
    workspace = tmp_path_factory.mktemp("readme")
    shutil.copytree(demo.workspace, workspace, ignore=shutil.ignore_patterns("films"), dirs_exist_ok=True)
    with running(cache=demo.films) as origin:
        yield {"DATA_DIR": str(workspace), "REPLAY_ORIGIN": origin, "FIGURE1_TOKEN": "any", "INTAKE_CONTACT": "a@b.org"}


def accept_one(workspace: str) -> None:
    """Accept a candidate that may be published, as a person would."""
    with Store(f"sqlite:///{workspace}/intake.sqlite") as store:
        chosen = next(
            candidate
            for candidate in store.candidates(source="papers")
            if candidate.row["license"].startswith("CC BY") and not (candidate.issues or candidate.matches)
        )
        decision = Decision(
            candidate=chosen.id, action="accept", by="ada", at=datetime.now(UTC), revision=chosen.revision
        )
        store.record(decision)


def test_the_two_commands_are_there(demo: Demo) -> None:
    assert demo.done.code == 0
    assert set(ELSEWHERE) <= set(commands())


def test_every_command_runs(place: dict[str, str], demo: Demo, tmp_path: Path) -> None:
    film = next((demo.workspace / "blobs").rglob("*.jpg"))
    text = tmp_path / "case.txt"
    text.write_text("A 54-year-old man with fever and cough for 5 days. Swab positive for SARS-CoV-2.")
    article = tmp_path / "article.pdf"
    article.write_bytes(pdf_of(written_articles()[0], demo.films))
    written = ("night.json", "read.csv", "report.html", "report.json", "pairs.html", "sheet.html", "figures", "open")
    standing_for = {name: str(tmp_path / name) for name in written} | {
        "film.jpg": str(film),
        "case.txt": str(text),
        "data/demo/blobs": str(film),
        "article.pdf": str(article),
        "metadata.csv": str(ROOT / "tests" / "fixtures" / "metadata.csv"),
    }
    accept_one(place["DATA_DIR"])
    ran = 0
    for command in commands():
        if command in ELSEWHERE:
            continue
        program, name, *words = shlex.split(command)
        assert program == "scrapy", f"this test cannot run {command!r}"
        given = (standing_for.get(word, word) for word in words)
        done = scrapy(name, *given, environment=place, typed="a long password\n")
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
