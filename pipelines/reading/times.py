"""Find the times a text tells of a film: days on a clock, days since the film before, days of the calendar."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipelines.reading.dates import Day, days_in
from pipelines.reading.durations import days_of, ordinal_in, tells_length
from pipelines.reading.phrases import words_of
from pipelines.reading.text import Segment, Sentence

Clock = Literal["onset", "admission", "film", "unnamed", "other"]
# Offsets past this are misread numbers.
_MOST = 400
# 'Day 5 of azithromycin' counts from what it names.
_OF_WHAT = re.compile(r"\s(?:of|di)\s(?:the |his |her |a |la |il )?[a-zà-ù]", re.IGNORECASE)
_STAYS_WITHIN = 40
# What is done to a patient once, and may have a day of its own in the text: lists of the rules.
MILESTONES = ("intubation", "extubation", "transfer_to_icu", "discharge")
_LENGTHS = frozenset({"after_event", "later", "later_alone", "later_than"})
# Another film by its letter, behind 'after': '(a)', 'panel A', 'B'.
_LETTER = re.compile(
    r"\s?\((?:fig(?:ure)?\.?\s?)?\d?([a-h])\)|\s(?:panel|image|figure|film)\s\d?([a-h])\b|\s((?-i:[B-H]))\b"
    # A bare 'A' is an article unless a verb or a stop follows.
    r"|\s((?-i:A))(?=\s(?:shows?|showed|reveals?|demonstrat\w+|there)\b|\s?[,.;:)])",
    re.I,
)
_REST_OF_NUMBER = re.compile(r"\d[/.]$")
_ENDS_THERE = re.compile(r"\d+,\s")
# What may stand behind a time that is whole without a noun: '48 hours after the first, …', 'four days on'.
_STOPS = re.compile(
    r"\s*(?:$|[,.;:()]|(?:because|owing|due|as|when|while|shows?|showed|there|reveal\w*|demonstrat\w*)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """Hold when a film was taken, as its text tells: days on a clock, or a day of the calendar."""

    clock: Clock
    days: int | None
    day: Day | None
    segment: Segment
    start: int
    end: int
    # Of a time that counts from another film: its letter, 'first', or 'told' where that film must be in the text; of
    # one that counts from what was done to the patient: the list of words for it, 'intubation'.
    since: str = ""


def moments_in(segment: Segment, sentence: Sentence) -> Iterator[Moment]:
    """Yield the times a sentence tells, in its order; the more telling reading of overlapping words."""
    language, text = segment.language, sentence.text
    taken: list[tuple[int, int]] = []
    found: list[Moment] = []
    for kind in (
        *("after_event", "day_after", "later_than", "later", "later_alone", "next_day", "day_of_event", "zero"),
        "day_number",
    ):
        if kind in _LENGTHS and not tells_length(text, language):
            continue
        for match in words_of("clock", kind, language).finditer(text):
            start, end = match.span()
            if any(start < right and left < end for left, right in taken) or _is_rest(text, start, end):
                continue
            if kind == "day_number" and any(start < day.start < end < day.end for day in days_in(text, language, sentence.order)):
                # 'Il giorno 11 marzo' is a day of the calendar.
                continue
            lettered = _LETTER.match(text, end) if kind == "later_than" else None
            if kind == "later_than" and not lettered:
                continue
            moment = _moment(kind, segment, sentence, start, lettered.end() if lettered else end)
            if moment:
                taken.append((start, moment.end - sentence.start))
                found.append(moment)
    found += [
        Moment("unnamed", None, day, segment, sentence.start + day.start, sentence.start + day.end)
        for day in days_in(text, language, sentence.order)
        if not any(day.start < right and left < day.end for left, right in taken)
    ]
    if not found and segment.role in ("film", "other"):
        # 'CT of the same day', of a panel: the time of the one before it.
        same = words_of("clock", "same_time", language).search(text)
        found = [_same(segment, sentence, same)] if same else []
    yield from sorted(found, key=lambda moment: moment.start)


def _is_rest(text: str, start: int, end: int) -> bool:
    """Tell whether the number that words begin with is part of another, or of none: '17/03, day of admission'."""
    return bool(_REST_OF_NUMBER.search(text, 0, start) or _ENDS_THERE.match(text, start, end))


def _same(segment: Segment, sentence: Sentence, words: re.Match[str]) -> Moment:
    start, end = sentence.start + words.start(), sentence.start + words.end()
    return Moment("film", 0, None, segment, start, end, "told")


def _moment(kind: str, segment: Segment, sentence: Sentence, start: int, end: int) -> Moment | None:
    language, words = segment.language, sentence.text[start:end]
    clock: Clock
    days: int | None
    if kind == "zero":
        if _of_other_film(sentence.text, start, language):
            return None
        clock, days = "admission", 0
    elif kind == "next_day":
        clock, days = "film", 1
    elif kind == "day_of_event":
        clock, days = "other", 0
    elif kind == "day_after":
        if "," in words:
            return None
        clock, days = _clock(words, language), 1
    elif kind == "later_alone" and not _STOPS.match(sentence.text, end):
        return None
    elif kind in ("later", "later_alone", "later_than"):
        clock, days = "film", days_of(words, language)
        counted = _OF_WHAT.match(sentence.text, end)
        symptom = words_of("clock", "symptom", language).search(sentence.text, end, end + _STAYS_WITHIN)
        treated = counted and not symptom
        if treated or words_of("clock", "no_clock", language).search(sentence.text, start, end + _STAYS_WITHIN):
            clock = "other"
    elif kind == "after_event":
        clock, days = _clock(words, language), days_of(words, language)
        days = ordinal_in(words, language) if days is None else days
        if clock == "other" and "," in words:
            # 'Day 12, after extubation': the day is counted, and the event is beside it.
            return None
    else:
        if _no_day(sentence.text, start, language):
            return None
        named = _clock(words, language)
        clock = named if named != "other" else _clock(sentence.text[max(0, start - 12) : end + 25], language)
        days = ordinal_in(words, language)
        counted = _OF_WHAT.match(sentence.text, end)
        stays = words_of("clock", "stays", language).search(sentence.text, end, end + _STAYS_WITHIN)
        if clock == "other" and (stays or not counted) and not _is_no_clock(sentence.text, end, language):
            clock = "unnamed"
    if days is None or days > _MOST:
        return None
    since = _since(words, language) if clock == "film" else _milestone(words, language) if clock == "other" else ""
    return Moment(clock, days, None, segment, sentence.start + start, sentence.start + end, since)


def _no_day(text: str, start: int, language: str) -> bool:
    """Tell whether what stands right before a day makes it one of another count, or none: 'ECMO day 3'."""
    before = list(words_of("clock", "not_day", language).finditer(text, max(0, start - 25), start))
    return bool(before) and not text[before[-1].end() : start].strip(" -")


def _milestone(words: str, language: str) -> str:
    """Return the milestone of the patient's course that a time counts from, if it is one of those that can be dated."""
    named = [kind for kind in MILESTONES if words_of("clock", kind, language).search(words)]
    return named[0] if len(named) == 1 else ""


def _since(words: str, language: str) -> str:
    """Return which film a time counts from where it names one other than the last: 'after (a)', 'another 2 days'."""
    if letter := _LETTER.search(words):
        return str(letter[letter.lastindex or 1]).lower()
    if words_of("clock", "first_film", language).search(words):
        return "first"
    return "told" if words_of("clock", "again", language).search(words) else ""


def _of_other_film(text: str, start: int, language: str) -> bool:
    """Tell whether a time is of the film that this one is compared with: 'increased from the initial film'."""
    before = list(words_of("clock", "other_film", language).finditer(text, 0, start))
    return bool(before) and not text[before[-1].end() : start].strip()


def _is_no_clock(text: str, end: int, language: str) -> bool:
    """Tell whether a day is counted from what stands right behind it: '3ª giornata post-operatoria'."""
    event = words_of("clock", "no_clock", language).search(text, end)
    return event is not None and not text[end : event.start()].strip(" -")


def _clock(words: str, language: str) -> Clock:
    # 'after the onset of treatment': what the days are counted from stands last.
    named: list[tuple[int, Clock]] = []
    kinds: tuple[tuple[str, Clock], ...] = (
        ("no_clock", "other"),
        ("clock_admission", "admission"),
        ("clock_onset", "onset"),
    )
    for kind, clock in kinds:
        named += [(match.end(), clock) for match in words_of("clock", kind, language).finditer(words)]
    return max(named)[1] if named else "other"
