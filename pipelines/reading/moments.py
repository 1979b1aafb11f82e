"""Find the times a text tells of a film: days on a clock, days since the film before, days of the calendar."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipelines.reading.dates import Day, days_in
from pipelines.reading.durations import days_of, ordinal_in, tells_length
from pipelines.reading.events import kind_of_day
from pipelines.reading.films import Film
from pipelines.reading.imaging import mentions_in
from pipelines.reading.phrases import words_of
from pipelines.reading.text import Segment, Sentence

Clock = Literal["onset", "admission", "film", "unnamed", "other"]
# Offsets past this are misread numbers.
_MOST = 400
# 'Day 5 of azithromycin' counts from what it names.
_OF_WHAT = re.compile(r"\s(?:of|di)\s(?:the |his |her |a |la |il )?[a-zà-ù]", re.IGNORECASE)
# Words between a film's verb and its time.
_TAKEN_WITHIN = 2
_FILM_NEAR, _STAYS_WITHIN = 60, 40
_LENGTHS = frozenset({"after_event", "later", "later_alone", "later_than"})
# Another film by its letter, behind 'after': '(a)', 'panel A', 'B'.
_LETTER = re.compile(
    r"\s?\((?:fig(?:ure)?\.?\s?)?\d?([a-h])\)|\s(?:panel|image|figure|film)\s\d?([a-h])\b|\s((?-i:[B-H]))\b", re.I
)
_REST_OF_NUMBER = re.compile(r"\d[/.]$")
_ENDS_THERE = re.compile(r"\d+,\s")
# What may stand behind a time that is whole without a noun: '48 hours after the first, …', 'four days on'.
_STOPS = re.compile(
    r"\s*(?:$|[,.;:()]|(?:because|owing|due|as|when|while|shows?|showed|there|reveal\w*|demonstrat\w*)\b)",
    re.IGNORECASE,
)
# A caption says what it shows within this many characters of its beginning, with or without a subject.
_FIGURE_HEADING = re.compile(r"\s*fig(?:ure)?s?\.?\s?\d{1,2}\w?\s?", re.IGNORECASE)
_SUBJECTLESS, _SUBJECT, _AGAIN_WITHIN = 12, 40, 3
# Behind a time that opens a sentence these make it a caption's heading.
_HEADS = re.compile(r"[^.;:]{0,30}:")
# A day that is all its sentence says: '14 March 2020. Portable film.'
_HEADING_DAY = re.compile(r"[\s.]*$")
# 'The same day' is one told at most so many sentences before.
_SAME_WITHIN = 4


@dataclass(frozen=True, slots=True)
class Moment:
    """Hold when a film was taken, as its text tells: days on a clock, or a day of the calendar."""

    clock: Clock
    days: int | None
    day: Day | None
    segment: Segment
    start: int
    end: int
    # Of a time that counts from another film: its letter, 'first', or 'told' where that film must be in the text.
    since: str = ""


def moments_in(segment: Segment, sentence: Sentence) -> Iterator[Moment]:
    """Yield the times a sentence tells, in its order; the more telling reading of overlapping words."""
    language, text = segment.language, sentence.text
    taken: list[tuple[int, int]] = []
    found: list[Moment] = []
    for kind in ("after_event", "day_after", "later_than", "later", "later_alone", "next_day", "zero", "day_number"):
        if kind in _LENGTHS and not tells_length(text, language):
            continue
        for match in words_of("clock", kind, language).finditer(text):
            start, end = match.span()
            if any(start < right and left < end for left, right in taken) or _is_rest(text, start, end):
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
        if words_of("clock", "not_day", language).search(sentence.text, max(0, start - 15), start):
            return None
        clock, days = _clock(sentence.text[max(0, start - 12) : end + 25], language), ordinal_in(words, language)
        counted = _OF_WHAT.match(sentence.text, end)
        stays = words_of("clock", "stays", language).search(sentence.text, end, end + _STAYS_WITHIN)
        if clock == "other" and (stays or not counted) and not _is_no_clock(sentence.text, end, language):
            clock = "unnamed"
    if days is None or days > _MOST:
        return None
    since = _since(words, language) if clock == "film" else ""
    return Moment(clock, days, None, segment, sentence.start + start, sentence.start + end, since)


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


def own_moments(film: Film) -> list[Moment]:
    """Return the times told of this very film: in its own part, else its study's, else beside a film in the text."""
    for segment in film.told("film"):
        moments = [moment for sentence in segment.sentences for moment in moments_in(segment, sentence)]
        if moments:
            return moments
    if any(film.told("film")):
        return []
    if film.letter not in ("", "a"):
        told = [
            moment
            for segment in film.told("case")
            for sentence in segment.sentences
            for moment in _beside_film(segment, sentence)
        ]
        # The text of several films says of one day only which film it is of where its last words are that film's.
        last = {segment.sentences[-1].start for segment in film.told("case") if segment.sentences}
        days = {(moment.day.month, moment.day.day) for moment in told if moment.day}
        return [
            moment
            for moment in told
            if (moment.day is None and moment.clock != "unnamed")
            or (moment.day and len(days) == 1 and moment.start >= min(last))
        ]
    study = [
        moment
        for segment in film.told("study")
        for sentence in segment.sentences
        for moment in _beside_film(segment, sentence)
    ]
    # Of an only study the case's text tells the time as well as its own does.
    if study or (any(film.told("study")) and len(film.case.studies) > 1):
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


def _beside_film(segment: Segment, sentence: Sentence) -> Iterator[Moment]:
    """Yield the times in a sentence that speaks of a film, or that opens the text as a caption's does."""
    text, language = sentence.text, segment.language
    opened: int | None = None
    shows = any(mention.describes and mention.sentence is sentence for mention in mentions_in(segment))
    if shows and (same := words_of("clock", "same_time", language).search(text)):
        yield from _told_before(segment, sentence, same.start())
    for moment in moments_in(segment, sentence):
        start, end = moment.start - sentence.start, moment.end - sentence.start
        heading = _FIGURE_HEADING.match(text)
        before = text[heading.end() if heading else 0 : start].strip(" ,-(").lower()
        first = sentence.index == 0 or heading is not None
        heading_day = moment.day is not None and _HEADING_DAY.match(text, end) is not None
        opens = (
            first and (moment.day is None or heading_day) and (not before or before in ("paziente in", "patient on"))
        )
        opens = opens and not (moment.clock == "onset" and _shown_later(segment, sentence))
        near = text[max(0, start - _FILM_NEAR) : end + _FILM_NEAR]
        if moment.day:
            birth = list(words_of("clock", "birth", language).finditer(text, 0, start))
            if birth and not text[birth[-1].end() : start].strip(" :,"):
                continue
            if _is_onset(sentence, start, language):
                continue
            near = _clause_of(text, start, end, language)
        named = shows and (words_of("clock", "film", language).search(near) or _taken(text, start, language))
        # 'Dopo altri 5 giorni (15ª giornata) …': a time in brackets says again what the opening one says.
        again = opened is not None and 0 <= moment.start - opened <= _AGAIN_WITHIN
        heads = _HEADS.match(text, end) is not None
        # 'One month after treatment.' is the time of a film that no clock of the patient's tells.
        elsewhere = moment.clock == "other" and not before and (heads or _HEADING_DAY.match(text, end) is not None)
        elsewhere = elsewhere and not words_of("clock", "symptom", language).search(text, end)
        heads = heads and moment.clock != "other"
        signs = words_of("clock", "signs", language).search(text) is not None
        # 'Two months later opacities recurred' names no film and shows one.
        alone = moment.clock == "film" and not any(m.sentence is sentence for m in mentions_in(segment))
        opens = opens or (not before and signs and (heads or alone))
        opened = moment.end if opens else opened
        if opens or again or named or elsewhere or (moment.clock != "other" and _captions(text, start, language)):
            yield moment


def _is_onset(sentence: Sentence, start: int, language: str) -> bool:
    """Tell whether a day is the one symptoms began on, where its sentence tells of another day, too."""
    days = list(days_in(sentence.text, language, sentence.order))
    at = next(index for index, day in enumerate(days) if day.start == start)
    return len(days) > 1 and kind_of_day(sentence, days, at, language) == "onset"


def _shown_later(segment: Segment, opening: Sentence) -> bool:
    """Tell whether a text that opens with the length of the illness shows a film of a later time."""
    return any(
        mention.describes and moment.clock == "film"
        for mention in mentions_in(segment)
        if mention.sentence.index > opening.index
        for moment in moments_in(segment, mention.sentence)
    )


def _told_before(segment: Segment, sentence: Sentence, start: int) -> Iterator[Moment]:
    """Yield the time that 'the same day' or 'then' means: the last one told, no further than four sentences before."""
    for earlier in reversed(segment.sentences[max(0, sentence.index - _SAME_WITHIN) : sentence.index + 1]):
        told = [moment for moment in moments_in(segment, earlier) if moment.start < sentence.start + start]
        if told:
            # 'Attended on Feb 3 with two days of cough': a day of the calendar is surer than a length.
            yield next((moment for moment in reversed(told) if moment.day), told[-1])
            return


def _taken(text: str, start: int, language: str) -> bool:
    """Tell whether a time says when the film named before it was made: '…, obtained on day 9'."""
    verb = list(words_of("clock", "film_verb", language).finditer(text, 0, start))
    return bool(verb) and len(text[verb[-1].end() : start].split()) <= _TAKEN_WITHIN


def _clause_of(text: str, start: int, end: int, language: str) -> str:
    """Return the words about a date, as far as the next date or a stop."""
    days = days_in(text, language)
    left = max([text.rfind(";", 0, start) + 1, *(day.end for day in days if day.end <= start)])
    right = min([len(text), *(day.start for day in days if day.start >= end)])
    stop = text.find(";", end, right)
    return text[max(left, start - _FILM_NEAR) : min(stop if stop >= 0 else right, end + _FILM_NEAR)]


def _captions(text: str, start: int, language: str) -> bool:
    """Tell whether a sentence begins as the end of a caption does: '… obtained on day 4 show …'."""
    verb = words_of("clock", "film_verb", language).search(text)
    shows = words_of("clock", "film_shows", language).search(text)
    begins = (verb and verb.start() < _SUBJECTLESS) or (shows and shows.start() < _SUBJECT)
    return bool(begins) and not words_of("clock", "admission", language).search(text[:start])
