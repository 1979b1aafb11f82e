"""Settle sex and age of the patient: stated fields first, then nouns and numbers, then pronouns and endings."""

import re
from collections.abc import Iterator
from functools import lru_cache

from pipelines.reading.age import age_text, decades_in, stated_ages, told_ages
from pipelines.reading.claims import Claim, contradiction, settled
from pipelines.reading.films import Film
from pipelines.reading.phrases import words_of
from pipelines.reading.scope import scope_of
from pipelines.reading.sex import by_agreement, by_pronoun, stated_sexes, told_sexes
from pipelines.reading.text import Segment, Sentence
from pipelines.records import Issue

# A segment cut out because it speaks of the one patient that the film shows, whoever else it names.
CHOSEN = "chosen patient"
# How surely a way of saying it means the patient; a title's words are weaker by `_IN_NAME`.
_STATED, _TOGETHER, _ALONE, _AGREEING, _PRONOUN, _IN_NAME = 9, 7, 5, 3, 2, 3
_INTRODUCED = "in words, with sex"
# Characters between an age and a noun that are said together: 'Female, 61 years old', 'uomo di circa 50 anni'.
_TOGETHER_WITHIN = 25
_DEGREES_WITHIN = 40
# '38 F.' may be a temperature; with a unit of age it is none.
_INITIAL = re.compile(
    r"\b(?P<n>\d{1,2})(?P<m>)(?:(?:\s?-?(?i:y\.o\.|y/?o|yo?|yrs?|years?(?:[- ]old)?)\s?)?(?:/\s?)?[MF]\b(?![\w°/])"
    r"|\s/\s?[MF]\b(?![\w°/])|\s[MF]\b(?![\w.°/]))"
)
# 'M, 45 anni', 'F 72 years': the initial leads.
_SHOWN = re.compile(r"(?<![^\W\d])[MF]\b")
_INITIAL_FIRST = re.compile(
    r"(?<![\w°/])[MF]\s?/\s?(?P<m>\d{1,2})(?![\d/.%])"
    r"|(?<![\w°])(?P<sex>[MF])[,.:]?\s(?:di\s)?(?P<n>\d{1,3})\s?(?:aa|anni|a\.|years?|yrs?|y/?o|y)(?!\w)(?!\s(?:ago|fa)\b)"
)
# '50s M', 'elderly F': no age, but a sex.
_INITIAL_ALONE = re.compile(r"\b(?:[1-9]0'?s|(?i:elderly|young|middle[\s-]aged))\s[MF]\b(?![\w°/]|\.[A-Z])")
# 'Pz di anni 70, m.', 'aa 81, F': the initial follows; another capital behind it makes it one of a name.
_INITIAL_BEHIND = re.compile(
    r"\b(?:(?P<n>\d{1,2})\s?-?(?:aa|anni|enne|years?(?:[\s-]old)?|yrs?|y/?o|y)|(?:aa|anni)\s(?P<m>\d{1,2}))"
    r"[,;]?\s\(?(?:di\s)?(?:sesso\s)?[MFmf]\b(?![\w°/]|\.?\s?[A-Z]\.|\.\s?[a-z])"
)
# 'Woman, 66, …', 'She is 68 and …': nothing else can be meant by the number.
_TERSE = re.compile(
    r"(?:\b(?:woman|man|female|male|lady|gentleman|Mrs?\.?\s[A-Z]\w{0,15}\.?),\s|\bs?he is )"
    r"(?P<n>[1-9]\d)(?=[,;.](?!\d)|\sand\b)"
    r"|^(?:An?|The|This)\s[^\d.,;]{3,40},\s(?P<m>[1-9]\d),\s(?=(?:with|who|was|is|had|has|presented|from|an?)\b)",
    re.IGNORECASE,
)
# 'The older brother, 31: …', 'her son (35)': of the relative whom the film shows.
_TERSE_KIN = r"\b{own}\s?[,(]\s?(?:aged\s|now\s)?(?P<n>\d{{1,2}})(?=[,;.:)](?!\d)|\s(?:and|who|had|was|is|has)\b)"


def patient_of(film: Film) -> tuple[list[Claim], list[Issue]]:
    """Return sex and age of the patient as claims that stand, with an issue for each thing that disagrees."""
    # The title of a page on several patients speaks of any of them.
    unread = ("other", "name") if film.several_patients else ("other",)
    told = [claim for segment in film.segments if segment.role not in unread for claim in _read(segment)]
    age, issues = settled("age", [claim for claim in told if claim.field == "age"])
    if age is None and not issues:
        issues = list(decades_in(film))[:1]
    sexes = [claim for claim in told if claim.field == "sex"] or list(by_agreement(film, _AGREEING))
    sex, found = settled("sex", sexes) if sexes else _by_pronoun(film)
    if sex and not _is_plain(sex):
        # A person sees at a glance what 'she' says, and not what 'gravida' does.
        same = (claim for claim in [*sexes, *by_pronoun(film, _PRONOUN)] if claim.value == sex.value)
        sex = next(filter(_is_plain, same), sex)
    return [claim for claim in (sex, age) if claim], [*issues, *found]


def _is_plain(claim: Claim) -> bool:
    plain = words_of("patient", "plain", claim.segment.language).search(claim.quote)
    return plain is not None or _SHOWN.search(claim.quote) is not None


def introductions_in(segment: Segment) -> Iterator[str]:
    """Yield the age of each patient that a segment introduces by age and sex together."""
    yield from (claim.value for claim in _read(segment) if claim.rule == f"age: {_INTRODUCED}")


@lru_cache(maxsize=64)
def _read(segment: Segment) -> tuple[Claim, ...]:
    if segment.label == "patient data":
        return (
            *(Claim("sex", x, segment, s, e, "sex: stated field", _STATED) for s, e, x in stated_sexes(segment)),
            *(
                Claim("age", age_text(y), segment, s, e, "age: stated field", _STATED)
                for s, e, y in stated_ages(segment)
            ),
        )
    fields = (Claim("sex", x, segment, s, e, "sex: stated field", _STATED) for s, e, x in stated_sexes(segment))
    return (*fields, *(claim for sentence in segment.sentences for claim in _told(segment, sentence)))


def _told(segment: Segment, sentence: Sentence) -> Iterator[Claim]:
    """Yield ages and nouns of sex of the patient; the two together are the surest."""
    language, at = segment.language, sentence.start
    weaker = _IN_NAME if segment.role == "name" else 0
    ages = list(told_ages(sentence, language, anyone=segment.label == CHOSEN))
    nouns = list(told_sexes(sentence, language, anyone=segment.label == CHOSEN))
    for start, end, years in ages:
        beside = any(s <= end + _TOGETHER_WITHIN and start <= e + _TOGETHER_WITHIN for s, e, _ in nouns)
        rule = f"age: {_INTRODUCED if beside else 'in words'}"
        yield Claim("age", age_text(years), segment, at + start, at + end, rule, _TOGETHER - weaker)
    for start, end, sex in nouns:
        near = [(s, e) for s, e, _ in ages if s <= end + _TOGETHER_WITHIN and start <= e + _TOGETHER_WITHIN]
        left, right = min([start, *(s for s, _ in near)]), max([end, *(e for _, e in near)])
        strength = (_TOGETHER if near else _ALONE) - weaker
        yield Claim("sex", sex, segment, at + left, at + right, "sex: noun", strength)
    for match in re.finditer(_TERSE_KIN.format(own=sentence.own), sentence.text, re.I) if sentence.own else ():
        yield Claim(
            "age", match["n"], segment, at + match.start(), at + match.end("n"), "age: bare number", _ALONE - weaker
        )
    for match in _initials(sentence.text, language):
        start, end = at + match.start(), at + match.end()
        number = match["n"] or match["m"]
        yield Claim("age", number, segment, start, end, "age: with the sex's initial", _ALONE - weaker)
        sex = match.group()[0 if match.re is _INITIAL_FIRST else -1].upper()
        yield Claim("sex", sex, segment, start, end, "sex: initial", _ALONE - weaker)
    for match in _INITIAL_ALONE.finditer(sentence.text) if language == "en" else ():
        start, end = at + match.start(), at + match.end()
        yield Claim("sex", match.group()[-1], segment, start, end, "sex: initial", _ALONE - weaker)
    for match in _TERSE.finditer(sentence.text) if language == "en" and not ages else ():
        number = match["n"] or match["m"]
        # 'A mother, 43, with …' is the patient, 'the wife of the patient, 60, …' is not.
        told = match.start() if match.group().startswith("A") else match.start("n" if match["n"] else "m")
        if not scope_of(sentence, told, match.end(), language).other:
            start, end = at + match.start(), at + match.end()
            yield Claim("age", number, segment, start, end, "age: bare number", _ALONE - weaker)


def _initials(text: str, language: str) -> Iterator[re.Match[str]]:
    yield from _INITIAL_FIRST.finditer(text)
    yield from _INITIAL_BEHIND.finditer(text)
    for match in _INITIAL.finditer(text) if language == "en" else ():
        # '72 F' beside a temperature is one.
        if not words_of("vitals", "temperature", language).search(
            text, max(0, match.start() - _DEGREES_WITHIN), match.start()
        ):
            yield match


def _by_pronoun(film: Film) -> tuple[Claim | None, list[Issue]]:
    pronouns = by_pronoun(film, _PRONOUN)
    if len({claim.value for claim in pronouns}) > 1:
        other = next(claim for claim in pronouns if claim.value != pronouns[0].value)
        return None, [contradiction("sex", None, other)]
    return (pronouns[0] if pronouns else None), []
