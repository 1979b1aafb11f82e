"""`scrapy known` and `scrapy report` as others script them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from running import Demo, scrapy

pytestmark = pytest.mark.timeout(600)

CASE = "https://radiopaedia.org/cases/covid-19-pneumonia-801"


@pytest.fixture(scope="module")
def workspace(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a workspace with the demo's store and films that may be written into."""
    folder = tmp_path_factory.mktemp("known")
    for database in demo.workspace.glob("intake.sqlite*"):
        shutil.copy(database, folder)
    (folder / "blobs").symlink_to(demo.workspace / "blobs")
    return folder


def test_what_is_known_is_told_one_object_a_line(
    demo: Demo, candidates: list[dict[str, Any]], workspace: Path, tmp_path: Path
) -> None:
    film = max((demo.workspace / "blobs").rglob("*.jpg"), key=lambda path: path.stat().st_size)
    with Image.open(film) as picture:
        width, height = picture.size
        picture.convert("L").crop((width // 10, height // 12, width, height)).save(tmp_path / "crop.jpg", quality=80)
    asked = [CASE, str(film), str(tmp_path / "crop.jpg")]
    done = scrapy("known", *asked, "--format", "jsonl", "-s", f"DATA_DIR={workspace}")
    assert done.code == 0, done.err
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert list(dict.fromkeys(answer["asked"] for answer in answers)) == asked
    states = {candidate["id"]: candidate["state"] for candidate in candidates}
    assert answers[0]["state"] == states[answers[0]["candidate"]]
    assert answers[0]["url"] == CASE
    cropped = [answer for answer in answers if answer["asked"] == asked[2]]
    assert film.stem in {answer["sha256"] for answer in cropped if answer["relation"] == "same image"}


def test_the_exit_code_says_whether_all_is_known(workspace: Path) -> None:
    place = ("-s", f"DATA_DIR={workspace}")
    new = scrapy("known", CASE, "10.1056/nejmc2001272", *place)
    assert (new.code, "never seen" in new.out) == (1, True)
    wrong = scrapy("known", CASE, "nosuch.png", "--format", "jsonl", *place)
    assert wrong.code == 2
    assert "nosuch.png" in wrong.err
    assert CASE in wrong.out


def test_a_report_prints_and_writes_the_same_counts(
    candidates: list[dict[str, Any]], workspace: Path, tmp_path: Path
) -> None:
    page, counts = tmp_path / "report.html", tmp_path / "report.json"
    done = scrapy("report", "--html", page, "--json", counts, "-s", f"DATA_DIR={workspace}")
    assert done.code == 0, done.err
    proposed, publication = json.loads(counts.read_text())["sections"]
    assert proposed["films"] == len(candidates) == proposed["table_1"]["counts"]["total"]["total"]
    assert (publication["name"], publication["films"]) == ("Publication", 0)
    assert f"Candidates: films {proposed['films']}, patients {proposed['patients']}" in done.out
    assert f"<b>{proposed['films']}</b> films" in page.read_text()
    assert set(proposed["by"]["source"]["columns"]) == {"figure1", "papers", "radiopaedia", "sirm", "total"}


def test_a_report_counts_any_table_of_the_schema(shared: Path, tmp_path: Path) -> None:
    done = scrapy("report", shared / "real" / "reading" / "rows.csv", "-s", f"DATA_DIR={tmp_path}")
    assert done.code == 0, done.err
    assert "films 447, patients 228" in done.out
    assert "│ Pneumonia/Viral/COVID-19" in done.out
    assert not list(tmp_path.iterdir())
