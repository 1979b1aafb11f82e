"""Tell how many patients a text is about, and narrow it to the one the film shows where the text says which."""

import re
from collections.abc import Iterator
from dataclasses import replace

from pipelines.reading.films import Film
from pipelines.reading.kin import narrowed_to, of_unnamed, relative_shown
from pipelines.reading.patient import CHOSEN, introductions_in
from pipelines.reading.text import Segment, stretch_of
from pipelines.records import Issue

_LABEL = re.compile(
    r"\b(?:case|patient|pt\.?|caso|paziente)\s?(?:no\.?\s?|n\.\s?|n°\s?|#)?(\d{1,2}|[A-D](?=[\s:,.)]))(?![\w/%°-]|\s?(?:anni|aa\b|years?|yrs?|y/o|yo\b))",
    re.IGNORECASE,
)
# 'Wife of patient 1', 'contact of case 2': someone else.
_RELATED = re.compile(
    r"\b(?:husband|wife|mother|father|son|daughter|brother|sister|twin|child|contact|colleague|partner|relative|spouse"
    r"|marito|moglie|madre|padre|figli[oa]|fratello|sorella|contatto)\s(?:of|to|di|del|della)\s(?:the\s)?(?:index\s)?$",
    re.IGNORECASE,
)
_OF_FILE = re.compile(r"(?:case|patient|caso|paziente|pt|(?<![a-z])p)[-_ ]?(\d{1,2})(?!\d)", re.IGNORECASE)
# 'The images are of case 2', 'le immagini di questa scheda sono del caso 2'.
_CHOICE = re.compile(
    r"(?:images?|films?|figures?|radiographs?|x-rays?|immagin\w+|figur\w+|radiogramm\w+|scheda)\b[^.;]{0,60}?\b(?:case|patient|caso|paziente)\s?(\d{1,2})",
    re.IGNORECASE,
)
# A label that heads its part, unlike one in brackets beside a relative: 'Case 15: …', '… her husband (case 14)'.
_HEADING = re.compile(
    r"(?:^|[.;]\s)(?:case|patient|caso|paziente)\s?(?:no\.?\s?|n\.\s?)?(\d{1,2})\s?(?:\([^()]{0,60}\)\s?)?[:.,-]",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.;:]\s")
_IN_BRACKETS = re.compile(r"\(\s?$")


def of_one_patient(film: Film) -> tuple[Film, list[Issue]]:
    """Return the film with the text of its own patient alone, and an issue where the text tells of several.

    Where nothing says which patient the film shows, only the film's own part and its study's are left to be read.
    """
    case = [segment for segment in film.segments if segment.role in ("case", "other")]
    labels = {label for segment in case for label in _labels(segment)}
    if len(labels) > 1:
        chosen = _chosen(film, labels)
        if chosen:
            return replace(film, segments=list(_narrowed(film, chosen))), []
    if len(labels) < 2 and (relative := relative_shown(case)):
        return replace(film, segments=list(narrowed_to(relative, film.segments))), []
    introduced = {age for segment in case for age in introductions_in(segment)}
    if len(labels) < 2 and len(introduced) < 2 and not (film.several_patients or of_unnamed(case)):
        return film, []
    own = [segment for segment in film.segments if segment.role not in ("case", "other")]
    named = f" ({', '.join(sorted(labels))})" if len(labels) > 1 else ""
    aged = f" aged {', '.join(sorted(introduced))}" if len(introduced) > 1 else ""
    message = f"the text tells of several patients{named}{aged}, and not which of them this film shows"
    return replace(film, segments=own, several_patients=True), [Issue(kind="several patients", message=message)]


def _labels(segment: Segment) -> Iterator[str]:
    yield from (match[1].lower() for match in _marks_in(segment.plain))


def _marks_in(plain: str) -> list[re.Match[str]]:
    return [match for match in _LABEL.finditer(plain) if not _RELATED.search(plain, 0, match.start())]


def _chosen(film: Film, labels: set[str]) -> str:
    read = [segment for segment in film.segments if segment.role != "name"]
    told = [match[1] for segment in read for match in _CHOICE.finditer(segment.plain)]
    own = [label for segment in film.told("film", "study") for label in _labels(segment)]
    heads = [match[1] for segment in read for match in _HEADING.finditer(segment.plain)]
    of_file = _OF_FILE.findall(film.record.url.rsplit("/", 1)[-1])
    for candidates in (own, told, [film.record.patient], of_file, heads):
        # A site's own word for the patient may be 'Case 1'.
        known = {candidate.lower().split()[-1] for candidate in candidates if candidate.strip()} & labels
        if len(known) == 1:
            return known.pop()
    return ""


def _narrowed(film: Film, chosen: str) -> Iterator[Segment]:
    """Yield the film's segments without the stretches that speak of other labels."""
    for segment in film.segments:
        marks = _marks_in(segment.plain) if segment.role in ("case", "other") else []
        if len({match[1].lower() for match in marks}) < 2:
            yield segment
            continue
        for start, end, label in _stretches(segment.plain, marks):
            if label in ("", chosen):
                left, right = segment.start + start, segment.start + end
                yield stretch_of(segment, left, right, CHOSEN if label else "")


def _stretches(plain: str, marks: list[re.Match[str]]) -> Iterator[tuple[int, int, str]]:
    """Yield the stretches of a text with the label each speaks of; blank where it speaks of all.

    A label that heads its part ('Case 1: …') reaches to the next one; one in brackets ('husband (case 1, 68 years)')
    covers the words before its bracket and all within it.
    """
    at = 0
    for index, mark in enumerate(marks):
        if _IN_BRACKETS.search(plain[: mark.start()]):
            start = max([at, *(match.end() for match in _SENTENCE.finditer(plain, at, mark.start()))])
            close = plain.find(")", mark.end())
            end = close + 1 if close >= 0 else mark.end()
        else:
            start, end = mark.start(), marks[index + 1].start() if index + 1 < len(marks) else len(plain)
        if start > at:
            yield at, start, ""
        yield start, end, mark[1].lower()
        at = end
    if at < len(plain):
        yield at, len(plain), ""
