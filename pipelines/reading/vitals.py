"""Read temperature (°C) and oxygen saturation (%) with the words that name them; presenting values come first."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipelines.reading.claims import Claim
from pipelines.reading.films import Film
from pipelines.reading.moments import at_presentation
from pipelines.reading.phrases import words_of
from pipelines.reading.scope import scope_of
from pipelines.reading.text import Role, Segment, Sentence
from pipelines.records import Issue
from pipelines.vocabularies import vocabulary

# Without a name beside it a number of degrees is the patient's only so near to his usual one.
_UNNAMED = (33.0, 43.5)
# More degrees than this without a scale are Fahrenheit's.
_FAHRENHEIT = 91.4
# 'Sat 21' is a Saturday as well; 'SpO2 28' is not.
_SATURDAY, _SPELLED = 30.0, re.compile(r"[o0]\s?2|satur|oxim", re.IGNORECASE)
_NUMBER = r"\d{1,3}(?:\s?[.,]\s?\d{1,2})?"
_DIGIT = re.compile(r"\d")
_DEGREES = re.compile(
    rf"(?<![\d.,/])(?P<n>{_NUMBER})\s{{0,2}}(?:°\s?(?P<unit>[CF])?|(?P<word>degrees?|gradi)(?:\s(?P<spelled>celsius|fahrenheit|centigrade|C|F))?"
    rf"|(?P<letter>[CF])\b(?!\w))(?![\w°])",
    re.IGNORECASE,
)
# 'T 38.5' and 'temperature of 38.5' need no unit where the number can be nothing else.
_BARE = re.compile(
    r"^\W{0,3}(?:\w{1,10}\W{1,2}){0,3}?(?P<n>3[4-9]|4[0-2])(?:\s?[.,]\s?(?P<d>\d))?(?![\d%/.,]\d|\w|%|[\s-]?(?:%|/|min|hours?\b|hrs\b|h\b|days?|weeks?|months?|years?|y/?o|mm|cm|mg|bpm|beats|breaths|ore|giorni|anni|aa\b|strati|slices|patients|pazienti|cases|casi))",
    re.IGNORECASE,
)
# 'O/E T39.1 HR87': name and number run together.
_TIGHT = re.compile(r"\bT(?P<n>3[4-9][.,]\d|4[0-2][.,]\d)\b")
_PERCENT = re.compile(r"(?<![\d.,/])(?P<n>\d{2,3}(?:[.,]\d)?)\s?(?:%|per\s?cent\b|per cento\b)")
# '80-85%', 'between 38 and 39 °C' have no one value; 'from 85% to 92%' has two.
_RANGE = re.compile(
    r"(?<![\d.,/-])(?:\b(?P<change>from|da|dal|dall')\s?|\b(?P<between>between|tra|fra)\s)?\d{2,3}(?:[.,]\d)?\s?(?:%|°\s?[CF]?)?\s?"
    r"(?:-|to\b|(?(between)(?:and|e)\b|(?!)))\s?(?:\d{2,3}(?:[.,]\d)?)(?![\d/])(?:\s?%|\s?°\s?[CF]?)?",
    re.IGNORECASE,
)
_BOUND = re.compile(r"[<>≤≥]")
_PLAIN_NUMBER = re.compile(
    r"^[\s:=()]{0,3}(?:of|was|is|at|del|di|al)?\s?(?P<n>\d{2,3})(?![\d/°%]|[.,]\d|\s?(?:mm|kPa|L\b|l/|bpm|beats|years|anni))"
)
# Words between a name and its number; other numbers end the reach, save a flow of oxygen.
_BETWEEN = re.compile(r"(?:[^\d;]|\d{1,2}\s?(?:l/min|litres?|liters?|lpm|L\b)){0,45}$", re.I)
# Characters before a measurement within which words say whose or what it is.
_SOON = 30
_ADJACENT = 2
_UP_TO = re.compile(r"\W{0,3}(?:up to|as high as|fino a|of|to|at|di|a)\s$", re.IGNORECASE)
# An Italian CT too; a whole number behind it counts slices as well as degrees.
_ALSO_CT = frozenset({"TC", "T.C."})
_ENDS = re.compile(r"\s?(?:$|[.;)](?!\d))")
_AMONG_VITALS = re.compile(r"[\s,;]{1,3}(?:FC|FR|PA|P\.A\.|HR|RR|BP|Sp?[Oo]2|SaO2|[Ss]at)")
# 'Fever of 39', 'febbre a 39' need neither unit nor decimals.
_FEVER = re.compile(r"feb|fever|pyrex|pires|iperpir|iperter", re.IGNORECASE)
_AFTER = re.compile(r"^\s?(?:\w{1,12}\s){0,2}$")
_STRENGTH: dict[Role, int] = {"film": 40, "study": 30, "case": 20, "name": 0, "other": 0}


def vitals_of(film: Film) -> tuple[list[Claim], list[Issue]]:
    """Return temperature and saturation of the first film; a later film keeps only what its own part states."""
    roles: tuple[Role, ...] = ("film", "study", "case") if at_presentation(film) else ("film", "study")
    standing: list[Claim] = []
    issues: list[Issue] = []
    for field, read in (("temperature", _temperatures), ("pO2_saturation", _saturations)):
        told = [
            told
            for segment in film.told(*roles)
            for sentence in segment.sentences
            if _DIGIT.search(sentence.text)
            for told in read(segment, sentence)
        ]
        measured = [claim for claim, _ in told if claim.value]
        best = max(measured, key=lambda claim: claim.strength, default=None)
        doubts = [doubt for claim, doubt in told if doubt and (claim is best or not claim.value)]
        issues += [Issue(kind="ambiguous value", field=field, message=doubt) for doubt in dict.fromkeys(doubts)]
        if best is None:
            continue
        standing.append(best)
        others = sorted({claim.value for claim in measured} - {best.value})
        if others:
            message = (
                f"{best.value} ({best.quote!r}) is read as the presenting value; the text also has {', '.join(others)}"
            )
            issues.append(Issue(kind="ambiguous value", field=field, message=message))
    return standing, issues


def _number(text: str) -> float:
    return float(text.replace(" ", "").replace(",", "."))


class _Told(NamedTuple):
    """Hold a measurement, its value blank where none can be told, and what makes it doubtful."""

    claim: Claim
    doubt: str


def _told(field: str, value: float, segment: Segment, sentence: Sentence, start: int, end: int) -> _Told:
    """Return what is told of a measurement by the words from `start` to `end`; a range has no one value."""
    text, language, column = sentence.text, segment.language, vocabulary("columns")["numbers"][field]
    strength = _STRENGTH[segment.role]
    strength += 5 if words_of("vitals", "presenting", language).search(text) else 0
    strength -= 5 if words_of("vitals", "later", language).search(text, max(0, start - 60), end) else 0
    run = next((run for run in _RANGE.finditer(text) if run.start() < end and start < run.end()), None)
    start, end = sentence.start + start, sentence.start + end
    words, written = segment.source[start:end], f"{value:g}"
    doubt = ""
    if run and not run["change"]:
        doubt, written = f"told as a range only: {run.group()!r}", ""
    elif not column["least"] <= value <= column["most"]:
        span = f"{column['least']} to {column['most']} {column['unit']}"
        doubt, written = f"{words!r} is not within {span}: {column['reason']}", ""
    elif _BOUND.search(words) or any(words_of("vitals", name, language).search(words) for name in ("limit", "below")):
        doubt = f"{written} is a bound, not a measurement: {words!r}"
    return _Told(Claim(field, written, segment, start, end, f"{field}: measured", strength), doubt)


def _names_near(sentence: Sentence, name: str, language: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the span from a measurement's name to its number, whichever comes first."""
    text = sentence.text
    for match in reversed(list(words_of("vitals", name, language).finditer(text, max(0, start - 70), start))):
        if _BETWEEN.match(text[match.end() : start]):
            return match.start(), end
    behind = words_of("vitals", name, language).search(text, end, end + 40)
    if behind and _AFTER.match(text[end : behind.start()]):
        return start, behind.end()
    return None


def _temperatures(segment: Segment, sentence: Sentence) -> Iterator[_Told]:
    text, language = sentence.text, segment.language
    for match in _DEGREES.finditer(text):
        unit = (match["unit"] or match["spelled"] or match["letter"] or "")[:1].upper()
        named = _names_near(sentence, "temperature", language, match.start(), match.end())
        if not named and (not unit or match["letter"]):
            continue
        value = _celsius(_number(match["n"]), unit)
        if not named and not _UNNAMED[0] <= value <= _UNNAMED[1]:
            continue
        if _elsewhere(sentence, match.start(), match.end(), language):
            continue
        if not _no_body(sentence, match.start(), match.end(), language):
            yield _told("temperature", value, segment, sentence, *(named or match.span()))
    for tight in _TIGHT.finditer(text):
        yield _told("temperature", _number(tight["n"]), segment, sentence, tight.start(), tight.end())
    for name in words_of("vitals", "temperature", language).finditer(text):
        bare = _BARE.match(text[name.end() :])
        if bare and not _DEGREES.search(text, name.end(), name.end() + bare.end() + 4) and _names_number(name, bare):
            value = _number(f"{bare['n']}.{bare['d'] or 0}")
            among = _AMONG_VITALS.match(text, name.end() + bare.end())
            alone = _ENDS.match(text, name.end() + bare.end()) is not None
            whole = name.group().upper() in _ALSO_CT and not (bare["d"] or among or alone)
            if not whole and not _elsewhere(sentence, name.start(), name.end(), language):
                yield _told("temperature", value, segment, sentence, name.start(), name.end() + bare.end())


def _celsius(number: float, unit: str) -> float:
    fahrenheit = unit == "F" or (not unit and number > _FAHRENHEIT)
    return round((number - 32) * 5 / 9, 1) if fahrenheit else number


def _names_number(name: re.Match[str], bare: re.Match[str]) -> bool:
    """Tell whether a number without a unit is a temperature: 'T 38', 'febbricola 37,4', not 'fever in 38 patients'."""
    if len(name.group()) == 1 and bare.start("n") > _ADJACENT + 1:
        return False
    up_to = _UP_TO.match(bare.group(), 0, bare.start("n")) is not None
    near = bare.start("n") <= _ADJACENT or up_to or bare.group()[: bare.start("n")].endswith("(")
    fever = _FEVER.match(name.group()) is not None
    return name.group()[0] in "BTt" or (bare["d"] is not None and near) or (fever and near)


def _no_body(sentence: Sentence, start: int, end: int, language: str) -> bool:
    """Tell whether a temperature is a room's or a device's, or a limit that the patient's did not pass."""
    text = sentence.text
    if words_of("vitals", "not_body", language).search(text, max(0, start - _SOON), end + _SOON):
        return True
    limit = words_of("vitals", "limit", language).search(text, max(0, start - _SOON), end)
    return limit is not None and scope_of(sentence, start, end, language).negated


def _elsewhere(sentence: Sentence, start: int, end: int, language: str) -> bool:
    scope = scope_of(sentence, start, end, language)
    return scope.other or scope.hypothetical or scope.history


def _not_arterial(text: str, start: int, end: int, language: str) -> bool:
    """Tell whether a saturation is transferrin's or a vein's, or one to be reached."""
    finder = words_of("vitals", "not_saturation", language)
    if (behind := finder.search(text, end, end + _SOON)) and not re.search(r"[,;.(]", text[end : behind.start()]):
        return True
    before = list(finder.finditer(text, max(0, start - _SOON), start))
    return bool(before) and not re.search(r"[,;.]", text[before[-1].end() : start])


def _saturations(segment: Segment, sentence: Sentence) -> Iterator[_Told]:
    text, language = sentence.text, segment.language
    for match in _PERCENT.finditer(text):
        value = _number(match["n"])
        inspired = words_of("vitals", "inspired", language).search(text, max(0, match.start() - 25), match.start())
        named = _names_near(sentence, "saturation", language, match.start(), match.end()) or _names_near(
            sentence, "pressure", language, match.start(), match.end()
        )
        in_air = words_of("vitals", "in_air", language).search(text, match.end(), match.end() + _SOON)
        if not named and in_air and not text[match.end() : in_air.start()].strip() and not inspired:
            named = (match.start(), in_air.end())
        # 'In VMK 60% saturazione 90%': what is breathed in stands before its number, whatever is behind.
        breathed = inspired and (inspired.start() >= named[0] or named[0] == match.start()) if named else None
        if not named or breathed or _not_arterial(text, *named, language):
            continue
        if words_of("vitals", "bound", language).search(text, named[0], match.end()):
            continue
        if not _elsewhere(sentence, match.start(), match.end(), language):
            yield _told("pO2_saturation", value, segment, sentence, *named)
    for name in words_of("vitals", "saturation", language).finditer(text):
        bare = _PLAIN_NUMBER.match(text[name.end() :])
        if (
            bare
            and not _not_arterial(text, name.start(), name.end() + bare.end(), language)
            and (_number(bare["n"]) >= _SATURDAY or _SPELLED.search(name.group()))
            and not _elsewhere(sentence, name.start(), name.end(), language)
        ):
            yield _told("pO2_saturation", _number(bare["n"]), segment, sentence, name.start(), name.end() + bare.end())
