"""Read leukocyte, neutrophil and lymphocyte counts in 10³/µL from whatever unit they are written in."""

import re
from collections.abc import Iterator
from functools import cache

import pint

from pipelines.reading.claims import Claim
from pipelines.reading.films import Film
from pipelines.reading.moments import at_presentation
from pipelines.reading.phrases import rules_of, words_of
from pipelines.reading.scope import scope_of
from pipelines.reading.text import Role, Segment, Sentence
from pipelines.records import Issue

_FIELDS = ("leukocyte_count", "neutrophil_count", "lymphocyte_count")
_NUMBER = re.compile(r"(?<![\w.,])(?P<n>\d{1,3}(?:[.,]\d{3})+|\d{1,6}(?:[.,]\d{1,2})?)(?!\d)")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
# Between a count's name and its number stand a few words, and no other number.
_BETWEEN = re.compile(r"[^\d;.]{0,30}$")
_PERCENT = re.compile(r"\s?%(?:\s?[(,;]\s?)?")
_SOON = 25
# More than any patient's; a larger number was written in another unit than it says.
_MOST = 200.0


@cache
def _registry() -> pint.UnitRegistry[float]:
    return pint.UnitRegistry()


@cache
def _units() -> tuple[tuple[re.Pattern[str], float], ...]:
    rules = rules_of("units")
    column = _registry().parse_expression(rules["column"])
    return tuple(
        (
            re.compile(rf"\s?(?:{'|'.join(unit['written'])})(?![\w])", re.IGNORECASE),
            float((_registry().parse_expression(unit["pint"]) / column).to("dimensionless").magnitude),
        )
        for unit in rules["unit"]
    )


def counts_of(film: Film) -> tuple[list[Claim], list[Issue]]:
    """Return the cell counts told of the first film's time; one without a unit is an issue and no value."""
    roles: tuple[Role, ...] = ("film", "study", "case") if at_presentation(film) else ("film", "study")
    standing: list[Claim] = []
    issues: list[Issue] = []
    for field in _FIELDS:
        found = [
            claim
            for segment in film.told(*roles)
            for sentence in segment.sentences
            for claim in _counts(field, segment, sentence)
        ]
        counted = [claim for claim in found if claim.value]
        standing += counted[:1]
        if found and not counted:
            message = f"{found[0].quote!r} has no unit that says how many cells"
            issues.append(Issue(kind="ambiguous value", field=field, message=message))
        if others := sorted({claim.value for claim in counted[1:]} - {claim.value for claim in counted[:1]}):
            message = f"{counted[0].value} is told first; the text also has {', '.join(others)}"
            issues.append(Issue(kind="ambiguous value", field=field, message=message))
    return standing, issues


def _counts(field: str, segment: Segment, sentence: Sentence) -> Iterator[Claim]:
    text, language = sentence.text, segment.language
    if not _NUMBER.search(text):
        return
    for name in words_of("vitals", field, language).finditer(text):
        number = _NUMBER.search(text, name.end(), name.end() + 45)
        if not number or not _BETWEEN.match(text[name.end() : number.start()]):
            continue
        if percent := _PERCENT.match(text, number.end()):
            # 'Neutrophils 80% (8.0 x10^9/L)': the count stands behind the share.
            number = _NUMBER.match(text, percent.end())
            if not number:
                continue
        if words_of("vitals", "not_blood", language).search(text, max(0, name.start() - _SOON), name.start()):
            continue
        scope = scope_of(sentence, name.start(), number.end(), language)
        if scope.other or scope.history:
            continue
        value, end = _in_column_unit(number, text)
        start = sentence.start + name.start()
        yield Claim(field, value, segment, start, sentence.start + end, f"{field}: counted")
        if value:
            return


def _in_column_unit(number: re.Match[str], text: str) -> tuple[str, int]:
    for pattern, factor in _units():
        if unit := pattern.match(text, number.end()):
            count = _value(number["n"], per_cell=factor < 0.01) * factor
            return (f"{round(count, 3):g}" if count <= _MOST else ""), unit.end()
    return "", number.end()


def _value(written: str, *, per_cell: bool) -> float:
    """Read '3,420' as thousands where cells are counted one by one, and as a decimal elsewhere."""
    if per_cell and _THOUSANDS.fullmatch(written):
        return float(written.replace(".", "").replace(",", ""))
    return float(written.replace(",", "."))
