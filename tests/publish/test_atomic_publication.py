"""A publication is the old one or the new one, whole, at every instant: for readers, and after any kill."""

import hashlib
import json
import multiprocessing
import random
import time
from pathlib import Path

import pytest
from publish_workers import decide_and_publish_for_ever
from publishing import Desk, film_bytes

from pipelines.publish.cells import table_at
from pipelines.publish.snapshots import PublicationError, Snapshots
from pipelines.records import Panel

# Forked from a server that has imported the store: each process starts in milliseconds, and none inherits a connection.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        "alembic.command",
        "PIL.Image",
        "pipelines.publish.publication",
        "pipelines.duplicates.fingerprints",
        "pipelines.media.crops",
        "publish_workers",
    ]
)

FILMS = 6
KILLS = 8


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def whole(out: Path) -> str:
    """Return the id of the publication at `out`, having checked every byte of it."""
    out = out.resolve()
    manifest = json.loads((out / "snapshot.json").read_text())
    assert {name: sha256(out / name) for name in manifest["sha256"]} == manifest["sha256"]
    films = {film["place"]: film["sha256"] for film in table_at(out / "films.csv")}
    assert {f"{path.parent.name}/{path.name}": sha256(path) for path in out.glob("*/*")} == films
    rows = [dict(row) for row in table_at(out / "metadata.csv")]
    assert len(rows) == FILMS == len(films)
    assert manifest["snapshot"] in (out / "CHANGELOG.md").read_text()
    return str(manifest["snapshot"])


@pytest.fixture
def published(desk: Desk) -> Desk:
    for number in range(FILMS):
        desk.accept(f"film{number}", film_bytes(number), Panel(box=(0, 0, 30, 30)) if number % 2 else None)
    desk.publish()
    return desk


def test_killed_at_any_instant_a_publication_stands_whole(published: Desk) -> None:
    chance = random.Random(20200311)
    seen = {whole(published.out)}
    for kill in range(KILLS):
        ear, mouth = PROCESSES.Pipe(duplex=False)
        publishing = PROCESSES.Process(target=decide_and_publish_for_ever, args=(published.folder, mouth))
        publishing.start()
        # Half of them are killed in their first publication, which loads what it needs, half in a later one.
        for _ in range(1 + kill % 2):
            ear.recv()
        until = time.monotonic() + chance.uniform(0, 0.4)
        while time.monotonic() < until:
            # A reader opens the table by its name, again and again, while it is replaced.
            assert len(list(table_at(published.out / "metadata.csv"))) == FILMS
        publishing.kill()
        publishing.join()
        seen.add(whole(published.out))
    assert len(seen) > 3, "no publication was finished between two kills"
    published.publish()
    assert not list((published.folder / "published.snapshots").glob("partial-*"))


def test_a_publication_that_was_written_and_not_put_in_force_is_taken_up(
    published: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.decide(published.store.candidate("film0-whole"), "edit", detail={"row": {"sex": "F"}})
    before = published.out.resolve()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(Snapshots, "switch_to", killed)
        with pytest.raises(KeyboardInterrupt):
            published.publish()
    assert published.out.resolve() == before
    (written,) = [path for path in before.parent.glob("0*") if path != before]
    done = published.publish()
    assert (done.new, done.folder) == (True, written)
    assert published.out.resolve() == written


def test_two_publications_at_once_are_not_mixed(published: Desk) -> None:
    snapshots = Snapshots(published.out)
    with snapshots.writing(), pytest.raises(PublicationError, match="another process is publishing"):
        published.publish()


def test_a_full_disk_leaves_the_old_publication(published: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    before = whole(published.out)
    published.accept("new", film_bytes(99))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "metadata.csv")

    monkeypatch.setattr("pipelines.publish.content.write_table", full)
    with pytest.raises(PublicationError, match="free space"):
        published.publish()
    assert whole(published.out) == before
