"""What a row may hold: the vocabularies, ranges and formats of its columns, from `data/vocabularies`."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache

from pipelines.emails import email_in
from pipelines.records import Issue
from pipelines.references.licences import licence_of
from pipelines.vocabularies import vocabulary

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.[a-z0-9]+")
# As the collection writes a day, a month, and a day of an unstated year; ISO 8601 says the same with digits.
_DATE_FORMATS = ("%Y-%m-%d", "%Y-%m", "%Y", "%B %d, %Y", "%B %Y")
# The year of Röntgen's first radiograph.
_FIRST_YEAR = 1895


@cache
def _paths() -> dict[str, str]:
    known = {}
    for finding in vocabulary("findings")["finding"]:
        for name in (finding["path"], finding["short"], *finding.get("also", ())):
            known[name.casefold()] = finding["path"]
    return known


def finding_path(name: str) -> str | None:
    """Return the hierarchy path of a finding's flat name or path, `"…, ARDS"` included; None for an unknown one."""
    first, *rest = (part.strip() for part in name.split(","))
    path = _paths().get(first.casefold())
    if path is None or not rest:
        return path
    syndrome = vocabulary("findings")["syndrome"]
    if path in ("No Finding", syndrome) or [part.casefold() for part in rest] != [syndrome.casefold()]:
        return None
    return f"{path}, {syndrome}"


def folder_of(modality: str) -> str | None:
    """Return the folder of the publication for a modality; None for an unknown one."""
    folder: str | None = vocabulary("columns")["folders"].get(modality)
    return folder


def problems_of(row: dict[str, str]) -> list[Issue]:
    """Return what of a row breaks the schema: an issue for each value, none for a blank one."""
    return [issue for problems in (_words, _numbers, _formats, _contradictions) for issue in problems(row)]


def _words(row: dict[str, str]) -> Iterator[Issue]:
    columns = vocabulary("columns")
    views = [view for of_modality in columns["views"].values() for view in of_modality]
    for field, allowed in (*columns["words"].items(), ("view", views)):
        if row[field] and row[field] not in allowed:
            yield _unknown(field, row[field], f"is none of {', '.join(allowed)}")
    if row["finding"] and finding_path(row["finding"]) != row["finding"]:
        yield _unknown("finding", row["finding"], "is no path of the hierarchy in data/vocabularies/findings.toml")
    if row["license"] and licence_of(row["license"]) != row["license"]:
        yield Issue(kind="licence unclear", field="license", message=f"{row['license']!r} names no licence")


def _numbers(row: dict[str, str]) -> Iterator[Issue]:
    for field, of_column in vocabulary("columns")["numbers"].items():
        value, unit = row[field], of_column["unit"]
        if not value:
            continue
        if not _NUMBER.fullmatch(value) or (of_column.get("whole") and "." in value):
            kind = "whole number" if of_column.get("whole") else "number"
            yield _unknown(field, value, f"is no {kind} of {unit} with a decimal point")
        elif not of_column["least"] <= float(value) <= of_column["most"]:
            span = f"{of_column['least']} to {of_column['most']} {unit}"
            message = f"{value} is not within {span}: {of_column['reason']}"
            yield Issue(kind="ambiguous value", field=field, message=message)


def _formats(row: dict[str, str]) -> Iterator[Issue]:
    if row["date"] and not _is_date(row["date"]):
        yield _unknown("date", row["date"], "is no date like 2020-03-04, 2020-03, 2020, March 4, 2020 or March 4")
    if row["doi"] and not _is_normal_doi(row["doi"]):
        yield Issue(kind="reference unresolved", field="doi", message=f"{row['doi']!r} is no DOI in its normal form")
    if row["url"] and not re.fullmatch(r"https?://\S+", row["url"]):
        yield _unknown("url", row["url"], "is no web address")
    if row["filename"] and not _FILENAME.fullmatch(row["filename"]):
        yield _unknown("filename", row["filename"], "is no portable file name with an extension")
    for field, value in row.items():
        if email_in(value):
            yield Issue(
                kind="ambiguous value", field=field, message="holds an e-mail address, which no row may publish"
            )


def _contradictions(row: dict[str, str]) -> Iterator[Issue]:
    columns = vocabulary("columns")
    for modality, views in columns["views"].items():
        if row["view"] in views and row["modality"] in columns["views"] and row["modality"] != modality:
            message = f"{row['view']} is a view of {modality}, the modality is {row['modality']}"
            yield Issue(kind="contradiction", field="view", message=message)
    for pair in columns["never"]:
        ever, now = pair["ever"], pair["now"]
        if row[ever] == "N" and row[now] == "Y":
            for field in (ever, now):
                yield Issue(kind="contradiction", field=field, message=f"{ever} is N and {now} is Y")
    counts = [row[field] for field in ("neutrophil_count", "lymphocyte_count", "leukocyte_count")]
    if all(_NUMBER.fullmatch(count) for count in counts):
        neutrophils, lymphocytes, leukocytes = map(float, counts)
        # Rounding of each count may carry the sum of two over the whole by a little.
        if neutrophils + lymphocytes > leukocytes + 0.2:
            message = f"{neutrophils} neutrophils and {lymphocytes} lymphocytes are more than {leukocytes} leukocytes"
            yield Issue(kind="contradiction", message=message)


def _is_date(value: str) -> bool:
    if value[:1].isdigit() and not _ISO_DATE.fullmatch(value):
        return False
    for format in _DATE_FORMATS:
        # A day without a year is checked in a leap year, so that 29 February passes.
        for text in (value, f"{value}, 2020") if format == "%B %d, %Y" else (value,):
            try:
                return datetime.strptime(text, format).year >= _FIRST_YEAR
            except ValueError:
                continue
    return False


def _is_normal_doi(value: str) -> bool:
    from pipelines.references.doi import normal_doi  # its library takes longer to import than all of the store

    try:
        return normal_doi(value) == value
    except ValueError:
        return False


def _unknown(field: str, value: str, why: str) -> Issue:
    return Issue(kind="unknown vocabulary", field=field, message=f"{value!r} {why}")
