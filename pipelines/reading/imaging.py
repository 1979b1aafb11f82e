"""Read the modality of a film: the site's own words through the vocabulary, then its caption, then the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from pipelines.reading.claims import Claim
from pipelines.reading.dates import days_in
from pipelines.reading.films import Film
from pipelines.reading.phrases import rules_of, words_of
from pipelines.reading.scope import negation_of, scope_of
from pipelines.reading.text import Role, Segment, Sentence, segment_of
from pipelines.records import Issue

STRENGTH: dict[Role, int] = {"film": 5, "study": 4, "case": 2, "name": 0, "other": 0}
# 'Initial CT was normal' tells of an examination; a published film shows something, or is pointed at.
_NORMAL = re.compile(
    r"^.{0,60}?\b(?:was|were|is|era|nella)\s(?:\w{1,15}\s)?(?:normal|unremarkable|negativ[aeio]|norma)\b", re.I
)
# In Italian TC is also the body temperature: 'TC 38,2°C'.
_DEGREES = re.compile(
    r"\W{0,3}(?:(?:max|ascellare|corporea|di|a)\W{1,2}){0,2}(?:\d{2}(?:[.,]\d)?\s?°|(?:3[4-9]|4[0-2])(?:[.,]\d)?(?![\d/]|[.,]\d|\s?(?:strati|slice|mm|gg|giorn|ore|marzo|april)))",
    re.IGNORECASE,
)
# 'Ct' is a cycle threshold, 'Tc' technetium.
_MIXED_CASE = re.compile(r"Ct|Tc")
_FIGURE = re.compile(r"\bfig|\([a-h]\)", re.I)
# A capital 'AP' or 'PA' must stand this near a word for a film.
NEAR = 30
_SHOWS_WITHIN = 60
# 'Rx torace e bacino' is of the chest, too.
_CHEST = re.compile(r"\b(?:torace|toracic[ao]|chest|thorax)\b", re.IGNORECASE)
_CHEST_WITHIN = 14
# 'CT of 24' is a number of cycles, 'CT of 24 March' an examination.
_DATED_WITHIN = 5
_WORDS_OF_FILE = re.compile(r"[-_.%/\d]")
_XRAY, _CT = "X-ray", "CT"
_CT_OF_FILE = re.compile(
    r"(?<![a-z])(?:(?:tc|tac|ct|hrct)(?:[-_ ]|%20)(?:del[-_ ])?(?:torace|thorax|chest|polmon\w+|lung)"
    r"|(?:torace|thorax|chest|lung)(?:[-_ ]|%20)(?:tc|tac|ct|hrct))(?![a-z])",
    re.IGNORECASE,
)
_KINDS_OF_FILE = (
    (_XRAY, re.compile(r"(?<![a-z])(?:rx|xr|cxr|x-?ray)(?![a-z])", re.IGNORECASE)),
    (_CT, re.compile(r"(?<![a-z])(?:tc|tac|ct|hrct)(?![a-z])", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Hold a mention of an examination: which, where, and whether it is the subject that is described."""

    modality: str
    segment: Segment
    sentence: Sentence
    start: int
    end: int
    describes: bool
    normal: bool = False
    denied: bool = False


@lru_cache(maxsize=256)
def mentions_in(segment: Segment) -> tuple[Mention, ...]:
    """Return the chest examinations a segment mentions, in its order."""
    mentions = tuple(_mentions(segment))
    if any(mention.describes for mention in mentions):
        return mentions
    # A normal radiograph is the one shown where the text describes no film; of a normal CT no picture is kept.
    return tuple(replace(mention, describes=mention.normal and mention.modality == _XRAY) for mention in mentions)


def _mentions(segment: Segment) -> Iterator[Mention]:
    language = segment.language
    for sentence in segment.sentences:
        text = sentence.text
        found = [
            (match.start(), match.end(), modality)
            for modality, name in ((_XRAY, "xray"), (_CT, "ct"))
            for match in words_of("imaging", name, language).finditer(text)
        ]
        if not found:
            continue
        shown = [match.span() for match in words_of("imaging", "shown", language).finditer(text)]
        compared = [match.span() for match in words_of("imaging", "compared", language).finditer(text)]
        elsewhere = [match.span() for match in words_of("imaging", "elsewhere", language).finditer(text)]
        for start, end, modality in sorted(found):
            if (
                _DEGREES.match(text, end)
                or _MIXED_CASE.fullmatch(text, start, end)
                or (
                    modality == _CT
                    and is_behind("not_film", text, end, language)
                    and not _is_dated(sentence, end, language)
                )
            ):
                continue
            near = any(abs(left - end) < 25 or abs(start - right) < 12 for left, right in elsewhere)
            if near and not _CHEST.search(text, start, end + _CHEST_WITHIN):
                continue
            scope = scope_of(sentence, start, end, language)
            compares = any(left <= start < right for left, right in compared)
            compares = compares and not any(left <= start < right for left, right in shown)
            denial = negation_of(text, start, end, language)
            # 'RX torace: negativo' denies no film.
            result = denial is not None and denial[0] >= end and text.startswith("negativ", denial[0])
            normal = result or bool(_NORMAL.match(text[end:]))
            normal = normal and not _FIGURE.search(text) and segment.role != "film"
            denied = (denial is not None and not result) or scope.hypothetical
            other = compares or denied
            described = not (other or normal)
            # 'No plain-film abnormality' denies what was looked for, not the film.
            none = denied and not is_behind("found", text, end, language)
            yield Mention(modality, segment, sentence, start, end, described, normal and not other, none)


def _is_dated(sentence: Sentence, end: int, language: str) -> bool:
    days = days_in(sentence.text, language, sentence.order)
    return any(end <= day.start <= end + _DATED_WITHIN for day in days)


def is_behind(name: str, text: str, end: int, language: str) -> bool:
    """Tell whether the words of a list, if the language has it, stand right behind a word."""
    if name not in rules_of("imaging", language)["lists"]:
        return False
    behind = words_of("imaging", name, language).search(text, end, end + NEAR)
    return behind is not None and not text[end : behind.start()].strip(" -)")


def known(word: str) -> str:
    """Return a site's word as the vocabulary writes it."""
    return " ".join(word.split()).lower().replace("\u2013", "-")


def site_word(film: Film, field: str, table: str) -> tuple[list[Claim], list[Issue]]:
    """Read the word a site gives for a film through the vocabulary."""
    here = f"study[{film.study}]"
    record = film.record
    places = [
        (
            f"{here}.image[{film.image}].{'modality' if field == 'modality' else 'projection'}",
            record.modality if field == "modality" else record.projection,
        )
    ]
    if field == "modality":
        places.append((f"{here}.modality", film.case.studies[film.study].modality))
    vocabulary: dict[str, str] = rules_of("imaging")[table]
    for address, word in places:
        told = known(word)
        if not told:
            continue
        if told not in vocabulary:
            return [], [
                Issue(kind="unknown vocabulary", field=field, message=f"the site's word {word!r} is in no look-up")
            ]
        if not vocabulary[told]:
            return [], [Issue(kind="ambiguous value", field=field, message=f"the site says only {word!r}")]
        segment = segment_of(address, word, "film", "en")
        return [Claim(field, vocabulary[told], segment, 0, len(word), f"{field}: the site's word", 9)], []
    return [], []


def modality_of(film: Film) -> tuple[list[Claim], list[Issue]]:
    """Return the film's modality; where the case describes both kinds, the first one described is the first film's."""
    claims, issues = site_word(film, "modality", "modality")
    if claims or issues:
        return claims, issues
    for roles in (("film",), ("study",), ("case",)):
        mentions = [mention for segment in film.told(*roles) for mention in mentions_in(segment)]
        if not mentions and roles == ("film",):
            # 'Chest X-rays on day 1 (A) and day 4 (B)': what the first panel's words name, all its panels are.
            mentions = _of_caption(film)
        chosen, issues = _chosen(mentions, film)
        if chosen or issues:
            return ([_modality_claim(chosen)] if chosen else []), issues
    for segment, sentence, _, word in named_by_file(film):
        start, end = sentence.start + word.start(), sentence.start + word.end()
        return [Claim("modality", _XRAY, segment, start, end, "modality: file name", 1)], []
    return list(_ct_of_file(film))[:1], []


def _ct_of_file(film: Film) -> Iterator[Claim]:
    """Yield the CT of the chest that a file name tells in full ('TC-torace-…'); the abbreviation alone says nothing."""
    name = film.record.url
    segment = segment_of(f"study[{film.study}].image[{film.image}].url", name, "film", "it")
    for match in _CT_OF_FILE.finditer(name, name.rfind("/") + 1):
        yield Claim("modality", _CT, segment, match.start(), match.end(), "modality: file name", 1)


def _of_caption(film: Film) -> list[Mention]:
    """Return what the other parts of the film's own caption name, where that is of one kind."""
    own = {segment.address for segment in film.told("film")}
    parts = [segment for segment in film.told("other") if segment.address in own and segment.letters]
    mentions = [mention for segment in parts for mention in mentions_in(segment)]
    return mentions if len({mention.modality for mention in mentions}) == 1 else []


def _chosen(mentions: list[Mention], film: Film) -> tuple[Mention | None, list[Issue]]:
    described = [mention for mention in mentions if mention.describes]
    if len({mention.modality for mention in described}) > 1:
        # 'A CT was performed. The chest radiograph showed …': the film that shows something is the film shown.
        described = [mention for mention in described if _shows(mention)] or described
    kinds = {mention.modality for mention in described}
    if len(kinds) == 1:
        return described[0], []
    if len(kinds) > 1:
        # 'covid-19-caso-145-2-TC.jpg' tells which of the two that the text describes it is.
        of_file = [kind for kind, name in _KINDS_OF_FILE if name.search(film.record.url.rsplit("/", 1)[-1])]
        if len(of_file) == 1:
            return next(mention for mention in described if mention.modality == of_file[0]), []
        issue = Issue(kind="ambiguous value", field="modality", message="the text describes a radiograph and a CT")
        # A caption of both is of a figure that holds both.
        of_film = described[0].segment.role != "film" and described[0].modality == _XRAY and film.first
        return (described[0] if of_film else None), [issue]
    mentions = [mention for mention in mentions if not mention.denied]
    kinds = {mention.modality for mention in mentions}
    # A radiograph named beside this one ('since the prior radiograph') is of the same kind; a CT need not be.
    return (mentions[0], []) if kinds == {_XRAY} else (None, [])


def _shows(mention: Mention) -> bool:
    after = mention.sentence.text[mention.end : mention.end + _SHOWS_WITHIN]
    verb = words_of("clock", "film_shows", mention.segment.language).search(after)
    return ":" in after[:NEAR] or verb is not None


def _modality_claim(mention: Mention) -> Claim:
    start = mention.sentence.start + mention.start
    end = mention.sentence.start + mention.end
    return Claim(
        "modality", mention.modality, mention.segment, start, end, "modality: in words", STRENGTH[mention.segment.role]
    )


def named_by_file(film: Film) -> Iterator[tuple[Segment, Sentence, str, re.Match[str]]]:
    """Yield the words of a file name and the radiograph they name as a caption does ('RX-torace-…-AP'), by language.

    A bare letter in it says nothing.
    """
    name = film.record.url
    address = f"study[{film.study}].image[{film.image}].url"
    segment = segment_of(address, name, "film", "it")
    at = name.rfind("/") + 1
    # 'rx-torace-ap' is written as it is because it is a file's name.
    plain = _WORDS_OF_FILE.sub(" ", name[at:]).upper()
    sentence = Sentence(plain, at, 0)
    for language in ("it", "en"):
        found = (match for match in words_of("imaging", "xray", language).finditer(plain) if len(match.group()) > 2)
        if word := next(found, None):
            yield segment, sentence, language, word
