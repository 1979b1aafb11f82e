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


def interpreted(rows: Iterable[Mapping[str, str | None]]) -> Iterator[Prefill]:
    """Yield the cells that rows with `row_id, clinical_notes, filename, url[, other_notes, language]` support.

    No other column is looked at. Values are in the columns' short form; raise `KeyError` where `row_id` or
    `clinical_notes` is missing.
    """
    for row in rows:
        reading = reading_of_text(
            row["clinical_notes"] or "",
            filename=row.get("filename") or "",
            url=row.get("url") or "",
            other_notes=row.get("other_notes") or "",
            language=row.get("language") or "",
        )
        for evidence in reading.evidence:
            if evidence.field != "clinical_notes":
                value = short_form(evidence.value) if evidence.field == "finding" else evidence.value
                yield Prefill(row["row_id"] or "", evidence.field, value, evidence.quote)
