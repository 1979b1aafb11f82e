"""What is known of a film, a DOI or an address: from the store, and from a published table alone."""

import csv
import io
from contextlib import suppress
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Picture
from publishing import WHEN, Desk

from pipelines.candidates.collection import AdoptedRow, imported_now
from pipelines.candidates.films import film_key
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, fingerprint_of
from pipelines.publish.lookup import Answer, Lookup, Unanswerable, kind_of
from pipelines.publish.lookup_table import KnownTable
from pipelines.publish.memory import KNOWN
from pipelines.records import COLUMNS, Panel

DOI = "10.1148/ryct.2020200034"


@cache
def pixels(seed: int) -> np.ndarray:
    """Return a grey picture with structure at several scales that no other seed has."""
    chance = np.random.default_rng(seed)
    y, x = np.mgrid[0:560, 0:600].astype(np.float32)
    film = 130 - 60 * np.exp(-(((x - 170) / 110) ** 4 + ((y - 280) / 200) ** 4))
    film -= 60 * np.exp(-(((x - 430) / 110) ** 4 + ((y - 280) / 200) ** 4))
    for size, strength in ((3, 40), (8, 60), (20, 90)):
        film += strength * size * cv2.GaussianBlur(chance.normal(0, 1, film.shape).astype(np.float32), (0, 0), size)
    return np.clip(film, 0, 255).astype(np.uint8)


def saved(film: np.ndarray, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Picture.fromarray(film).save(file, kind)
    return file.getvalue()


@cache
def stored_fingerprint(seed: int) -> bytes:
    return fingerprint_of(saved(pixels(seed))).to_bytes()


@pytest.fixture
def lookup(desk: Desk) -> Lookup:
    return Lookup(desk.store, desk.blobs, desk.folder / "films.index", lambda films: None)


def known_film(desk: Desk, name: str, seed: int, **values: str) -> bytes:
    film = saved(pixels(seed))
    candidate = desk.propose(name, film, **values)
    desk.store.keep_fingerprint(candidate.sha256, FINGERPRINT_VERSION, stored_fingerprint(seed))
    return film


def only(answers: list[Answer]) -> Answer:
    assert len(answers) == 1, answers
    return answers[0]


def test_a_copy_of_a_panel_is_known_as_that_panel(desk: Desk, lookup: Lookup, tmp_path: Path) -> None:
    gutter = np.full((560, 20), 255, np.uint8)
    figure = saved(np.hstack([pixels(7), gutter, pixels(8)]))
    left, right = Panel(box=(0, 0, 600, 560)), Panel(box=(620, 0, 1220, 560))
    for panel, seed in ((left, 7), (right, 8)):
        kept = desk.propose("paper", figure, panel)
        desk.store.keep_fingerprint(film_key(kept.sha256, panel), FINGERPRINT_VERSION, stored_fingerprint(seed))
    (tmp_path / "copy.jpg").write_bytes(saved(pixels(8), "JPEG"))
    answer = only(lookup.answers(str(tmp_path / "copy.jpg")))
    assert (answer.candidate, answer.relation) == ("paper-620,0,1220,560", "same image")


@pytest.mark.parametrize("form", [DOI, f"doi:{DOI}", f"https://doi.org/{DOI.upper()}", f"DOI: {DOI}"])
def test_a_doi_is_known_in_any_form(desk: Desk, lookup: Lookup, form: str) -> None:
    desk.accept("one", saved(pixels(1)), doi=DOI)
    answer = only(lookup.answers(form))
    assert (answer.known, answer.state, answer.by, answer.case) == (True, "accepted", "Ada", "one")
    assert answer.filename == "one.png"


def test_why_something_was_rejected_is_remembered(desk: Desk, lookup: Lookup) -> None:
    desk.decide(desk.propose("one", saved(pixels(1))), "reject", reason="no chest film")
    answer = only(lookup.answers("https://sirm.org/one/"))
    assert (answer.state, answer.reason, answer.by) == ("rejected", "no chest film", "Ada")
    assert answer.at.startswith("2026-11-23T07:30")


def test_the_same_bytes_are_known_under_any_name(desk: Desk, lookup: Lookup, tmp_path: Path) -> None:
    film = known_film(desk, "one", 1)
    (tmp_path / "renamed.bin").write_bytes(film)
    assert only(lookup.answers(str(tmp_path / "renamed.bin"))).relation == "same bytes"
    assert only(lookup.answers(desk.store.candidate("one-whole").sha256.upper())).candidate == "one-whole"
    assert only(lookup.answers("https://sirm.org/one.png")).candidate == "one-whole"


@pytest.mark.parametrize("copy", ["crop", "mirrored", "re-encoded", "inverted"])
def test_a_copy_is_known_by_its_content(desk: Desk, lookup: Lookup, tmp_path: Path, copy: str) -> None:
    for name, seed in (("one", 1), ("two", 2), ("three", 3)):
        known_film(desk, name, seed)
    film = pixels(2)
    made = {
        "crop": saved(film[60:, 50:]), "mirrored": saved(film[:, ::-1]), "re-encoded": saved(film, "JPEG"),
        "inverted": saved(255 - film),
    }[copy]  # fmt: skip
    path = tmp_path / "copy"
    path.write_bytes(made)
    answer = only(lookup.answers(str(path)))
    assert (answer.known, answer.candidate, answer.relation) == (True, "two-whole", "same image")
    assert answer.correlation
    assert answer.correlation > 0.9
    assert answer.transform["mirror"] is (copy == "mirrored")


def test_another_film_was_never_seen(desk: Desk, lookup: Lookup, tmp_path: Path) -> None:
    known_film(desk, "one", 1)
    (tmp_path / "new.png").write_bytes(saved(pixels(9)))
    assert only(lookup.answers(str(tmp_path / "new.png"))) == Answer(str(tmp_path / "new.png"))


def test_a_film_added_later_is_found_beside_the_kept_index(desk: Desk, lookup: Lookup, tmp_path: Path) -> None:
    known_film(desk, "one", 1)
    (tmp_path / "copy.jpg").write_bytes(saved(pixels(2), "JPEG"))
    assert only(lookup.answers(str(tmp_path / "copy.jpg"))).known is False
    assert (desk.folder / "films.index").exists()
    known_film(desk, "two", 2)
    later = Lookup(desk.store, desk.blobs, desk.folder / "films.index", lambda films: None)
    assert only(later.answers(str(tmp_path / "copy.jpg"))).candidate == "two-whole"


def test_without_the_film_a_near_fingerprint_is_no_proof(desk: Desk, lookup: Lookup, tmp_path: Path) -> None:
    known_film(desk, "one", 1)
    desk.blobs.path(desk.store.candidate("one-whole").sha256).unlink()
    (tmp_path / "copy.jpg").write_bytes(saved(pixels(1), "JPEG"))
    answer = only(lookup.answers(str(tmp_path / "copy.jpg")))
    assert answer.known is None
    assert answer.distance is not None
    assert answer.note.startswith("may be the same image")


def test_adopted_rows_are_known_and_so_is_why_one_was_withdrawn(desk: Desk, lookup: Lookup) -> None:
    cells = dict.fromkeys(COLUMNS, "")
    rows = [
        AdoptedRow(filename="a.png", row=cells | {"filename": "a.png", "doi": DOI, "url": "https://nejm.org/a%_b"}),
        AdoptedRow(filename="b.png", row=cells | {"filename": "b.png", "clinical_notes": f"cites {DOI}"}),
    ]
    file = imported_now("metadata.csv", "0" * 64, "utf-8", list(COLUMNS), 2, "Ada")
    desk.store.adopt(file, rows)
    assert only(lookup.answers(f"https://doi.org/{DOI}")).filename == "a.png"
    assert only(lookup.answers("https://nejm.org/a%_b/")).state == "adopted"
    assert only(lookup.answers("https://nejm.org/aXXb")).known is False
    assert only(lookup.answers("b.png")).filename == "b.png"
    desk.store.adopt(file, rows[1:], "the publisher asked")
    withdrawn = only(lookup.answers(DOI))
    assert (withdrawn.state, withdrawn.reason, withdrawn.by) == ("withdrawn", "the publisher asked", "Ada")


@pytest.mark.parametrize(
    "asked", ["nosuch.png", "folder/nosuch.png", "", "/tmp", "ftp://x.org/a", "10.1/x", "x" * 5000]
)
def test_what_names_nothing_is_refused_with_what_is_accepted(lookup: Lookup, asked: str) -> None:
    with pytest.raises(Unanswerable, match="a file, a DOI, a web address"):
        lookup.answers(asked)


def test_a_picture_without_a_film_in_it_is_refused(lookup: Lookup, tmp_path: Path) -> None:
    for name, data in (("blank.png", saved(np.zeros((300, 300), np.uint8))), ("text.txt", b"no picture")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Unanswerable, match="never seen as these bytes"):
            lookup.answers(str(tmp_path / name))


@given(st.text(max_size=40))
def test_any_text_is_of_one_kind_or_refused(asked: str) -> None:
    with suppress(Unanswerable):
        assert kind_of(asked) in ("film", "doi", "address", "name")


def test_a_published_table_answers_without_store_and_films(desk: Desk, tmp_path: Path) -> None:
    film = known_film(desk, "one", 1, doi=DOI)
    desk.decide(desk.store.candidate("one-whole"), "accept")
    known_film(desk, "two", 2)
    desk.decide(desk.store.candidate("two-whole"), "reject", reason="not a chest film")
    desk.publish()
    table = KnownTable(desk.out / "known.csv")
    assert only(table.answers(DOI.upper())).state == "published"
    assert only(table.answers("https://sirm.org/two")).reason == "not a chest film"
    (tmp_path / "same.png").write_bytes(film)
    assert only(table.answers(str(tmp_path / "same.png"))).relation == "same bytes"
    (tmp_path / "copy.jpg").write_bytes(saved(pixels(2)[:, ::-1], "JPEG"))
    near = only(table.answers(str(tmp_path / "copy.jpg")))
    assert (near.known, near.state) == (None, "rejected")
    assert near.distance is not None
    assert near.distance < 48
    assert "no film here to prove it with" in near.note
    (tmp_path / "new.png").write_bytes(saved(pixels(9)))
    assert only(table.answers(str(tmp_path / "new.png"))).known is False
    assert WHEN.isoformat() not in (desk.out / "known.csv").read_text()


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", ",".join(KNOWN) + "\nshort\n", "\xff\xfe"])
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "known.csv").write_text(text, encoding="latin-1")
    with pytest.raises(Unanswerable, match=r"known\.csv"):
        KnownTable(tmp_path / "known.csv")


def test_nothing_is_called_new_where_films_wait_for_their_fingerprint(
    desk: Desk, lookup: Lookup, tmp_path: Path
) -> None:
    candidate = desk.propose("one", saved(pixels(1)))
    desk.store.keep_fingerprint(candidate.sha256, FINGERPRINT_VERSION - 1, b"")
    (tmp_path / "copy.jpg").write_bytes(saved(pixels(2), "JPEG"))
    answer = only(lookup.answers(str(tmp_path / "copy.jpg")))
    assert (answer.known, answer.note.partition(",")[0]) == (None, "films not compared: 1")
    desk.blobs.path(candidate.sha256).unlink()
    assert only(lookup.answers(str(tmp_path / "copy.jpg"))).known is False


def test_a_row_adopted_without_its_film_is_known_by_the_published_table(desk: Desk) -> None:
    cells = dict.fromkeys(COLUMNS, "") | {"filename": "a.png", "doi": DOI, "url": "https://nejm.org/a"}
    file = imported_now("metadata.csv", "0" * 64, "utf-8", list(COLUMNS), 1, "Ada")
    desk.store.adopt(file, [AdoptedRow(filename="a.png", row=cells, missing="no folder of films was given")])
    desk.publish()
    table = KnownTable(desk.out / "known.csv")
    for asked in (DOI, "https://nejm.org/a/", "a.png"):
        assert only(table.answers(asked)).state == "published"


def test_a_fingerprint_of_another_version_is_not_compared(tmp_path: Path) -> None:
    with (tmp_path / "known.csv").open("w", newline="") as file:
        csv.writer(file).writerows([KNOWN, ("0" * 64, "", "0", "00" * 74, "published", "", "a.png", "", "")])
    (tmp_path / "film.png").write_bytes(saved(pixels(1)))
    answer = only(KnownTable(tmp_path / "known.csv").answers(str(tmp_path / "film.png")))
    assert (answer.known, "films not compared: 1" in answer.note) == (None, True)
