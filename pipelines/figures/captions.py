"""Captions among the lines of a page, and the parts of a caption that speak of single panels."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.figures.boxes import Box, union

_BULLETS = r"\s▶►■●•|*"
_WORD = (
    r"(?P<label>)(?:(?:Supplementary|Supplemental|Extended Data)\s+)?"
    r"(?P<word>e?Fig(?:ure|\.)?s?\.?|Figura|Abb(?:ildung|\.)|Рис\.?|图)"
)
_NUMBER = r"(?P<number>(?:[A-Z]{1,2}\.?\s?)?\d+(?:\.\d+)*[a-z]?|[IVX]+(?=\s*[.:|]))"
# "Figure 1A-C." is figure 1A and those after it; some journals set a triangle before the word, and no space behind.
_START = re.compile(
    rf"^[{_BULLETS}]*{_WORD}\s*{_NUMBER}(?P<mark>(?:\s?[,–-]\s?[A-Z])*\s*[.:|)–—-]+)?(?P<rest>(?:\s|(?-i:(?=[A-Z(“\"]))).*|$)",
    re.IGNORECASE | re.DOTALL,
)
_TABLE = re.compile(
    r"^\s*(?P<label>)(?P<word>Table)\s*(?P<number>[A-Z]?\.?\d+)(?P<mark>\s*[.:|])?(?P<rest>\s.*|$)", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"\(?\s*(?:see|\.\.\.)?\s*(?:legend|caption)s?\s+(?:on|continue[sd]?|appears?)\b", re.IGNORECASE
)
_HYPHEN = re.compile(r"(?<=[^\W_])[-\u00ad\u2010]$")
# "43-year-old", "one-week history": these are never the first half of one word.
_COUNT = re.compile(r"(?:\W?\d[\d.]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve)$", re.IGNORECASE)
# A letter or a run of letters that opens a part: "(a)", "A)", "(B–D)", "(a and c)"; or closes one: "… shows … (a)."
# A run is no longer than the alphabet, so that a caption of letters alone is not read anew from each of them.
_LETTERS = re.compile(
    r"[(\[](?P<in>[a-zA-Z](?:\s*(?:[,&–—-]|and|to)\s*[a-zA-Z]){0,25})[)\]]"
    r"|(?:(?<=^)|(?<=[.;:,]\s)|(?<=\n))(?P<bare>[A-Z](?:\s*(?:[,&–—-]|and)\s*[A-Z]){0,25})(?:\s*[):.,]|\s[–—-])\s"
    r"|(?<=\s)(?P<closed>[A-Z])\)\s"
)
# Set in bold, and with nothing else to tell it: "a Chest radiograph. b Axial CT."
_BOLD_LETTERS = re.compile(r"(?:(?<=^)|(?<=[.;,]\s))(?P<bare>[a-zA-Z](?:\s?[,–-]\s?[a-zA-Z]){0,25})\s(?=[A-Z])")
_CLOSED = re.compile(r"\s*(?:[.,;]|and\b|&|$)")


@dataclass(frozen=True)
class Line:
    """Hold a line of text: its box, size in points, whether its first letters are bold, and which block it is in."""

    text: str
    box: Box
    size: float
    bold: bool
    block: int
    first_in_block: bool


@dataclass
class Caption:
    """Hold a caption: label as printed ("Figure 2"), whole text after it, box in points, indexes of its lines."""

    label: str
    text: str
    box: Box
    certain: bool
    is_table: bool = False
    lines: list[int] = field(default_factory=list)


def captions_in(lines: Sequence[Line], known: frozenset[str] = frozenset()) -> list[Caption]:
    """Return the captions among a page's lines, in order; `known` are words the document writes without a break."""
    captions: list[Caption] = []
    taken: set[int] = set()
    for index, line in enumerate(lines):
        if index in taken or (start := _start_of(line)) is None:
            continue
        match, certain, is_table = start
        run = _run_from(lines, index, match["rest"].strip() == "")
        taken.update(run)
        text = joined([match["rest"].strip(), *(lines[i].text for i in run[1:])], known)
        label = " ".join(match.group()[match.start("label") : match.end("number")].split())
        captions.append(Caption(label, text, union([lines[i].box for i in run]), certain, is_table, run))
    best: dict[str, bool] = {}
    for caption in captions:
        best[caption.label.casefold()] = best.get(caption.label.casefold(), False) or caption.certain
    return [c for c in captions if (c.certain or not best[c.label.casefold()]) and not _ELSEWHERE.match(c.text)]


def joined(lines: Sequence[str], known: frozenset[str] = frozenset()) -> str:
    """Return lines as running text; a word broken at a line's end is mended as the document writes it elsewhere."""
    text = ""
    for line in (" ".join(line.split()) for line in lines):
        if not line:
            continue
        broken = _HYPHEN.search(text, max(0, len(text) - 1))
        if not text or not broken:
            text = f"{text} {line}".strip()
            continue
        head, tail = text[text.rfind(" ") + 1 : -1], line.partition(" ")[0]
        whole = (head + tail).strip(".,;:()").casefold()
        hyphenated = f"{head}-{tail}".strip(".,;:()").casefold()
        mended = line[:1].islower() and not _COUNT.match(head) and (whole in known or hyphenated not in known)
        text = text[:-1] + line if mended else f"{text[:-1]}-{line}"
    return text


def panel_captions(caption: str) -> list[tuple[str, str]]:
    """Return the parts of a caption that belong to panels, as (letters, text); empty where it lists no letters.

    Letters stand before their text ("(a) Chest radiograph. (b) CT.") or after it ("Chest radiograph (a). CT (b).").
    """
    marks = [m for m in _LETTERS.finditer(caption) if _letters_in(m)]
    first = {letter.lower() for mark in marks[:1] for letter in _letters_in(mark)}
    if not marks:
        marks = list(_BOLD_LETTERS.finditer(caption))
        told = [letter.lower() for mark in marks for letter in _letters_in(mark)]
        if len(told) < 2 or told != [chr(ord("a") + n) for n in range(len(told))]:
            return []
    elif "a" not in first:
        return []
    after = _stands_after(caption, marks)
    parts: list[tuple[str, str]] = []
    for position, mark in enumerate(marks):
        if after:
            begin = marks[position - 1].end() if position else 0
            text = caption[begin : mark.start()]
        else:
            end = marks[position + 1].start() if position + 1 < len(marks) else len(caption)
            text = caption[mark.end() : end]
        parts.append(("".join(_letters_in(mark)), text.strip(" .,;:\n").removeprefix("and ")))
    return parts


def _letters_in(mark: re.Match[str]) -> list[str]:
    said = next(filter(None, mark.groups()), "").strip()
    ends = re.match(r"^([a-zA-Z])\s*(?:[–—-]|to)\s*([a-zA-Z])$", said)
    if ends and ends[1] < ends[2]:
        return [chr(code) for code in range(ord(ends[1]), ord(ends[2]) + 1)]
    return re.findall(r"\b[a-zA-Z]\b", said)


def _stands_after(caption: str, marks: list[re.Match[str]]) -> bool:
    """Tell whether letters close their part: text runs up to the first one and a full stop or comma follows each."""
    leads = bool(caption[: marks[0].start()].strip(" .:"))
    return leads and all(_CLOSED.match(caption, mark.end()) for mark in marks)


def _start_of(line: Line) -> tuple[re.Match[str], bool, bool] | None:
    """Return how a line opens a caption and whether that is certain, or None where it is running text."""
    match, is_table = _START.match(line.text), False
    if match is None:
        match, is_table = _TABLE.match(line.text), True
    if match is None:
        return None
    rest = match["rest"].strip()
    if not match["mark"] and rest[:1].islower() and not line.bold:
        return None
    certain = line.first_in_block and (bool(match["mark"]) or line.bold or not rest or rest[0].isupper())
    if not line.first_in_block and not (match["mark"] or line.bold):
        return None
    return match, certain, is_table


def _run_from(lines: Sequence[Line], start: int, label_alone: bool) -> list[int]:
    """Return the indexes of a caption's lines: downwards from its first, while column, size and spacing hold."""
    run, box, block = [start], lines[start].box, lines[start].block
    size = lines[start].size
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if _start_of(line) is not None and line.first_in_block:
            break
        height = max(size, 4.0)
        gap = line.box[1] - box[3]
        beside = abs(line.box[1] - lines[run[-1]].box[1]) < 0.4 * height and line.box[0] >= lines[run[-1]].box[2] - 1
        below = -0.6 * height <= gap <= (1.6 if label_alone and len(run) == 1 else 0.75) * height
        in_column = min(line.box[2], box[2]) - max(line.box[0], box[0]) > 0.3 * min(
            line.box[2] - line.box[0], box[2] - box[0]
        )
        same_size = abs(line.size - size) <= 0.6
        if not same_size and label_alone and len(run) == 1 and (below or beside):
            size, same_size = line.size, True
        if line.block == block or (same_size and (beside or (below and in_column))):
            if line.block != block and not same_size:
                break
            run.append(index)
            box, block = union([box, line.box]), line.block
            continue
        break
    return run
