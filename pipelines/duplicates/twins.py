"""Say what a person must know of a row whose film another row shows too."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from pipelines.duplicates.better_copy import Better
from pipelines.duplicates.verification import Comparison
from pipelines.records import Issue

# What says when a film was taken, of whom, and how it ended: it cannot be told differently of one film.
_TOLD = ("date", "offset", "age", "sex", "survival", "intubated", "went_icu", "extubated")
# The forms in which the schema takes a date, with the parts that each states.
_DATES = {"%Y-%m-%d": "ymd", "%Y-%m": "ym", "%Y": "y", "%B %d, %Y": "ymd", "%B %Y": "ym", "%B %d": "md"}


def suspicion(found: Comparison, twin: str, better: Better, side: str) -> Issue:
    """Return the issue that a film's row may be a duplicate; `side` is "a" or "b", as `better` calls this film."""
    mirrored = ", mirrored left to right" if found.transform and found.transform.mirror else ""
    said = f"; {'this' if better.copy == side else 'that'} copy {better.reason}" if better.copy else ""
    return Issue(kind="possible duplicate", message=f"{found.relation}{mirrored}: {twin}{said}")


def contradictions(row: Mapping[str, str], other: Mapping[str, str], twin: str) -> Iterator[Issue]:
    """Yield an issue for each date, age or outcome that two rows tell differently of one film; blanks tell nothing."""
    for field in _TOLD:
        mine, theirs = row.get(field, ""), other.get(field, "")
        if mine and theirs and not _agree(field, mine, theirs):
            message = f"the same film has {field} {mine!r} here and {theirs!r} in {twin}"
            yield Issue(kind="contradiction", field=field, message=message)


def _agree(field: str, mine: str, theirs: str) -> bool:
    if field == "date":
        first, second = _parts_of(mine), _parts_of(theirs)
        return all(first[part] == second[part] for part in first.keys() & second.keys())
    try:
        return float(mine) == float(theirs)
    except ValueError:
        return mine.casefold() == theirs.casefold()


def _parts_of(date: str) -> dict[str, int]:
    """Return the year, month and day that a date states, under "y", "m" and "d"; nothing for one in another form."""
    for form, stated in _DATES.items():
        # A day without a year is read in a leap year, so that 29 February passes.
        text, form = (f"{date} 2020", f"{form} %Y") if "y" not in stated else (date, form)
        try:
            read = datetime.strptime(text, form)
        except ValueError:
            continue
        whole = {"y": read.year, "m": read.month, "d": read.day}
        return {part: whole[part] for part in stated}
    return {}
