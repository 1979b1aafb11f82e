"""How alike what is stated of a work and Crossref's record of one are, and whether that is enough to take it.

The numbers stand in `matching.toml`, which `calibration` writes.
"""

import html
import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rapidfuzz import fuzz, process, utils

from pipelines.references.stated import Stated

# Of 100. Crossref's own matching evaluation accepts titles from 85 on (token sorted, so word order does not count);
# a subtitle or running prefix is tried both with and without.
SAME_TITLE = 85.0
# Title, authors and year as in Crossref's preprint matching (title 2.0, author 0.8, year 0.4); the container tells a
# preprint from the version of record, and weighs as much as the year.
WEIGHTS = {"title": 2.0, "authors": 0.8, "year": 0.4, "container": 0.4}
# A misspelt or British form of a word; below lie "with" and "without", "lung" and "long".
SAME_WORD = 82.0
# What a page shows is a work of its own, never a part, a review report or a whole journal.
_NO_ARTICLES = {"component", "peer-review", "journal", "journal-issue", "journal-volume", "grant", "book-set"}
# Titles that differ in one of these name different works, however long the words they share.
_TELLING = frozenset((
    "addendum", "author", "authors", "comment", "commentary", "comments", "concern", "corrected", "correction",
    "corrections", "corrigenda", "corrigendum", "errata", "erratum", "part", "rebuttal", "rejoinder", "replies",
    "reply", "response", "retracted", "retraction", "retractions", "supplement", "withdrawal", "withdrawn",
))  # fmt: skip
_NUMERALS = frozenset((
    "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x",
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
))  # fmt: skip
_SMALL = frozenset(("a", "an", "and", "de", "der", "die", "for", "in", "la", "le", "of", "on", "the", "und"))
_WORD = re.compile(r"\w+")
_MARKUP = re.compile(r"<[^>]{1,80}>")
_SHORTEST_TITLE = 3  # words; shorter ones ("COVID-19") stand in any reference


@dataclass(frozen=True)
class Match:
    """Hold how like a work is, 0 to 1, and whether its first author and year agree as well."""

    work: dict[str, Any]
    likeness: float
    corroborated: bool


@cache
def thresholds() -> tuple[float, float]:
    """Return the likeness to accept from, and the margin over the second, both 0 to 1."""
    numbers = tomllib.loads(Path(__file__).with_name("matching.toml").read_text(encoding="utf-8"))
    return numbers["accept"], numbers["margin"]


def matches_among(stated: Stated, works: Iterable[dict[str, Any]]) -> list[Match]:
    """Return the works with how like they are to what is stated, the likest first."""
    compared = _in_reference if stated.reference else _in_parts
    matches = [compared(stated, work) for work in works if work.get("type") not in _NO_ARTICLES]
    return sorted(matches, key=lambda match: -match.likeness)


def accepted(matches: list[Match], accept: float | None = None, margin: float | None = None) -> Match | None:
    """Return the likest match if it is like enough, corroborated and ahead of the second; None where a person must say.

    The numbers default to the calibrated ones.
    """
    if not matches or not matches[0].corroborated:
        return None
    least, ahead = thresholds()
    second = matches[1].likeness if len(matches) > 1 else 0.0
    first = matches[0]
    enough = first.likeness >= (least if accept is None else accept)
    return first if enough and first.likeness - second >= (ahead if margin is None else margin) else None


def same_title(title: str, work: dict[str, Any]) -> bool:
    """Tell whether a record may have this title, in any of its languages; one without contradicts nothing."""
    known = [*_titles_of(work), *map(plain, work.get("original-title") or ())]
    return not known or any(
        fuzz.token_sort_ratio(stated, other, processor=utils.default_process) >= SAME_TITLE
        for stated in (title, title.partition(" | ")[0])
        for other in known
    )


def is_another_notice(title: str, work: dict[str, Any]) -> bool:
    """Tell whether one of page and record is a notice (a correction, a reply) and the other is not."""
    known = _titles_of(work)
    return bool(known) and all(
        _TELLING & set(_words(title)) != _TELLING & set(_words(candidate)) for candidate in known
    )


def cites(reference: str, work: dict[str, Any]) -> bool:
    """Tell whether a reference names the work, by its title or, in styles without titles, by author and year."""
    words = _words(reference)
    if max((_title_in(words, title) for title in _titles_of(work)), default=0.0) * 100 >= SAME_TITLE:
        return True
    years = {str(year) for year in years_of(work)}
    return bool(_first_author_in(words, work) and years & set(words))


def leads_back(work: dict[str, Any], url: str, pii: str | None) -> bool:
    """Tell whether a record names the page: by the publisher's identifier, or by an address at the page's host."""
    registered = str(((work.get("resource") or {}).get("primary") or {}).get("URL", ""))
    if pii and pii.upper() in {re.sub(r"\W", "", str(one)).upper() for one in work.get("alternative-id") or ()}:
        return True
    if pii and pii.upper() in re.sub(r"[-()]", "", registered).upper():
        return True
    return bool(registered) and _site(registered) == _site(url)


def title_of(work: dict[str, Any]) -> str:
    """Return a record's title on one line, without markup."""
    return next(iter(_titles_of(work)), "")


def years_of(work: dict[str, Any]) -> set[int]:
    """Return the years in which a record says the work came out, online or in print."""
    dates = (work.get(key) or {} for key in ("issued", "published", "published-online", "published-print"))
    parts = (next(iter(date.get("date-parts") or [[None]]), [None]) for date in dates)
    return {int(part[0]) for part in parts if part and part[0]}


def _in_parts(stated: Stated, work: dict[str, Any]) -> Match:
    shares = {"title": max((_title_share(stated.title, title) for title in _titles_of(work)), default=0.0)}
    if stated.authors:
        shares["authors"] = _author_share(stated.authors, work)
    if stated.year:
        shares["year"] = _year_share({stated.year}, work)
    if stated.container:
        shares["container"] = float(any(_same_container(stated.container, known) for known in _containers_of(work)))
    return _match(work, shares)


def _in_reference(stated: Stated, work: dict[str, Any]) -> Match:
    words = _words(stated.reference)
    # Where authors or container cannot be found, they count as absent: nobody cuts them out of free text for certain.
    shares = {
        "title": max((_title_in(words, title) for title in _titles_of(work)), default=0.0),
        "authors": float(_first_author_in(words, work)),
        "container": float(any(_container_in(words, known) for known in _containers_of(work))),
    }
    if years := {int(word) for word in words if len(word) == 4 and word.isdigit() and 1900 < int(word) < 2100}:
        shares["year"] = _year_share(years, work)
    return _match(work, shares)


def _match(work: dict[str, Any], shares: dict[str, float]) -> Match:
    likeness = sum(WEIGHTS[part] * share for part, share in shares.items()) / sum(WEIGHTS[part] for part in shares)
    # Without a year it may be any of a yearly column. A preprint has the title, authors and year of the version of
    # record: only its server tells that it is meant.
    told = shares.get("container", 0.0) == 1.0 or work.get("type") != "posted-content"
    return Match(work, likeness, shares.get("authors", 0.0) >= 0.6 and shares.get("year", 0.0) == 1.0 and told)


def _title_share(stated: str, known: str) -> float:
    variants = {stated, stated.partition(" | ")[0]}
    return max(_words_shared(_words(variant), _words(known)) for variant in variants)


def _title_in(reference: list[str], title: str) -> float:
    """Return the share of a title's words that stand together in a reference; 0 where a telling word parts them."""
    words = _words(title)
    if len(words) < _SHORTEST_TITLE or (_TELLING & set(reference)) != (_TELLING & set(words)):
        return 0.0
    text = " ".join(reference)
    found = fuzz.partial_ratio_alignment(" ".join(words), text, score_cutoff=SAME_TITLE)
    if found is None:
        return 0.0
    start = text.rfind(" ", 0, found.dest_start + 1) + 1
    end = text.find(" ", found.dest_end - 1)
    return _words_shared(text[start : end if end >= 0 else None].split(), words)


def _words_shared(one: list[str], other: list[str]) -> float:
    """Return the share of the words of two titles that stand in both, misspelt ones by their likeness."""
    if not one or not other or _told_by(one) != _told_by(other):
        return 0.0
    rest, shared = list(other), 0.0
    for word in one:
        found = process.extractOne(word, rest, scorer=fuzz.ratio, score_cutoff=SAME_WORD)
        if found is not None:
            shared += found[1] / 100
            del rest[found[2]]
    return shared / max(len(one), len(other))


def _told_by(words: list[str]) -> set[str]:
    return {word for word in words if word in _TELLING or word in _NUMERALS or word.isdigit()}


def _author_share(names: tuple[str, ...], work: dict[str, Any]) -> float:
    """Return 0.6 for the first author, and of the other 0.4 the share of the stated ones that the record has."""
    families = _families_of(work)
    if not families:
        return 0.0
    stated = [set(_words(name)) for name in names]
    found = sum(any(set(family) <= name for family in families) for name in stated)
    return 0.6 * (set(families[0]) <= stated[0]) + 0.4 * found / len(stated)


def _first_author_in(words: list[str], work: dict[str, Any]) -> bool:
    families = _families_of(work)
    return bool(families) and set(families[0]) <= set(words)


def _families_of(work: dict[str, Any]) -> list[list[str]]:
    names = (author.get("family") or author.get("name") or "" for author in work.get("author") or ())
    return [words for name in names if (words := _words(name))]


def _year_share(years: set[int], work: dict[str, Any]) -> float:
    # A year apart may be print after online, or the next of a yearly column; the record tells of both dates.
    return float(bool(years & years_of(work)))


def _same_container(one: str, other: str) -> bool:
    ours, theirs = _abbreviable(one), _abbreviable(other)
    return bool(ours) and len(ours) == len(theirs) and all(map(_abbreviates, ours, theirs))


def _container_in(words: list[str], container: str) -> bool:
    known, text = _abbreviable(container), [word for word in words if word not in _SMALL]
    size = len(known)
    return size > 0 and any(all(map(_abbreviates, text[at : at + size], known)) for at in range(len(text) - size + 1))


def _abbreviable(container: str) -> list[str]:
    return [word for word in _words(container) if word not in _SMALL]


def _abbreviates(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _titles_of(work: dict[str, Any]) -> list[str]:
    titles = [plain(title) for title in work.get("title") or () if title]
    subtitles = [plain(subtitle) for subtitle in (work.get("subtitle") or ())[:1] if subtitle]
    return titles + [f"{title} {subtitle}" for title in titles for subtitle in subtitles]


def _containers_of(work: dict[str, Any]) -> list[str]:
    names = (*(work.get("container-title") or ()), *(work.get("short-container-title") or ()))
    # A preprint stands in no journal; its server is named as institution or group.
    servers = [str(one.get("name") or "") for one in work.get("institution") or ()]
    return [plain(name) for name in (*names, *servers, str(work.get("group-title") or "")) if name]


def plain(text: object) -> str:
    """Return text on one line, without markup and entities."""
    return " ".join(_MARKUP.sub("", html.unescape(str(text))).split())


def _words(text: str) -> list[str]:
    folded = "".join(one for one in unicodedata.normalize("NFKD", plain(text)) if not unicodedata.combining(one))
    return [word for word in _WORD.findall(folded.casefold()) if word != "_"]


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
