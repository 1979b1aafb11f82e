"""Read sex and age of the index patient: stated fields first, then nouns, then pronouns that can mean no one else."""

import re
from collections.abc import Iterator
from functools import cache

from pipelines.reading.claims import Claim, contradiction, settled
from pipelines.reading.films import Film
from pipelines.reading.phrases import any_of, number_in, rules_of, words_of
from pipelines.reading.scope import kin_of, scope_of
from pipelines.reading.text import Segment, Sentence
from pipelines.records import Issue

# How surely a way of saying it means the index patient.
_STATED, _WITH_AGE, _NOUN, _AGREEING, _PRONOUN = 9, 7, 5, 3, 2
_OLDEST = 115
_SEX_FIELD = re.compile(
    r"(?:Gender|Sex|Sesso)\s{0,3}:?\s{0,3}(?:(?P<F>Female|F|Femmina|Donna)|(?P<M>Male|M|Maschio|Uomo))\b", re.I
)
_AGE_FIELD = re.compile(
    r"(?:Age|Età)\s{0,3}:?\s{0,3}(?P<n>\d{1,3}(?:[.,]\d)?)\s{0,3}(?P<unit>years?|yrs?|y\b|months?|weeks?|days?|anni|mesi)?",
    re.I,
)
_DECADE_FIELD = re.compile(r"(?:Age|Età)\s{0,3}:?\s{0,3}\d{1,2}0(?:'?s\b|\s?-\s?\d{1,2}9)", re.I)
_EUROPEAN = re.compile(r"(?P<n>\d{1,3}) years?,? (?P<sex>male|female)\b", re.I)
_MONTHS = re.compile(r"months?|mesi", re.I)
_ENNE = re.compile(r"\b(?:(\d{2})|([a-zé]{4,14}))\s?-?enne\b", re.I)
_INITIAL = re.compile(r"\b(\d{1,2})(?:\s?-?(?:y/?o|yo|year[- ]old))?\s?([MF])\b(?![\w.°/])")


def _age_text(years: float) -> str:
    return f"{years:g}" if years == int(years) else f"{years:.2f}".rstrip("0")


def _stated(segment: Segment) -> Iterator[Claim]:
    if segment.label != "patient data":
        return
    plain, offset = segment.plain, segment.start
    for match in _SEX_FIELD.finditer(plain):
        value = "F" if match["F"] else "M"
        yield Claim("sex", value, segment, offset + match.start(), offset + match.end(), "sex: stated field", _STATED)
    for match in _AGE_FIELD.finditer(plain):
        if _DECADE_FIELD.match(plain, match.start()):
            continue
        years = _years(float(match["n"].replace(",", ".")), match["unit"] or "")
        if years is not None:
            yield Claim(
                "age",
                _age_text(years),
                segment,
                offset + match.start(),
                offset + match.end(),
                "age: stated field",
                _STATED,
            )
    for match in _EUROPEAN.finditer(plain):
        value = "F" if match["sex"].lower() == "female" else "M"
        yield Claim("sex", value, segment, offset + match.start(), offset + match.end(), "sex: stated field", _STATED)
        yield Claim(
            "age",
            match["n"],
            segment,
            offset + match.start("n"),
            offset + match.start("sex") - 1,
            "age: stated field",
            _STATED,
        )


def _years(number: float, unit: str) -> float | None:
    unit = unit.lower()
    years = (
        number / 12
        if _MONTHS.match(unit)
        else number / 52
        if unit.startswith("week")
        else number / 365
        if unit.startswith("day")
        else number
    )
    return round(years, 2) if years <= _OLDEST else None


@cache
def _not_age(language: str) -> re.Pattern[str]:
    lists = rules_of("patient", language)["lists"]
    return re.compile(rf"(?<!\w){any_of(lists['not_age'])}\s{{1,3}}$", re.IGNORECASE)


@cache
def _after_age(language: str) -> re.Pattern[str]:
    other = any_of(rules_of("scope", language)["lists"]["others"])
    return re.compile(
        rf"[\s\-]{{0,2}}(?:\w{{1,15}}[\s\-]){{0,2}}{other}(?!\w)|\s(?:ago|later|fa|prima|dopo|or|earlier)\b",
        re.IGNORECASE,
    )


def _ages_in(sentence: Sentence, language: str) -> Iterator[tuple[int, int, float]]:
    text = sentence.text
    for match in words_of("patient", "age", language).finditer(text):
        number = number_in(match.group(), language)
        if (
            number is None
            or _not_age(language).search(text, 0, match.start())
            or _after_age(language).match(text, match.end())
        ):
            continue
        if (years := _years(number, "months" if _MONTHS.search(match.group()) else "")) is not None:
            yield match.start(), match.end(), years
    if language != "it":
        return
    words: dict[str, int] = rules_of("numbers", "it")["words"]
    for match in _ENNE.finditer(text):
        stem = (match[2] or "").lower()
        number = (
            float(match[1])
            if match[1]
            else next((words[w] for w in (stem + "a", stem + "o", stem + "i", stem + "e", stem) if w in words), None)
        )
        if number is not None and not _after_age(language).match(text, match.end()):
            yield match.start(), match.end(), number


def _nouns_in(sentence: Sentence, language: str) -> Iterator[tuple[int, int, str]]:
    for value, name in (("F", "female"), ("M", "male")):
        for match in words_of("patient", name, language).finditer(sentence.text):
            if not _after_age(language).match(sentence.text, match.end()):
                yield match.start(), match.end(), value


def _told(segment: Segment) -> Iterator[Claim]:
    """Yield ages and nouns of sex of the index patient; the two together are the surest."""
    language = segment.language
    for sentence in segment.sentences:
        ages = [
            (s, e, years) for s, e, years in _ages_in(sentence, language) if not _is_other(sentence, s, e, language)
        ]
        nouns = [(s, e, sex) for s, e, sex in _nouns_in(sentence, language) if not _is_other(sentence, s, e, language)]
        weaker = 3 if segment.role == "name" else 0
        for start, end, years in ages:
            yield Claim(
                "age",
                _age_text(years),
                segment,
                sentence.start + start,
                sentence.start + end,
                "age: in words",
                _WITH_AGE - weaker,
            )
        for start, end, sex in nouns:
            beside = [(s, e) for s, e, _ in ages if s <= end + 25 and start <= e + 25]
            left, right = min([start, *(s for s, _ in beside)]), max([end, *(e for _, e in beside)])
            strength = (_WITH_AGE if beside else _NOUN) - weaker
            yield Claim("sex", sex, segment, sentence.start + left, sentence.start + right, "sex: noun", strength)
        if language == "en":
            for match in _INITIAL.finditer(sentence.text):
                yield Claim(
                    "age",
                    match[1],
                    segment,
                    sentence.start + match.start(),
                    sentence.start + match.end(),
                    "age: initial",
                    _NOUN,
                )
                yield Claim(
                    "sex",
                    match[2],
                    segment,
                    sentence.start + match.start(),
                    sentence.start + match.end(),
                    "sex: initial",
                    _NOUN,
                )


def _is_other(sentence: Sentence, start: int, end: int, language: str) -> bool:
    return scope_of(sentence, start, end, language).other


def _pronouns(film: Film) -> list[Claim]:
    claims: list[Claim] = []
    for segment in film.told("film", "study", "case"):
        before: list[Sentence] = []
        for sentence in segment.sentences:
            for value, name in (("M", "he"), ("F", "she")):
                near = [*before[-1:], sentence]
                if any(kin_of(near_by, value, segment.language) for near_by in near):
                    continue
                for match in words_of("scope", name, segment.language).finditer(sentence.text):
                    end = min(len(sentence.text), match.end() + _next_words(sentence.text[match.end() :]))
                    claims.append(
                        Claim(
                            "sex",
                            value,
                            segment,
                            sentence.start + match.start(),
                            sentence.start + end,
                            "sex: pronoun",
                            _PRONOUN,
                        )
                    )
                    break
            before.append(sentence)
    return claims


def _next_words(text: str) -> int:
    match = re.match(r"(?:\s\w{1,20}){0,2}", text)
    return match.end() if match else 0


@cache
def _agreeing(language: str) -> tuple[re.Pattern[str], dict[str, str]] | None:
    rules = rules_of("patient", language)
    stems: list[str] = rules["lists"].get("agreeing", [])
    if not stems:
        return None
    words: dict[str, str] = rules["agreeing_words"]
    return re.compile(
        rf"\b(?:(?:{'|'.join(stems)})(?P<ending>[oa])|(?P<word>{'|'.join(words)}))\b", re.IGNORECASE
    ), words


def _agreement(film: Film) -> Iterator[Claim]:
    """Yield the sex that an Italian participle or adjective said of the patient tells by its ending."""
    for segment in film.told("film", "study", "case"):
        rule = _agreeing(segment.language)
        for sentence in segment.sentences if rule else ():
            assert rule is not None
            for match in rule[0].finditer(sentence.text):
                if _is_other(sentence, match.start(), match.end(), segment.language):
                    continue
                value = (
                    rule[1][match["word"].lower()] if match["word"] else "M" if match["ending"].lower() == "o" else "F"
                )
                start, end = sentence.start + match.start(), sentence.start + match.end()
                yield Claim("sex", value, segment, start, end, "sex: agreement", _AGREEING)


def decades_in(film: Film) -> Iterator[Issue]:
    """Yield an issue for each age told only as a decade, with the words that tell it."""
    for segment in film.segments:
        if segment.label == "patient data" and (match := _DECADE_FIELD.search(segment.plain)):
            yield _decade_issue(segment.source[segment.start + match.start() : segment.start + match.end()])
        for sentence in segment.sentences:
            for match in words_of("patient", "decade", segment.language).finditer(sentence.text):
                if not _is_other(sentence, match.start(), match.end(), segment.language):
                    yield _decade_issue(match.group())


def _decade_issue(words: str) -> Issue:
    tens = re.search(r"\d{2}", words)
    low = int(tens.group()) // 10 * 10 if tens else None
    shown = f" ({low}-{low + 9})" if low is not None else ""
    return Issue(kind="ambiguous value", field="age", message=f"the age is told as a decade only: {words!r}{shown}")


def patient_of(film: Film) -> tuple[list[Claim], list[Issue]]:
    """Return sex and age of the index patient, as claims that stand, with issues for what disagrees."""
    told = [
        claim for segment in film.segments if segment.role != "other" for claim in (*_stated(segment), *_told(segment))
    ]
    claims: list[Claim] = []
    issues: list[Issue] = []
    age, found = settled("age", [claim for claim in told if claim.field == "age"])
    issues += found
    if age is None and not found:
        issues += list(decades_in(film))[:1]
    sexes = [claim for claim in told if claim.field == "sex"] or list(_agreement(film))
    sex, found = settled("sex", sexes)
    issues += found
    if not sexes:
        sex, found = _by_pronoun(film)
        issues += found
    claims += [claim for claim in (sex, age) if claim]
    return claims, issues


def _by_pronoun(film: Film) -> tuple[Claim | None, list[Issue]]:
    pronouns = _pronouns(film)
    if len({claim.value for claim in pronouns}) > 1:
        other = next(claim for claim in pronouns if claim.value != pronouns[0].value)
        return None, [contradiction("sex", None, other)]
    return (pronouns[0] if pronouns else None), []
