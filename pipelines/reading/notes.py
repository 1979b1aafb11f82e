"""Gather the clinical notes: the source's own words, the film's part first, each part its own evidence."""

import re

from pipelines.reading.films import Film
from pipelines.records import Evidence

_ORDER = ("film", "study", "case", "other")
# What a study's or case's block must be called to be told as clinical notes.
_NOT_NOTES = frozenset({"patient data", "tags", "title", "mention", "url", "body", "abstract"})
_EDGES = re.compile(r"^\s+|\s+$")


def notes_of(film: Film) -> list[Evidence]:
    """Return the parts of the film's notes; the value of each is the whole, its parts joined by a blank."""
    parts: list[tuple[str, int, int, str]] = []
    segments = [*film.segments, *film.unread]
    for role in _ORDER[:3]:
        for segment in segments:
            if segment.role != role or segment.label in _NOT_NOTES:
                continue
            source = segment.source[segment.start : segment.end]
            quote = _EDGES.sub("", source)
            if quote and not any(quote in known for *_, known in parts):
                start = segment.start + source.index(quote)
                parts.append((segment.address, start, start + len(quote), quote))
    value = " ".join(quote for *_, quote in parts)
    return [
        Evidence(
            field="clinical_notes",
            value=value,
            quote=quote,
            block=address,
            start=start,
            end=end,
            rule="notes: the source's words",
        )
        for address, start, end, quote in parts
    ]
