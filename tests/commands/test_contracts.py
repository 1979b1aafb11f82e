"""What others script against: the commands' words, their exit codes, and the shapes they print."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from running import Demo, scrapy

from pipelines.records import COLUMNS

pytestmark = pytest.mark.timeout(600)

KEYS = ["id", "source", "case_url", "state", "image_url", "sha256", "row", "evidence", "issues", "matches"]


def test_a_demo_ends_by_itself_and_says_what_it_found(demo: Demo) -> None:
    assert demo.done.code == 0, demo.done.err
    for words in ("radiopaedia", "sirm", "figure1", "papers", "scrapy candidates"):
        assert words in demo.done.out
    assert "Traceback" not in demo.done.err, demo.done.err


def test_candidates_print_one_object_a_line(candidates: list[dict[str, Any]]) -> None:
    assert len(candidates) > 100
    for candidate in candidates:
        assert [key for key in candidate if key in KEYS] == KEYS
        assert tuple(candidate["row"]) == COLUMNS
        for evidence in candidate["evidence"]:
            assert set(evidence) == {"field", "value", "quote", "block", "start", "end", "rule"}
        for issue in candidate["issues"]:
            assert set(issue) == {"kind", "field", "message"}
        for match in candidate["matches"]:
            assert {"relation", "distance", "correlation"} <= set(match)
            assert ("candidate" in match) != ("published" in match)


def test_candidates_are_filtered_by_source_and_state(demo: Demo) -> None:
    place = ("-s", f"DATA_DIR={demo.workspace}")
    table = scrapy("candidates", "--source", "sirm", "--format", "csv", *place)
    rows = list(csv.DictReader(io.StringIO(table.out)))
    assert rows
    assert all(row["patientid"].startswith("sirm-") or not row["patientid"] for row in rows)
    assert set(COLUMNS) <= set(rows[0])
    assert scrapy("candidates", "--state", "accepted", "--format", "jsonl", *place).out == ""


def test_a_rehearsal_prints_what_would_be_proposed_and_keeps_nothing(demo: Demo, tmp_path: Path) -> None:
    from crawlers.replay.server import running

    workspace, url = tmp_path / "workspace", "https://radiopaedia.org/cases/covid-19-pneumonia-801"
    with running(cache=demo.films) as origin:
        environment = {"DATA_DIR": str(workspace), "REPLAY_ORIGIN": origin}
        done = scrapy("crawl", "radiopaedia", "-a", f"url={url}", "-a", "dry=1", environment=environment)
    assert done.code == 0, done.err
    proposed = [json.loads(line) for line in done.out.splitlines()]
    assert [candidate["case_url"] for candidate in proposed] == [url]
    assert not workspace.exists()


def test_crawled_brackets_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    from crawlers.command import shown_table

    shown_table("brackets", {"a": "left"}, [["[/nothing] [red]opened"]])
    assert "[/nothing] [red]opened" in capsys.readouterr().out


def test_a_broad_crawl_without_permission_is_refused_with_the_remedy(tmp_path: Path) -> None:
    done = scrapy("crawl", "radiopaedia", "-s", f"DATA_DIR={tmp_path}")
    assert done.code == 1
    assert "scrapy permit radiopaedia" in done.out + done.err


def test_a_night_leaves_out_what_is_not_permitted(tmp_path: Path) -> None:
    named = scrapy("nightly", "--source", "sirm", "-s", f"DATA_DIR={tmp_path}")
    assert named.code == 1
    assert "scrapy permit sirm" in named.err


def test_a_permission_is_kept_with_its_person(tmp_path: Path) -> None:
    place = ("-s", f"DATA_DIR={tmp_path}")
    assert scrapy("permit", "sirm", "--basis", "letter of the society", "--by", "A. Curator", *place).code == 0
    shown = scrapy("permit", *place).out
    assert "letter of the society" in shown
    assert "A. Curator" in shown


def test_every_command_says_what_it_does() -> None:
    from importlib import import_module
    from pkgutil import iter_modules

    import crawlers.commands

    for module in iter_modules(crawlers.commands.__path__):
        command = import_module(f"crawlers.commands.{module.name}").Command()
        assert len(command.short_desc()) > 20, module.name
        assert command.syntax()


def test_a_table_read_without_an_out_shows_each_value_with_its_quote_and_what_is_unsure(tmp_path: Path) -> None:
    table = tmp_path / "texts.csv"
    note = "A woman in her 60s with fever for 3 days. SpO2 was 91 % on room air."
    table.write_text(f"row_id,clinical_notes,filename,url\nr1,{note},a.png,https://example.org/a\n", encoding="utf-8")
    shown = scrapy("interpret", str(table)).out
    assert note in shown
    saturation, age = (next(line for line in shown.splitlines() if field in line) for field in ("pO2_sat", "│ age"))
    assert "91" in saturation
    assert "60" in age
    assert "ambiguous value" in age
