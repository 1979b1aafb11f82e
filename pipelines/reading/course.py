"""Read what became of the patient: survival, intubation, intensive care, oxygen, and the test that proved it."""

import re
from collections.abc import Iterator

from pipelines.reading.claims import Claim, settled
from pipelines.reading.films import Film
from pipelines.reading.phrases import Cue, cues_of
from pipelines.reading.scope import Scope, answer_of, denied_within, negated, negation_of, parted_within, scope_of
from pipelines.reading.text import Role, Segment, Sentence
from pipelines.records import Issue

# The course is the patient's: what another film's part tells of it counts for this film too.
_OF_PATIENT: tuple[Role, ...] = ("film", "study", "case", "other")
_OF_FILM: tuple[Role, ...] = ("film", "study")
_AFFIRMED, _DENIED = 2, 1
# Between two phrases of a sentence, this parts them into clauses.
_PARTED = re.compile(r"[;:()]|,\s|\s(?:and|but|e|ma)\s", re.IGNORECASE)
# A cue that is read only where a form's answer stands behind it.
_ANSWERED = "answered"


def course_of(film: Film) -> tuple[list[Claim], list[Issue]]:
    """Return the claims on the course that stand.

    Columns that ask whether something ever happened are Y as soon as one sentence says so, whatever was so before.
    """
    claims: dict[str, list[Claim]] = {}
    for family in ("course", "finding"):
        for segment in film.told(*_OF_PATIENT):
            plain = segment.plain
            for order, cue in enumerate(cues_of(family, segment.language)):
                if not _reads(cue, segment, film) or not cue.pattern.search(plain):
                    continue
                for claim in _claims(cue, segment, order):
                    claims.setdefault(claim.field, []).append(claim)
    standing: list[Claim] = []
    issues: list[Issue] = []
    for field, found in claims.items():
        best, disagreements = settled(field, found)
        standing += [best] if best else []
        issues += disagreements
    return standing, issues


def _reads(cue: Cue, segment: Segment, film: Film) -> bool:
    if cue.where in ("", _ANSWERED) or segment.role in _OF_FILM:
        return True
    return cue.where == "only study" and segment.role == "case" and len(film.case.studies) == 1


def _claims(cue: Cue, segment: Segment, order: int) -> Iterator[Claim]:
    for sentence in segment.sentences:
        matches = list(_matches(cue, sentence.text, segment.language))
        if matches and cue.unless and cue.unless.search(sentence.text):
            continue
        if matches and cue.only_with and not cue.only_with.search(sentence.text):
            continue
        for match in matches:
            start, end = match.span()
            if cue.not_after and cue.not_after.search(sentence.text, 0, start):
                continue
            if cue.void_after and cue.void_after.match(sentence.text, end):
                continue
            if cue.where == _ANSWERED and not answer_of(sentence.text, end):
                continue
            if _voided(cue, sentence.text, start, end):
                continue
            scope = scope_of(sentence, start, end, segment.language)
            # 'No fever, no oxygen': the denial that a phrase holds is not denied by one before it.
            own = cue.denies and denied_within(sentence.text, start, end, segment.language, first=True)
            value = _value(cue, scope, denied=scope.negated and not own)
            if value and value != cue.value:
                # A person who checks a denied value must see the denial.
                negation = negation_of(sentence.text, start, end, segment.language) or (start, end)
                start, end = min(start, negation[0]), max(end, negation[1])
            if value:
                strength = 100 * (_AFFIRMED if value == cue.value else _DENIED) - order
                yield _claim(cue, value, segment, sentence, start, end, strength)


def _voided(cue: Cue, text: str, start: int, end: int) -> bool:
    """Tell whether a phrase of the cue's `void_later` stands behind its words, or `void_near` in their clause."""
    if cue.void_later and cue.void_later.search(text, end):
        return True
    for near in cue.void_near.finditer(text) if cue.void_near else ():
        if not _PARTED.search(text, min(near.end(), end), max(near.start(), start)):
            return True
    return False


def _matches(cue: Cue, text: str, language: str) -> Iterator[re.Match[str]]:
    """Yield where the cue's phrases stand; behind one that reaches over a denial, or out of one, it looks on within.

    'Admitted to the ward, did not require ICU' is no admission to the ICU, and tells that none was required.
    """
    at = 0
    while match := cue.pattern.search(text, at):
        at = match.end()
        reached = parted_within(text, *match.span(), language) and negated(text, *match.span(), language)
        if not cue.denies and (denied_within(text, *match.span(), language) or reached):
            at = match.start() + 1
            continue
        yield match


def _value(cue: Cue, scope: Scope, *, denied: bool) -> str:
    if scope.hypothetical or scope.history or scope.other:
        return ""
    return cue.negated if denied else cue.value


def _claim(cue: Cue, value: str, segment: Segment, sentence: Sentence, start: int, end: int, strength: int) -> Claim:
    rule = f"{cue.field}: {cue.rule}" + (", denied" if value != cue.value else "")
    return Claim(cue.field, value, segment, sentence.start + start, sentence.start + end, rule, strength)
