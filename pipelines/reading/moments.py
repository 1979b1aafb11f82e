"""Tell which of the times that a text tells are those of one film: in its own part, else beside a film in the text."""

import re
from collections.abc import Iterator
from itertools import pairwise

from pipelines.reading.dates import days_in
from pipelines.reading.events import kind_of_day
from pipelines.reading.films import Film
from pipelines.reading.imaging import mentions_in, modality_of
from pipelines.reading.panels import FIRST
from pipelines.reading.phrases import words_of
from pipelines.reading.text import Segment, Sentence, plain
from pipelines.reading.times import Moment, listed_moment, moments_in

# Words between a film's verb and its time, and characters about a time within which a film is named.
_TAKEN_WITHIN, _FILM_NEAR = 2, 60
# A caption says what it shows within this many characters of its beginning, with or without a subject.
_FIGURE_HEADING = re.compile(r"\s*fig(?:ure)?s?\.?\s?\d{1,2}\w?\s?", re.IGNORECASE)
_SUBJECTLESS, _SUBJECT, _AGAIN_WITHIN = 12, 40, 3
# Behind a time that opens a sentence these make it a caption's heading.
_HEADS = re.compile(r"[^.;:]{0,30}:")
# A day that is all its sentence says: '14 March 2020. Portable film.'
_HEADING_DAY = re.compile(r"[\s.]*$")
_ORDER = re.compile(r"\bday\b|\bD\d|\bgiorn", re.IGNORECASE)
_APART = re.compile(r",\s(?:(?:in|al|alla|on|now)\s)?$", re.IGNORECASE)
_HEADING_COUNT = re.compile(r"(?:\s(?:of|di|da|post)\s(?:(?:the|his|her)\s)?\w+)?[\s.]*$", re.IGNORECASE)
# 'Admission 21 Feb. Chest X-ray …': the full stop of a month that is cut short ends a sentence, too.
_STOP = re.compile(r";|\.\s(?=[A-Z])")
_ATTACHED = re.compile(
    r"\s?(?:control\s)?[,:(]?\s?(?:(?:of|from|dated|on|taken|obtained|performed|done|del|in data)\s){0,2}(?:the\s)?"
)
_LIST = re.compile(r"\s?(?:,|&|and|e|,\sand)\s?(?:on\s|of\s|the\s)?")
# A list of times that names what it counts once, before its first number or behind its last.
_LISTED = r"(\d{1,3})(?:\s?(h|hours?|days?|weeks?))?"
_NUMBER = re.compile(rf"\W*(?:and\s|e\s)?(?:\(?[a-h]\)?\s)?{_LISTED}\W*(?:and\W*)?(?:[a-h]\)?\W*)?", re.I)
_LIST_HEAD = re.compile(
    r"((?:\b(?:hospital|illness|symptom|admission)\s)?\bday)s?\s\d[\d\s(),&a-h]{0,40}(?:and\s)?$", re.I
)
_LIST_TAIL = re.compile(
    r"\W*(?:and\s)?\(?[a-h]\)?,?\s\d{1,3}\s?(?:h|hours?|days?|weeks?)\s((?:after|later|from|post)\b[^.;,()]*)", re.I
)
# What may stand before the time that heads the note of a film.
_HEADINGS = frozenset(
    {"paziente in", "patient on", "control", "check", "controllo", "follow-up", "re-evaluation", "review"}
)
# A note of a later day opens with it, and describes its film within so many sentences.
_OPENINGS, _OPENED_WITHIN = frozenset({"on the", "on", "at", "in", "by", "al", "alla", "il"}), 2
# 'The same day' is one told at most so many sentences before.
_SAME_WITHIN = 4


def own_moments(film: Film) -> list[Moment]:
    """Return the times told of this very film: in its own part, else its study's, else beside a film in the text."""
    for segment in film.told("film"):
        moments = [moment for sentence in segment.sentences for moment in moments_in(segment, sentence)]
        moments = moments or list(_of_list(segment))
        if moments:
            return moments
    if any(film.told("film")):
        return []
    if film.letter and film.letter not in FIRST:
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
    told = [
        moment
        for segment in film.told("case")
        for sentence in segment.sentences
        for moment in _beside_film(segment, sentence)
    ]
    return [moment for moment in told if not _of_other_kind(moment, film)] or list(_of_opening(film))


def _of_opening(film: Film) -> Iterator[Moment]:
    """Yield the only time of a note, which opens it with what happened then: 'On the 4th day of stay …. X-ray: …'."""
    for segment in film.told("case"):
        moments = [moment for sentence in segment.sentences for moment in moments_in(segment, sentence)]
        if len(moments) != 1 or moments[0].day or moments[0].clock not in ("onset", "admission", "unnamed"):
            continue
        before = segment.source[segment.start : moments[0].start].strip(" \n,-(").lower()
        described = [mention for mention in mentions_in(segment) if mention.describes]
        near = any(mention.sentence.index <= _OPENED_WITHIN for mention in described)
        if before in _OPENINGS and near and moments[0].days and moments[0].end > segment.start + len(before):
            yield moments[0]


def _of_other_kind(moment: Moment, film: Film) -> bool:
    """Tell whether a time stands beside an examination of another kind than the film's: 'CT on 12/03'."""
    beside = {
        mention.modality
        for mention in mentions_in(moment.segment)
        if mention.sentence.start <= moment.start < mention.sentence.start + len(mention.sentence.text)
    }
    if len(beside) != 1:
        return False
    described = {m.modality for segment in film.told("case") for m in mentions_in(segment) if m.describes}
    claims = modality_of(film)[0] if len(described) > 1 else []
    return bool(claims) and claims[0].value not in beside


def _of_list(segment: Segment) -> Iterator[Moment]:
    """Yield the time of a film that is a bare number in a list: '5' of 'hospital days 1 (a), 5 (b)'."""
    source = plain(segment.source)
    number = _NUMBER.fullmatch(source, segment.start, segment.end)
    if not number:
        return
    head = _LIST_HEAD.search(source, 0, number.start(1))
    tail = _LIST_TAIL.match(source, segment.end)
    if number[2] and tail:
        words = f"{number[1]} {number[2]} {tail[1]}"
    elif head and not number[2]:
        words = f"{head[1]} {number[1]}"
    else:
        return
    if moment := listed_moment(segment, number, words):
        yield moment


def at_presentation(film: Film) -> bool:
    """Tell whether a film is the case's first, or its own part says that it was taken when the patient came."""
    return film.first or any(moment.clock == "admission" and moment.days == 0 for moment in own_moments(film))


def _beside_film(segment: Segment, sentence: Sentence) -> Iterator[Moment]:
    """Yield the times in a sentence that speaks of a film, or that opens the text as a caption's does."""
    text, language = sentence.text, segment.language
    opened: int | None = None
    mentions_here = [mention for mention in mentions_in(segment) if mention.sentence is sentence]
    shows = any(mention.describes for mention in mentions_here)
    if shows and (same := words_of("clock", "same_time", language).search(text)):
        yield from _told_before(segment, sentence, same.start())
    for moment in moments_in(segment, sentence):
        start, end = moment.start - sentence.start, moment.end - sentence.start
        heading = _FIGURE_HEADING.match(text)
        before = text[heading.end() if heading else 0 : start].strip(" \n,-(").lower()
        first = sentence.index == 0 or heading is not None
        heading_day = moment.day is not None and _HEADING_DAY.match(text, end) is not None
        opens = first and (moment.day is None or heading_day) and (not before or before in _HEADINGS)
        opens = opens and not (moment.clock == "onset" and _shown_later(segment, sentence))
        left, right = max(0, start - _FILM_NEAR), end + _FILM_NEAR
        if moment.day:
            birth = list(words_of("clock", "birth", language).finditer(text, 0, start))
            if birth and not text[birth[-1].end() : start].strip(" :,"):
                continue
            if _of_other_event(sentence, start, language):
                continue
            left, right = _clause_of(text, start, end, language)
        near = text[left:right]
        named = shows and (words_of("clock", "film", language).search(near) or _taken(text, start, language))
        if named and _made_elsewhere(segment, near, sentence.start + left, sentence.start + right):
            continue
        # 'CT of 25 Feb' looks like a cycle threshold, and is a film's day.
        named = named or (moment.day is not None and not mentions_here and _attached(text, start, language))
        # 'Dopo altri 5 giorni (15ª giornata) …': a time in brackets says again what the opening one says.
        again = opened is not None and 0 <= moment.start - opened <= _AGAIN_WITHIN
        heads = _HEADS.match(text, end) is not None
        # 'One month after treatment.' is the time of a film that no clock of the patient's tells.
        elsewhere = moment.clock == "other" and not before and (heads or _HEADING_DAY.match(text, end) is not None)
        elsewhere = elsewhere and not words_of("clock", "symptom", language).search(text, end)
        heads = heads and moment.clock != "other"
        signs = words_of("clock", "signs", language).search(text) is not None
        # 'Day 12 of illness.' heads the note of a day, whichever film of it is shown.
        lone = not before.strip(".") or before.endswith(".")
        counts = moment.clock == "onset" and _ORDER.search(text, start, end) is not None
        opens = opens or (counts and lone and _HEADING_COUNT.match(text, end) is not None)
        # 'Two months later opacities recurred' names no film and shows one.
        alone = moment.clock == "film" and not mentions_here
        opens = opens or (not before and signs and (heads or alone))
        opens = opens or _is_apposition(moment, sentence, language)
        opened = moment.end if opens else opened
        if opens or again or named or elsewhere or (moment.clock != "other" and _captions(text, start, language)):
            yield moment


def _is_apposition(moment: Moment, sentence: Sentence, language: str) -> bool:
    """Tell whether a day of a count is said of the patient as he is seen: 'uomo, in 14ª giornata di malattia'."""
    text, start, end = sentence.text, moment.start - sentence.start, moment.end - sentence.start
    if moment.clock not in ("onset", "admission") or not moment.days or not _ORDER.search(text, start, end):
        return False
    apart = _APART.search(text, 0, start) is not None and _HEADING_COUNT.match(text, end) is not None
    return apart and not words_of("clock", "turn", language).search(text[:start].rsplit(",", 2)[-2])


def _of_other_event(sentence: Sentence, start: int, language: str) -> bool:
    """Tell whether a day is the one symptoms began on, or the patient came, beside another day that is the film's."""
    days = list(days_in(sentence.text, language, sentence.order))
    at = next(index for index, day in enumerate(days) if day.start == start)
    if len(days) < 2:
        return False
    kind = kind_of_day(sentence, days, at, language)
    others = [day.start for day in days if day.start != start]
    return kind == "onset" or (kind == "admission" and any(_attached(sentence.text, x, language) for x in others))


def _attached(text: str, start: int, language: str) -> bool:
    """Tell whether a day stands right behind a film's name: 'chest X-ray of 25 Feb'."""
    films = list(words_of("clock", "film", language).finditer(text, max(0, start - _FILM_NEAR), start))
    days = days_in(text, language)
    listed = any(_LIST.fullmatch(text, one.end, other.start) for one, other in pairwise(days) if one.start == start)
    return bool(films) and not listed and _ATTACHED.fullmatch(text, films[-1].end(), start) is not None


def _made_elsewhere(segment: Segment, near: str, left: int, right: int) -> bool:
    """Tell whether the words about a time are of a film made before, in another place, and the text shows its own."""
    if not words_of("clock", "elsewhere", segment.language).search(near):
        return False
    shown = [mention.sentence.start + mention.start for mention in mentions_in(segment) if mention.describes]
    return any(not left <= start < right for start in shown)


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


def _clause_of(text: str, start: int, end: int, language: str) -> tuple[int, int]:
    """Return the span of the words about a date, as far as the next date or a stop."""
    days = days_in(text, language)
    # '10 March and 14 March' stand in one clause.
    parted = [day for day, other in pairwise(days) if not _LIST.fullmatch(text, day.end, other.start)]
    begun = [other for day, other in pairwise(days) if not _LIST.fullmatch(text, day.end, other.start)]
    left = max([text.rfind(";", 0, start) + 1, *(day.end for day in parted if day.end <= start)])
    right = min([len(text), *(day.start for day in begun if day.start >= end)])
    stop = _STOP.search(text, end, right)
    return max(left, start - _FILM_NEAR), min(stop.start() if stop else right, end + _FILM_NEAR)


def _captions(text: str, start: int, language: str) -> bool:
    """Tell whether a sentence begins as the end of a caption does: '… obtained on day 4 show …'."""
    verb = words_of("clock", "film_verb", language).search(text)
    shows = words_of("clock", "film_shows", language).search(text)
    begins = (verb and verb.start() < _SUBJECTLESS) or (shows and shows.start() < _SUBJECT)
    return bool(begins) and not words_of("clock", "admission", language).search(text[:start])
