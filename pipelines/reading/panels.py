"""Find the parts of a text that speak of the films of a compound figure: '(a) …', 'B, …', '… on day 4 (b)'."""

import re
from dataclasses import dataclass

# The letter of a panel at the end of a file name: 'fig1b.png', 'Fig4a-day7.jpeg', 'gr2_lrg-a.jpg', 'case2a.jpg'.
_LETTER_OF_FILE = re.compile(
    r"(?:fig(?:ure)?[ ._-]?\d{1,2}|case\d{1,2}|[-_](?:f\d|gr\d{1,2}|\d{1,2}|panel[-_ ]?)?)([a-h])(?=[-_.]|$)",
    re.IGNORECASE,
)
# '(a)', '(2A)', '(Fig. 1B)', '(Figure 2 (a))', '(Fig. 2, label E)', '(B, C)', '(Panel A)', '(Panel B, arrow)'.
_IN_BRACKETS = re.compile(
    r"\((?:see\s)?(?:fig(?:ure)?s?\.?\s?)?\d{0,2}(?:,?\s?(?:label|panels?|part|image))?\s?\(?"
    r"([a-h])(?:\s?(?:,|&|and)\s?([a-h]))?(?:[,;]\s[a-z]{2}[^()\n]{2,30})?\)\)?",
    re.IGNORECASE,
)
# A panel may be named by its place: 'Left: 14 March …', 'The upper right image shows …', '… on day 4 (bottom)'.
_WHERE = {"upper": "top", "lower": "bottom", "mid": "middle", "central": "middle"}
_WHERE |= {"centre": "middle", "center": "middle"}
_ROW, _COLUMN = "top|upper|bottom|lower", "left|right|middle|mid|central|centre|center"
_PLACE = rf"(?:(?P<row>{_ROW})(?:[-_\s](?P<column>{_COLUMN}))?|(?P<alone>{_COLUMN}))"
_PLACE_OF_FILE = re.compile(rf"[-_. ]{_PLACE}(?:[-_ ](?:panel|image|film))?(?=\.\w{{3,4}}$|$)", re.IGNORECASE)
_OF_ROW = r"(?:panel|image|film|picture|radiograph|radiogram|x-?ray|cxr|photo|figure)"
_PLACE_LEADS = re.compile(
    rf"(?:^|(?<=[.;:]\s)|(?<=\n))(?:(?:on|in|at)\s)?(?:the\s)?{_PLACE}"
    rf"(?:[-\s](?:hand(?:\sside)?\s)?{_OF_ROW}\b|\s?[:,=]|\s?\)|\s[-–]\s)",
    re.IGNORECASE,
)
_PLACE_CLOSES = re.compile(
    rf"\((?:on\s)?(?:the\s)?(?:fig(?:ure)?s?\.?\s?\d{{0,2}},?\s)?{_PLACE}(?:[-\s](?:hand\s)?(?:side|{_OF_ROW}))?\)",
    re.IGNORECASE,
)
# The letters and places of a figure's first panel.
FIRST = frozenset({"a", "left", "top", "top left"})
# 'B, Chest X-ray', 'b Follow-up film', 'C: …' where a sentence begins; a bare 'A' is an article as often as a letter.
_BARE = re.compile(r"(?:^|(?<=[.;:]\s)|(?<=[.;]))(?:([A-Ha-h])[,:)]\s|([B-Hb-h]|a)\s(?=[A-Z]))")
# '…, b) day 3, c) day 8': a half bracket marks the next of a list.
_HALF = re.compile(r"(?:(?<=,\s)|(?<=and\s)|(?<=;\s))([b-hB-H])\)\s")
_BARE_ARTICLE = re.compile(r"(?:^|(?<=[.;:]\s))(A)\s(?=[A-Z])")
# 'Panel A shows', 'Figure 1B:', 'Image a:' where a clause begins; a small letter may be an article.
_NAMED = re.compile(
    r"(?:^|(?<=[.;:]\s)|(?<=[.;]))(?i:(?:in\s)?(?:panels?|images?|parts?|films?|fig(?:ure)?s?\.?\s?\d{0,2}))\s?"
    r"(?:([A-H])(?:\s?(?:,|&|and)\s?([A-H]))?(?=[\s,:.)-])|([a-h])(?=[:,.)]|\s(?:shows?|is|was|demonstrates?|reveals?)\b))",
)
# 'A. Film on admission.' is a mark only beside its next, 'B. …'; alone it is someone's initial.
_DOTTED = re.compile(r"(?:^|(?<=[.;:]\s))([A-H])\.\s(?=[A-Z])")
# '4 days after (a)', 'unchanged from (b)': another film is named, and no part begins.
_REFERENCE = re.compile(
    r"\b(?:after|than|following|since|from|with|to|before|by|unlike|like|as in|as)\s(?:panel |image |film |figure )?$",
    re.I,
)
# '(a) day 0, (b) day 2 and (c) day 5': behind a mark that leads, one after a comma leads, too.
_NEXT_OF_LIST = re.compile(r"(?:[,;]|[,;]?\s(?:and|e))\s?$")
# 'fig2.jpg', 'Fig2_HTML.png', 'gr1_lrg.jpg', 'f3.jpeg', 'figure-1.png': the figure of the article that a picture is.
_NUMBER_OF_FILE = re.compile(r"(?:^|[-_.])(?:fig(?:ure)?|gr|f)[ ._-]?0{0,2}(\d{1,2})(?=[-_.]|$)", re.IGNORECASE)
# 'Figure 1. Film on admission.', 'Fig. 2 shows …' where a sentence begins: a text that holds the captions of several.
_FIGURE = re.compile(r"(?:^|(?<=[.;:]\s))(?i:fig(?:ure|ura)?\.?)\s?(\d{1,2})(?![\d.]\d|[A-Ha-h])")
_SENTENCE_END = re.compile(r"[.;:]\s*$|^\s*$")
_CAPITAL = re.compile(r"\s+[A-Z][a-zA-Z]")
_NEXT_SENTENCE = re.compile(r"[.;](?:\s+|(?=[A-Z(]))(?=[A-Z(])")


@dataclass(frozen=True, slots=True)
class Part:
    """Hold the stretch (characters) of a text that speaks of the panels with these letters."""

    letters: frozenset[str]
    start: int
    end: int
    leads: bool


@dataclass(frozen=True, slots=True)
class _Mark:
    letters: frozenset[str]
    start: int
    end: int
    leads: bool


def letter_of_file(name: str) -> str:
    """Return the panel letter that a picture's file name ends in, lower case, or nothing."""
    found = _LETTER_OF_FILE.findall(name.rsplit("/", 1)[-1])
    return str(found[-1]).lower() if found else ""


def place_of_file(name: str) -> str:
    """Return the place of a panel in its figure that a picture's file name ends in ('top left'), or nothing."""
    found = _PLACE_OF_FILE.search(name.rsplit("/", 1)[-1])
    return _place(found) if found else ""


def _place(match: re.Match[str]) -> str:
    words = (match["row"], match["column"] or match["alone"])
    return " ".join(_WHERE.get(word.lower(), word.lower()) for word in words if word)


def places_in(plain: str) -> list[Part]:
    """Return the parts of a text that belong to panels named by their place, where it names several."""
    marks = [_Mark(frozenset({_place(m)}), m.start(), m.end(), True) for m in _PLACE_LEADS.finditer(plain)]
    marks += [_Mark(frozenset({_place(m)}), m.start(), m.end(), False) for m in _PLACE_CLOSES.finditer(plain)]
    several = len({mark.letters for mark in marks}) > 1
    return _parts_of(plain, sorted(marks, key=lambda mark: mark.start)) if several else []


def figure_of_file(name: str) -> str:
    """Return the number of the figure that a picture's file name tells, or nothing."""
    found = _NUMBER_OF_FILE.findall(name.rsplit("/", 1)[-1])
    return str(int(found[-1])) if found else ""


def figures_in(plain: str) -> list[Part]:
    """Return the parts of a text that are the captions of numbered figures, where it holds those of several."""
    marks = [_Mark(frozenset({str(int(m[1]))}), m.start(), m.end(), True) for m in _FIGURE.finditer(plain)]
    several = len({mark.letters for mark in marks}) == len(marks) > 1
    return _parts_of(plain, marks) if several else []


def _letters(match: re.Match[str]) -> frozenset[str]:
    return frozenset(letter.lower() for letter in match.groups() if letter)


def _leads(plain: str, match: re.Match[str]) -> bool:
    if _SENTENCE_END.search(plain[max(0, match.start() - 20) : match.start()]):
        return True
    # '… of January 17 (D) CT scan …': the full stop was lost, the capital tells.
    return len(match.group()) == 3 and bool(_CAPITAL.match(plain, match.end()))


def _goes_on(plain: str, mark: _Mark, match: re.Match[str]) -> bool:
    """Tell whether a mark stands behind the words of the last one, in its sentence, as the next of a list."""
    between = plain[mark.end : match.start()]
    return bool(_NEXT_OF_LIST.search(between)) and not _NEXT_SENTENCE.search(between)


def _marks_in(plain: str) -> list[_Mark]:
    marks: list[_Mark] = []
    for match in _IN_BRACKETS.finditer(plain):
        if not _REFERENCE.search(plain, 0, match.start()):
            leads = _leads(plain, match) or (bool(marks) and marks[-1].leads and _goes_on(plain, marks[-1], match))
            marks.append(_Mark(_letters(match), match.start(), match.end(), leads))
    named = [_Mark(_letters(match), match.start(), match.end(), True) for match in _NAMED.finditer(plain)]
    if len({letter for mark in named for letter in mark.letters}) > 1:
        marks += named
    bare = [_Mark(_letters(match), match.start(), match.end(), True) for match in _BARE.finditer(plain)]
    if bare:
        seen = {mark.start for mark in bare}
        half = [match for match in _HALF.finditer(plain) if match.start() not in seen]
        bare += [_Mark(_letters(match), match.start(), match.end(), True) for match in half]
    if any("b" in mark.letters for mark in bare):
        bare += [_Mark(frozenset("a"), match.start(), match.end(), True) for match in _BARE_ARTICLE.finditer(plain)]
    if {letter for mark in bare for letter in mark.letters} - {"a"} or len(bare) == 1:
        marks += bare
    dotted = [_Mark(_letters(match), match.start(), match.end(), True) for match in _DOTTED.finditer(plain)]
    if {"a", "b"} <= {letter for mark in dotted for letter in mark.letters}:
        marks += dotted
    return sorted(marks, key=lambda mark: mark.start)


def parts_in(plain: str) -> list[Part]:
    """Return the parts of a text that belong to lettered panels, in the text's order.

    A mark that begins a sentence leads its part, which reaches to the next mark (the last one's to the end of its
    sentence); a mark within a sentence closes the words before it.
    """
    return _parts_of(plain, _marks_in(plain))


def _parts_of(plain: str, marks: list[_Mark]) -> list[Part]:
    parts: list[Part] = []
    for index, mark in enumerate(marks):
        following = marks[index + 1] if index + 1 < len(marks) else None
        sentence_end = _NEXT_SENTENCE.search(plain, mark.end)
        end_of_sentence = sentence_end.start() + 1 if sentence_end else len(plain)
        if mark.leads:
            end = following.start if following and following.leads else end_of_sentence
            if following and not following.leads:
                end = min(end, following.start)
            parts.append(Part(mark.letters, mark.start, end, leads=True))
            continue
        before = [match.end() for match in _NEXT_SENTENCE.finditer(plain, 0, mark.start)]
        start = max([0, *before[-1:], *(earlier.end for earlier in marks[:index])])
        end = mark.end if following and following.start < end_of_sentence else end_of_sentence
        parts.append(Part(mark.letters, start, end, leads=False))
    return parts
