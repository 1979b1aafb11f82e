"""Read the patient's sex from nouns, from pronouns that can mean no one else, and from Italian endings."""

import re
from collections.abc import Iterator
from functools import cache

from pipelines.reading.age import of_someone_else, right_before, right_behind
from pipelines.reading.claims import Claim
from pipelines.reading.films import Film
from pipelines.reading.phrases import rules_of, words_of
from pipelines.reading.scope import kin_of, scope_of
from pipelines.reading.text import Segment, Sentence

_FIELD = re.compile(
    r"(?:Gender|Sex|Sesso)\s{0,3}:?\s{0,3}(?:(?P<F>Female|F|Femmina|Donna)|(?P<M>Male|M|Maschio|Uomo))\b", re.IGNORECASE
)
_LINE = re.compile(r"\d{1,3} (?:years?|months?),? (?:(?P<F>female)|(?P<M>male))\b", re.IGNORECASE)
# 'Sex: M' in running text; '49 yrs/Sex M' has no colon.
_SEX_INITIAL = re.compile(r"\s[MF]$")
# An age right before a noun makes it the patient: 'a 26-year-old female nurse'.
_AGED = re.compile(
    r"(?:\b[\w-]{1,12}[\s-](?:year|month|week|day)s?[\s-](?:old|of age)|\b\d{1,3}[\s-]?(?:y/?o|yrs?))"
    r"\s(?:\w{1,12}\s){0,2}$",
    re.IGNORECASE,
)
_BESIDE = 8
_SUBJECTS = frozenset({"he", "she", "egli", "ella"})
_NEXT_WORDS = re.compile(r"(?:\s\w{1,20}){0,2}")


def stated_sexes(segment: Segment) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and sex where a page states it as a field; in running text only 'Sex: F' is one."""
    data = segment.label == "patient data"
    for pattern in (_FIELD, _LINE) if data else (_FIELD,):
        for match in pattern.finditer(segment.plain):
            if not data and ":" not in match.group() and not _SEX_INITIAL.search(match.group()):
                continue
            group = "F" if match["F"] else "M"
            start = match.start() if pattern is _FIELD else match.start(group)
            yield segment.start + start, segment.start + match.end(), group


def told_sexes(sentence: Sentence, language: str, *, anyone: bool = False) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and sex of the nouns a sentence says of the patient, or of anyone, kin included."""
    for value, name, kin in (("F", "female", "feminine"), ("M", "male", "masculine")):
        for match in words_of("patient", name, language).finditer(sentence.text):
            if of_someone_else(language).match(sentence.text, match.end()):
                continue
            # 'The baby boy weighed 1.8 kg' tells of a mother's child.
            if sentence.mother and words_of("patient", "child", language).match(sentence.text, match.start()):
                continue
            # 'Il/La paziente' is a form that nobody filled in.
            if sentence.text[: match.start()].endswith("/"):
                continue
            if not anyone and _of_someone_met(sentence.text, match.start(), match.end(), language):
                continue
            if anyone or not scope_of(sentence, match.start(), match.end(), language).other:
                yield match.start(), match.end(), value
        for match in words_of("scope", kin, language).finditer(sentence.text) if anyone or sentence.own else ():
            if anyone or match.group().lower() == sentence.own:
                yield match.start(), match.end(), value


def by_pronoun(film: Film, strength: int) -> list[Claim]:
    """Return the sex that each sentence's pronouns tell, save where they may mean someone else it names."""
    claims: list[Claim] = []
    for segment in film.told("film", "study", "case"):
        before: list[Sentence] = []
        for sentence in segment.sentences:
            for value, name in (("M", "he"), ("F", "she")):
                pronoun = words_of("scope", name, segment.language).search(sentence.text)
                words = _NEXT_WORDS.match(sentence.text, pronoun.end()) if pronoun else None
                if not pronoun or not words:
                    continue
                near = [*(earlier.text for earlier in before[-1:]), sentence.text[: pronoun.start()]]
                anyone = words_of("scope", "anyone", segment.language).finditer(sentence.text, 0, words.end() + _BESIDE)
                if any(not _AGED.search(sentence.text, 0, match.start()) for match in anyone):
                    continue
                if not any(kin_of(text, value, segment.language) for text in near):
                    start, end = sentence.start + pronoun.start(), sentence.start + words.end()
                    claims.append(Claim("sex", value, segment, start, end, "sex: pronoun", strength))
            before.append(sentence)
    # 'She was admitted' says more of the patient than 'her passengers' does.
    return sorted(claims, key=lambda claim: claim.quote.split()[0].lower() not in _SUBJECTS)


def _of_someone_met(text: str, start: int, end: int, language: str) -> bool:
    """Tell whether a noun is of someone the patient met ('contact with a man'), or of no one ('female pelvis')."""
    behind, before = right_behind("no_patient", language), right_before("met", language)
    aged = _AGED.search(text, 0, start)
    if behind and not aged and behind.match(text, end):
        return True
    return bool(before and before.search(text, 0, aged.start() if aged else start))


@cache
def _agreeing(language: str) -> tuple[re.Pattern[str], dict[str, str]] | None:
    rules = rules_of("patient", language)
    stems: list[str] = rules["lists"].get("agreeing", [])
    if not stems:
        return None
    words: dict[str, str] = rules["agreeing_words"]
    endings = rf"(?:{'|'.join(stems)})(?P<ending>[oa])|(?P<word>{'|'.join(words)})"
    return re.compile(rf"\b(?:{endings})\b", re.IGNORECASE), words


def by_agreement(film: Film, strength: int) -> Iterator[Claim]:
    """Yield the sex that an Italian participle or adjective said of the patient tells by its ending."""
    for segment in film.told("film", "study", "case"):
        rule = _agreeing(segment.language)
        for sentence in segment.sentences if rule else ():
            assert rule is not None
            for match in rule[0].finditer(sentence.text):
                if scope_of(sentence, match.start(), match.end(), segment.language).other:
                    continue
                ending = "M" if (match["ending"] or "").lower() == "o" else "F"
                value = rule[1][match["word"].lower()] if match["word"] else ending
                start, end = sentence.start + match.start(), sentence.start + match.end()
                yield Claim("sex", value, segment, start, end, "sex: agreement", strength)
