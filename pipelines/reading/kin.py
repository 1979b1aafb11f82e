"""Tell whose film is shown where a text says that it is a relative's, and narrow the text to that person."""

import re
from collections.abc import Iterator
from dataclasses import replace

from pipelines.reading.text import Segment, Sentence, stretch_of

_KIN = (
    r"(?:husband|wife|mother|father|son|daughter|brother|sister|uncle|aunt|cousin|nephew|niece|partner|twin"
    r"|grand(?:mother|father|son|daughter)|boyfriend|girlfriend|fianc[eé]e?|mother-in-law|father-in-law"
    r"|figli[oa]|marito|moglie|madre|padre|fratello|sorella|nonn[oa]|zi[oa]|cugin[oa]|suocer[oa])"
)
_WHICH = (
    r"(?:(?:the|his|her|their|our|an?|that|this|la|il|lo|sua|suo)\s)?"
    r"(?:(?:\w+-year-old|\d{1,3}[\s-]years?[\s-]old|younger|older|elder|eldest|youngest|other|first|second|third|twin"
    r"|only|late|affected|infected|pregnant|asymptomatic)\s){0,3}"
)
_FILM = (
    r"(?:images?|pictures?|films?|figures?|radiographs?|x-?rays?|cxrs?|radiograms?|scans?"
    r"|immagin[ei]|radiografi[ae]|radiogramm[ai]|rx)"
)
_SHOWN = (
    r"(?:shown|displayed|presented|depicted|reproduced|attached|posted|published|given|mostrat[oaie]|riportat[oaie])"
)
_PERSON = rf"{_WHICH}(?P<kin>{_KIN})(?![\w-])"
# 'The image is of her son', 'this CXR belongs to the older brother', 'the film shown here is that of the wife';
# 'this is the radiograph of his sister'; 'the film shown is her husband's'; 'the daughter's radiograph is shown'.
_CHOICES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_FILM}(?:\s(?:{_SHOWN}|here|above|below|qui|\d{{1,2}})){{0,3}}\s(?:is|are|was|were|belongs?|comes?|è|sono|"
        rf"appartien\w+|si riferisc\w+)(?:\s(?:taken|obtained|that|those|quell[aoe]))?\s"
        rf"(?:of|to|from|della|del|di|dello|alla|al)\s{_PERSON}",
        rf"\b(?:this|these|here|shown|below|above|questa|queste)\s(?:is|are|è|sono)\s(?:the\s|an?\s|la\s|le\s|l')?"
        rf"(?:[\w-]+\s){{0,3}}{_FILM}\s(?:of|from|della|del|di)\s{_PERSON}",
        rf"\bwe\s(?:show|present|publish|post)\s(?:here\s)?(?:the\s|an?\s)?(?:[\w-]+\s){{0,3}}{_FILM}\s(?:of|from)\s{_PERSON}",
        rf"^(?:fig(?:ure|ura)?\.?\s\d{{1,2}}[.:]?\s)(?:[\w-]+\s){{0,3}}{_FILM}\s(?:of|from|della|del|di)\s{_PERSON}",
        rf"\b(?:{_FILM}(?:\s(?:{_SHOWN}|here|above|below)){{0,3}}|this)\s(?:is|are|was)\s{_PERSON}'s\b",
        rf"\b{_PERSON}'s\s(?:[\w-]+\s){{0,3}}{_FILM}\s(?:is|are)\s{_SHOWN}",
    )
)
# 'The film is of one of the children': of whom, nobody can tell.
_OF_SOMEONE = re.compile(
    rf"\b{_FILM}(?:\s(?:{_SHOWN}|here|above|below)){{0,3}}\s(?:is|are|was|belongs?)(?:\s(?:that|those))?\s"
    r"(?:of|to|from)\s(?:(?:one|another|some) of (?:the|his|her|their)|an?other|a)\s"
    r"(?:(?:\w+\s){0,2}(?:relatives?|family members?|contacts?|siblings?|children|parents|cases|patients"
    r"|brothers|sisters|sons|daughters))\b",
    re.IGNORECASE,
)
_OF_ALL = re.compile(
    r"\b(?:both|all (?:of them|members|three|four|five|two)|each of|entramb[ie]|tutt[ie])\b", re.IGNORECASE
)
_CONTRAST = re.compile(r"\b(?:first|second|third|younger|youngest|older|elder|eldest|other)\b")
# A sentence is about whom it begins with; other words in it are of him.
_SUBJECT = re.compile(
    rf"\W*(?:(?:meanwhile|later|in contrast|by contrast|instead),?\s)?(?:{_WHICH}(?P<kin>{_KIN})\b"
    r"|(?P<else>(?:the|our|il|la|an?)\s(?:index|first|other|younger|older|elder|mother|father|patient|paziente|proband)"
    r"(?:\s(?:patient|case|one|caso))?\b|(?:an?|una?)\s\d{1,3}[\s-]year))",
    re.IGNORECASE,
)


def relative_shown(segments: list[Segment]) -> tuple[Segment, Sentence, re.Match[str]] | None:
    """Return where a text says that the film is a relative's, if it says so of one person."""
    found = [
        (segment, sentence, match)
        for segment in segments
        for sentence in segment.sentences
        for pattern in _CHOICES
        if (match := pattern.search(sentence.text))
    ]
    named = {match["kin"].lower() for _, _, match in found}
    return found[0] if len(named) == 1 else None


def of_unnamed(segments: list[Segment]) -> bool:
    """Tell whether a text says that the film is of one of several people, and not of whom."""
    return any(_OF_SOMEONE.search(segment.plain) for segment in segments)


def narrowed_to(chosen: tuple[Segment, Sentence, re.Match[str]], segments: list[Segment]) -> Iterator[Segment]:
    """Yield the stretches of the text that speak of the relative whom the film shows, or of everyone.

    In them the word for that relative is the patient's own.
    """
    own = chosen[2]["kin"].lower()
    for segment in segments:
        if segment.role not in ("case", "other"):
            yield segment
            continue
        for left, right in _stretches(segment, _kept(segment, chosen, own)):
            cut = stretch_of(segment, left, right)
            yield replace(cut, sentences=tuple(replace(sentence, own=own) for sentence in cut.sentences))


def _stretches(segment: Segment, kept: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the bounds of the sentences that are kept, those side by side as one."""
    bounds: list[tuple[int, int]] = []
    last = -1
    for sentence in segment.sentences:
        if sentence.start not in kept:
            continue
        left, right = kept[sentence.start], sentence.start + len(sentence.text)
        if bounds and last == sentence.index - 1 and left == sentence.start:
            bounds[-1] = (bounds[-1][0], right)
        else:
            bounds.append((left, right))
        last = sentence.index
    yield from bounds


def _contrasts(one: str, other: str) -> bool:
    """Tell whether two namings are of different ones: 'the first twin' and 'the second twin'."""
    told = [set(_CONTRAST.findall(words.lower())) for words in (one, other)]
    return bool(told[0] and told[1] and not told[0] & told[1])


def _kept(segment: Segment, chosen: tuple[Segment, Sentence, re.Match[str]], own: str) -> dict[int, int]:
    """Return, by its sentence's start, where the words begin that are to be read of each sentence that is."""
    kept: dict[int, int] = {}
    of_relative = False
    for sentence in segment.sentences:
        if segment is chosen[0] and sentence is chosen[1]:
            of_relative = True
            kept[sentence.start] = sentence.start + chosen[2].start()
            continue
        subject = _SUBJECT.match(sentence.text)
        if subject:
            of_relative = (subject["kin"] or "").lower() == own and not _contrasts(subject.group(), chosen[2].group())
        if of_relative or _OF_ALL.search(sentence.text):
            kept[sentence.start] = sentence.start
    return kept
