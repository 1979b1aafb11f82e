"""Read a film's offset: the days from the first symptoms or the admission to the film, by the text's own clocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipelines.reading.claims import Claim
from pipelines.reading.dates import Day, ambiguous_dates_in, days_in
from pipelines.reading.durations import Told, days_of, illness_lengths, tells_length
from pipelines.reading.events import Event, days_between, events_in, year_of
from pipelines.reading.films import Film
from pipelines.reading.imaging import mentions_in
from pipelines.reading.phrases import number_in, rules_of, words_of
from pipelines.reading.text import Role, Segment, Sentence
from pipelines.records import Issue

Clock = Literal["onset", "admission", "film", "unnamed", "other"]
# Offsets past this are misread numbers.
_MOST = 400
_FILM_NEAR = 60
# A caption tells its time within this many characters of its beginning.
_OPENING, _SUBJECTLESS, _SUBJECT = 30, 12, 40


@dataclass(frozen=True, slots=True)
class Moment:
    """Hold when a film was taken, as its text tells: days on a clock, or a day of the calendar."""

    clock: Clock
    days: int | None
    day: Day | None
    segment: Segment
    start: int
    end: int


def moments_in(segment: Segment, sentence: Sentence) -> Iterator[Moment]:
    """Yield the times a sentence tells, in its order; the more telling reading of overlapping words."""
    language, text = segment.language, sentence.text
    taken: list[tuple[int, int]] = []
    found: list[Moment] = []
    for kind in ("after_event", "later", "next_day", "zero", "day_number"):
        if kind in ("after_event", "later") and not tells_length(text, language):
            continue
        for match in words_of("clock", kind, language).finditer(text):
            start, end = match.span()
            if any(start < right and left < end for left, right in taken):
                continue
            moment = _moment(kind, segment, sentence, start, end)
            if moment:
                taken.append((start, end))
                found.append(moment)
    found += [
        Moment("unnamed", None, day, segment, sentence.start + day.start, sentence.start + day.end)
        for day in days_in(text, language)
        if not any(day.start < right and left < day.end for left, right in taken)
    ]
    yield from sorted(found, key=lambda moment: moment.start)


def _moment(kind: str, segment: Segment, sentence: Sentence, start: int, end: int) -> Moment | None:
    language, words = segment.language, sentence.text[start:end]
    clock: Clock
    days: int | None
    if kind == "zero":
        clock, days = "admission", 0
    elif kind == "next_day":
        clock, days = "film", 1
    elif kind == "later":
        clock, days = "film", days_of(words, language)
        if words_of("clock", "no_clock", language).search(sentence.text, end, end + 40):
            clock = "other"
    elif kind == "after_event":
        clock, days = _clock(words, language), days_of(words, language)
        days = _ordinal(words, language) if days is None else days
    else:
        if words_of("clock", "not_day", language).search(sentence.text, max(0, start - 15), start):
            return None
        clock, days = _clock(sentence.text[max(0, start - 12) : end + 25], language), _ordinal(words, language)
        clock = "unnamed" if clock == "other" else clock
    if days is None or days > _MOST:
        return None
    return Moment(clock, days, None, segment, sentence.start + start, sentence.start + end)


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


def _ordinal(words: str, language: str) -> int | None:
    number = number_in(words, language)
    if number is not None:
        return int(number)
    for index, word in enumerate(_ordinals(language), start=1):
        if re.search(rf"\b(?:{word})\b", words, re.IGNORECASE):
            return index
    return None


def _ordinals(language: str) -> list[str]:
    return list(rules_of("clock", language)["lists"]["ordinal"])


def own_moments(film: Film) -> list[Moment]:
    """Return the times told of this very film: in its own part, else its study's, else beside a film in the text."""
    for segment in film.told("film"):
        moments = [moment for sentence in segment.sentences for moment in moments_in(segment, sentence)]
        if moments:
            return moments
    if any(film.told("film")):
        return []
    if film.letter not in ("", "a"):
        return list(_opening(film))
    study = [
        moment
        for segment in film.told("study")
        for sentence in segment.sentences
        for moment in _beside_film(segment, sentence)
    ]
    if study or any(film.told("study")):
        return study
    return [
        moment
        for segment in film.told("case")
        for sentence in segment.sentences
        for moment in _beside_film(segment, sentence)
    ]


def at_presentation(film: Film) -> bool:
    """Tell whether a film is the case's first, or its own part says that it was taken when the patient came."""
    return film.first or any(moment.clock == "admission" and moment.days == 0 for moment in own_moments(film))


def _opening(film: Film) -> Iterator[Moment]:
    """Yield the time that a text without panel marks opens with: '… performed 7 days later showed …'."""
    for segment in film.told("case"):
        for sentence in segment.sentences[:1]:
            for moment in moments_in(segment, sentence):
                if moment.day is None and moment.start - segment.start < _OPENING and moment.clock != "unnamed":
                    yield moment


def _beside_film(segment: Segment, sentence: Sentence) -> Iterator[Moment]:
    """Yield the times in a sentence that speaks of a film, or that opens the text as a caption's does."""
    text, language = sentence.text, segment.language
    for moment in moments_in(segment, sentence):
        start, end = moment.start - sentence.start, moment.end - sentence.start
        opens = sentence.index == 0 and not text[:start].strip(" ,-(") and moment.day is None
        near = text[max(0, start - _FILM_NEAR) : end + _FILM_NEAR]
        shows = any(mention.describes and mention.sentence is sentence for mention in mentions_in(segment))
        named = shows and words_of("clock", "film", language).search(near)
        if opens or named or (moment.clock != "other" and _captions(text, start, language)):
            yield moment


def _captions(text: str, start: int, language: str) -> bool:
    """Tell whether a sentence begins as the end of a caption does: '… obtained on day 4 show …'."""
    verb = words_of("clock", "film_verb", language).search(text)
    shows = words_of("clock", "film_shows", language).search(text)
    begins = (verb and verb.start() < _SUBJECTLESS) or (shows and shows.start() < _SUBJECT)
    return bool(begins) and not words_of("clock", "admission", language).search(text[:start])


@dataclass(frozen=True, slots=True)
class _Story:
    """Hold what the case tells of its clocks."""

    onset: Event | None
    admission: Event | None
    length: Told | None
    year: int | None

    @property
    def illness_at_admission(self) -> int | None:
        if self.onset and self.admission:
            return days_between(self.onset.day, self.admission.day, self.year)
        return self.length.days if self.length else None


def _story(film: Film) -> _Story:
    roles: tuple[Role, ...] = ("film", "study", "case")
    segments = list(film.told(*roles))
    events = list(events_in(segments))
    return _Story(
        next((event for event in events if event.kind == "onset"), None),
        next((event for event in events if event.kind == "admission"), None),
        next((told for segment in segments for told in illness_lengths(segment)), None),
        year_of([*segments, *film.told("other")]),
    )


def clock_of(film: Film) -> tuple[list[Claim], list[Issue]]:
    """Return the film's offset and date, with issues for the other clock and for times that no clock explains."""
    story = _story(film)
    moments = own_moments(film)
    claims, issues = _offset(film, story, moments)
    dated, more = _date(film, story, moments)
    return claims + dated, issues + more


def _offset(film: Film, story: _Story, moments: list[Moment]) -> tuple[list[Claim], list[Issue]]:
    if not moments:
        return _at_presentation(film, story)
    read = [(moment, *_days(moment, film, story)) for moment in moments]
    told = [(moment, days, clock) for moment, days, clock in read if days is not None]
    if not told:
        words = moments[0].segment.source[moments[0].start : moments[0].end]
        return [], [
            Issue(
                kind="ambiguous value", field="offset", message=f"{words!r} counts from neither symptoms nor admission"
            )
        ]
    if not any(film.told("film")) and len({days for _, days, _ in told}) > 1 and not film.told("study"):
        shown = ", ".join(str(days) for _, days, _ in told)
        return [], [Issue(kind="ambiguous value", field="offset", message=f"the text tells of films at days {shown}")]
    moment, days, clock = told[0]
    claims = [Claim("offset", str(days), moment.segment, moment.start, moment.end, f"offset: days since {clock}")]
    if moment.day and clock in ("onset", "admission"):
        event = story.onset if clock == "onset" else story.admission
        assert event is not None
        claims.append(
            Claim("offset", str(days), event.segment, event.start, event.end, f"offset: the {clock} counted from")
        )
    return claims, list(_other_clock(days, clock, story))


def _other_clock(days: int, clock: str, story: _Story) -> Iterator[Issue]:
    ill = story.illness_at_admission
    if ill and clock in ("admission", "the first film"):
        message = (
            f"{days} counts from {clock}; symptoms had lasted {ill} days by then, which makes {days + ill} from onset"
        )
        yield Issue(kind="ambiguous value", field="offset", message=message)


def _days(moment: Moment, film: Film, story: _Story) -> tuple[int | None, str]:
    if moment.day is not None:
        for event, name in ((story.onset, "onset"), (story.admission, "admission")):
            if (
                event
                and (days := days_between(event.day, moment.day, story.year)) is not None
                and event.day != moment.day
            ):
                return days, name
            if event and event.day == moment.day and name == "admission":
                return 0, name
        return None, ""
    if moment.clock == "other" or moment.days is None:
        return None, ""
    if moment.clock != "film":
        return moment.days, "day 1 of the source's count" if moment.clock == "unnamed" else moment.clock
    base = _before(film, story)
    return (base + moment.days, "the first film") if base is not None else (None, "")


def _before(film: Film, story: _Story) -> int | None:
    """Return the offset of the film before this one, by the parts of the text that speak of the earlier films."""
    base: int | None = None
    for segment in film.earlier():
        for sentence in segment.sentences:
            moment = next(iter(moments_in(segment, sentence)), None)
            if moment is None or moment.clock == "other":
                continue
            if moment.day is not None:
                days, _ = _days(moment, film, story)
                base = days if days is not None else base
            elif moment.clock == "film":
                base = (base if base is not None else 0) + (moment.days or 0)
            else:
                base = moment.days
            break
    if base is not None:
        return base
    return story.illness_at_admission if story.length and film.letter not in ("", "a") else 0


def _at_presentation(film: Film, story: _Story) -> tuple[list[Claim], list[Issue]]:
    """Read the length of the illness when the patient came as the first film's offset."""
    if not film.first:
        return [], []
    if story.length:
        told = story.length
        return [
            Claim(
                "offset",
                str(told.days),
                told.segment,
                told.start,
                told.end,
                "offset: days since onset, at presentation",
            )
        ], []
    ill = story.illness_at_admission
    if ill is None or story.onset is None or story.admission is None:
        return [], []
    return [
        Claim("offset", str(ill), event.segment, event.start, event.end, "offset: from onset to presentation")
        for event in (story.onset, story.admission)
    ], []


def _date(film: Film, story: _Story, moments: list[Moment]) -> tuple[list[Claim], list[Issue]]:
    """Return the day the film was taken, only where the text ties a day to it."""
    issues = [
        Issue(kind="ambiguous value", field="date", message=f"{written!r} may be day/month or month/day")
        for segment in film.told("film", "study", "case")
        for written in ambiguous_dates_in(segment.plain, segment.language)
    ][:1]
    days = {moment.day.written(story.year): moment for moment in reversed(moments) if moment.day}
    if len(days) == 1:
        written, moment = days.popitem()
        return [Claim("date", written, moment.segment, moment.start, moment.end, "date: the film's own")], issues
    if days:
        shown = ", ".join(days)
        return [], [*issues, Issue(kind="ambiguous value", field="date", message=f"the text tells of films on {shown}")]
    if story.admission and any(moment.clock == "admission" and moment.days == 0 for moment in moments):
        event = story.admission
        written = event.day.written(story.year)
        return [
            Claim(
                "date", written, event.segment, event.start, event.end, "date: of the admission the film was taken at"
            )
        ], issues
    return [], issues
