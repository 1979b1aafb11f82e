"""Films by content: what was fetched from where, and the fingerprints by which films are told apart."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import select

from pipelines.candidates.database import PAGE, Database
from pipelines.candidates.tables import fetched, fingerprints, media, published_films
from pipelines.records import Media, Panel


def film_key(sha256: str, panel: Panel | None = None) -> str:
    """Return the name of a film: the SHA-256 of its file, and for a panel `#left,top,right,bottom` in pixels."""
    return sha256 if panel is None else f"{sha256}#{','.join(map(str, panel.box))}"


def sha256_of(film: str) -> str:
    """Return the SHA-256 of the file that a film, named by `film_key`, is in."""
    return film.partition("#")[0]


class Films(Database):
    """Keep what is known of films; the bytes themselves are in the `BlobStore`."""

    def fetched(self, url: str) -> str | None:
        """Return the SHA-256 of what was last fetched from a URL."""
        with self.reading() as connection:
            return connection.scalar(select(fetched.c.sha256).where(fetched.c.url == url))

    def keep_fetched(self, url: str, film: Media) -> None:
        """Record what a URL held."""
        with self.writing() as connection:
            self.upsert(connection, media, film.model_dump())
            self.upsert(connection, fetched, {"url": url, "sha256": film.sha256, "at": datetime.now(UTC)})

    def media(self, sha256: str) -> Media | None:
        """Return what was sniffed of a blob."""
        with self.reading() as connection:
            row = connection.execute(select(media).where(media.c.sha256 == sha256)).mappings().one_or_none()
        return Media.model_validate(dict(row)) if row else None

    def keep_fingerprint(self, film: str, version: int, fingerprint: bytes) -> None:
        """Keep a film's fingerprint (see `film_key`); `b""` says that it can have none of this version."""
        with self.writing() as connection:
            self.upsert(connection, fingerprints, {"film": film, "version": version, "fingerprint": fingerprint})

    def fingerprints(self, version: int) -> Iterator[tuple[str, bytes]]:
        """Yield every film that has a fingerprint of this version, and the fingerprint, by film."""
        page = (
            select(fingerprints.c.film, fingerprints.c.fingerprint)
            .where(fingerprints.c.version == version, fingerprints.c.fingerprint != b"")
            .order_by(fingerprints.c.film)
            .limit(PAGE)
        )
        last = ""
        while True:
            with self.reading() as connection:
                rows = connection.execute(page.where(fingerprints.c.film > last)).all()
            yield from ((row.film, row.fingerprint) for row in rows)
            if len(rows) < PAGE:
                return
            last = rows[-1].film

    def keep_published(self, filename: str, sha256: str, version: int, fingerprint: bytes) -> None:
        """Keep a film of the published collection, `b""` where it can have no fingerprint."""
        row = {"filename": filename, "sha256": sha256, "version": version, "fingerprint": fingerprint}
        with self.writing() as connection:
            self.upsert(connection, published_films, row)

    def published(self, version: int) -> list[tuple[str, str, bytes]]:
        """Return file name, SHA-256 and fingerprint of every published film with a fingerprint of this version."""
        columns = (published_films.c.filename, published_films.c.sha256, published_films.c.fingerprint)
        films = select(*columns).where(published_films.c.version == version).order_by(published_films.c.filename)
        with self.reading() as connection:
            return [(row.filename, row.sha256, row.fingerprint) for row in connection.execute(films)]

    def published_with_film(self, sha256: str) -> list[str]:
        """Return the file names under which the published collection holds these bytes."""
        names = select(published_films.c.filename).where(published_films.c.sha256 == sha256)
        with self.reading() as connection:
            return list(connection.scalars(names.order_by(published_films.c.filename)))

    def film_published_as(self, filename: str) -> str | None:
        """Return the SHA-256 of the published film with this file name, or None."""
        with self.reading() as connection:
            return connection.scalar(
                select(published_films.c.sha256).where(published_films.c.filename == filename).limit(1)
            )
