"""The row as a person edits it: each cell with its vocabulary, what it rests on and what is wrong with it."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from pipelines.records import COLUMNS, Candidate, Evidence, Issue
from pipelines.triage.views import EvidenceLine, Field, IssueLine, Reason
from pipelines.vocabularies import vocabulary

_LONG = ("clinical_notes", "other_notes")
_HINTS = {
    "finding": "a path of data/vocabularies/findings.toml; “, ARDS” may follow",
    "date": "2020-03-04, 2020-03, 2020, March 4, 2020 or March 4",
    "doi": "10.1000/xyz, without an address before it",
    "url": "https://…",
    "license": "such as CC BY 4.0",
    "location": "city, country",
}
# Those that the sources have been seen to grant; the vocabulary of pipelines/references/licences.py is open.
_LICENCES = [
    "CC0 1.0", "Public Domain", "CC BY 4.0", "CC BY 3.0", "CC BY 2.0", "CC BY-SA 4.0", "CC BY-SA 3.0",
    "CC BY-NC 4.0", "CC BY-NC-SA 4.0", "CC BY-NC-SA 3.0", "CC BY-NC-ND 4.0", "CC BY-ND 4.0", "Apache 2.0",
]  # fmt: skip
ENTERED, CHOSEN = "entered by ", "chosen by "


@cache
def reasons() -> tuple[Reason, ...]:
    """Return what a candidate may be rejected for."""
    return tuple(Reason(**reason) for reason in vocabulary("reasons")["reason"])


def fields_of(candidate: Candidate, shown_texts: dict[str, str]) -> list[Field]:
    """Return every cell of the row; `shown_texts` maps the address of each text on the page to its id there."""
    evidence = defaultdict(list)
    for found in candidate.evidence:
        evidence[found.field].append(_line(found, shown_texts))
    issues = defaultdict(list)
    for issue in candidate.issues:
        issues[issue.field].append(issue_line(issue, candidate))
    return [_field(column, candidate.row, evidence[column], issues[column]) for column in COLUMNS]


def issue_line(issue: Issue, candidate: Candidate) -> IssueLine:
    """Return an issue as the page words it: a twin goes by the address of its case, and not by its id as well."""
    message = issue.message
    for match in candidate.matches:
        if match.candidate:
            message = message.replace(f"{match.candidate} of ", "")
    return IssueLine(issue.kind, message)


def options_of(column: str, modality: str = "") -> list[str]:
    """Return the vocabulary of a column, that of a view narrowed to its modality; empty where any text may stand."""
    columns = vocabulary("columns")
    if column == "view":
        views: dict[str, list[str]] = columns["views"]
        return [view for told, of_modality in views.items() if modality in ("", told) for view in of_modality]
    if column == "finding":
        return [finding["path"] for finding in vocabulary("findings")["finding"]]
    if column == "license":
        return _LICENCES
    words: list[str] = columns["words"].get(column, [])
    return words


def _field(column: str, row: dict[str, str], evidence: list[EvidenceLine], issues: list[IssueLine]) -> Field:
    number: dict[str, Any] = vocabulary("columns")["numbers"].get(column, {})
    return Field(
        column=column,
        kind=_kind(column),
        value=row[column],
        options=options_of(column, row["modality"]),
        unit=number.get("unit", ""),
        hint=f"{number['least']} to {number['most']} {number['unit']}" if number else _HINTS.get(column, ""),
        own=bool(evidence) and all(line.own for line in evidence),
        evidence=evidence,
        issues=issues,
    )


def _kind(column: str) -> Literal["word", "path", "number", "date", "text", "long text"]:
    columns = vocabulary("columns")
    if column in columns["words"] or column == "view":
        return "word"
    if column in columns["numbers"]:
        return "number"
    if column in ("finding", "license"):
        return "path"
    if column == "date":
        return "date"
    return "long text" if column in _LONG else "text"


def _line(found: Evidence, shown_texts: dict[str, str]) -> EvidenceLine:
    own = found.rule.startswith(ENTERED)
    return EvidenceLine(
        block=found.block,
        start=found.start,
        end=found.end,
        quote=found.quote,
        rule=found.rule,
        text=shown_texts.get(found.block, ""),
        own=own,
        by=next((found.rule.removeprefix(words) for words in (ENTERED, CHOSEN) if found.rule.startswith(words)), ""),
    )


def differing_columns(mine: dict[str, str], other: dict[str, str], columns: Sequence[str] = COLUMNS) -> list[str]:
    """Return the columns in which two rows differ; names and places of their files always do."""
    return [column for column in columns if column not in ("filename", "url") and mine[column] != other[column]]
