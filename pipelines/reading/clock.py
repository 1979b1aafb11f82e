"""Read a film's offset and date: the days from the first symptoms or the admission to it, by the text's own clocks."""

import re
from collections.abc import Iterator

from pipelines.reading.claims import Claim
from pipelines.reading.dates import Day, ambiguous_dates_in
from pipelines.reading.events import Event
from pipelines.reading.films import Film
from pipelines.reading.imaging import mentions_in
from pipelines.reading.moments import own_moments
from pipelines.reading.panels import FIRST
from pipelines.reading.phrases import words_of
from pipelines.reading.story import Story, milestones_of, story_of
from pipelines.reading.times import MILESTONES, Moment, moments_in
from pipelines.records import Issue
from pipelines.vocabularies import vocabulary

# Characters between two times that are told in one breath.
_BESIDE = 5
# Characters between a day and the film that is told to be later.
_FILM_WITHIN = 60
_DAY_OF_FILE = re.compile(r"day[-_ ]?(\d{1,2})(?!\d)", re.IGNORECASE)


def clock_of(film: Film) -> tuple[list[Claim], list[Issue]]:
    """Return the film's offset and date, with issues for the other clock and for times that no clock explains."""
    story = story_of(film)
    moments = own_moments(film) or list(_confirmed_by_file(film))
    claims, issues = _offset(film, story, moments)
    dated, more = _date(film, story, moments)
    return claims + dated, issues + more


def _offset(film: Film, story: Story, moments: list[Moment]) -> tuple[list[Claim], list[Issue]]:
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
    if not any(film.told("film")) and _of_several_films(told) and not any(film.told("study")):
        shown = ", ".join(str(days) for _, days, _ in told)
        return [], [Issue(kind="ambiguous value", field="offset", message=f"the text tells of films at days {shown}")]
    moment, days, clock = told[0]
    column = vocabulary("columns")["numbers"]["offset"]
    if not column["least"] <= days <= column["most"]:
        span = f"{column['least']} to {column['most']} {column['unit']}"
        message = f"{days} days since {clock} are not within {span}: {column['reason']}"
        return [], [Issue(kind="ambiguous value", field="offset", message=message)]
    claims = [Claim("offset", str(days), moment.segment, moment.start, moment.end, f"offset: days since {clock}")]
    if moment.since in MILESTONES:
        reached = next(iter(milestones_of(moment.since, film)))
        told_of = Claim(
            "offset", str(days), reached.segment, reached.start, reached.end, "offset: counted over that day"
        )
        claims = [told_of, *claims] if moment.days == 0 else [*claims, told_of]
    if moment.day and (counted := _counted_from(moment.day, story)):
        event = counted[1]
        claims.append(
            Claim("offset", str(days), event.segment, event.start, event.end, f"offset: the {clock} counted from")
        )
    return claims, list(_other_clock(days, clock, story))


def _of_several_films(told: list[tuple[Moment, int, str]]) -> bool:
    """Tell whether times differ that are not one film's on two clocks: 'hospital day 2, the fifth of illness'."""
    return any(
        days != other_days and (clock == other_clock or moment.segment.source.find(". ", moment.end, other.start) >= 0)
        for at, (moment, days, clock) in enumerate(told)
        for other, other_days, other_clock in told[at + 1 :]
    )


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


def _other_clock(days: int, clock: str, story: Story) -> Iterator[Issue]:
    ill = story.illness_at_admission
    if ill and clock in ("admission", "the first film"):
        message = (
            f"{days} counts from {clock}; symptoms had lasted {ill} days by then, which makes {days + ill} from onset"
        )
        yield Issue(kind="ambiguous value", field="offset", message=message)


def _days(moment: Moment, film: Film, story: Story) -> tuple[int | None, str]:
    if moment.day is not None:
        if counted := _counted_from(moment.day, story):
            return counted[0], counted[1].kind
        return _since_dated_film(moment.day, film, story)
    if moment.clock == "other" and moment.days is not None and moment.since in MILESTONES:
        reached = _reached(moment.since, film, story)
        return (reached[0] + moment.days, reached[1]) if reached else (None, "")
    counts_other = moment.clock == "unnamed" and story.counts_other
    if moment.clock == "other" or counts_other or moment.days is None:
        return None, ""
    if moment.clock != "film":
        return moment.days, "day 1 of the source's count" if moment.clock == "unnamed" else moment.clock
    base = _before(film, story, moment.since)
    return (base + moment.days, "the first film") if base is not None else (None, "")


def _since_dated_film(day: Day, film: Film, story: Story) -> tuple[int | None, str]:
    """Count from the first film's date, where the text counts another film from that one."""
    earlier = [
        [moment for segment in segments for sentence in segment.sentences for moment in moments_in(segment, sentence)]
        for segments in film.earlier().values()
    ]
    first = [moment.day for moment in (earlier[0] if earlier else ()) if moment.day]
    relative = any(moments and moments[0].clock == "film" and moments[0].since != "told" for moments in earlier[1:])
    days = story.between(first[0], day) if len(first) == 1 and relative else None
    return days, "the first film" if days is not None else ""


def _reached(milestone: str, film: Film, story: Story) -> tuple[int, str] | None:
    """Return the offset and the clock of a milestone, where all that the text tells of its time agrees."""
    read = {_days(moment, film, story) for moment in milestones_of(milestone, film)}
    days, clock = read.pop() if len(read) == 1 else (None, "")
    return (days, clock) if days is not None else None


def _counted_from(day: Day, story: Story) -> tuple[int, Event] | None:
    """Return the days to a day of the calendar, and what they count from; the day that symptoms began is no film's."""
    for event in story.counts:
        days = story.between(event.day, day)
        if days is not None and (event.kind != "onset" or event.day != day):
            return days, event
    return None


def _before(film: Film, story: Story, since: str) -> int | None:
    """Return the offset of the film that a time counts from, or none where a film on the way to it has no time told."""
    start = story.illness_at_admission if story.length and film.letter and film.letter not in FIRST else 0
    earlier = film.earlier()
    if not earlier or (since == "a" and "a" not in earlier):
        # Of the films that the text leaves out only the first has a time.
        return start if since in ("", "first", "a") else None
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


def _at_presentation(film: Film, story: Story) -> tuple[list[Claim], list[Issue]]:
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


def _date(film: Film, story: Story, moments: list[Moment]) -> tuple[list[Claim], list[Issue]]:
    """Return the day the film was taken, only where the text ties a day to it."""
    issues = [
        Issue(kind="ambiguous value", field="date", message=f"{written!r} may be day/month or month/day")
        for segment in film.told("film", "study", "case")
        if not any(sentence.order for sentence in segment.sentences)
        for written in ambiguous_dates_in(segment.plain, segment.language)
    ][:1]
    dated = [moment for moment in moments if moment.day and not _of_day_before(moment, moments)]
    dated = dated or [
        reached
        for moment in moments
        if moment.days == 0 and moment.since in MILESTONES
        for reached in milestones_of(moment.since, film)
        if reached.day
    ]
    days = {story.dated(moment.day).written(): moment for moment in reversed(dated) if moment.day}
    if len(days) == 1:
        written, moment = days.popitem()
        return [Claim("date", written, moment.segment, moment.start, moment.end, "date: the film's own")], issues
    if days:
        shown = ", ".join(days)
        return [], [*issues, Issue(kind="ambiguous value", field="date", message=f"the text tells of films on {shown}")]
    for event in story.counts:
        clock = "unnamed" if event.kind == "day 0" else event.kind
        if clock != "onset" and any(moment.clock == clock and moment.days == 0 for moment in moments):
            rule = "date: of the admission the film was taken at" if clock == "admission" else "date: of day 0"
            written = story.dated(event.day).written()
            return [Claim("date", written, event.segment, event.start, event.end, rule)], issues
    return [], issues
