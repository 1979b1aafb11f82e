"""Read the finding: what a title names, and what the text says in so many words that the patient has."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from pipelines.reading.claims import Claim, settled
from pipelines.reading.films import Film
from pipelines.reading.finder import Finder, ahead_of, needed_by_any
from pipelines.reading.phrases import any_of, rules_of, whole, words_of
from pipelines.reading.scope import denied_within, scope_of
from pipelines.reading.text import Segment, Sentence
from pipelines.records import Issue
from pipelines.vocabularies import vocabulary

_SYNDROME, _COVID, _SARS = "ARDS", "Pneumonia/Viral/COVID-19", "Pneumonia/Viral/SARS"
_PROVED, _SAID, _TITLE, _OPENING, _TEST, _NORMAL = 11, 9, 7, 6, 4, 1
# A page's address tells its subject only where the site builds it from the case's title.
_CASE_SLUG = re.compile(
    r"/(?:cases?|casi)/[^?#]+|/[^/?#]*\b(?:case|caso)-?\d*[^?#]*|/(?:file:)?(?:[a-z0-9]{1,20}[-_]){5,30}[a-z0-9]{1,20}(?=[/?#.]|$)",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\b(?:suspect\w*|possible|probable|mimic\w*|versus|vs|differential|negative|sospett\w*|non)\b|\?", re.I
)
# 'This am vs admission', 'day 1 vs day 5': films of one patient are compared, not illnesses.
_FILMS_COMPARED = re.compile(
    r"\b(?:vs|versus)\b\.?(?=\s(?:the\s)?(?:admission|day|d\d|yesterday|today|earlier|previous|prior|\d|baseline))",
    re.I,
)
_PROBABLE = re.compile(r"probable\b", re.I)
_DENIAL = re.compile(r"[,;]\s(?:but |ma |and |e )?negativ\w*$", re.I)
# 'BAL positive for X (two earlier swabs negative)'.
_EARLIER = re.compile(r"\b(?:precedent\w+|inizial\w+|previous|prior|earlier|initial)\b[^;.]{0,40}\bnegativ\w*$", re.I)
_FOR = re.compile(r"\s(?:for|per|to|al|alla|alle|agli|ai)\b", re.I)
# Radiopaedia words how sure a diagnosis is; below 'almost certain' a title is an opinion.
# A caption's own number comes before the words that open it: 'Fig. 1.-Pneumonia in a 40-year-old man'.
_CAPTION_HEAD = re.compile(
    r"\s*\(?(?:Fig(?:ure|\.)?|Image|Case|Figura)\s?\d{1,2}[A-Za-z]?[\s.:)\u2013\u2014-]{1,4}", re.I
)
_SUBJECT = re.compile(r"\s(?:for|to)\s(?!(?:the )?(?:virus|it|this|infection)\b)", re.I)
_ASKED = re.compile(r"\s?\?")
_UNSURE = re.compile(r"possible|probable|suggestive|not applicable|uncertain", re.I)

# 'MERS coronavirus' is the virus of MERS; a bare 'coronavirus' behind another syndrome's name is not COVID-19's.
_HEADS = {
    _COVID: r"(?<!non[\s\-])"
    r"(?:(?<!MERS[\s\-])(?<!SARS[\s\-])(?<!syndrome[\s\-])(?<!related[\s\-])|(?!coronavirus\b(?![\s\-]2\b)))"
}
# SARS is not SARS-CoV-2, nor is the syndrome of its name.
_TAILS = {
    # The coronaviruses of colds are not COVID-19's.
    _COVID: r"(?![\s\-(]{1,3}(?:OC43|229E|NL63|HKU-?1)\b)",
    # BK is also a virus.
    "Tuberculosis": r"(?![\s\-]?vir|V\b)",
    "Pneumonia/Viral/SARS": r"(?![\s\-]coronavirus[\s\-(]{1,2}(?:2|SARS[\s\-]?CoV))(?![\s\-]?CoV)(?![\s\-]?associated)",
}

# Stands in a text for each letter of a finding's name, so that one set of patterns serves all findings.
_MASK = "\ue000"


class _Rule(NamedTuple):
    path: str
    name: Finder
    slug: Finder


@cache
def short_form(path: str) -> str:
    """Return the collection's flat name of a finding's path, a syndrome beside it kept ('COVID-19, ARDS')."""
    short = {finding["path"]: finding["short"] for finding in vocabulary("findings")["finding"]}
    return ", ".join(short.get(part, part) for part in path.split(", "))


@cache
def _rules() -> tuple[_Rule, ...]:
    rules = []
    for finding in rules_of("findings")["finding"]:
        names, cased = finding["names"], finding.get("cased", [])
        head, tail = _HEADS.get(finding["path"], ""), _TAILS.get(finding["path"], "")
        name = f"(?:{any_of(names)}|(?-i:{any_of(cased)}))" if cased else any_of(names)
        # Addresses are in lower case throughout.
        needed = needed_by_any([*names, *cased], {})
        begun = ahead_of([*names, *cased], {})
        patterns = (whole(begun + head + pattern + tail) for pattern in (name, any_of([*names, *cased])))
        rules.append(_Rule(finding["path"], *(Finder(pattern, needed) for pattern in patterns)))
    return tuple(rules)


@cache
def _ways(kind: str, language: str) -> Finder:
    """Compile the ways of one kind of saying that a text has a finding, whose name is masked."""
    lists: dict[str, list[str]] = {**rules_of("finding", language)["lists"], "name": [_MASK]}
    pattern = any_of(lists[kind], lists).replace(_MASK, f"{_MASK}+")
    return Finder(whole(ahead_of(lists[kind], lists) + pattern), frozenset({_MASK}))


def _masked(text: str, name: Finder) -> str:
    for match in name.finditer(text):
        text = text[: match.start()] + _MASK * len(match.group()) + text[match.end() :]
    return text


def _claims_in(segment: Segment) -> Iterator[Claim]:
    plain = segment.plain
    named = [rule for rule in _rules() if rule.name.search(plain)]
    for sentence in segment.sentences if named else ():
        for rule in named:
            if rule.name.search(sentence.text):
                yield from _said(rule, segment, sentence)


def _said(rule: _Rule, segment: Segment, sentence: Sentence) -> Iterator[Claim]:
    text, language = sentence.text, segment.language
    masked = _masked(text, rule.name)
    for match in _ways("proved", language).finditer(masked):
        if not denied_within(text, match.start(), match.end(), language):
            yield _claim(rule.path, segment, sentence, match.start(), match.end(), "finding: proved", _PROVED)
            return
    voided = [m.span() for m in _ways("unless", language).finditer(masked) if not _denies_another(masked, m)]
    # WHO's definition of 2003 calls pneumonia on a film 'probable SARS', whether or not a test proved it.
    voided = [span for span in voided if rule.path != _SARS or not _PROBABLE.match(text, *span)]
    for match in _ways("before", language).finditer(masked):
        names = [name.start() for name in rule.name.finditer(text, match.start(), match.end())]
        if all(any(left <= name < right for left, right in voided) for name in names):
            continue
        if denied_within(text, match.start(), match.end(), language) or _ASKED.match(text, match.end()):
            continue
        if scope_of(sentence, match.start(), match.end(), language).plain:
            yield _claim(rule.path, segment, sentence, match.start(), match.end(), "finding: in words", _SAID)
            return
    if voided or segment.role not in ("film", "study", "case"):
        return
    for name in rule.name.finditer(text):
        tagged = text[: name.start()].endswith("#") and not _DOUBT.search(_FILMS_COMPARED.sub("", text))
        if tagged and scope_of(sentence, name.start(), name.end(), language).plain:
            yield _claim(rule.path, segment, sentence, name.start() - 1, name.end(), "finding: hashtag", _OPENING)
            return
    if sentence.index > 0:
        return
    head = _CAPTION_HEAD.match(text)
    at = head.end() if head else len(text) - len(text.lstrip("( "))
    opening = _ways("opening", language).match(masked, at)
    if not opening or not _tells_finding(text, opening.end(), language):
        return
    if scope_of(sentence, at, opening.end(), language).plain:
        yield _claim(rule.path, segment, sentence, at, opening.end(), "finding: opening words", _OPENING)


def _denies_another(masked: str, words: re.Match[str]) -> bool:
    """Tell whether what is negative is something else: '[positive for] X, negative for Y'."""
    if words.group().startswith(_MASK) and _EARLIER.search(words.group()):
        return True
    denial = _DENIAL.search(words.group())
    return bool(denial and words.group().startswith(_MASK) and _FOR.match(masked, words.end()))


def _tells_finding(text: str, end: int, language: str) -> bool:
    """Tell whether what follows a name that opens a text leaves it a finding: 'Pneumonia in …', no score."""
    behind = text[end:].lstrip(" ")
    if not behind or behind[0] in ".,;:-)(":
        return not (behind[:1] == "(" and text[:end].strip("( ").isupper())
    follows = words_of("finding", "behind_opening", language).match(behind)
    return follows is not None and not text.rstrip().endswith("?")


def _claim(path: str, segment: Segment, sentence: Sentence, start: int, end: int, rule: str, strength: int) -> Claim:
    return Claim("finding", path, segment, sentence.start + start, sentence.start + end, rule, strength)


def _slugs_of(address: str) -> str:
    """Return an address with all but its parts that a site builds of a case's title blanked out."""
    slugs = ""
    for slug in _CASE_SLUG.finditer(address):
        slugs += " " * (slug.start() - len(slugs)) + slug.group().replace("_", " ")
    return slugs


def _in_names(film: Film) -> Iterator[Claim]:
    """Yield what the case's title, tags and address name."""
    for segment in film.told("name"):
        plain, rule_name, strength = segment.plain, f"finding: {segment.label}", _TITLE
        if segment.label == "url":
            plain, strength = _slugs_of(plain), _TITLE - 1
            if film.case.title or not plain:
                continue
        if _DOUBT.search(plain.split("?lang=")[0]):
            continue
        for rule in _rules():
            name = rule.slug if segment.label == "url" else rule.name
            match = name.search(plain)
            if match and not _ways("unless", segment.language).search(_masked(plain, name)):
                start, end = segment.start + match.start(), segment.start + match.end()
                yield Claim("finding", rule.path, segment, start, end, rule_name, strength)


def _by_test(film: Film, *, names_covid: bool) -> Iterator[Claim]:
    """Yield a positive test that names no virus; of a virus the text names elsewhere, or of RT-PCR or swab alone."""
    lists = ("bare_test", "bare_if_named") if names_covid else ("bare_test",)
    for segment in film.told("film", "study", "case"):
        for sentence in segment.sentences:
            text = sentence.text
            for name in lists:
                for match in words_of("finding", name, segment.language).finditer(text):
                    bare = match.group().upper().startswith("PCR")
                    others = any(r.name.search(text) for r in _rules() if r.path not in (_COVID, "Pneumonia"))
                    of_another = name == "bare_if_named" and _SUBJECT.match(text, match.end())
                    if (bare and not names_covid) or others or of_another:
                        continue
                    if denied_within(text, match.start(), match.end(), segment.language):
                        continue
                    if scope_of(sentence, match.start(), match.end(), segment.language).plain:
                        rule = "finding: positive test"
                        yield _claim(_COVID, segment, sentence, match.start(), match.end(), rule, _TEST)


def _normal_film(film: Film) -> Iterator[Claim]:
    for segment in film.told("film", "study"):
        for sentence in segment.sentences:
            for match in words_of("finding", "normal", segment.language).finditer(sentence.text):
                if not scope_of(sentence, match.start(), match.start() + 1, segment.language).negated:
                    yield _claim(
                        "No Finding", segment, sentence, match.start(), match.end(), "finding: normal film", _NORMAL
                    )


def finding_of(film: Film) -> tuple[list[Claim], list[Issue]]:
    """Return the finding as a path of the hierarchy, ARDS beside it where both are said, and what was left out."""
    titled = list(_in_names(film))
    issues: list[Issue] = []
    if titled and _UNSURE.search(film.case.certainty):
        message = f"the title names {titled[0].value}, the source calls the diagnosis {film.case.certainty!r}"
        issues.append(Issue(kind="ambiguous value", field="finding", message=message))
        titled = []
    claims = [*titled, *(claim for segment in film.told("film", "study", "case") for claim in _claims_in(segment))]
    if not any(claim.value not in ("Pneumonia", _SYNDROME) for claim in claims):
        names_covid = any(_covid_named(segment) for segment in film.segments)
        claims += list(_by_test(film, names_covid=names_covid))
    claims = claims or list(_normal_film(film))
    syndrome = next((claim for claim in claims if claim.value == _SYNDROME), None)
    causes = _most_exact([claim for claim in claims if claim.value != _SYNDROME])
    if not causes:
        return ([syndrome] if syndrome else []), issues
    best, disagreements = settled("finding", _backed(causes))
    issues += disagreements
    if best is None:
        return [], issues
    if syndrome is None:
        return [best], issues
    both = f"{best.value}, {_SYNDROME}"
    return [_renamed(claim, both) for claim in (best, syndrome)], issues


def _covid_named(segment: Segment) -> bool:
    rule = next(rule for rule in _rules() if rule.path == _COVID)
    return bool(rule.name.search(segment.plain))


def _renamed(claim: Claim, value: str) -> Claim:
    return replace(claim, value=value)


def _most_exact(claims: list[Claim]) -> list[Claim]:
    """Drop claims that a deeper path of the hierarchy says more exactly."""
    return [c for c in claims if not any(other.value.startswith(c.value + "/") for other in claims)]


def _backed(claims: list[Claim]) -> list[Claim]:
    """Return the claims, those of the text a little stronger whose finding the title, tags or address name too."""
    named = {claim.value for claim in claims if claim.segment.role == "name"}
    return [replace(claim, strength=claim.strength + (claim.value in named)) for claim in claims]
