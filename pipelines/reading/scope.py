"""Say of a phrase in a sentence whether it is denied, only possible, of an earlier time, or about someone else."""

import re
from dataclasses import dataclass
from functools import lru_cache

from pipelines.reading.ago import long_ago, turns_to_now
from pipelines.reading.phrases import words_of
from pipelines.reading.text import Sentence
from pipelines.reading.years import lies_before

_CLAUSE_END = re.compile(r"[;:()\[\]]|\s-\s")
# A negation reaches this many words; past that it denies something else.
_REACH = 7
# 'No PMH, ICU day 9': a history that is denied ends with its own words.
_NO_HISTORY = re.compile(r"\b(?:no|nil|without|unremarkable|nothing in the|nessuna)\s(?:\w+\s){0,2}$", re.IGNORECASE)
# 'The husband of the patient' does not turn back to the patient.
_OF = re.compile(r"\b(?:of (?:the |our |an? |another )?|del(?:la)? |di (?:un[ao]? |un'? ?altr[ao] )?)$", re.IGNORECASE)
_WORD = re.compile(r"\w+")
# 'Her husband (he is intubated)': a bracket right behind a relative tells of him.
_BRACKET = re.compile(r"\([^()]*$")
# A patient, what is told in commas of him and others, and the verb that is his again.
_ASIDE = re.compile(
    r"^(?!\W*(?:\w+\s){0,3}(?:wife|husband|mother|father|son|daughter|brother|sister)\b)"
    r"[^,;:]{0,60}?\b(?:woman|man|lady|gentleman|girl|boy|female|male|patient|worker|nurse|doctor|physician|infant|child)\b"
    r"[^,;:]{0,60},\s(?:(?!whose\s(?:\w+\s){0,2}\w+,)[^;:]){3,160}?,\s(?=(?:was|is|had|has|presented|presents|came|developed"
    r"|arrived|attended|complained|reported|experienced|visited|went|felt|fell|became|noticed|suffered|started|began)\b)",
    re.IGNORECASE,
)
# 'Se peggiora, trasferimento in UTI': what hangs on a condition stands behind its comma.
_CONDITION = re.compile(r"\b(?:se|qualora|if)\s(?!stess|non\sche)[^;:.,]{1,60},[^;:,]{0,40}$", re.IGNORECASE)
# A form's answer: 'Intubation: no', 'MV (-)'.
_ANSWER = re.compile(
    r"\s?(?:[:=]\s?|\s-\s)(?:no|none|nil|never|nessun[oa]?|n|(?P<yes>yes|y|sì|si))(?=\s?(?:$|[.,;)\n/|]))"
    r"|\s?\((?:no|none|-|(?P<plus>yes|\+))\)|\snil\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Hold what limits a phrase's meaning."""

    negated: bool
    hypothetical: bool
    history: bool
    other: bool

    @property
    def plain(self) -> bool:
        """Tell whether the phrase is simply asserted of the patient and of this illness."""
        return not (self.negated or self.hypothetical or self.history or self.other)


def _clause_start(text: str, start: int, end: int, language: str) -> int:
    """Return where the clause of the words from `start` to `end` begins; 'and died' begins one with its own verb."""
    stops = [match.end() for match in _CLAUSE_END.finditer(text, 0, start)]
    stops += [begin for begin, _ in _spans("turn", text, language) if begin <= start and text[:begin].endswith(", ")]
    stops.sort()
    words = [match for match in words_of("scope", "clause", language).finditer(text, 0, end) if match.start() < start]
    return max([0, *stops[-1:], *(min(match.end(), start) for match in words[-1:])])


@lru_cache(maxsize=8192)
def _spans(name: str, text: str, language: str) -> tuple[tuple[int, int], ...]:
    return tuple(match.span() for match in words_of("scope", name, language).finditer(text))


def answer_of(text: str, end: int) -> tuple[bool, int] | None:
    """Return whether a form's answer right behind the words that end here is yes, and where it ends, if one is."""
    answer = _ANSWER.match(text, end)
    return (bool(answer["yes"] or answer["plus"]), answer.end()) if answer else None


def negation_of(text: str, start: int, end: int, language: str) -> tuple[int, int] | None:
    """Return the span of the negation that reaches the words from `start` to `end` within their clause, if any."""
    clause = _clause_start(text, start, end, language)
    names = _spans("not_negation", text, language)
    for begin, stop in _spans("negation", text, language):
        named = any(left <= begin < right for left, right in names)
        if not named and clause <= stop <= start and len(_WORD.findall(text[stop:start])) <= _REACH:
            return begin, stop
    if (answer := answer_of(text, end)) and not answer[0]:
        return end, answer[1]
    for begin, stop in _spans("negation_after", text, language):
        if begin >= end:
            between = text[end:begin]
            near = len(_WORD.findall(between)) <= 2 and not re.search(r"[,;.]", between)
            near = near and not _spans("other_denied", between, language) and not _spans("clause", between, language)
            return (begin, stop) if near else None
    return None


def denied_within(text: str, start: int, end: int, language: str, *, first: bool = False) -> bool:
    """Tell whether a negation stands among the words from `start` to `end`: 'Aspergillus was not found'.

    One that begins them counts only where `first` says so.
    """
    names = _spans("not_negation", text, language)
    return any(
        start < begin + first and stop <= end and not any(left <= begin < right for left, right in names)
        for begin, stop in _spans("negation", text, language)
    )


def parted_within(text: str, start: int, end: int, language: str) -> bool:
    """Tell whether another clause begins among the words from `start` to `end`: 'needed, but oxygen'."""
    turns = (begin for begin, _ in _spans("turn", text, language) if text[:begin].endswith(", "))
    words = (begin for begin, _ in _spans("clause", text, language))
    return any(start < begin < end for begin in [*turns, *words])


def negated(text: str, start: int, end: int, language: str) -> bool:
    """Tell whether a negation reaches the words from `start` to `end` of a sentence."""
    return negation_of(text, start, end, language) is not None


def _words(text: str, span: tuple[int, int]) -> list[str]:
    return _WORD.findall(text[span[0] : span[1]].lower())


def _turned_back(text: str, start: int, language: str) -> int:
    """Return where the verb of a patient stands whom an aside about a relative parts from it, or -1.

    'A man, recipient of his mother's kidney, was admitted with …'; not 'a man, whose wife, aged 60, was admitted'.
    """
    ends = [match.end() for match in _ASIDE.finditer(text, 0, start)] if language == "en" else []
    return ends[-1] if ends else -1


def _speaks_of_other(sentence: Sentence, start: int, language: str) -> bool:
    text = sentence.text
    clause = max([0, *(match.end() for match in re.finditer(r"[;]", text[:start]))])
    mother = [span for span in _spans("mother", text, language) if sentence.mother]
    named = [*_spans("own_kin", text, language), *mother]
    shown = [span for span in _spans("others", text, language) if sentence.own and sentence.own in _words(text, span)]
    kin = [begin for begin, _ in _spans("others", text, language)]
    own = [begin for begin in kin if any(left <= begin < right for left, right in [*named, *shown])]
    people = [span for span in _spans("others", text, language) if clause <= span[0] < start and span[0] not in own]
    if not people:
        return False
    aside = _BRACKET.search(text, 0, start)
    if aside and any(not text[person[1] : aside.start()].strip() for person in people if person[1] <= aside.start()):
        return True
    told = [*_spans("patient", text, language), *mother, *shown]
    back = [span for span in told if people[-1][1] <= span[0] <= start]
    if not back and people[-1][1] <= _turned_back(text, start, language):
        return False
    return all(_OF.search(text, 0, span[0]) for span in back)


def _is_inverted(text: str, start: int, language: str) -> bool:
    """Tell whether the words stand in a condition without 'if': 'Had the fever passed 38 °C, we would have …'."""
    for begin, end in _spans("inverted", text, language):
        opens = not text[:begin].strip() or text[:begin].rstrip()[-1] in ";,:(.-"
        if opens and begin < start and _spans("would", text[end:], language):
            return not re.search(r"[;]", text[end:start])
    return False


def _spans_but(name: str, exempt: str, text: str, language: str) -> list[tuple[int, int]]:
    """Return the spans of a list's words outside another's: 'history of', but not in 'a 1-week history of'."""
    others = _spans(exempt, text, language)
    return [span for span in _spans(name, text, language) if not any(left <= span[0] < right for left, right in others)]


def _ends_before(text: str, left: int, right: int, start: int) -> bool:
    """Tell whether an earlier illness told from `left` to `right` ends before the words that begin at `start`."""
    denied = _NO_HISTORY.search(text, 0, left) is not None and "," in text[right:start]
    return denied or turns_to_now(text, right, start)


def scope_of(sentence: Sentence, start: int, end: int, language: str) -> Scope:
    """Return the scope of the words from `start` to `end` (characters of the sentence)."""
    text = sentence.text
    clause = _clause_start(text, start, end, language)
    return Scope(
        negated=negated(text, start, end, language),
        hypothetical=any(
            clause <= left < start for left, _ in _spans_but("hypothetical", "not_hypothetical", text, language)
        )
        or _is_inverted(text, start, language)
        or _CONDITION.search(text, 0, start) is not None
        or any(end <= span[0] <= end + 2 for span in _spans("hypothetical_after", text, language)),
        history=any(
            clause <= left < start and not _ends_before(text, left, right, start)
            for left, right in _spans_but("history", "not_history", text, language)
        )
        or long_ago(text, start, end, language)
        or lies_before(text, start, end, sentence.era),
        other=_speaks_of_other(sentence, start, language),
    )


def someone_else(sentence: Sentence, language: str) -> bool:
    """Tell whether a sentence names a person other than the patient."""
    return bool(_spans("others", sentence.text, language))


def kin_of(text: str, sex: str, language: str) -> bool:
    """Tell whether a text names someone else of this sex ('M' or 'F'), whom a pronoun behind it may mean."""
    return bool(_spans("masculine" if sex == "M" else "feminine", text, language))
