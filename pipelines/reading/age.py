"""Read ages: in years, months and weeks as parts of a year; a decade is no age but an issue."""

import re
from collections.abc import Iterator
from functools import cache

from pipelines.reading.films import Film
from pipelines.reading.phrases import any_of, number_in, rules_of, words_of
from pipelines.reading.scope import scope_of
from pipelines.reading.text import Segment, Sentence
from pipelines.records import Issue

# Nobody is known to have lived longer.
_OLDEST = 122
_FIELD = re.compile(
    r"(?:Age|Età)\s{0,3}:?\s{0,3}(?P<n>\d{1,3}(?:[.,]\d)?)\s{0,3}(?P<unit>years?|yrs?|y\b|months?|weeks?|days?|anni|mesi)?",
    re.IGNORECASE,
)
# Pages of case collections that give age and sex in one line: '72 years, female'.
_LINE = re.compile(r"(?P<n>\d{1,3}) (?P<unit>years?|months?),? (?:male|female)\b", re.IGNORECASE)
_DECADE_FIELD = re.compile(r"(?:Age|Età)\s{0,3}:?\s{0,3}\d{1,2}0(?:'?s\b|\s?-\s?\d{1,2}9)", re.IGNORECASE)
_PER_YEAR = {"month": 12, "mesi": 12, "mese": 12, "week": 52, "settiman": 52, "day": 365, "giorn": 365, "gg": 365}
_UNIT = re.compile(r"months?|mesi|weeks?|settiman[ae]|days?|giorn[io]|gg\b", re.IGNORECASE)
# Behind these a number is the rest of another: '4 1/2-year-old', '12.5'.
_REST = ("/", ".", ",", "+")
# 'Età 45-70' is that of many.
_SPAN_ON, _SPAN_BEFORE = (
    re.compile(r"\s?[-/]\s?\d"),
    re.compile(r"(?<![\d-])(?<!fig )(?<!fig\. )(?<!figure )(?<!image )(?<!case )\d{1,2}\s?-\s?$", re.IGNORECASE),
)
_ARRIVES_WITHIN = 25
_ENNE = re.compile(r"\b(?:(\d{2})|([a-zé]{4,14}))\s?-?enne\b", re.IGNORECASE)


def age_text(years: float) -> str:
    """Write an age as the column holds it: whole years, or a decimal part for a child's months."""
    return f"{years:.2f}".rstrip("0").rstrip(".")


def _years(number: float, unit: str) -> float | None:
    years = number / next((n for name, n in _PER_YEAR.items() if unit.lower().startswith(name)), 1)
    return years if years <= _OLDEST else None


def stated_ages(segment: Segment) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and years of the ages that a page states as a field."""
    for pattern in (_FIELD, _LINE):
        for match in pattern.finditer(segment.plain):
            years = _years(float(match["n"].replace(",", ".")), match["unit"] or "")
            if years is not None and not _DECADE_FIELD.match(segment.plain, match.start()):
                yield segment.start + match.start(), segment.start + match.end("unit" if match["unit"] else "n"), years


@cache
def right_before(name: str, language: str) -> re.Pattern[str] | None:
    """Match at the end of a text the words of a list that may stand right before an age or a noun, if it has any."""
    phrases: list[str] = rules_of("patient", language)["lists"].get(name, [])
    article = r"(?:\s(?:an?|the|another|una?|il|la|altr[oa])(?=\s)(?:\s\w{1,12}(?=\s))?)?"
    return re.compile(rf"(?<!\w){any_of(phrases)}{article}\s{{1,3}}$", re.IGNORECASE) if phrases else None


def _spans(text: str, start: int, end: int) -> bool:
    """Tell whether a number is one end of a range."""
    return bool(_SPAN_ON.match(text, end) or _SPAN_BEFORE.search(text, max(0, start - 5), start))


def _no_age(text: str, start: int, end: int, language: str) -> bool:
    """Tell whether the words about a number of years make it a time ago, or the age of a thing."""
    if text[:start].endswith(_REST):
        return True
    things = right_behind("things", language)
    if things and things.match(text, end):
        return True
    own = text[start:end].lower()
    patterns = (right_before(name, language) for name in ("at_age", "not_age"))
    dated, voided = (bool(pattern and pattern.search(text, 0, start)) for pattern in patterns)
    dated = dated or own.startswith("at age") or text[:start].lower().endswith("all'")
    if not dated:
        return voided
    return not words_of("clock", "admission", language).search(text, max(0, start - _ARRIVES_WITHIN), start)


@cache
def right_behind(name: str, language: str) -> re.Pattern[str] | None:
    """Match right behind an age or a noun the words of a list, if it has any; up to two words may stand between."""
    phrases: list[str] = rules_of("patient", language)["lists"].get(name, [])
    return (
        re.compile(rf"[\s\-]{{1,2}}(?:\w{{1,15}}[\s\-]){{0,2}}{any_of(phrases)}(?!\w)", re.IGNORECASE)
        if phrases
        else None
    )


@cache
def of_someone_else(language: str) -> re.Pattern[str]:
    """Match right behind an age or a noun the words that make it someone else's, or a length of time."""
    # 'A 5-day-old neonate' is the patient, too.
    children: list[str] = rules_of("patient", language)["lists"]["child"]
    other = any_of([word for word in rules_of("scope", language)["lists"]["others"] if word not in children])
    # 'A 61-year-old mother of two' is the patient.
    kin = rf"{other}(?!\w|\sof\s(?:a|one|two|three|four|five|six|\d)\b)"
    other_than = r"(?:(?!whose|with|who|and|la cui|con)\w{1,15}[\s\-]){0,2}"
    return re.compile(
        rf"[\s\-]{{0,2}}{other_than}{kin}|\s(?:ago|later|fa|prima|dopo|or|earlier)\b",
        re.IGNORECASE,
    )


def told_ages(sentence: Sentence, language: str, *, anyone: bool = False) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and years of the ages a sentence tells of the patient, or of anyone."""
    for start, end, number, unit in (*_in_phrases(sentence.text, language), *_in_enne(sentence.text, language)):
        years = _years(number, unit)
        if years is None or of_someone_else(language).match(sentence.text, end):
            continue
        if not anyone and (met := right_before("met", language)) and met.search(sentence.text, 0, start):
            continue
        if anyone or not scope_of(sentence, start, end, language).other:
            yield start, end, years


def _in_phrases(text: str, language: str) -> Iterator[tuple[int, int, float, str]]:
    for match in words_of("patient", "age", language).finditer(text):
        number = number_in(match.group(), language)
        if number is not None and not _spans(text, *match.span()) and not _no_age(text, *match.span(), language):
            unit = _UNIT.search(match.group())
            yield match.start(), match.end(), number, unit.group() if unit else ""


def _in_enne(text: str, language: str) -> Iterator[tuple[int, int, float, str]]:
    if language != "it":
        return
    words: dict[str, int] = rules_of("numbers", "it")["words"]
    for match in _ENNE.finditer(text):
        # 'settantatreenne' has lost the last vowel of its number.
        stems = [(match[2] or "").lower() + vowel for vowel in ("a", "o", "i", "e", "")]
        number = float(match[1]) if match[1] else next((words[stem] for stem in stems if stem in words), None)
        if number is not None:
            yield match.start(), match.end(), number, ""


def decades_in(film: Film) -> Iterator[Issue]:
    """Yield an issue for each age told only as a decade, with the words that tell it."""
    for segment in film.segments:
        if segment.label == "patient data" and (match := _DECADE_FIELD.search(segment.plain)):
            yield _decade(segment.source[segment.start + match.start() : segment.start + match.end()])
        for sentence in segment.sentences:
            for match in words_of("patient", "decade", segment.language).finditer(sentence.text):
                if not scope_of(sentence, match.start(), match.end(), segment.language).other:
                    yield _decade(match.group())


def _decade(words: str) -> Issue:
    tens = re.search(r"\d0", words)
    shown = f" ({tens.group()}-{int(tens.group()) + 9})" if tens else ""
    return Issue(kind="ambiguous value", field="age", message=f"the age is told as a decade only: {words!r}{shown}")
