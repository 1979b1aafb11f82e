"""Find the times a text tells of a film: days on a clock, days since the film before, days of the calendar."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from pipelines.reading.dates import Day, days_in
from pipelines.reading.durations import days_of, ordinal_in, tells_length
from pipelines.reading.phrases import words_of
from pipelines.reading.text import Segment, Sentence

Clock = Literal["onset", "admission", "film", "unnamed", "other"]
# Days past a lifetime are misread numbers; which of the others can be a film's is told by the column.
_MOST = 122 * 366
# 'Day 5 of azithromycin' counts from what it names.
_OF_WHAT = re.compile(r"\s(?:of|di)\s(?:the |his |her |a |la |il )?[a-zà-ù]", re.IGNORECASE)
_STAYS_WITHIN, _COMPARED_WITHIN = 40, 45
_STOPPED = re.compile(r"[;.:]\s|,\s")
# 'Three days after admission' counts from the admission.
_COUNTED = re.compile(
    r"\b(?:after|post|since|before|from|following|dopo|dal|dall')\s(?:the\s|his\s|her\s)?$", re.IGNORECASE
)
# 'Initial, second and third film' are three.
_OF_SEVERAL = re.compile(r"\b(?:second|third|final|last|follow|subsequent|later|repeat)", re.IGNORECASE)
# Words between 'day 5 of' and what it counts.
_SMALL = re.compile(
    r"\s(?:of|di)\s(?:(?:the|his|her|their|this|a|an|la|il|sua|acute|febrile|clinical|present)\s){0,3}$", re.IGNORECASE
)
# What is done to a patient once, and may have a day of its own in the text: lists of the rules.
MILESTONES = ("intubation", "extubation", "transfer_to_icu", "discharge")
_LENGTHS = frozenset({"after_event", "later", "later_alone", "later_than"})
# 'Day 5 post-PCI' counts from what no list knows.
_BEHIND = re.compile(r"\s(?:post|after|following|since|dopo)[\s-](?!the (?:first|previous|last)\b)", re.IGNORECASE)
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


def moments_in(segment: Segment, sentence: Sentence) -> list[Moment]:
    """Return the times a sentence tells, in its order; the more telling reading of overlapping words."""
    panel = segment.role in ("film", "other")
    return [
        Moment(time.clock, time.days, time.day, segment, at + time.start, at + time.end, time.since)
        for at in (sentence.start,)
        for time in _times_in(sentence.text, segment.language, sentence.order, panel=panel)
    ]


def listed_moment(segment: Segment, number: re.Match[str], words: str) -> Moment | None:
    """Return the time of one number of a list, from the words it stands for: '5' of 'hospital days 1 (a), 5 (b)'."""
    for time in _times_in(words, segment.language, "", panel=False):
        return Moment(time.clock, time.days, None, segment, number.start(1), number.end(1), time.since)
    return None


class _Time(NamedTuple):
    clock: Clock
    days: int | None
    day: Day | None
    start: int
    end: int
    since: str = ""


@lru_cache(maxsize=2048)
def _times_in(text: str, language: str, order: str, *, panel: bool) -> tuple[_Time, ...]:
    taken: list[tuple[int, int]] = []
    found: list[_Time] = []
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
            if kind == "day_number" and any(
                start < day.start < end < day.end for day in days_in(text, language, order)
            ):
                # 'Il giorno 11 marzo' is a day of the calendar.
                continue
            lettered = _LETTER.match(text, end) if kind == "later_than" else None
            if kind == "later_than" and not lettered:
                continue
            time = _time(kind, text, language, start, lettered.end() if lettered else end)
            if time:
                taken.append((start, time.end))
                found.append(time)
    found += [
        _Time("unnamed", None, day, day.start, day.end)
        for day in days_in(text, language, order)
        if not any(day.start < right and left < day.end for left, right in taken)
        and not of_compared(text, day.start, language)
    ]
    if not found and panel:
        # 'CT of the same day', of a panel: the time of the one before it.
        same = words_of("clock", "same_time", language).search(text)
        found = [_Time("film", 0, None, same.start(), same.end(), "told")] if same else []
        # 'Two days after decannulation': a time of its own, on no clock that is known.
        unknown = words_of("clock", "after_unknown", language).search(text) if not found else None
        found += [_Time("other", None, None, unknown.start(), unknown.end())] if unknown else []
    return tuple(sorted(found, key=lambda time: time.start))


def _is_rest(text: str, start: int, end: int) -> bool:
    """Tell whether the number that words begin with is part of another, or of none: '17/03, day of admission'."""
    return bool(_REST_OF_NUMBER.search(text, 0, start) or _ENDS_THERE.match(text, start, end))


def _time(kind: str, text: str, language: str, start: int, end: int) -> _Time | None:
    words = text[start:end]
    clock: Clock
    days: int | None
    if kind == "zero":
        if _of_other_film(text, start, language) or _COUNTED.search(text, 0, start) or _OF_SEVERAL.search(words):
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
    elif kind == "later_alone" and not _STOPS.match(text, end):
        return None
    elif kind in ("later", "later_alone", "later_than"):
        clock, days = "film", days_of(words, language)
        counted = _OF_WHAT.match(text, end)
        symptom = words_of("clock", "symptom", language).search(text, end, end + _STAYS_WITHIN)
        treated = counted and not symptom
        # 'A further 2 days later, after she had been intubated': what is behind the comma is not counted from.
        stop = _STOPPED.search(text, end, end + _STAYS_WITHIN)
        behind = stop.start() if stop else end + _STAYS_WITHIN
        if treated or words_of("clock", "no_clock", language).search(text, start, behind):
            clock = "other"
    elif kind == "after_event":
        clock, days = _clock(words, language), days_of(words, language)
        days = ordinal_in(words, language) if days is None else days
        if clock == "other" and "," in words:
            # 'Day 12, after extubation': the day is counted, and the event is beside it.
            return None
    else:
        if _no_day(text, start, language):
            return None
        named = _clock(words, language)
        clock = named if named != "other" else _clock(text[max(0, start - 12) : end + 25].split(")")[0], language)
        days = ordinal_in(words, language)
        counted = _OF_WHAT.match(text, end)
        stays = words_of("clock", "stays", language).search(text, end, end + _STAYS_WITHIN)
        stays = stays if not counted or (stays and _SMALL.fullmatch(text, end, stays.start())) else None
        aside = words_of("clock", "on_aside", language).search(text, end, end + _STAYS_WITHIN)
        if aside and not text[end : aside.start()].strip():
            return _Time("other", days, None, start, aside.end())
        if clock == "other" and _BEHIND.match(text, end):
            return _Time("other", days, None, start, end)
        if clock == "other" and (stays or not counted) and not _is_no_clock(text, end, language):
            clock = "unnamed"
    if days is None or days > _MOST:
        return None
    since = _since(words, language) if clock == "film" else _milestone(words, language) if clock == "other" else ""
    return _Time(clock, days, None, start, end, since)


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


def of_compared(text: str, start: int, language: str) -> bool:
    """Tell whether a day is that of the film which this one is compared with: 'compared with the film of 12 March'."""
    near = text[max(0, start - _COMPARED_WITHIN) : start]
    return any(not _STOPPED.search(near, m.end()) for m in words_of("clock", "compared", language).finditer(near))


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
