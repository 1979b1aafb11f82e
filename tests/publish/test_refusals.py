"""What may not be published is refused whole, each row with the reason and a remedy."""

import json
from collections.abc import Iterable

import pytest
from PIL import Image as Picture
from PIL.PngImagePlugin import PngInfo
from publishing import Desk, film_bytes, tree

from pipelines.publish.snapshots import PublicationError
from pipelines.records import Match, Panel


def objections(desk: Desk, **terms: object) -> list[tuple[str, str]]:
    before = tree(desk.out) if desk.out.exists() else None
    done = desk.publish(**terms)
    assert done.folder is None
    assert (tree(desk.out) if desk.out.exists() else None) == before
    assert all(refusal.remedy for refusal in done.refusals)
    return [(refusal.row, refusal.why) for refusal in done.refusals]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"license": ""}, "its licence is unclear (stated: none)"),
        ({"filename": ""}, "has no file name"),
        ({"filename": "one.jpg"}, "its file name ends in .jpg and its file is image/png"),
        ({"age": "1000"}, "age: 1000 is not within 0 to 122 years: nobody is known to have lived longer"),
        (
            {"clinical_notes": "Write to ada@example.org"},
            "clinical_notes: holds an e-mail address, which no row may publish",
        ),
        ({"filename": "../../one.png"}, "filename: '../../one.png' is no portable file name with an extension"),
    ],
)
def test_a_row_that_may_not_be_published_is_named(
    desk: Desk, values: dict[str, str], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Accepted while the vocabularies were looser than they are now.
    monkeypatch.setattr("pipelines.candidates.decisions.problems_of", lambda row: [])
    desk.accept("sound", film_bytes(9))
    desk.publish()
    candidate = desk.accept("one", film_bytes(1), **values)
    told = objections(desk)
    assert all(candidate.id in row for row, _ in told)
    assert why in [reason for _, reason in told]


def test_films_of_unclear_licence_are_published_only_when_asked_for(desk: Desk) -> None:
    desk.accept("one", film_bytes(1), license="")
    assert objections(desk)
    assert desk.publish(allow_unclear=True).films == 1
    assert json.loads((desk.out / "snapshot.json").read_text())["licence_unclear"] == 1
    assert "Films whose licence is unclear: 1" in (desk.out / "CHANGELOG.md").read_text()


def test_one_film_in_two_rows_is_refused(desk: Desk) -> None:
    desk.accept("one", film_bytes(1))
    desk.accept("two", film_bytes(1))
    assert [why for _, why in objections(desk)] == [
        "shows the same film as two.png (candidate two-whole): the same file"
    ]


def test_panels_of_one_figure_are_different_films_and_the_whole_figure_is_not(desk: Desk) -> None:
    for letter, box in (("a", (0, 0, 30, 40)), ("b", (30, 0, 60, 40))):
        desk.accept(f"figure-{letter}", film_bytes(1), Panel(box=box))
    assert desk.publish().films == 2
    desk.accept("figure", film_bytes(1))
    assert len(objections(desk)) == 2


def test_a_film_that_two_files_show_is_refused_until_a_person_tells_them_apart(desk: Desk) -> None:
    one, two = desk.accept("one", film_bytes(1)), desk.accept("two", film_bytes(2))
    desk.store.keep_match(one.id, Match(candidate=two.id, relation="same image", distance=4, correlation=0.99))
    assert [why for _, why in objections(desk)] == [
        "shows the same film as two.png (candidate two-whole): same image, and nobody judged otherwise"
    ]
    desk.decide(one, "judge", detail={"candidate": two.id, "relation": "same patient, other film", "keep": ""})
    assert desk.publish().films == 2


def test_a_film_that_holds_another_is_refused_only_where_a_person_says_so(desk: Desk) -> None:
    one, two = desk.accept("one", film_bytes(1)), desk.accept("two", film_bytes(2))
    desk.store.keep_match(one.id, Match(candidate=two.id, relation="contains", distance=90, correlation=0.9))
    assert desk.publish().films == 2
    desk.decide(one, "judge", detail={"candidate": two.id, "relation": "contains", "keep": ""})
    assert [why for _, why in objections(desk)] == [
        "shows the same film as two.png (candidate two-whole): contains, says Ada"
    ]


def test_names_that_differ_in_capitals_alone_are_refused(desk: Desk) -> None:
    desk.accept("one", film_bytes(1), filename="Film.png")
    desk.accept("two", film_bytes(2), filename="film.png")
    assert {why.partition(" with ")[0] for _, why in objections(desk)} == {"shares its file name"}


def test_a_film_that_is_gone_from_the_blobs_is_named(desk: Desk) -> None:
    candidate = desk.accept("one", film_bytes(1))
    desk.blobs.path(candidate.sha256).unlink()
    assert ["is not among the blobs" in why for _, why in objections(desk)] == [True]


def test_damaged_blobs_are_not_published(desk: Desk) -> None:
    candidate = desk.accept("one", film_bytes(1))
    desk.blobs.path(candidate.sha256).write_bytes(film_bytes(2))
    with pytest.raises(PublicationError, match="no longer holds what was fetched"):
        desk.publish()
    assert not desk.out.exists()


def test_dicom_is_never_published(desk: Desk) -> None:
    desk.accept("one", b"\0" * 128 + b"DICM" + b"Doe^Jane", filename="one.dcm")
    assert any("a DICOM header may name the patient" in why for _, why in objections(desk))


def private_films() -> Iterable[tuple[str, bytes]]:
    exif = Picture.Exif()
    exif[0x013B] = "Dr Jane Doe"
    yield "EXIF Artist names 'Dr Jane Doe'", film_bytes(1, "JPEG", exif=exif)
    place = Picture.Exif()
    place.get_ifd(0x8825)[1] = "N"
    yield "EXIF holds the place where it was taken (GPS)", film_bytes(1, "JPEG", exif=place)
    texts = PngInfo()
    texts.add_text("Comment", "PatientName: Doe^Jane")
    yield "the text 'Comment' speaks of a person", film_bytes(1, pnginfo=texts)
    yield "the text 'comment' speaks of a person", film_bytes(1, "JPEG", comment=b"Patient ID 12345")
    packet = b"<x:xmpmeta><rdf:Description><dc:creator>Jane Doe</dc:creator></rdf:Description></x:xmpmeta>"
    yield "XMP holds dc:creator", film_bytes(1, "JPEG", xmp=packet)


@pytest.mark.parametrize(
    ("why", "film"), list(private_films()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_film_whose_metadata_names_somebody_waits_until_it_is_released(desk: Desk, why: str, film: bytes) -> None:
    candidate = desk.accept("one", film)
    assert [reason for _, reason in objections(desk)] == [why]
    desk.publish(allow_metadata=frozenset({candidate.row["filename"]}))
    assert (desk.out / "images" / candidate.row["filename"]).read_bytes() == film


def test_a_scanners_own_metadata_is_no_objection(desk: Desk) -> None:
    exif = Picture.Exif()
    exif[0x0131] = "Adobe Photoshop"
    desk.accept("one", film_bytes(1, "JPEG", exif=exif, comment=b"CREATOR: gd-jpeg v1.0, quality = 82"))
    assert desk.publish().films == 1
