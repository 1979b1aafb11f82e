"""Read how long the patient had been ill when first seen: 'fever for 3 days', 'five days earlier'."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from pipelines.reading.finder import Finder
from pipelines.reading.phrases import finder_of, number_in, rules_of, words_of
from pipelines.reading.scope import negated, scope_of
from pipelines.reading.text import Segment, Sentence

# Longer than this it is another illness, or none.
_LONGEST_DAYS = 180
# Characters within which a symptom and its length belong together.
_BEFORE, _AFTER = 90, 45
_RIGHT_BEFORE = 30
# British notes write days, weeks and months as parts: '5/7', '2/52', '3/12'; others run number and unit together.
_PART = re.compile(r"(?<![\d/.])(?P<n>\d{1,2})/(?P<of>7|52|12)(?![\d/]|\.\d)")
_TIGHT = re.compile(r"(?<![\w.,])(?:x|×)?(?P<n>\d{1,2})(?P<unit>[a-z]{1,4})(?!\w)", re.IGNORECASE)
# '5/7 of the cases' counts no days.
_SHARE = re.compile(
    r"(?:for |x ?)?\d{1,2}/\d{1,2} of (?:the|all|our|these|those|patients|cases|its|his|her)\b", re.IGNORECASE
)
# An opening sentence of so many characters tells where the patient is seen, and the next one who he is.
_SHORT = 45
_AGED = re.compile(r"\b\d{1,3}\s?(?:[MF]\b|y|anni|aa)")
_ORDER = re.compile(r"\bday\b|\bD\d|\bgiorn", re.IGNORECASE)
_WORD = re.compile(r"\w")
_WHEN = re.compile(r",?\s(?:when|quando|allorché)\b", re.IGNORECASE)
# A bare length ends its clause; '5 days later' and '5 days of rest' say something else.
_WHOLE = re.compile(r"\s*(?:$|[,.;:()+/]|(?:and|with|now|no|e|con)\b)", re.IGNORECASE)
_CLAUSE = re.compile(r"[;:]|,\s")


@dataclass(frozen=True, slots=True)
class Told:
    """Hold a number of days that a text tells, with its span (characters of the segment's source)."""

    days: int
    segment: Segment
    start: int
    end: int


@cache
def _unit(language: str) -> Finder:
    return finder_of(list(rules_of("clock", language)["units"]), {})


@cache
def _few(language: str) -> Finder:
    return words_of("clock", "few", language)


def days_of(words: str, language: str) -> int | None:
    """Return the whole days that words such as 'two weeks', '36 h' or 'a few days' tell."""
    rules = rules_of("clock", language)
    if _few(language).search(words):
        return int(rules["few"])
    if part := _PART.search(words):
        return int(part["n"]) * int(rules["parts"].get(part["of"], 0)) or None
    for word, days in rules["words"].items():
        if f" {word} " in f" {words.lower()} ":
            return int(days)
    tight = _TIGHT.search(words)
    if tight and tight["unit"].lower() in rules["units"]:
        return int(int(tight["n"]) * rules["units"][tight["unit"].lower()])
    number, unit = number_in(words, language), _unit(language).search(words)
    if number is None or unit is None:
        return None
    return int(number * rules["units"][unit.group().lower()] + 0.01)


def ordinal_in(words: str, language: str) -> int | None:
    """Return the number that words tell as a count or an order: 'day 4', 'the fourth day'."""
    number = number_in(words, language)
    if number is not None:
        return int(number)
    ordinals: list[str] = rules_of("clock", language)["lists"]["ordinal"]
    for index, word in enumerate(ordinals, start=1):
        if re.search(rf"\b(?:{word})\b", words, re.IGNORECASE):
            return index
    return None


@lru_cache(maxsize=4096)
def tells_length(text: str, language: str) -> bool:
    """Tell whether a text names a unit of time at all, which spares most sentences the slow patterns."""
    words = rules_of("clock", language)["words"]
    named = bool(_unit(language).search(text) or _few(language).search(text)) or any(w in text for w in words)
    return named or bool(_PART.search(text) or _TIGHT.search(text))


def illness_lengths(segment: Segment) -> Iterator[Told]:
    """Yield how long symptoms had lasted when the patient was first seen, in the text's order."""
    language = segment.language
    for sentence in segment.sentences:
        if not tells_length(sentence.text, language):
            continue
        found = [
            (match.start(), match.end())
            for kind, belongs in _KINDS
            for match in words_of("clock", kind, language).finditer(sentence.text)
            if belongs(sentence, match.start(), match.end(), language)
        ]
        for start, end in sorted(found):
            words = sentence.text[start:end]
            days = days_of(words, language)
            days = ordinal_in(words, language) if days is None and _ORDER.search(words) else days
            if days is None or days > _LONGEST_DAYS:
                continue
            scope = scope_of(_by_agents(sentence, language), start, end, language)
            if not (scope.other or scope.hypothetical):
                yield Told(days, segment, sentence.start + start, sentence.start + end)


@lru_cache(maxsize=1024)
def _by_agents(sentence: Sentence, language: str) -> Sentence:
    """Blank out who sent or saw the patient: in 'referred by her GP with fever' the fever is not the GP's."""
    text = sentence.text
    for match in words_of("clock", "agents", language).finditer(text):
        text = text[: match.start()] + " " * len(match.group()) + text[match.end() :]
    return replace(sentence, text=text)


def _symptom_before(sentence: Sentence, start: int, end: int, language: str) -> bool:
    near = sentence.text[max(0, start - _BEFORE) : start]
    found = words_of("clock", "symptom", language).finditer(near)
    # 'No fever for 3 days' is the length of no illness.
    symptoms = [match for match in found if not negated(near, match.start(), match.end(), language)]
    return bool(symptoms) and not words_of("clock", "not_symptom", language).search(near, symptoms[-1].end())


def _symptom_after(sentence: Sentence, start: int, end: int, language: str) -> bool:
    near = sentence.text[end : end + _AFTER]
    symptom = words_of("clock", "symptom", language).search(near)
    return symptom is not None and not words_of("clock", "not_symptom", language).search(near[: symptom.start()])


def _of_no_symptom(text: str, start: int, language: str) -> bool:
    """Tell whether a length is that of what stands right before it: 'afebrile for 2 days'."""
    near = text[max(0, start - _RIGHT_BEFORE) : start]
    others = list(words_of("clock", "not_symptom", language).finditer(near))
    if not others or len(near[others[-1].end() :].split()) > 1:
        return False
    # 'Febbre resistente agli antibiotici da 6 giorni': the treatment is part of the symptom.
    symptoms = words_of("clock", "symptom", language).finditer(text, max(0, start - _BEFORE), start)
    return not any(match.end() >= start - len(near) + others[-1].end() for match in symptoms)


def _of_symptom(sentence: Sentence, start: int, end: int, language: str) -> bool:
    if _SHARE.match(sentence.text, start) or _of_no_symptom(sentence.text, start, language):
        return False
    if sentence.text[:end].rstrip().endswith((" of", " di")):
        return _symptom_after(sentence, start, end, language)
    return _symptom_before(sentence, start, end, language) or _symptom_after(sentence, start, end, language)


def _began(sentence: Sentence, start: int, end: int, language: str) -> bool:
    """Tell whether 'N days ago' dates the beginning of symptoms, not a journey or an operation."""
    text = sentence.text
    if words_of("clock", "resolved", language).search(text):
        return False
    clause = max([0, *(match.end() for match in _CLAUSE.finditer(text, 0, start))])
    before, after = text[clause:start], text[end : end + 2 * _AFTER]
    # 'Esordio una settimana prima' names no symptom.
    if words_of("clock", "outset", language).search(before):
        return True
    words = [words_of("clock", kind, language) for kind in ("symptom", "onset")]
    # 'Well until ten days ago, when he developed a fever'.
    if before.strip() and not _WHEN.match(after):
        return all(pattern.search(before) for pattern in words)
    return all(pattern.search(after) for pattern in words)


def _right_behind(sentence: Sentence, start: int, end: int, language: str) -> bool:
    """Tell whether a bare number of days is that of the symptom right before it: 'SOB 1/52', 'dry cough (5 days)'."""
    text = sentence.text
    symptoms = list(words_of("clock", "symptom", language).finditer(text, max(0, start - _RIGHT_BEFORE), start))
    if not symptoms or text[symptoms[-1].end() : start].strip(" ,(:-") or not _WHOLE.match(text, end):
        return False
    return not negated(text, symptoms[-1].start(), symptoms[-1].end(), language)


def _presents(sentence: Sentence, start: int, end: int, language: str) -> bool:
    """Tell whether 'N days after onset' is when the patient came, not when something else happened."""
    return bool(words_of("clock", "admission", language).search(sentence.text, max(0, start - 60), end + 40))


def _opens(sentence: Sentence, start: int, end: int, language: str) -> bool:
    """Tell whether 'day N of illness' is when the patient came: said with the arrival, first of all, or alone."""
    if _presents(sentence, start, end, language) or not _WORD.search(sentence.text[:start] + sentence.text[end:]):
        return True
    # 'Seen in hot clinic. 43M, D11 of symptoms, …': where the patient was seen is no sentence of his course.
    opens = sentence.index == 0 or (
        sentence.index == 1 and sentence.start <= _SHORT and _AGED.search(sentence.text[:start])
    )
    return bool(opens) and not words_of("clock", "turn", language).search(sentence.text)


def _in_one_breath(sentence: Sentence, start: int, end: int, language: str) -> bool:
    """Tell whether a number of days belongs to the symptom behind it: '2 days cough', not 'well for 2 days, cough'."""
    return "," not in sentence.text[start:end] and not _of_no_symptom(sentence.text, start, language)


_KINDS = (
    ("for_time", _of_symptom),
    ("history_of", _symptom_after),
    ("adjective", _in_one_breath),
    ("bare", _right_behind),
    ("ago", _began),
    ("after_onset", _presents),
    ("illness_day", _opens),
)
