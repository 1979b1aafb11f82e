"""Read rows of a table as the crawl reads a case: one text, one film, the same rules."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pipelines.reading.finding import short_form
from pipelines.reading.reader import readings_of
from pipelines.records import Case, Image, Reading, Study, TextBlock


class Prefill(NamedTuple):
    """Hold one filled cell: the row's id, the column, the value, and the words it came from."""

    row_id: str
    column: str
    value: str
    quote: str


def reading_of_text(
    text: str, *, filename: str = "", url: str = "", other_notes: str = "", language: str = ""
) -> Reading:
    """Read one film from its text, its file's name and its page's URL; `language` is an ISO 639-1 code where known."""
    blocks = [TextBlock(label="body", text=text, language=language)]
    if other_notes:
        blocks.append(TextBlock(label="credit", text=other_notes))
    case = Case(source="row", source_id="row", url=url, blocks=blocks, studies=[Study(images=[Image(url=filename)])])
    return readings_of(case)[0]


def readings_in(rows: Iterable[Mapping[str, str | None]]) -> Iterator[tuple[str, Reading]]:
    """Yield the id and the reading of each row with `row_id, clinical_notes, filename, url[, other_notes, language]`.

    No other column is looked at; raise `KeyError` where `row_id` or `clinical_notes` is missing.
    """
    for row in rows:
        yield (
            row["row_id"] or "",
            reading_of_text(
                row["clinical_notes"] or "",
                filename=row.get("filename") or "",
                url=row.get("url") or "",
                other_notes=row.get("other_notes") or "",
                language=row.get("language") or "",
            ),
        )


def prefills_of(row_id: str, reading: Reading) -> Iterator[Prefill]:
    """Yield the cells a row's reading supports, values in the columns' short form."""
    for evidence in reading.evidence:
        if evidence.field != "clinical_notes":
            value = short_form(evidence.value) if evidence.field == "finding" else evidence.value
            yield Prefill(row_id, evidence.field, value, evidence.quote)


def interpreted(rows: Iterable[Mapping[str, str | None]]) -> Iterator[Prefill]:
    """Yield the cells that rows support; of rows as `readings_in` takes them."""
    for row_id, reading in readings_in(rows):
        yield from prefills_of(row_id, reading)
