"""One night over the replayed web, held against what is true of that web."""

import hashlib
import io
import json
import re
from collections import Counter
from typing import Any

import pytest
from PIL import Image as Picture
from running import Demo

from crawlers.replay.expected import Expected, ExpectedFilm, expected
from crawlers.replay.server import generated_world
from pipelines.candidates.store import Store
from pipelines.records import COLUMNS, Candidate, Evidence

pytestmark = pytest.mark.timeout(600)
Row = dict[str, Any]
ARTICLES = "https://pmc-oa-opendata"


@pytest.fixture(scope="module")
def truth() -> Expected:
    return expected(generated_world())


@pytest.fixture(scope="module")
def by_film(candidates: list[Row]) -> dict[str, Row]:
    return {film_name(candidate): candidate for candidate in candidates}


def film_name(candidate: Row) -> str:
    return candidate["image_url"] + (f"#{candidate['panel']['label']}" if "panel" in candidate else "")


def films(truth: Expected) -> list[ExpectedFilm]:
    return [film for case in truth.cases if case.listed for film in case.films if film.is_film and not film.file.damage]


def test_every_value_is_quoted_letter_by_letter_from_the_case(demo: Demo) -> None:
    store = Store(f"sqlite:///{demo.workspace / 'intake.sqlite'}")
    seen = 0
    for candidate in store.candidates():
        source, source_id, version = store.version_quoted_by(candidate.id)
        case = store.case(source, source_id, version)
        for column, value in candidate.row.items():
            proofs = [
                evidence for evidence in candidate.evidence if (evidence.field, evidence.value) == (column, value)
            ]
            assert bool(proofs) == bool(value), f"{candidate.id}: {column}={value!r}"
            assert all(case.carries(proof) for proof in proofs), f"{candidate.id}: {column} is not carried"
            seen += len(proofs)
    store.close()
    assert seen > 1000


def test_no_stated_value_is_read_wrongly(truth: Expected, by_film: dict[str, Row]) -> None:
    wrong = [
        f"{film.name} {column}: {row[column]!r}, stated {value!r}"
        for film in films(truth)
        if film.name in by_film
        for row in [by_film[film.name]["row"]]
        for column, value in film.stated.items()
        if row[column] and row[column] not in value.split("|")
    ]
    assert wrong == []


def test_what_the_page_does_not_state_stays_blank(truth: Expected, by_film: dict[str, Row]) -> None:
    invented = [
        f"{film.name} {column}: {row[column]!r}"
        for film in films(truth)
        if film.name in by_film
        for row in [by_film[film.name]["row"]]
        for column in film.blank
        if row[column]
    ]
    assert invented == []


def test_nearly_all_that_is_stated_is_read(truth: Expected, by_film: dict[str, Row]) -> None:
    stated: Counter[str] = Counter()
    read: Counter[str] = Counter()
    for film in films(truth):
        if film.name in by_film:
            row = by_film[film.name]["row"]
            stated.update(film.stated.keys())
            read.update(column for column, value in film.stated.items() if row[column] in value.split("|"))
    shares = {column: f"{read[column]}/{count}" for column, count in stated.items() if read[column] < count}
    assert sum(read.values()) / sum(stated.values()) >= 0.97, shares


def test_every_film_of_a_listed_case_is_proposed(truth: Expected, by_film: dict[str, Row]) -> None:
    radiographs = [film.name for film in films(truth) if film.modality == "X-ray"]
    assert [name for name in radiographs if name not in by_film] == []


def test_what_is_no_film_waits_for_no_decision(truth: Expected, by_film: dict[str, Row]) -> None:
    pictures = [film for case in truth.cases if case.listed for film in case.films if film.name in by_film]
    aside = {film.name for film in pictures if by_film[film.name]["state"] == "aside"}
    assert aside
    assert aside == {film.name for film in pictures if film.image_url.startswith(ARTICLES) and not film.is_film}


def test_the_issues_a_person_must_see_are_there(truth: Expected, candidates: list[Row]) -> None:
    kinds: dict[str, set[str]] = {}
    for candidate in candidates:
        kinds.setdefault(candidate["case_url"], set()).update(issue["kind"] for issue in candidate["issues"])
    missing = [
        (case.url, kind)
        for case in truth.cases
        if case.listed and case.url in kinds
        for kind in case.issues
        if kind not in kinds[case.url]
    ]
    assert missing == []


def test_frontal_is_never_taken_for_a_view(candidates: list[Row]) -> None:
    for candidate in candidates:
        for evidence in candidate["evidence"]:
            assert not (evidence["field"] == "view" and re.search("frontal", evidence["quote"], re.IGNORECASE))


def test_a_film_seen_twice_is_related_and_strangers_are_not(truth: Expected, candidates: list[Row]) -> None:
    name_of = {candidate["id"]: film_name(candidate) for candidate in candidates}
    found = {
        frozenset((film_name(candidate), name_of[match["candidate"]])): match["relation"]
        for candidate in candidates
        for match in candidate["matches"]
        if match.get("candidate")
    }
    fetched = set(name_of.values())
    same = {
        frozenset((a, b)): relation
        for a, b, relation in truth.pairs
        if a in fetched and b in fetched and relation != "same patient, other film"
    }
    patient = {frozenset((a, b)) for a, b, _ in truth.pairs}
    assert [pair for pair in same if pair not in found] == [], "copies that were missed"
    merged = [pair for pair, relation in found.items() if relation in ("same bytes", "same image") and pair not in same]
    assert [tuple(pair) for pair in merged if pair in patient] == [], "follow-ups taken for one film"
    assert [tuple(pair) for pair in merged if all("radiopaedia" in url or "sirm" in url for url in pair)] == []


def test_films_are_kept_to_the_byte(demo: Demo, candidates: list[Row]) -> None:
    kept = {path.stem: path for path in (demo.workspace / "blobs").rglob("*.*") if path.is_file()}
    for candidate in candidates:
        data = kept[candidate["sha256"]].read_bytes()
        assert hashlib.sha256(data).hexdigest() == candidate["sha256"]


def test_a_16_bit_film_keeps_its_depth_and_a_webp_its_name(demo: Demo, by_film: dict[str, Row]) -> None:
    deep = next(row for url, row in by_film.items() if url.endswith("cxr_16bit.png"))
    path = next((demo.workspace / "blobs").rglob(f"{deep['sha256']}*"))
    with Picture.open(io.BytesIO(path.read_bytes())) as picture:
        assert picture.mode.startswith("I")
    webp = next(row for url, row in by_film.items() if url.endswith("ser002img00069.png"))
    assert webp["row"]["filename"].endswith(".webp")


def test_private_data_reaches_no_row(candidates: list[Row]) -> None:
    printed = json.dumps(candidates, ensure_ascii=False)
    assert not re.search(r"[\w.+-]+@[\w-]+\.\w+", printed), "an e-mail address"
    assert "WINTERBOTTOM" not in printed, "a name from EXIF"


def test_rows_hold_exactly_the_columns_of_the_schema(candidates: list[Row]) -> None:
    for candidate in candidates:
        assert tuple(candidate["row"]) == COLUMNS
        assert len({*candidate}) >= 10
    names = [candidate["row"]["filename"] for candidate in candidates]
    assert len(names) == len(set(names)), "two rows with one file name"
    assert Candidate.model_fields.keys() >= {"row", "evidence", "issues", "matches"}
    assert Evidence.model_fields.keys() == {"field", "value", "quote", "block", "start", "end", "rule"}
