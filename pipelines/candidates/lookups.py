"""Single look-ups over all that is known, each without reading the whole store."""

from collections.abc import Iterator, Sequence

from sqlalchemy import or_, select

from pipelines.candidates.collection import AdoptedRow, Withdrawal
from pipelines.candidates.collection_tables import adopted_rows
from pipelines.candidates.database import PAGE, Database
from pipelines.candidates.films import film_key
from pipelines.candidates.shown import with_standing
from pipelines.candidates.tables import candidates, fingerprints, published_films


def adopted_naming(database: Database, *texts: str) -> list[tuple[AdoptedRow, Withdrawal | None]]:
    """Return the adopted rows any cell of which holds one of these texts, with why they were withdrawn if they were.

    Letter case does not count.
    """
    named = or_(*(adopted_rows.c.record.icontains(text, autoescape=True) for text in texts))
    query = select(adopted_rows.c.record, adopted_rows.c.withdrawn).where(named).order_by(adopted_rows.c.position)
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return [
        (
            AdoptedRow.model_validate_json(row.record),
            Withdrawal.model_validate_json(row.withdrawn) if row.withdrawn else None,
        )
        for row in rows
    ]


def films_with_fingerprint(database: Database, version: int) -> set[str]:
    """Return every film (see `film_key`) that has a row of fingerprints of this version, crawled or published."""
    with database.reading() as connection:
        crawled = connection.scalars(select(fingerprints.c.film).where(fingerprints.c.version == version))
        published = connection.scalars(select(published_films.c.sha256).where(published_films.c.version == version))
        return {*crawled, *published}


def panels_by_hand(database: Database) -> set[str]:
    """Return the film (see `film_key`) of every panel that a person cut out of a figure, or moved the box of."""
    boxed = or_(candidates.c.parent.is_not(None), candidates.c.kept.contains('"panel":{'))
    query = select(candidates).where(boxed, ~candidates.c.withdrawn)
    with database.reading() as connection:
        found = [with_standing(row.kept or row.proposed, row) for row in connection.execute(query)]
    return {film_key(candidate.sha256, candidate.panel) for candidate in found if candidate.panel}


def fingerprints_of(database: Database, version: int, films: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the fingerprint of each of these films, `b""` where it can have none."""
    for some in (films[place : place + PAGE] for place in range(0, len(films), PAGE)):
        with database.reading() as connection:
            crawled = select(fingerprints.c.film, fingerprints.c.fingerprint)
            found = {
                row.film: row.fingerprint
                for row in connection.execute(
                    crawled.where(fingerprints.c.version == version, fingerprints.c.film.in_(some))
                )
            }
            published = select(published_films.c.sha256, published_films.c.fingerprint)
            of_version = published.where(published_films.c.version == version, published_films.c.sha256.in_(some))
            found |= {row.sha256: row.fingerprint for row in connection.execute(of_version) if row.sha256 not in found}
        yield from found.items()
