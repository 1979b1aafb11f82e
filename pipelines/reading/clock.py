"""Read a film's offset and date: the days from the first symptoms or the admission to it, by the text's own clocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.reading.claims import Claim
from pipelines.reading.dates import ambiguous_dates_in
from pipelines.reading.durations import Told, illness_lengths
from pipelines.reading.events import Event, days_between, events_in, year_of
from pipelines.reading.films import Film
from pipelines.reading.imaging import mentions_in
from pipelines.reading.moments import Moment, moments_in, own_moments
from pipelines.reading.phrases import words_of
from pipelines.reading.text import Role
from pipelines.records import Issue

# Characters between two times that are told in one breath.
_BESIDE = 5
# Characters between a day and the film that is told to be later.
_FILM_WITHIN = 60
_DAY_OF_FILE = re.compile(r"day[-_ ]?(\d{1,2})(?!\d)", re.IGNORECASE)


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
    moments = own_moments(film) or list(_confirmed_by_file(film))
    claims, issues = _offset(film, story, moments)
    dated, more = _date(film, story, moments)
    return claims + dated, issues + more


def _offset(film: Film, story: _Story, moments: list[Moment]) -> tuple[list[Claim], list[Issue]]:
    if not moments:
        return _at_presentation(film, story)
    read = [(moment, *_days(moment, film, story)) for moment in moments]
    told = [(moment, days, clock) for moment, days, clock in read if days is not None]
    if not told and all(moment.day for moment in moments):
        # Days of the calendar that nothing is counted from leave the clock of the symptoms untouched.
        return _at_presentation(film, story)
    if not told:
        words = moments[0].segment.source[moments[0].start : moments[0].end]
        why = "a film whose own time is not told" if moments[0].clock == "film" else "neither symptoms nor admission"
        return [], [Issue(kind="ambiguous value", field="offset", message=f"{words!r} counts from {why}")]
    told = [read for read in told if read[0].clock != "film"] or told
    told = _named_by_file(film, told)
    told = _onset_beside_admission(told)
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


def _confirmed_by_file(film: Film) -> Iterator[Moment]:
    """Yield the day a text tells without naming its film, where the file's name has the same: '…-day4.jpeg'."""
    named = _DAY_OF_FILE.search(film.record.url.rsplit("/", 1)[-1])
    for segment in film.told("case") if named else ():
        for sentence in segment.sentences:
            for moment in moments_in(segment, sentence):
                if named and moment.clock in ("unnamed", "admission") and moment.days == int(named[1]):
                    yield moment
                    return


def _named_by_file(film: Film, told: list[tuple[Moment, int, str]]) -> list[tuple[Moment, int, str]]:
    """Keep of several days told the one that the file's name has too; alone, a file name tells nothing."""
    named = _DAY_OF_FILE.search(film.record.url.rsplit("/", 1)[-1])
    return [read for read in told if named and read[1] == int(named[1])] or told


def _onset_beside_admission(told: list[tuple[Moment, int, str]]) -> list[tuple[Moment, int, str]]:
    """Put the day of illness first that stands beside the admission: 'on admission, day 5 after onset'."""
    moment, days, clock = told[0]
    beside = [read for read in told[1:2] if read[2] == "onset" and read[0].start - moment.end <= _BESIDE]
    return [*beside, *told] if beside and (clock, days) == ("admission", 0) else told


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
    base = _before(film, story, moment.since)
    return (base + moment.days, "the first film") if base is not None else (None, "")


def _before(film: Film, story: _Story, since: str) -> int | None:
    """Return the offset of the film that a time counts from, or none where a film on the way to it has no time told."""
    start = story.illness_at_admission if story.length and film.letter not in ("", "a") else 0
    earlier = film.earlier()
    if not earlier:
        return None if since == "told" else start
    days: dict[str, int | None] = {}
    first = last = next(iter(earlier))
    for key, segments in earlier.items():
        days[key] = start if key == first else None
        found = (moment for s in segments for sentence in s.sentences for moment in moments_in(s, sentence))
        moments = [moment for moment in found if moment.clock != "other"]
        for moment in moments[:1]:
            if moment.clock == "film":
                base = days.get(_key_of(moment.since, first, last)) if key != first else start
                days[key] = base + (moment.days or 0) if base is not None else None
            else:
                read = _days(moment, film, story)[0]
                days[key] = read if read is not None else days[key]
        last = key
    return days.get(_key_of(since, first, last))


def _key_of(since: str, first: str, last: str) -> str:
    return {"": last, "told": last, "first": first}.get(since, since)


def _at_presentation(film: Film, story: _Story) -> tuple[list[Claim], list[Issue]]:
    """Read the length of the illness when the patient came as the first film's offset."""
    if not film.first:
        return [], []
    if story.length and _shows_change(film):
        message = (
            f"{story.length.days} days counts to the first film; what is described has changed since an earlier one"
        )
        return [], [Issue(kind="ambiguous value", field="offset", message=message)]
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


def _shows_change(film: Film) -> bool:
    """Tell whether the first that a text tells of a film is that it follows another, or what has changed since it."""
    for segment in film.told("film", "study", "case"):
        language = segment.language
        shown = {mention.sentence.start for mention in mentions_in(segment) if mention.describes}
        for sentence in segment.sentences:
            if sentence.start in shown and words_of("clock", "follow_up", language).search(sentence.text):
                return True
            if words_of("clock", "signs", language).search(sentence.text):
                return words_of("clock", "change", language).search(sentence.text) is not None
    return False


def _of_day_before(moment: Moment, moments: list[Moment]) -> bool:
    """Tell whether the film is told to be of days after this one: 'Intubated on March 14; the film of the next day'."""
    for later in moments:
        if later.clock == "film" and later.days and later.segment is moment.segment and later.start >= moment.end:
            between = moment.segment.source[moment.end : later.start]
            return len(between) <= _FILM_WITHIN and bool(
                words_of("clock", "film", moment.segment.language).search(between)
            )
    return False


def _date(film: Film, story: _Story, moments: list[Moment]) -> tuple[list[Claim], list[Issue]]:
    """Return the day the film was taken, only where the text ties a day to it."""
    issues = [
        Issue(kind="ambiguous value", field="date", message=f"{written!r} may be day/month or month/day")
        for segment in film.told("film", "study", "case")
        for written in ambiguous_dates_in(segment.plain, segment.language)
    ][:1]
    dated = [moment for moment in moments if moment.day and not _of_day_before(moment, moments)]
    days = {moment.day.written(story.year): moment for moment in reversed(dated) if moment.day}
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
