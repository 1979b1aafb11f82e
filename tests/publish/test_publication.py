"""What people accepted is published with its films, evidence and history: all of it, or nothing and the reasons."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image as Picture
from publishing import TITLE, WHEN, Desk, film_bytes, tree

from pipelines.publish.cells import table_at
from pipelines.publish.snapshots import PublicationError
from pipelines.records import COLUMNS, SCHEMA_VERSION, Panel


def table(desk: Desk, name: str = "metadata.csv") -> list[dict[str, str]]:
    return [dict(row) for row in table_at(desk.out / name)]


# What is published


def test_accepted_rows_are_published_with_the_bytes_of_their_films(desk: Desk) -> None:
    desk.accept("one", film_bytes(1), offset="-3")
    desk.accept("two", film_bytes(2, "JPEG"), modality="CT", folder="volumes")
    desk.propose("pending", film_bytes(3))
    done = desk.publish()
    assert (len(done.rows), done.films, done.refusals) == (2, 2, [])
    with (desk.out / "metadata.csv").open(newline="") as file:
        assert tuple(next(csv.reader(file))) == COLUMNS
    assert [(row["patientid"], row["offset"]) for row in table(desk)] == [("sirm-one", "-3"), ("sirm-two", "")]
    assert (desk.out / "images" / "one.png").read_bytes() == film_bytes(1)
    assert (desk.out / "volumes" / "two.jpg").read_bytes() == film_bytes(2, "JPEG")
    assert {path.name for path in desk.out.rglob("*.*g")} == {"one.png", "two.jpg"}


def test_rows_are_sorted_as_a_person_counts(desk: Desk) -> None:
    for number, (patient, offset) in enumerate([("10", "2"), ("9", "10"), ("9", "-1"), ("9", ""), ("9", "9")]):
        desk.accept(f"film{number}", film_bytes(number), patientid=patient, offset=offset)
    desk.publish()
    assert [(row["patientid"], row["offset"]) for row in table(desk)] == [
        ("9", "-1"), ("9", "9"), ("9", "10"), ("9", ""), ("10", "2"),
    ]  # fmt: skip


def test_the_same_decisions_give_the_same_bytes_in_another_place(desk: Desk) -> None:
    for number in range(4):
        desk.accept(f"film{number}", film_bytes(number))
    desk.decide(desk.propose("ct", film_bytes(9)), "reject", reason="CT, not a radiograph")
    first = desk.publish()
    before = tree(desk.out)
    desk.out.unlink()
    again = desk.publish()
    after = tree(desk.out)
    told_of_time = {"snapshot.json", "CHANGELOG.md"}
    assert {k: v for k, v in after.items() if k not in told_of_time} == {
        k: v for k, v in before.items() if k not in told_of_time
    }
    assert first.snapshot == again.snapshot


def test_publishing_again_changes_nothing(desk: Desk) -> None:
    desk.accept("one", film_bytes(1))
    folder, before = desk.publish().folder, tree(desk.out)
    again = desk.publish()
    assert (again.folder, again.new, tree(desk.out)) == (folder, False, before)


def test_a_panel_is_cut_out_without_loss_and_its_box_recorded(desk: Desk) -> None:
    panel = Panel(box=(10, 5, 40, 30), label="A")
    desk.accept("figure", film_bytes(1, "TIFF"), panel, filename="figure-a.tif")
    desk.publish()
    (film,) = table(desk, "films.csv")
    assert (film["place"], film["box"], film["width"], film["height"]) == (
        "images/figure-a.png",
        "10,5,40,30",
        "30",
        "25",
    )
    cut = np.asarray(Picture.open(desk.out / film["place"]))
    whole = np.asarray(Picture.open(io.BytesIO(film_bytes(1, "TIFF"))))
    assert np.array_equal(cut, whole[5:30, 10:40])
    assert table(desk)[0]["filename"] == "figure-a.png"


def test_a_film_of_sixteen_bits_keeps_them(desk: Desk) -> None:
    samples = np.random.default_rng(1).integers(0, 65535, (30, 40), np.uint16)
    file = io.BytesIO()
    Picture.fromarray(samples).save(file, "PNG")
    desk.accept("deep", file.getvalue(), Panel(box=(0, 0, 20, 20)))
    desk.publish()
    assert np.array_equal(np.asarray(Picture.open(desk.out / "images" / "deep.png")), samples[:20, :20])


def test_each_value_is_published_with_its_quote_and_its_decisions(desk: Desk) -> None:
    candidate = desk.accept("one", film_bytes(1), folder="")
    desk.decide(candidate, "edit", detail={"row": {"sex": "M"}}, by="grace@example.org")
    desk.publish()
    (line,) = [json.loads(line) for line in (desk.out / "evidence.jsonl").read_text().splitlines()]
    (row,) = table(desk)
    assert row["folder"] == "images"
    told = {(found["field"], found["value"]): found["quote"] for found in line["evidence"]}
    assert set(told) == {(column, value) for column, value in row.items() if value}
    assert told["finding", "Pneumonia/Viral/COVID-19"] == TITLE
    assert [(decision["action"], decision["by"]) for decision in line["decisions"]] == [
        ("accept", "Ada"), ("edit", "(e-mail address)"),
    ]  # fmt: skip
    assert b"grace@example.org" not in b"".join(tree(desk.out).values())


def test_what_was_rejected_is_published_with_the_reason_and_without_its_film(desk: Desk) -> None:
    kept = desk.accept("one", film_bytes(1))
    desk.decide(desk.propose("ct", film_bytes(2)), "reject", reason="CT; ask a.b@example.org")
    desk.decide(
        desk.propose("copy", film_bytes(3)), "duplicate",
        detail={"candidate": kept.id, "relation": "same image", "keep": kept.id},
    )  # fmt: skip
    back = desk.decide(desk.propose("back", film_bytes(4)), "reject", reason="by mistake")
    desk.decide(back, "undo")
    assert desk.propose("again", film_bytes(1)).state == "duplicate", "nobody decided on it: it is told nowhere"
    desk.publish()
    rejected = {row["filename"]: row for row in table(desk, "rejected.csv")}
    assert set(rejected) == {"ct.png", "copy.png"}
    ct = rejected["ct.png"]
    assert (ct["state"], ct["reason"], ct["by"], ct["at"]) == (
        "rejected", "CT; ask (e-mail address)", "Ada", WHEN.isoformat(),
    )  # fmt: skip
    assert (rejected["copy.png"]["state"], rejected["copy.png"]["instead"]) == ("duplicate", kept.id)
    known = {row["sha256"]: row["state"] for row in table(desk, "known.csv")}
    states = {"one": "published", "ct": "rejected", "copy": "duplicate"}
    assert known == {desk.store.candidate(f"{name}-whole").sha256: state for name, state in states.items()}
    assert [path.name for path in desk.out.rglob("*.png")] == ["one.png"]


def test_known_films_are_found_by_their_published_fingerprint(desk: Desk) -> None:
    from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint

    stored = Fingerprint(FINGERPRINT_VERSION, (b"a" * 32, b"b" * 32), b"c" * 36, 60, 40)
    candidate = desk.accept("one", film_bytes(1))
    desk.store.keep_fingerprint(candidate.sha256, FINGERPRINT_VERSION, stored.to_bytes())
    desk.publish()
    (film,) = table(desk, "known.csv")
    asked = Fingerprint.from_bytes(bytes.fromhex(film["fingerprint"]))
    assert (asked.hashes, asked.local, film["version"]) == (stored.hashes, b"", str(FINGERPRINT_VERSION))


def test_formulas_and_lines_in_cells_do_no_harm_and_come_back(desk: Desk) -> None:
    notes = '=HYPERLINK("https://example.org","day 1")\nday 2'
    desk.accept("one", film_bytes(1), clinical_notes=notes)
    desk.publish()
    lines = (desk.out / "metadata.csv").read_text().splitlines()
    assert len(lines) == 2
    assert "\"'=HYPERLINK" in lines[1]
    assert table(desk)[0]["clinical_notes"] == notes


def test_a_film_of_unknown_modality_lies_among_the_images(desk: Desk) -> None:
    desk.accept("one", film_bytes(1), modality="", folder="")
    desk.publish()
    assert [(row["folder"], row["modality"]) for row in table(desk)] == [("images", "")]
    assert (desk.out / "images" / "one.png").exists()


# What tells one publication from the next


def test_the_changelog_says_what_changed(desk: Desk) -> None:
    one, two = desk.accept("one", film_bytes(1)), desk.accept("two", film_bytes(2))
    first = desk.publish()
    desk.decide(one, "edit", detail={"row": {"sex": "F"}})
    desk.decide(two, "undo")
    desk.accept("three", film_bytes(3))
    second = desk.publish()
    changed = [tuple(row.values()) for row in table(desk, "changes.csv")]
    assert changed == [
        ("added", "three.png", "", "", ""), ("removed", "two.png", "", "", ""), ("changed", "one.png", "sex", "", "F"),
    ]  # fmt: skip
    told = (desk.out / "CHANGELOG.md").read_text()
    assert told.index(second.snapshot) < told.index(first.snapshot)
    assert "Rows: 2, before: 2; added: 1, removed: 1, changed: 1, in cells: 1 (" in told
    manifest = json.loads((desk.out / "snapshot.json").read_text())
    assert (manifest["snapshot"], manifest["number"], manifest["schema_version"]) == (
        second.snapshot,
        2,
        SCHEMA_VERSION,
    )
    assert first.folder
    assert sorted(path.name for path in (first.folder / "images").iterdir()) == ["one.png", "two.png"]


def test_a_changed_schema_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.accept("one", film_bytes(1))
    desk.publish()
    for module in ("content", "history"):
        monkeypatch.setattr(f"pipelines.publish.{module}.SCHEMA_VERSION", 99)
    assert desk.publish().new
    assert "**The schema changed**: it was version 1." in (desk.out / "CHANGELOG.md").read_text()


def test_a_film_damaged_in_a_publication_is_mended_in_the_next(desk: Desk) -> None:
    desk.accept("one", film_bytes(1))
    desk.publish()
    film = desk.out / "images" / "one.png"
    film.chmod(0o644)
    film.write_bytes(b"overwritten")
    desk.accept("two", film_bytes(2))
    desk.publish()
    assert (desk.out / "images" / "one.png").read_bytes() == film_bytes(1)


# Licences


def test_only_the_licences_asked_for_are_published(desk: Desk) -> None:
    licences = ["CC BY 4.0", "CC BY 3.0", "CC BY-NC-SA 4.0", "CC0 1.0", ""]
    for number, licence in enumerate(licences):
        desk.accept(f"film{number}", film_bytes(number), license=licence)
    done = desk.publish(licences=frozenset({"CC BY", "CC0"}))
    assert sorted(row["license"] for row in table(desk)) == ["CC BY 3.0", "CC BY 4.0", "CC0 1.0"]
    assert done.left_out == {"CC BY-NC-SA 4.0": 1, "unclear": 1}
    assert desk.publish(licences=frozenset({"CC BY 3.0"})).films == 1
    with pytest.raises(PublicationError, match="licences left out"):
        desk.publish(licences=frozenset({"Apache 2.0"}))
    assert len(table(desk)) == 1


# Where it is published


def test_a_folder_of_somebody_elses_is_left_alone(desk: Desk) -> None:
    desk.accept("one", film_bytes(1))
    desk.out.mkdir()
    (desk.out / "thesis.tex").write_text("by Ada")
    with pytest.raises(PublicationError, match="name another --out"):
        desk.publish()
    (desk.out / "thesis.tex").unlink()
    assert desk.publish().films == 1


def test_nothing_accepted_is_no_publication(desk: Desk) -> None:
    desk.propose("one", film_bytes(1))
    with pytest.raises(PublicationError, match="no row is accepted"):
        desk.publish()
    assert not desk.out.exists()
