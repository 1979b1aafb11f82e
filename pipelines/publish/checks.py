"""What keeps rows from being published: each with the row it concerns and what to do about it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations
from pathlib import Path, PurePath

from pipelines.candidates.schema import problems_of
from pipelines.publish.private import private_in
from pipelines.publish.rows import Row
from pipelines.records import Match, Relation

_SAME_FILM: frozenset[Relation] = frozenset({"same bytes", "same image"})
# Other names of one kind of file; the sniffed extension stands first.
_EXTENSIONS = {"jpg": ("jpg", "jpeg", "jfif"), "tif": ("tif", "tiff"), "jp2": ("jp2", "j2k")}
_TWICE = "on the triage page mark one as duplicate of the other, or judge the pair as different films"
_EDIT = "correct it on the triage page, or undo its acceptance"


@dataclass(frozen=True)
class Refusal:
    """Say which row keeps a publication back, why, and what a person can do."""

    row: str
    why: str
    remedy: str


@dataclass(frozen=True)
class Terms:
    """Say what may be published: the licences (None: any), films of unclear licence, and metadata found harmless.

    A licence without a version stands for all its versions. `metadata` holds file names.
    """

    licences: frozenset[str] | None = None
    allow_unclear: bool = False
    allow_metadata: frozenset[str] = field(default_factory=frozenset)

    def admit(self, row: Row) -> bool:
        """Tell whether the row's licence is among those asked for."""
        if self.licences is None:
            return True
        named = row.licence
        return named is not None and bool({named, _unversioned(named)} & self.licences)


def refusals_of(rows: Sequence[Row], terms: Terms, file_of: Callable[[str], Path | None]) -> list[Refusal]:
    """Return everything that keeps the rows from being published, in the order of the rows.

    `file_of` gives the file of a film by its SHA-256. What an adopted row breaks of the schema is none of it: it was
    published so, and is told in a table of its own.
    """
    found = [refusal for row in rows for refusal in _of_row(row, terms, file_of)]
    return [*found, *_same_names(rows), *_same_films(rows)]


def _of_row(row: Row, terms: Terms, file_of: Callable[[str], Path | None]) -> Iterator[Refusal]:
    if row.candidate:
        yield from _of_cells(row)
    if row.media is None:
        if row.candidate:
            yield Refusal(row.name, "has no film", "crawl its case again, or undo its acceptance")
        return
    if row.licence is None and not terms.allow_unclear:
        stated = repr(row.cells["license"]) if row.cells["license"] else "none"
        # No adopted row stands on the triage page: what a person corrects is its table.
        entered = "enter its licence" + ("" if row.candidate else " in the table, import that again")
        remedy = f"find out and {entered}, or publish with --allow-unclear"
        yield Refusal(row.name, f"its licence is unclear (stated: {stated})", remedy)
    file = file_of(row.media.sha256)
    if file is None:
        remedy = "crawl its case again" if row.candidate else "import its table again with --images"
        yield Refusal(row.name, f"its film {row.media.sha256[:12]}… is not among the blobs", remedy)
    elif row.box is None and row.cells["filename"] not in terms.allow_metadata:
        # A panel is cut out without any metadata.
        replaced = (
            "enter a copy without it by `scrapy add`" if row.candidate else "import it again as a copy without it"
        )
        remedy = f"{replaced}, or release it with --allow-metadata FILENAME"
        yield from (Refusal(row.name, private, remedy) for private in private_in(file))


def _of_cells(row: Row) -> Iterator[Refusal]:
    for issue in problems_of(row.cells):
        if issue.kind != "licence unclear":
            yield Refusal(row.name, f"{issue.field}: {issue.message}".removeprefix(": "), _EDIT)
    if not row.cells["filename"]:
        yield Refusal(row.name, "has no file name", _EDIT)
    if row.media is None:
        return
    if not row.media.mime.startswith("image/"):
        why = f"its file is {row.media.mime}, no picture; a DICOM header may name the patient"
        yield Refusal(row.name, why, "undo its acceptance and enter a PNG made from it by `scrapy add`")
        return
    extension = "png" if row.box else row.media.extension
    told = PurePath(row.cells["filename"]).suffix[1:].lower()
    if row.cells["filename"] and told not in _EXTENSIONS.get(extension, (extension,)):
        why = f"its file name ends in .{told} and its file is {row.media.mime}"
        yield Refusal(row.name, why, f"rename it to end in .{extension}")


def _same_names(rows: Iterable[Row]) -> Iterator[Refusal]:
    by_name = defaultdict(list)
    for row in rows:
        # Some file systems take capitals for small letters.
        by_name[row.cells["filename"].casefold()].append(row)
    for name, sharing in by_name.items():
        for row in (row for row in sharing if row.candidate and name and len(sharing) > 1):
            others = ", ".join(other.name for other in sharing if other is not row)
            yield Refusal(row.name, f"shares its file name with {others}", "give it another file name")


def _same_films(rows: Sequence[Row]) -> Iterator[Refusal]:
    told: set[frozenset[int]] = set()
    for row, other, why in chain(_of_one_file(rows), _matched(rows)):
        pair = frozenset((id(row), id(other)))
        if pair not in told:
            told.add(pair)
            yield Refusal(row.name, f"shows the same film as {other.name}: {why}", _TWICE)


def _of_one_file(rows: Sequence[Row]) -> Iterator[tuple[Row, Row, str]]:
    by_file: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.media:
            by_file[row.media.sha256].append(row)
    for sharing in by_file.values():
        for row, other in combinations(sharing, 2):
            if (row.candidate or other.candidate) and (row.box == other.box or None in (row.box, other.box)):
                yield row, other, "the same file"


def _matched(rows: Sequence[Row]) -> Iterator[tuple[Row, Row, str]]:
    accepted = {row.candidate.id: row for row in rows if row.candidate}
    adopted = {name: row for row in rows if row.adopted for name in (row.place, row.cells["filename"])}
    for row in accepted.values():
        assert row.candidate is not None
        for match in row.candidate.matches:
            other = accepted.get(match.candidate) if match.candidate else adopted.get(match.published)
            if other is None or not _is_same_film(match):
                continue
            if row.media and other.media and row.media.sha256 == other.media.sha256:
                continue  # of one file the boxes tell
            by = match.judged
            yield row, other, f"{by.relation}, says {by.by}" if by else f"{match.relation}, and nobody judged otherwise"


def _is_same_film(match: Match) -> bool:
    # That one holds the other is proven for whole files only, so of panels a person has to say it.
    if match.judged:
        return match.judged.relation in _SAME_FILM or match.judged.relation == "contains"
    return match.relation in _SAME_FILM


def _unversioned(licence: str) -> str:
    name, _, version = licence.rpartition(" ")
    return name if version[:1].isdigit() else licence


def same_film_among_adopted(rows: Iterable[Row]) -> Iterator[tuple[Row, Row]]:
    """Yield each adopted row that shows the film of an earlier one, by its bytes or else by its file name."""
    first: dict[str, Row] = {}
    for row in (row for row in rows if row.adopted):
        film = row.media.sha256 if row.media else row.cells["filename"]
        if film and first.setdefault(film, row) is not row:
            yield row, first[film]
