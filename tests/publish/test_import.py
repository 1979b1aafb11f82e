"""A collection is adopted with its films, known to all crawls; importing again shows what changed."""

import asyncio
import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from publishing import Desk, film_bytes
from running import scrapy

from crawlers.adoption import Adoption
from crawlers.replay.films import FilmSpec, film_of
from pipelines.candidates.collection import Adopted, AdoptedRow, imported_now
from pipelines.candidates.store import Store
from pipelines.comparisons import Comparisons
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION
from pipelines.media.blobs import BlobStore
from pipelines.publish.cells import table_at
from pipelines.publish.collection_file import table_in
from pipelines.publish.collection_films import film_at
from pipelines.workers import Workers


class InThisProcess(Workers):
    """Work where the test runs: starting processes would take most of its time, and the commands start real ones."""

    def __init__(self) -> None:
        pass

    async def result_of(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return work(*arguments)


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Return the folder of a small collection: a film, a volume, a name with blanks, and a row without film."""
    folder = tmp_path / "collection"
    (folder / "images").mkdir(parents=True)
    (folder / "volumes").mkdir()
    (folder / "images" / "a film (1).PNG").write_bytes(film_bytes(1))
    (folder / "images" / "b.jpeg").write_bytes(film_bytes(2, "JPEG"))
    (folder / "volumes" / "c.nii.gz").write_bytes(gzip.compress(struct.pack("<i", 348) + bytes(400)))
    write(folder, ["1,0,a film (1).PNG,images,CC BY", "1,3,b.jpeg,images,CC0", "2,0,c.nii.gz,volumes,CC BY-NC-SA"])
    return folder


def write(folder: Path, lines: list[str]) -> Path:
    path = folder / "metadata.csv"
    path.write_text("\n".join(["patientid,offset,filename,folder,license", *lines, ""]))
    return path


def adopt(desk: Desk, folder: Path, withdraw: str = "") -> Adopted:
    table = table_in(folder / "metadata.csv")
    adoption = Adoption(desk.store, desk.blobs, InThisProcess())
    rows = asyncio.run(adoption.with_films(table.rows, folder, lambda done, total: None))
    asyncio.run(adoption.make_known(rows))
    file = imported_now("metadata.csv", table.sha256, table.encoding, table.header, len(rows), "Ada")
    return desk.store.adopt(file, rows, withdraw)


def test_missing_films_are_refused_until_allowed_and_taken_in_when_they_come(collection: Path, tmp_path: Path) -> None:
    jpeg, volume = collection / "images" / "b.jpeg", collection / "volumes" / "c.nii.gz"
    whole = {path: path.read_bytes() for path in (collection / "images" / "a film (1).PNG", jpeg, volume)}
    jpeg.write_text("<html>gone</html>")
    volume.unlink()
    place = ("-s", f"DATA_DIR={tmp_path}/workspace", "-s", "PIPELINE_WORKERS=1")
    words = ("import", collection / "metadata.csv", "--images", collection, *place)
    refused = scrapy(*words)
    assert refused.code != 0
    for said in ("rows without a film: 2 of 3", "b.jpeg", "a web page stands", "not below collection", "--allow-m"):
        assert said in refused.out + refused.err
    with Store(f"sqlite:///{tmp_path}/workspace/intake.sqlite") as store:
        assert (store.adopted(), store.published(FINGERPRINT_VERSION)) == ([], [])
        assert scrapy(*words, "--allow-missing-images").code == 0
        assert [bool(row.media) for row in store.adopted()] == [True, False, False]
        for path, data in whole.items():
            path.write_bytes(data)
        imported = scrapy(*words)
        assert imported.code == 0, imported.err
        desk = Desk(tmp_path / "workspace", store, BlobStore(tmp_path / "workspace" / "blobs"))
        assert desk.publish().films == 3
    assert {path.name: path.read_bytes() for path in desk.out.glob("*/*")} == {
        path.name: data for path, data in whole.items()
    }
    assert "b.jpeg" in (desk.out / "CHANGELOG.md").read_text()


def test_importing_again_changes_nothing(desk: Desk, collection: Path) -> None:
    assert len(adopt(desk, collection).added) == 3
    before = desk.store.adopted()
    again = adopt(desk, collection)
    assert (again.added, again.changed, again.films, again.unchanged) == ([], [], 0, 3)
    assert desk.store.adopted() == before
    assert len(desk.store.imports()) == 1


def test_a_changed_table_shows_what_changed_and_keeps_what_stood(desk: Desk, collection: Path) -> None:
    adopt(desk, collection)
    desk.publish()
    write(collection, ["1,0,a film (1).PNG,images,CC BY", "1,4,b.jpeg,images,CC0", "3,0,d.png,images,CC0"])
    (collection / "images" / "d.png").write_bytes(film_bytes(4))
    adopted = adopt(desk, collection)
    assert [(change.filename, change.column, change.before, change.after) for change in adopted.changed] == [
        ("b.jpeg", "offset", "3", "4")
    ]
    assert (adopted.added, adopted.absent, adopted.withdrawn, adopted.unchanged) == (["d.png"], ["c.nii.gz"], [], 1)
    assert desk.store.cell_changes() == adopted.changed
    desk.publish()
    assert [row["filename"] for row in table_at(desk.out / "metadata.csv")] == [
        "a film (1).PNG", "b.jpeg", "c.nii.gz", "d.png",
    ]  # fmt: skip


def test_a_withdrawn_row_leaves_with_its_reason_and_can_come_back(desk: Desk, collection: Path) -> None:
    adopt(desk, collection)
    whole = (collection / "metadata.csv").read_text()
    write(collection, ["1,0,a film (1).PNG,images,CC BY", "1,3,b.jpeg,images,CC0"])
    assert adopt(desk, collection, withdraw="the patient asked for it").withdrawn == ["c.nii.gz"]
    desk.publish()
    assert len(list(table_at(desk.out / "metadata.csv"))) == 2
    (rejected,) = table_at(desk.out / "rejected.csv")
    assert [rejected[column] for column in ("state", "reason", "by", "filename")] == [
        "withdrawn", "the patient asked for it", "Ada", "c.nii.gz",
    ]  # fmt: skip
    assert not list((desk.out / "volumes").iterdir())
    (collection / "metadata.csv").write_text(whole)
    assert adopt(desk, collection).added == ["c.nii.gz"]
    desk.publish()
    assert list(table_at(desk.out / "rejected.csv")) == []


def test_a_film_given_once_is_kept_when_only_the_table_comes_again(desk: Desk, collection: Path) -> None:
    adopt(desk, collection)
    table = table_in(collection / "metadata.csv")
    rows = [row.model_copy(update={"missing": "no folder of films was given"}) for row in table.rows]
    file = imported_now("metadata.csv", table.sha256, table.encoding, table.header, len(rows), "Ada")
    assert desk.store.adopt(file, rows).unchanged == 3
    assert all(row.media for row in desk.store.adopted())


def test_films_of_unclear_licence_are_refused_and_rows_against_the_schema_are_not(desk: Desk, collection: Path) -> None:
    write(collection, ["1,Unclear,a film (1).PNG,images,", "?,3,b.jpeg,images,unclear"])
    adopt(desk, collection)
    refused = desk.publish().refusals
    assert ["its licence is unclear" in refusal.why for refusal in refused] == [True, True]
    assert all("import that again" in refusal.remedy for refusal in refused)
    assert desk.publish(allow_unclear=True).films == 2
    assert "Unclear" in {row["offset"] for row in table_at(desk.out / "metadata.csv")}
    assert ("offset", "Unclear") in {(row["column"], row["value"]) for row in table_at(desk.out / "problems.csv")}


@pytest.fixture
def chest_film() -> bytes:
    return film_of(FilmSpec("adopted"))


def test_what_was_crawled_before_is_matched_with_what_is_adopted(desk: Desk, collection: Path) -> None:
    crawled = desk.accept("crawled", film_bytes(1))
    adopt(desk, collection)
    assert [(match.published, match.relation) for match in desk.store.candidate(crawled.id).matches] == [
        ("a film (1).PNG", "same bytes")
    ]
    refused = {refusal.why for refusal in desk.publish().refusals}
    assert refused == {"shows the same film as crawled.png (candidate crawled-whole): the same file"}


def test_a_copy_that_is_crawled_later_is_found(desk: Desk, collection: Path, chest_film: bytes) -> None:
    import io

    from PIL import Image as Picture

    (collection / "images" / "b.jpeg").write_bytes(chest_film)
    adopt(desk, collection)
    copy = io.BytesIO()
    Picture.open(io.BytesIO(chest_film)).convert("L").save(copy, "JPEG", quality=60)
    candidate = desk.accept("copy", copy.getvalue())
    comparisons = Comparisons(desk.store, desk.blobs, InThisProcess())
    asyncio.run(comparisons.compare(candidate.sha256))
    comparisons.keep_matches(candidate)
    assert [(match.published, match.relation) for match in desk.store.candidate(candidate.id).matches] == [
        ("b.jpeg", "same image")
    ]
    assert [refusal.row for refusal in desk.publish().refusals] == ["copy.jpg (candidate copy-whole)"]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.dcm", b"\0" * 128 + b"DICM" + b"Doe^Jane", "DICOM"),
        ("a.pdf", b"%PDF-1.4 %%EOF", "PDF"),
        ("a.nii.gz", gzip.compress(b"no volume at all", mtime=0), "neither picture nor PDF"),
        ("a.jpg", b"", "empty"),
    ],
)
def test_files_that_are_no_films_are_not_adopted(name: str, data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    film = film_at(tmp_path / name)
    assert film.media is None
    assert said in film.refusal


def test_a_name_never_leads_out_of_the_folder(desk: Desk, collection: Path) -> None:
    (collection.parent / "secret.png").write_bytes(film_bytes(7))
    write(collection, ["1,0,../secret.png,images,CC0", "2,0,secret.png,..,CC0", f"3,0,{collection}/b.jpeg,,CC0"])
    adopt(desk, collection)
    assert [row.media for row in desk.store.adopted()] == [None, None, None]
    desk.publish()
    assert not list(desk.out.glob("*/*"))


def test_published_films_have_fingerprints_of_the_present_version(
    desk: Desk, collection: Path, chest_film: bytes
) -> None:
    (collection / "images" / "b.jpeg").write_bytes(chest_film)
    adopt(desk, collection)
    known = {filename: stored for filename, _, stored in desk.store.published(FINGERPRINT_VERSION)}
    assert known["b.jpeg"]
    assert known["c.nii.gz"] == b""


def test_columns_of_one_name_are_told_apart() -> None:
    row = AdoptedRow(filename="a", row={"sex": "M"}, extra=[("", "1"), ("", "2"), ("sex", "3"), ("notes", "4")])
    assert row.cells() == {"sex": "M", "": "1", "#2": "2", "sex#2": "3", "notes": "4"}


def test_problems_that_the_disk_does_not_take_leave_the_rows_adopted(tmp_path: Path) -> None:
    words = ("import", "tests/fixtures/metadata.csv", "--allow-missing-images", "--problems", "/dev/full")
    done = scrapy(*words, "-s", f"DATA_DIR={tmp_path}")
    assert done.code == 2
    assert "the rows are adopted, but /dev/full cannot be written: No space left on device" in done.err
    with Store(f"sqlite:///{tmp_path}/intake.sqlite") as store:
        assert store.adopted()
