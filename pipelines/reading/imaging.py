"""Read view and modality of a film: the site's own words through the vocabulary, then its caption, then the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from pipelines.reading.claims import Claim
from pipelines.reading.films import Film
from pipelines.reading.phrases import rules_of, words_of
from pipelines.reading.scope import negated, negation_of, scope_of
from pipelines.reading.text import Role, Segment, Sentence, segment_of
from pipelines.records import Issue

_STRENGTH: dict[Role, int] = {"film": 5, "study": 4, "case": 2, "name": 0, "other": 0}
# 'Initial CT was normal' tells of an examination; a published film shows something, or is pointed at.
_NORMAL = re.compile(
    r"^.{0,60}?\b(?:was|were|is|era|nella)\s(?:\w{1,15}\s)?(?:normal|unremarkable|negativ[aeio]|norma)\b", re.I
)
# In Italian TC is also the body temperature: 'TC 38,2°C'.
_DEGREES = re.compile(r"\W{0,3}\d{2}(?:[.,]\d)?\s?°")
# 'Ct' is a cycle threshold, 'Tc' technetium.
_MIXED_CASE = re.compile(r"Ct|Tc")
_FIGURE = re.compile(r"\bfig|\([a-h]\)", re.I)
# A capital 'AP' or 'PA' must stand this near a word for a film.
_NEAR = 30
_SHOWS_WITHIN = 60
_ABBREVIATED = 3
# 'Rx torace e bacino' is of the chest, too.
_CHEST = re.compile(r"\b(?:torace|toracic[ao]|chest|thorax)\b", re.IGNORECASE)
_CHEST_WITHIN = 14
_CAPITALS = re.compile(r"A[-/]?P|P[-/]?A|LL")
_WORDS_OF_FILE = re.compile(r"[-_.%/\d]")
_XRAY, _CT = "X-ray", "CT"


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
                or _is_behind("not_film", text, end, language)
            ):
                continue
            near = any(abs(left - end) < 25 or abs(start - right) < 12 for left, right in elsewhere)
            if near and not _CHEST.search(text, start, end + _CHEST_WITHIN):
                continue
            scope = scope_of(sentence, start, end, language)
            compares = any(left <= start < right for left, right in compared)
            compares = compares and not any(left <= start < right for left, right in shown)
            normal = bool(_NORMAL.match(text[end:])) and not _FIGURE.search(text) and segment.role != "film"
            denied = negated(text, start, end, language) or scope.hypothetical
            other = compares or denied
            described = not (other or normal)
            yield Mention(modality, segment, sentence, start, end, described, normal and not other, denied)


def _is_behind(name: str, text: str, end: int, language: str) -> bool:
    """Tell whether the words of a list, if the language has it, stand right behind a word."""
    if name not in rules_of("imaging", language)["lists"]:
        return False
    behind = words_of("imaging", name, language).search(text, end, end + _NEAR)
    return behind is not None and not text[end : behind.start()].strip(" -)")


def _known(word: str) -> str:
    return " ".join(word.split()).lower().replace("\u2013", "-")


def _site_word(film: Film, field: str, table: str) -> tuple[list[Claim], list[Issue]]:
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
        known = _known(word)
        if not known:
            continue
        if known not in vocabulary:
            return [], [
                Issue(kind="unknown vocabulary", field=field, message=f"the site's word {word!r} is in no look-up")
            ]
        if not vocabulary[known]:
            return [], [Issue(kind="ambiguous value", field=field, message=f"the site says only {word!r}")]
        segment = segment_of(address, word, "film", "en")
        return [Claim(field, vocabulary[known], segment, 0, len(word), f"{field}: the site's word", 9)], []
    return [], []


def modality_of(film: Film) -> tuple[list[Claim], list[Issue]]:
    """Return the film's modality; where the case describes both kinds, the first one described is the first film's."""
    claims, issues = _site_word(film, "modality", "modality")
    if claims or issues:
        return claims, issues
    for roles in (("film",), ("study",), ("case",)):
        mentions = [mention for segment in film.told(*roles) for mention in mentions_in(segment)]
        chosen, issues = _chosen(mentions, film)
        if chosen or issues:
            return ([_modality_claim(chosen)] if chosen else []), issues
    return _of_file(film, "modality"), []


def _chosen(mentions: list[Mention], film: Film) -> tuple[Mention | None, list[Issue]]:
    described = [mention for mention in mentions if mention.describes]
    if len({mention.modality for mention in described}) > 1:
        # 'A CT was performed. The chest radiograph showed …': the film that shows something is the film shown.
        described = [mention for mention in described if _shows(mention)] or described
    kinds = {mention.modality for mention in described}
    if len(kinds) == 1:
        return described[0], []
    if len(kinds) > 1:
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
    return ":" in after[:_NEAR] or verb is not None


def _modality_claim(mention: Mention) -> Claim:
    start = mention.sentence.start + mention.start
    end = mention.sentence.start + mention.end
    return Claim(
        "modality", mention.modality, mention.segment, start, end, "modality: in words", _STRENGTH[mention.segment.role]
    )


def _views_in(sentence: Sentence, language: str) -> Iterator[tuple[str, int, int]]:
    text = sentence.text
    film = [match.span() for match in words_of("imaging", "film", language).finditer(text)]
    cross = [match.span() for match in words_of("imaging", "cross", language).finditer(text)]
    for match in words_of("imaging", "both", language).finditer(text):
        yield "L", *match.span()
        yield "PA or AP", *match.span()
    supine = next(words_of("imaging", "supine", language).finditer(text), None)
    erect = next(words_of("imaging", "erect", language).finditer(text), None)
    for value, name in (
        ("PA", "pa"),
        ("AP", "ap"),
        ("L", "lateral"),
        ("Axial", "axial"),
        ("Coronal", "coronal"),
        ("Sagittal", "sagittal"),
    ):
        for match in words_of("imaging", name, language).finditer(text):
            start, end = match.span()
            if len(match.group()) <= _ABBREVIATED and not _CAPITALS.fullmatch(match.group()):
                continue
            of_film = film if value in ("PA", "AP", "L") else cross
            if not any(left <= end + _NEAR and start <= right + _NEAR for left, right in of_film):
                continue
            if value in ("PA", "AP") and _is_behind("not_view", text, end, language):
                continue
            if value == "AP" and supine and abs(supine.start() - end) < _NEAR + 20:
                yield "AP Supine", min(start, supine.start()), max(end, supine.end())
            elif value == "AP" and erect and abs(erect.start() - end) < _NEAR + 20:
                yield "AP Erect", min(start, erect.start()), max(end, erect.end())
            else:
                yield value, start, end
    lying = words_of("imaging", "supine_film", language).search(text) if supine else None
    if lying and not any(words_of("imaging", n, language).search(text) for n in ("pa", "ap")):
        yield "AP Supine", lying.start(), lying.end()


def _denied_before(text: str, start: int, end: int, language: str) -> bool:
    """Tell whether a view is denied: 'no lateral view', but not 'PA view: negative', whose result is."""
    denial = negation_of(text, start, end, language)
    return denial is not None and denial[0] < end


def view_of(film: Film, modality: str) -> tuple[list[Claim], list[Issue]]:
    """Return the film's view; 'frontal' is neither PA nor AP, and leaves it blank with the word as a hint."""
    claims, issues = _site_word(film, "view", "projection")
    allowed: list[str] = rules_of("imaging")["views"].get(modality, [])
    if claims:
        fits = not allowed or claims[0].value in allowed
        return (
            (claims, [])
            if fits
            else (
                [],
                [Issue(kind="contradiction", field="view", message=f"{claims[0].quote!r} is no view of a {modality}")],
            )
        )
    hints = issues
    left_open: list[str] | None = rules_of("imaging")["open"].get(_known(film.record.projection))
    for roles in (("film",), ("study",), ("case",)):
        found = [
            Claim(
                "view",
                value,
                segment,
                sentence.start + start,
                sentence.start + end,
                "view: in words",
                _STRENGTH[segment.role],
            )
            for segment in film.told(*roles)
            for sentence in segment.sentences
            for value, start, end in _views_in(sentence, segment.language)
            if (not allowed or value in (*allowed, "PA or AP"))
            and (left_open is None or value in left_open)
            and not _denied_before(sentence.text, start, end, segment.language)
        ]
        values = {claim.value for claim in found}
        if len(values) == 1:
            return found[:1], []
        if values:
            words = ", ".join(sorted(values))
            return [], [Issue(kind="ambiguous value", field="view", message=f"the text names several views: {words}")]
        hints = hints or list(_left_open(film, roles[0]))
    return _of_file(film, "view"), hints


def _left_open(film: Film, role: Role) -> Iterator[Issue]:
    for segment in film.told(role):
        for name in ("frontal", "supine"):
            if match := words_of("imaging", name, segment.language).search(segment.plain):
                yield Issue(kind="ambiguous value", field="view", message=f"the text says only {match.group()!r}")
                return


def _of_file(film: Film, field: str) -> list[Claim]:
    """Read a file name that words the film as a caption does ('RX-torace-…-AP'); a bare letter in it says nothing."""
    name = film.record.url
    address = f"study[{film.study}].image[{film.image}].url"
    segment = segment_of(address, name, "film", "it")
    at = name.rfind("/") + 1
    # 'rx-torace-ap' is written as it is because it is a file's name.
    plain = _WORDS_OF_FILE.sub(" ", name[at:]).upper()
    sentence = Sentence(plain, at, 0)
    for language in ("it", "en"):
        film_words = [
            match for match in words_of("imaging", "xray", language).finditer(plain) if len(match.group()) > 2
        ]
        if not film_words:
            continue
        if field == "modality":
            found = film_words[0]
            return [Claim("modality", _XRAY, segment, at + found.start(), at + found.end(), "modality: file name", 1)]
        views = {value: (start, end) for value, start, end in _views_in(sentence, language)}
        if len(views) == 1:
            value, (start, end) = views.popitem()
            return [Claim("view", value, segment, at + start, at + end, "view: file name", 1)]
    return []
