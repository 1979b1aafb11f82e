"""The sentences of an article that mention a figure."""

import re
from collections.abc import Iterable, Iterator

# "Fig. 2", "Figures 1 and 3", "figs 2a–c, 4", "(Figure S1)"; the word is kept, so a box is not taken for a figure.
_MENTION = re.compile(
    r"\b(?P<word>Fig(?:ure|\.)?s?\.?|Figura|Abb(?:ildung|\.)|Box)\s*"
    r"(?P<list>[A-Z]?\.?\d{1,9}[A-Za-z]?"
    r"(?:\s*(?:,|and|und|e|&|to|[-–—])\s*(?:(?:and|&)\s*)?(?:[A-Z]?\.?\d{1,9}[A-Za-z]?|[a-zA-Z]\b))*)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"(?P<sep>[-–—]|\bto\b)?\s*(?P<prefix>[A-Z]?\.?)(?P<number>\d{1,9})", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?][)\]\"”’]*\s+(?!\((?:see\s+)?(?:Fig|Tab))(?=[(\[\"“A-Z0-9ÀÈÉ])|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Figs?|Figg|Tabs?|Refs?|Eqs?|Nos?|vs|al|ca|cf|Dr|Prof|approx|resp|e\.g|i\.e|St|Suppl|Ext|Mr|Mrs|Ms)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_LONGEST_ABBREVIATION = 8
_LABEL = re.compile(r"(?P<prefix>[A-Z]?\.?)(?<!\d)(?P<number>\d{1,9})[a-z]?\s?[.:|]?\s?$", re.IGNORECASE)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text; "Fig. 2", "et al." and initials do not end one."""
    sentences, start = [], 0
    for end in _SENTENCE_END.finditer(text):
        stop = end.start() + len(end.group().rstrip())
        if end.group()[0] == "." and _ends_in_abbreviation(text, start, end.start() + 1):
            continue
        sentences.append(text[start:stop].strip())
        start = end.end()
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if sentence]


def _ends_in_abbreviation(text: str, start: int, end: int) -> bool:
    return _ABBREVIATION.search(text, max(start, end - _LONGEST_ABBREVIATION), end) is not None


def mentions_of(label: str, paragraphs: Iterable[str]) -> list[str]:
    """Return the sentences that mention the figure labelled so ("Figure 2", "Fig. S1"), each once, in order."""
    wanted = _number_in(label)
    if wanted is None:
        return []
    is_box = label.lower().startswith("box")
    found: dict[str, None] = {}
    for paragraph in paragraphs:
        if wanted in set(_mentioned(paragraph, boxes=is_box)):
            found |= {s: None for s in sentences_of(paragraph) if wanted in set(_mentioned(s, boxes=is_box))}
    return list(found)


def _number_in(label: str) -> tuple[str, str] | None:
    match = _LABEL.search(" ".join(label.split()))
    return (match["prefix"].strip(".").upper(), match["number"]) if match else None


def _mentioned(sentence: str, *, boxes: bool) -> Iterator[tuple[str, str]]:
    for mention in _MENTION.finditer(sentence):
        if (mention["word"].lower() == "box") != boxes:
            continue
        last: tuple[str, int] | None = None
        for item in _ITEM.finditer(mention["list"]):
            prefix, number = item["prefix"].strip(".").upper(), int(item["number"])
            if item["sep"] and last and last[0] == prefix and 0 < number - last[1] < 30:
                yield from ((prefix, str(n)) for n in range(last[1] + 1, number))
            yield prefix, str(number)
            last = (prefix, number)
