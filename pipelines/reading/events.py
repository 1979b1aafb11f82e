"""Date what happened: when symptoms began, when the patient came, from the days that the text tells beside them."""

import re
from calendar import isleap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pipelines.reading.dates import Day, days_in
from pipelines.reading.phrases import words_of
from pipelines.reading.scope import negated
from pipelines.reading.text import Segment, Sentence
from pipelines.reading.times import of_compared

Kind = Literal["onset", "admission", "first film", "day 0"]
# Characters about a date within which words tell what happened on it.
_BEFORE, _AFTER, _FAR = 70, 60, 160
_RIGHT_AFTER = 25
# Past this the two days belong to two illnesses.
_LONGEST_DAYS = 200
# The collection's first disease is SARS; older years are of births.
_FIRST_YEAR = 2002
_LEAP_DAY = (2, 29)
_FOLLOWS = re.compile(r"\b(?:after|following|since|before|prior to|dopo|prima)\b", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s(?:an?\s)?$", re.IGNORECASE)
_COUNTED = re.compile(r"\b(?:days?|weeks?)\s(?:after|from|since|post|following)\s(?:\w+\s){0,2}$", re.IGNORECASE)
_BREAK = re.compile(r"[;.]\s")


@dataclass(frozen=True, slots=True)
class Event:
    """Hold what happened on a day, with the day's span in its segment's source."""

    kind: Kind
    day: Day
    segment: Segment
    start: int
    end: int


def days_with_year(segments: Iterable[Segment]) -> Iterator[date]:
    """Yield the days of a text's illness that are told with their year; births and older comparisons are not."""
    found = {
        day.on()
        for segment in segments
        for sentence in segment.sentences
        for day in days_in(sentence.text, segment.language, sentence.order)
        if day.year and day.year >= _FIRST_YEAR and not of_compared(sentence.text, day.start, segment.language)
    }
    latest = max(found, default=date.min)
    yield from (day for day in found if (latest - day).days <= _LONGEST_DAYS)


def year_near(day: Day, full: tuple[date, ...]) -> int | None:
    """Return the year in which a short date lies nearest to the full dates of its text, over New Year, too."""
    near = [
        (abs((shown - on).days), year)
        for shown in full
        for year in (shown.year - 1, shown.year, shown.year + 1)
        if (on := _on(day, year))
    ]
    return min(near)[1] if near else None


def _on(day: Day, year: int) -> date | None:
    return None if (day.month, day.day) == _LEAP_DAY and not isleap(year) else date(year, day.month, day.day)


def days_between(earlier: Day, later: Day) -> int | None:
    """Return the days from one day to another; over a turn of the year where only that makes sense."""
    first, second = earlier.on(), later.on()
    if second < first and not later.year:
        second = _on(later, first.year + 1) or second
    elif second < first and not earlier.year:
        first = _on(earlier, second.year - 1) or first
    days = (second - first).days
    return days if 0 <= days <= _LONGEST_DAYS else None


def events_in(segments: Iterable[Segment]) -> Iterator[Event]:
    """Yield the dated beginnings of symptoms and arrivals, in the text's order."""
    for segment in segments:
        for sentence in segment.sentences:
            days = list(days_in(sentence.text, segment.language, sentence.order))
            for index, day in enumerate(days):
                kind = kind_of_day(sentence, days, index, segment.language)
                if kind:
                    yield Event(kind, day, segment, sentence.start + day.start, sentence.start + day.end)


def kind_of_day(sentence: Sentence, days: list[Day], index: int, language: str) -> Kind | None:
    """Return what a sentence says happened on one of its days, if it is the beginning of symptoms or the arrival."""
    day, text = days[index], sentence.text
    left = max(0, day.start - _BEFORE, *(other.end for other in days[:index][-1:]))
    breaks = [match.end() for match in _BREAK.finditer(text, left, day.start)]
    before = text[max([left, *breaks]) : day.start]
    right = min([len(text), *(other.start for other in days[index + 1 : index + 2])])
    stop = _BREAK.search(text, day.end, right)
    after = text[day.end : stop.start() if stop else right]
    admission, onset, symptom = (words_of("clock", kind, language) for kind in ("admission", "onset", "symptom"))
    came = [match.end() for match in admission.finditer(before)]
    # 'Hospitalised since 10 March', 'ricoverata dal 10 marzo': no symptom stands between.
    stayed = bool(came) and not symptom.search(before, came[-1]) and not symptom.search(after[:_RIGHT_AFTER])
    # 'The 11th day after onset (Feb 1)' is no day of onset.
    began = [match.end() for match in onset.finditer(before) if not _COUNTED.search(before, 0, match.start())]
    if came and (not began or came[-1] > began[-1] or stayed):
        return None if _elsewhere(before, language) else "admission"
    # 'Back on 1 March, ill on 4 March': behind a comma stands what happened on the next day.
    own = after.split(",")[0] if index + 1 < len(days) else after
    if began and _after_something(before[began[0] :], language):
        return None
    told = _asserts("symptom", before, language) or _asserts("symptom", own[:_AFTER], language)
    if began and (told or _asserts("clock_onset", before, language)):
        return "onset"
    if not before.strip(" ,(") or len(before) < 12:
        came_after, began_after = admission.search(after[:_FAR]), onset.search(after[:_AFTER])
        if came_after and (not began_after or came_after.start() < began_after.start()):
            return "admission"
        if began_after and symptom.search(after[:_AFTER]):
            return "onset"
    return None


def _after_something(words: str, language: str) -> bool:
    """Tell whether a day is that of what symptoms followed: 'began after his return from Tyrol on 21 March'."""
    after = _FOLLOWS.search(words)
    return after is not None and words_of("clock", "no_clock", language).search(words, after.end()) is not None


def _elsewhere(words: str, language: str) -> bool:
    """Tell whether the patient came to another place than ours: 'seen at an outside clinic', not 'sent from one'."""
    place = words_of("clock", "elsewhere", language).search(words)
    return place is not None and not _FROM.search(words, 0, place.start())


def _asserts(name: str, words: str, language: str) -> bool:
    """Tell whether words tell a symptom or a beginning, and do not deny it: 'never febrile since 1 April' does."""
    found = words_of("clock", name, language).finditer(words)
    return any(not negated(words, match.start(), match.end(), language) for match in found)
