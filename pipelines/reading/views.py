"""Read the view of a film: the site's own words through the vocabulary, then its caption, then the text."""

import re
from collections.abc import Iterator

from pipelines.reading.claims import Claim
from pipelines.reading.films import Film
from pipelines.reading.imaging import NEAR, STRENGTH, is_behind, known, named_by_file, site_word
from pipelines.reading.phrases import rules_of, words_of
from pipelines.reading.scope import negation_of
from pipelines.reading.text import Role, Sentence
from pipelines.records import Issue

_ABBREVIATED = 3
_CAPITALS = re.compile(r"A[-/]?P|P[-/]?A|LL")
# In small letters an abbreviation stands apart, or right before a word for a film: '…, pa: …', 'ap view'.
_APART = re.compile(
    r"\s?(?:$|[.:;,)]|(?:view|projection|film|radiograph|x-?ray|cxr|on|at|portable|erect|supine|mobile|semi)\b"
    r"|al? letto)",
    re.I,
)
_ENDS = re.compile(r"\s?(?:$|[.:;,)/(]|(?:view|projection)\b)", re.I)
_PART_OF_LIST = re.compile(r"[(,]\s?$")
# 'PA: consolidation', '…, on oxygen, AP, …' of a film's own part, 'AP supine: …': capitals that stand apart are a view.
_HEADS = re.compile(r"(?:AP|PA)(?:\s(?:chest|erect|supine|portable|view|semi-?erect))?(?::|\s[-–])\s(?!\d)")
_SET_APART = re.compile(r"(?:(?<=[,;:]\s)|(?<=[\s(]\())(?:AP|PA)(?=\s?[,;.)])")
# 'Pulmonary artery (PA)' names itself, 'the left PA' is one.
_ARTERY = re.compile(r"(?:(?:arter\w+|pressure|diameter)\s?\(|\b(?:right|left|main)\s)$", re.I)


def _views_in(sentence: Sentence, language: str, *, own: bool = False) -> Iterator[tuple[str, int, int]]:
    """Yield each view a sentence tells, and its span; `own` where the sentence is of a film's own part."""
    text = sentence.text
    film = [match.span() for match in words_of("imaging", "film", language).finditer(text)]
    cross = [match.span() for match in words_of("imaging", "cross", language).finditer(text)]
    for match in words_of("imaging", "both", language).finditer(text):
        yield "L", *match.span()
        yield "PA or AP", *match.span()
    supine = next(words_of("imaging", "supine", language).finditer(text), None)
    erect = next(words_of("imaging", "erect", language).finditer(text), None)
    if erect and _is_half(text, erect.start(), language):
        erect = None
    for match in words_of("imaging", "lateral_last", language).finditer(text):
        if _ENDS.match(text, match.end()):
            yield "L", *match.span()
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
            short = len(match.group()) <= _ABBREVIATED
            if short and not _CAPITALS.fullmatch(match.group()) and not _stands_apart(text, start, end, film):
                continue
            of_film = film if value in ("PA", "AP", "L") else cross
            alone = (own and _SET_APART.match(text, start)) or _heads(text, start, language)
            if not alone and not any(left <= end + NEAR and start <= right + NEAR for left, right in of_film):
                continue
            if value in ("PA", "AP") and (is_behind("not_view", text, end, language) or _ARTERY.search(text[:start])):
                continue
            if value == "AP" and supine and abs(supine.start() - end) < NEAR + 20:
                yield "AP Supine", min(start, supine.start()), max(end, supine.end())
            elif value == "AP" and erect and abs(erect.start() - end) < NEAR + 20:
                yield "AP Erect", min(start, erect.start()), max(end, erect.end())
            else:
                yield value, start, end
    lying = words_of("imaging", "supine_film", language).search(text) if supine else None
    if lying and not any(words_of("imaging", n, language).search(text) for n in ("pa", "ap")):
        yield "AP Supine", lying.start(), lying.end()


def _heads(text: str, start: int, language: str) -> bool:
    """Tell whether capitals open a sentence as the name of the film that it describes: 'PA: dense consolidation'."""
    opens = language == "en" and text[:start].rstrip(" -(")[-1:] in ("", ".") and _HEADS.match(text, start)
    return bool(opens) and words_of("clock", "signs", language).search(text, start) is not None


def _stands_apart(text: str, start: int, end: int, film: list[tuple[int, int]]) -> bool:
    """Tell whether small letters are a view: behind a word for a film or a comma, and no part of what follows."""
    behind_film = any(right <= start and not text[right:start].strip(" -(") for _, right in film)
    return _APART.match(text, end) is not None and (behind_film or _PART_OF_LIST.search(text[:start]) is not None)


def _is_half(text: str, start: int, language: str) -> bool:
    """Tell whether a word for half stands right before: 'semi-erect' is not erect."""
    half = list(words_of("imaging", "half", language).finditer(text, max(0, start - NEAR), start))
    return bool(half) and not text[half[-1].end() : start].strip(" -")


def _is_not_taken(text: str, start: int, end: int, language: str) -> bool:
    """Tell whether a view is denied: 'no lateral view', but not 'PA view: negative', whose result is."""
    denial = negation_of(text, start, end, language)
    return (denial is not None and denial[0] < end) or is_behind("not_taken", text, end, language)


def view_of(film: Film, modality: str) -> tuple[list[Claim], list[Issue]]:
    """Return the film's view; 'frontal' is neither PA nor AP, and leaves it blank with the word as a hint."""
    claims, issues = site_word(film, "view", "projection")
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
    left_open: list[str] | None = rules_of("imaging")["open"].get(known(film.record.projection))
    for roles in (("film",), ("study",), ("case",)):
        found = [
            Claim(
                "view",
                value,
                segment,
                sentence.start + start,
                sentence.start + end,
                "view: in words",
                STRENGTH[segment.role],
            )
            for segment in film.told(*roles)
            for sentence in segment.sentences
            for value, start, end in _views_in(sentence, segment.language, own=segment.role == "film")
            if (not allowed or value in (*allowed, "PA or AP"))
            and (left_open is None or value in left_open)
            and not _is_not_taken(sentence.text, start, end, segment.language)
        ]
        values = {claim.value for claim in found}
        if len(values) == 1:
            return found[:1], []
        if values:
            words = ", ".join(sorted(values))
            return [], [Issue(kind="ambiguous value", field="view", message=f"the text names several views: {words}")]
        hints = hints or list(_left_open(film, roles[0]))
    return list(_of_file(film))[:1], hints


def _left_open(film: Film, role: Role) -> Iterator[Issue]:
    for segment in film.told(role):
        for name in ("frontal", "supine"):
            if match := words_of("imaging", name, segment.language).search(segment.plain):
                yield Issue(kind="ambiguous value", field="view", message=f"the text says only {match.group()!r}")
                return


def _of_file(film: Film) -> Iterator[Claim]:
    for segment, sentence, language, _ in named_by_file(film):
        views = {value: (start, end) for value, start, end in _views_in(sentence, language)}
        if len(views) == 1:
            value, (start, end) = views.popitem()
            yield Claim("view", value, segment, sentence.start + start, sentence.start + end, "view: file name", 1)
