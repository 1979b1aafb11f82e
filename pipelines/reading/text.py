"""Hold the text a film is read from: segments with their address and role, cut into sentences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any, Literal

import spacy
from spacy.language import Language

from pipelines.reading.dates import order_of
from pipelines.reading.language import READ
from pipelines.reading.phrases import words_of
from pipelines.reading.plain import plain_of
from pipelines.reading.years import NO_ERA, Era, era_of

# film: its own caption or part; study: findings of its study; case: told of the patient; name: title, tags, URL;
# other: the part of another film, of which only the patient's course is read.
Role = Literal["film", "study", "case", "name", "other"]

# A line break ends a sentence where the next line begins like one.
_LINE_END = re.compile(r"\n(?=\s*(?:\n|[A-ZÀ-Ý(\d]))")
_ABBREVIATIONS = (
    *("Fig.", "Figs.", "fig.", "figs.", "approx.", "ca.", "vs.", "No.", "no.", "resp.", "pt.", "Temp.", "temp."),
    *("sig.", "Sig.", "dott.", "pz.", "Pz.", "Sat.", "sat.", "T."),
    *("Egr.", "Gent.", "Dott.", "Dr.", "Prof."),
)
# What such a stop ends is no sentence where the next words begin like none: 'Tampone pos. per …', 'in a.a. 90 %'.
_SHORTENED = re.compile(
    r"(?<![^\W\d_]{2})(?:[^\W\d_]|pos|neg|tamp|paz|dx|sx|sn|sin|sett|gg|aa|mm|max|min|prec|art|osp)\.$", re.IGNORECASE
)
# 'in a.a. Rx torace': the last stop of an abbreviation ends a sentence where the next words begin like one.
_INITIALS_END = re.compile(r"(?<=[ (]\w\.\w\.)\s(?=[A-ZÀ-Ý][a-zà-ÿ]|RX|TC|HRCT)")
_GOES_ON = re.compile(r"\s*[a-zà-ÿ\d(+%]")
# spaCy takes the square of the length of a run without blanks: a run no word has is a sentence without being asked.
_RUN = re.compile(r"\S{400,}")
_LONGEST_PIECE = 4000
# Rules look about within a sentence; past this a text without full stops would cost the square of its length.
_LONGEST_SENTENCE = 1500
# A text says whom it is about within this many characters.
_OPENING = 200


@dataclass(frozen=True, slots=True)
class Sentence:
    """Hold a sentence: its plain text, where it begins in its segment's text, and what that whole text tells of it.

    `order` is how it writes its dates; `mother` whether 'the mother' in it is the patient; `era` when its case was;
    `own` the word for a relative that in it is the patient.
    """

    text: str
    start: int
    index: int
    order: str = ""
    mother: bool = False
    era: Era = NO_ERA
    own: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Hold a stretch of the case's text, from `start` to `end` (characters) of the text at `address`.

    `letters` are the panels that a part of a caption speaks of.
    """

    address: str
    source: str
    start: int
    end: int
    role: Role
    language: str
    label: str = ""
    sentences: tuple[Sentence, ...] = field(default=())
    letters: frozenset[str] = frozenset()

    @property
    def plain(self) -> str:
        """Return the segment's text made fit for matching; positions are those of the source less `start`."""
        return plain(self.source)[self.start : self.end]


plain = lru_cache(maxsize=512)(plain_of)


@cache
def _splitter(language: str) -> Language:
    splitter = spacy.blank(language)
    splitter.add_pipe("sentencizer")
    tokenizer: Any = splitter.tokenizer
    for abbreviation in _ABBREVIATIONS:
        tokenizer.add_special_case(abbreviation, [{"ORTH": abbreviation}])
    return splitter


@lru_cache(maxsize=512)
def _order(plain: str, language: str) -> str:
    return order_of(plain, language) if language in READ else ""


@lru_cache(maxsize=512)
def _of_mother(plain: str, language: str) -> bool:
    """Tell whether a text opens with a woman with child, and not with the child."""
    if language not in READ:
        return False
    expecting = words_of("patient", "expecting", language).search(plain, 0, _OPENING)
    return expecting is not None and not words_of("patient", "child", language).search(plain, 0, expecting.end())


@lru_cache(maxsize=512)
def _bounds(plain: str, language: str) -> tuple[tuple[int, int], ...]:
    bounds: list[tuple[int, int]] = []
    start = 0
    for end in [*(match.start() for match in _LINE_END.finditer(plain)), len(plain)]:
        for run in _RUN.finditer(plain, start, end):
            bounds += _sentences(plain, start, run.start(), language)
            bounds += _cut(plain, run.start(), run.end(), _LONGEST_SENTENCE)
            start = run.end()
        bounds += _sentences(plain, start, end, language)
        start = end
    return tuple(bounds)


def _sentences(plain: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    for left, right in _cut(plain, start, end, _LONGEST_PIECE):
        begin: int | None = None
        for sentence in _splitter(language)(plain[left:right]).sents:
            begin, stop = left + sentence.start_char if begin is None else begin, left + sentence.end_char
            if _SHORTENED.search(plain, max(begin, stop - 6), stop) and _GOES_ON.match(plain, stop, right):
                continue
            for gap in _INITIALS_END.finditer(plain, begin, stop):
                yield from _cut(plain, begin, gap.start(), _LONGEST_SENTENCE)
                begin = gap.end()
            yield from _cut(plain, begin, stop, _LONGEST_SENTENCE)
            begin = None


def _cut(plain: str, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """Yield a stretch whole, or in pieces no longer than `longest`, cut at a full stop or a blank if there is one."""
    while end - start > longest:
        stop = max(plain.rfind(". ", start, start + longest) + 1, 0) or plain.rfind(" ", start, start + longest)
        stop = stop if stop > start else start + longest
        yield start, stop
        start = stop
    if plain[start:end].strip():
        yield start, end


def segment_of(
    address: str, source: str, role: Role, language: str, *, start: int = 0, end: int | None = None, label: str = ""
) -> Segment:
    """Cut a segment out of a text and split it into sentences, none of which crosses the segment's ends."""
    end = len(source) if end is None else end
    fit = plain(source)
    order, mother, era = _order(fit, language), _of_mother(fit, language), era_of(fit)
    sentences: list[Sentence] = []
    for left, right in _bounds(fit, language if language in READ else "en"):
        left, right = max(left, start), min(right, end)
        if left < right and fit[left:right].strip():
            sentences.append(Sentence(fit[left:right], left, len(sentences), order, mother, era))
    return Segment(address, source, start, end, role, language, label, tuple(sentences))


def stretch_of(segment: Segment, start: int, end: int, label: str = "") -> Segment:
    """Cut a stretch, from `start` to `end` (characters of its source), out of a segment, under its or another label."""
    return segment_of(
        segment.address,
        segment.source,
        segment.role,
        segment.language,
        start=start,
        end=end,
        label=label or segment.label,
    )


def known_since(segment: Segment, since: tuple[int, int]) -> Segment:
    """Return a segment whose illness, which the case's title or address names, was known from a month on."""
    era = segment.sentences[0].era if segment.sentences else NO_ERA
    # A text that tells no year has none to compare.
    if not era.year or era.since >= since:
        return segment
    era = era._replace(since=since)
    return replace(segment, sentences=tuple(replace(sentence, era=era) for sentence in segment.sentences))
