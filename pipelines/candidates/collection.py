"""Rows adopted from a collection published before, every cell as it stood there."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import Field
from sqlalchemy import Connection, insert, select, update

from pipelines.candidates.collection_tables import adopted_changes, adopted_rows, imports
from pipelines.candidates.database import PAGE, Database
from pipelines.candidates.shown import with_resembling
from pipelines.candidates.standing import lock_queue, renew
from pipelines.candidates.undecided import renew_undecided
from pipelines.records import Media, Record


class AdoptedRow(Record):
    """Hold one row of a published collection: its cells verbatim, those of other columns, and its film.

    `occurrence` tells rows of one file name apart; `missing` says why there is no film.
    """

    filename: str
    occurrence: int = 0
    row: dict[str, str]
    extra: list[tuple[str, str]] = Field(default_factory=list)
    media: Media | None = None
    missing: str = ""

    @property
    def key(self) -> tuple[str, int]:
        """Return what names the row in its collection."""
        return self.filename, self.occurrence

    def cells(self) -> dict[str, str]:
        """Return every cell by the name of its column; a name that repeats is told apart by its number."""
        cells = dict(self.row)
        for name, cell in self.extra:
            number = sum(1 for known in cells if known == name or known.startswith(f"{name}#"))
            cells[f"{name}#{number + 1}" if number else name] = cell
        return cells


class Withdrawal(Record):
    """Say why a row is published no longer, and who says so."""

    reason: str
    by: str
    at: datetime


class CollectionFile(Record):
    """Describe a file that rows were adopted from: its name, SHA-256, encoding and header as they were."""

    name: str
    sha256: str
    encoding: str
    header: list[str]
    rows: int
    by: str
    at: datetime


class CellChange(Record):
    """Say what an import changed in one cell."""

    filename: str
    occurrence: int
    column: str
    before: str
    after: str


class Adopted(Record):
    """Say what an import came to; `absent` are rows adopted before that the file does not hold."""

    added: list[str] = Field(default_factory=list)
    changed: list[CellChange] = Field(default_factory=list)
    films: int = 0
    unchanged: int = 0
    absent: list[str] = Field(default_factory=list)
    withdrawn: list[str] = Field(default_factory=list)


class Collection(Database):
    """Keep the rows of a collection that was published before this store began."""

    def adopt(self, file: CollectionFile, rows: Sequence[AdoptedRow], withdraw: str = "") -> Adopted:
        """Keep the rows of a file in one transaction, and return what that changed; doing it again changes nothing.

        A row that the file no longer holds stays, unless `withdraw` says why such rows shall go; one that comes back
        is published again. A film that was given once is kept where the file brings none. Candidates of films that
        came to be published, or are so no longer, stand accordingly (see `renew_undecided`).
        """
        with self.writing() as connection:
            lock_queue(connection)
            films = _films(connection)
            before = _kept_rows(connection)
            rows = [_with_known_film(row, before.get(row.key)) for row in rows]
            news = [(place, row) for place, row in enumerate(rows) if before.get(row.key) != _Kept(row, True, place)]
            here = {row.key for row in rows}
            absent = [key for key, known in before.items() if known.stands and key not in here]
            adopted = _adopted(before, rows, absent, bool(withdraw))
            if news or adopted.withdrawn:
                self._keep(connection, file, news, adopted.changed)
            if withdraw:
                _withdraw(connection, absent, Withdrawal(reason=withdraw, by=file.by, at=file.at))
            _renew_candidates(connection, sorted(films ^ _films(connection)))
        return adopted

    def adopted(self) -> list[AdoptedRow]:
        """Return the adopted rows that stand, in the order of their file."""
        with self.reading() as connection:
            return [known.row for known in _kept_rows(connection).values() if known.stands]

    def adopted_with_film(self, sha256: str) -> list[tuple[AdoptedRow, Withdrawal | None]]:
        """Return the adopted rows of these bytes, with why they were withdrawn if they were; those that stand first."""
        of_film = select(adopted_rows).where(adopted_rows.c.sha256 == sha256).order_by(adopted_rows.c.position)
        with self.reading() as connection:
            rows = sorted(connection.execute(of_film), key=lambda row: row.withdrawn is not None)
        return [(AdoptedRow.model_validate_json(row.record), _withdrawal(row.withdrawn)) for row in rows]

    def withdrawn(self) -> list[tuple[AdoptedRow, Withdrawal]]:
        """Return the adopted rows that are published no longer, and why."""
        query = select(adopted_rows).where(adopted_rows.c.withdrawn.is_not(None))
        with self.reading() as connection:
            rows = connection.execute(query.order_by(adopted_rows.c.filename, adopted_rows.c.occurrence)).all()
        return [
            (AdoptedRow.model_validate_json(row.record), Withdrawal.model_validate_json(row.withdrawn)) for row in rows
        ]

    def imports(self) -> list[CollectionFile]:
        """Return the files that rows were adopted from, the oldest first."""
        with self.reading() as connection:
            records = connection.scalars(select(imports.c.record).order_by(imports.c.id)).all()
        return [CollectionFile.model_validate_json(record) for record in records]

    def cell_changes(self) -> list[CellChange]:
        """Return every cell that a later import changed, the oldest change first."""
        with self.reading() as connection:
            rows = connection.execute(select(adopted_changes).order_by(adopted_changes.c.id)).mappings().all()
        return [CellChange(**{name: row[name] for name in CellChange.model_fields}) for row in rows]

    def _keep(
        self, connection: Connection, file: CollectionFile, rows: Sequence[tuple[int, AdoptedRow]],
        changed: Sequence[CellChange],
    ) -> None:  # fmt: skip
        appended = insert(imports).values(at=file.at, record=file.model_dump_json()).returning(imports.c.id)
        import_id = connection.execute(appended).scalar_one()
        for position, row in rows:
            kept = {
                "filename": row.filename, "occurrence": row.occurrence, "position": position,
                "record": row.model_dump_json(), "import_id": import_id, "withdrawn": None,
                "sha256": row.media.sha256 if row.media else "",
            }  # fmt: skip
            self.upsert(connection, adopted_rows, kept)
        for change in changed:
            connection.execute(insert(adopted_changes).values(import_id=import_id, **change.model_dump()))


def imported_now(name: str, sha256: str, encoding: str, header: list[str], rows: int, by: str) -> CollectionFile:
    """Return the description of a file that is imported at this moment."""
    return CollectionFile(
        name=name, sha256=sha256, encoding=encoding, header=header, rows=rows, by=by, at=datetime.now(UTC)
    )


class _Kept(NamedTuple):
    row: AdoptedRow
    stands: bool
    position: int


def _kept_rows(connection: Connection) -> dict[tuple[str, int], _Kept]:
    query = select(adopted_rows).order_by(adopted_rows.c.position, adopted_rows.c.filename, adopted_rows.c.occurrence)
    return {
        (row.filename, row.occurrence): _Kept(
            AdoptedRow.model_validate_json(row.record), row.withdrawn is None, row.position
        )
        for row in connection.execute(query)
    }


def _withdrawal(record: str | None) -> Withdrawal | None:
    return Withdrawal.model_validate_json(record) if record else None


def _films(connection: Connection) -> set[str]:
    """Return the SHA-256 of every film that a row has which stands."""
    standing = adopted_rows.c.withdrawn.is_(None) & (adopted_rows.c.sha256 != "")
    return set(connection.scalars(select(adopted_rows.c.sha256).where(standing)))


def _renew_candidates(connection: Connection, sha256s: Sequence[str]) -> None:
    for some in (sha256s[place : place + PAGE] for place in range(0, len(sha256s), PAGE)):
        turned = renew_undecided(connection, some)
        renew(connection, with_resembling(connection, turned))


def _with_known_film(row: AdoptedRow, known: _Kept | None) -> AdoptedRow:
    if row.media or known is None or known.row.media is None:
        return row
    return row.model_copy(update={"media": known.row.media, "missing": ""})


def _adopted(
    before: dict[tuple[str, int], _Kept], rows: Sequence[AdoptedRow], absent: list[tuple[str, int]], withdraw: bool
) -> Adopted:
    adopted = Adopted(absent=[filename for filename, _ in absent])
    adopted.withdrawn = adopted.absent if withdraw else []
    for row in rows:
        known = before.get(row.key)
        if known is None or not known.stands:
            adopted.added.append(row.filename)
            continue
        adopted.changed += _changed(known.row, row)
        adopted.films += known.row.media != row.media
        adopted.unchanged += known.row == row
    return adopted


def _changed(before: AdoptedRow, after: AdoptedRow) -> list[CellChange]:
    was, is_ = before.cells(), after.cells()
    return [
        CellChange(
            filename=after.filename, occurrence=after.occurrence, column=column,
            before=was.get(column, ""), after=is_.get(column, ""),
        )
        for column in dict.fromkeys([*was, *is_])
        if was.get(column, "") != is_.get(column, "")
    ]  # fmt: skip


def _withdraw(connection: Connection, keys: Sequence[tuple[str, int]], why: Withdrawal) -> None:
    for filename, occurrence in keys:
        named = (adopted_rows.c.filename == filename) & (adopted_rows.c.occurrence == occurrence)
        connection.execute(update(adopted_rows).where(named).values(withdrawn=why.model_dump_json()))
