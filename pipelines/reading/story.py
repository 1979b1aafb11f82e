"""Tell what a case says of its clocks: when symptoms began, when the patient came, which days of a count are dated."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from pipelines.reading.dates import Day, days_in
from pipelines.reading.durations import Told, illness_lengths
from pipelines.reading.events import Event, Kind, days_between, days_with_year, events_in, year_near
from pipelines.reading.films import Film
from pipelines.reading.phrases import words_of
from pipelines.reading.scope import scope_of
from pipelines.reading.text import Role, Segment
from pipelines.reading.times import Moment, moments_in

# What may stand between a day of the calendar and the day of a count that it is.
_SAME_DAY = re.compile(
    r"[\s,(=:\[-]*(?:(?:i\.e\.|which|that|was|is|the|her|his|on|at|of|or|dated|taken|obtained|performed|done|"
    r"corresponding to|equal to|il|era|pari a|in)\b[\s,(=:\[-]*){0,4}",
    re.IGNORECASE,
)
# A milestone and its time stand in one clause: 'On hospital day 4 she was intubated'.
_CLAUSE_WITHIN = 40
_STOP = re.compile(r"[;.:]\s|,\s(?!(?:he|she|the patient)\b)|\band\b", re.IGNORECASE)
# Counts of one kind that lie further apart than this have different beginnings.
_APART = 1


@dataclass(frozen=True, slots=True)
class Story:
    """Hold what the case tells of its clocks; `counts` are the events that dated films count from."""

    onset: Event | None
    admission: Event | None
    length: Told | None
    counts: tuple[Event, ...]
    full: tuple[date, ...]
    # Whether the source's own days count from something that is neither symptoms nor admission.
    counts_other: bool = False

    @property
    def illness_at_admission(self) -> int | None:
        """Return the days that symptoms had lasted when the patient came, if they are told."""
        if self.onset and self.admission:
            return self.between(self.onset.day, self.admission.day)
        return self.length.days if self.length else None

    def between(self, earlier: Day, later: Day) -> int | None:
        """Return the days from one day to another, both in the years that the text's full dates give them."""
        return days_between(self.dated(earlier), self.dated(later))

    def dated(self, day: Day) -> Day:
        """Return a day with its year, where the full dates of the text tell it."""
        return day if day.year else replace(day, year=year_near(day, self.full))


def story_of(film: Film) -> Story:
    """Return what the texts that speak of a film tell of its patient's clocks."""
    roles: tuple[Role, ...] = ("film", "study", "case")
    segments = list(film.told(*roles))
    events = list(events_in(segments))
    every = [*segments, *film.told("other")]
    full = tuple(days_with_year(every))
    onset = next((event for event in events if event.kind == "onset"), None)
    admission = next((event for event in events if event.kind == "admission"), None)
    found = list(_counted_days(every, full))
    counts = [onset, _agreed(found, "onset"), admission]
    counts += [_agreed(found, kind) for kind in ("admission", "first film", "day 0")]
    return Story(
        onset,
        admission,
        next((told for segment in segments for told in illness_lengths(segment)), None),
        tuple(event for event in counts if event),
        full,
        any(words_of("clock", "counts_other", segment.language).search(segment.plain) for segment in every),
    )


def _counted_days(segments: Iterable[Segment], full: tuple[date, ...]) -> Iterator[Event]:
    """Yield the beginning of each count whose day is told beside a date: 'Feb 3 (illness day 4)' began on Jan 30."""
    for segment in segments:
        for sentence in segment.sentences:
            if not days_in(sentence.text, segment.language, sentence.order):
                continue
            for one, other in pairwise(moments_in(segment, sentence)):
                dated, counted = (one, other) if one.day else (other, one)
                between = segment.source[one.end : other.start]
                if dated.day is None or counted.days is None or not _SAME_DAY.fullmatch(between):
                    continue
                if counted.clock in ("onset", "admission", "unnamed"):
                    day = replace(dated.day, year=dated.day.year or year_near(dated.day, full))
                    yield Event(_kind(counted), day.before(counted.days), segment, one.start, other.end)


def _kind(counted: Moment) -> Kind:
    words = counted.segment.source[counted.start : counted.end]
    came = words_of("clock", "admission", counted.segment.language).search(words)
    if counted.clock == "onset":
        return "onset"
    if counted.clock == "unnamed":
        return "day 0"
    return "first film" if counted.days == 0 and not came else "admission"


def _agreed(events: list[Event], kind: str) -> Event | None:
    """Return the first of the events of a kind, unless they began on different days."""
    own = [event for event in events if event.kind == kind]
    days = [event.day.on() for event in own]
    return own[0] if own and (max(days) - min(days)).days <= _APART else None


def milestones_of(milestone: str, film: Film) -> Iterator[Moment]:
    """Yield the times told of a milestone: in its clause, on the patient's clocks or of the calendar."""
    for segment in film.told("film", "study", "case", "other"):
        for sentence in segment.sentences:
            for match in words_of("clock", milestone, segment.language).finditer(sentence.text):
                if not scope_of(sentence, match.start(), match.end(), segment.language).plain:
                    continue
                start, end = sentence.start + match.start(), sentence.start + match.end()
                for moment in moments_in(segment, sentence):
                    near = _in_clause(segment.source, *sorted([(start, end), (moment.start, moment.end)]))
                    if near and moment.clock in ("onset", "admission", "unnamed"):
                        yield moment


def _in_clause(source: str, first: tuple[int, int], second: tuple[int, int]) -> bool:
    between = source[first[1] : second[0]]
    return len(between) <= _CLAUSE_WITHIN and not _STOP.search(between)
