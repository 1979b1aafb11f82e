"""Find phrases in a text: letters that each phrase needs are looked for first, which spares most texts the pattern."""

import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from string import digits

# A phrase without this many letters in a row is looked for in every text.
_FEWEST = 2


@lru_cache(maxsize=2048)
def _lower(text: str) -> str:
    lower = text.lower()
    # A capital 'İ' is two letters in lower case, and what is found must stand at its place.
    return lower if len(lower) == len(text) else "".join(letter.lower()[0] for letter in text)


def needed_letters(phrase: str, lists: dict[str, list[str]]) -> frozenset[str] | None:
    """Return letters, lower case, of which any text that holds the phrase has some; none where nothing is sure."""
    best: frozenset[str] | None = None
    for token in phrase.split():
        if token == "..." or (token.endswith("?") and len(token) > 1):  # noqa: S105 (marks of the phrase language)
            continue
        found = _letters(token, lists)
        if found and (best is None or _worth(found) > _worth(best)):
            best = found
    return best


def needed_by_any(phrases: Iterable[str], lists: dict[str, list[str]]) -> frozenset[str] | None:
    """Return letters of which any text that holds one of the phrases has some; none where a phrase needs none."""
    found = [needed_letters(phrase, lists) for phrase in phrases]
    sure = [letters for letters in found if letters]
    if len(sure) < len(found):
        return None
    union: set[str] = set().union(*sure)
    return frozenset(word for word in union if not any(other != word and other in word for other in union))


def _letters(token: str, lists: dict[str, list[str]]) -> frozenset[str] | None:
    found: set[str] = set()
    for part in token.split("|"):
        if part.startswith("{"):
            named = needed_by_any(lists[part[1:].split("}", 1)[0]], lists)
            if named is None:
                return None
            found |= named
            continue
        run = max(re.split(r"[*#]", part), key=len).lower()
        if len(run) < _FEWEST and "#" not in part:
            return None
        found |= {run} if len(run) >= _FEWEST else set(digits)
    return frozenset(found)


def _worth(letters: frozenset[str]) -> tuple[int, int]:
    """Rank long letters over short ones, and few over many."""
    return min(map(len, letters)), -len(letters)


def ahead_of(phrases: Iterable[str], lists: dict[str, list[str]]) -> str:
    """Return a pattern that looks ahead to the first letters of any of the phrases; empty where any may be the first.

    It is tried at each word of a text, and spares most of them the phrases.
    """
    begun = _beginnings(phrases, lists)
    if begun is None:
        return ""
    seconds: dict[str, set[str]] = {}
    for letters in sorted(begun):
        seconds.setdefault(re.escape(letters[0]), set()).add(re.escape(letters[1:]))
    alone = "".join(first for first, behind in seconds.items() if "" in behind)
    ways = [f"[{alone}]"] if alone else []
    ways += [f"{first}[{''.join(sorted(behind))}]" for first, behind in seconds.items() if "" not in behind]
    return f"(?={'|'.join(ways)})"


def _beginnings(phrases: Iterable[str], lists: dict[str, list[str]]) -> frozenset[str] | None:
    """Return the one or two letters, lower case, that each way to say one of the phrases begins with."""
    found: set[str] = set()
    for phrase in phrases:
        for token in phrase.lower().split():
            word = token.removesuffix("?") or token
            for part in word.split("|"):
                begun = _beginning(part, lists)
                if not begun:
                    return None
                found |= begun
            if word == token:
                break
        else:
            return None
    return frozenset(found)


def _beginning(part: str, lists: dict[str, list[str]]) -> frozenset[str] | None:
    if part.startswith("{"):
        return _beginnings(lists[part[1:].split("}", 1)[0]], lists)
    if part.startswith("#"):
        return frozenset(digits)
    letters = part.split("*", 1)[0].split("#", 1)[0][:2]
    return frozenset({letters}) if letters and part != "..." else None


_CLASS_OR_LETTERS = re.compile(r"\\.|[^\\]+")


def _lower_pattern(source: str) -> str:
    """Return a pattern for a text in lower case, its classes of letters as they stand."""
    return _CLASS_OR_LETTERS.sub(lambda part: part[0] if part[0].startswith("\\") else part[0].lower(), source)


@lru_cache(maxsize=1024)
def _any_letters(number: int) -> re.Pattern[str]:
    return re.compile(rf"[\s\S]{{{number}}}")


class Finder:
    """Search, match or iterate as a pattern does in any case, compiled when a text first has letters that it needs.

    A text in lower case is searched, many times as fast as one in any case; what is found is a match of the text as it
    stands, without groups.
    """

    __slots__ = ("_cased", "_needed", "_pattern", "_source")

    def __init__(self, source: str, needed: frozenset[str] | None) -> None:
        self._source = source
        self._needed = sorted(needed, key=len) if needed else []
        self._pattern: re.Pattern[str] | None = None
        self._cased = "(?-i:" in source

    def _may_find(self, lower: str) -> bool:
        # A plain loop: this is asked a hundred times a sentence.
        for letters in self._needed:
            if letters in lower:
                return True
        return not self._needed

    def _compiled(self) -> re.Pattern[str]:
        if self._pattern is None:
            source, flags = (self._source, re.IGNORECASE) if self._cased else (_lower_pattern(self._source), 0)
            self._pattern = re.compile(source, flags)
        return self._pattern

    def _as_written(self, found: re.Match[str], text: str) -> re.Match[str] | None:
        start, end = found.span()
        return found if self._cased else _any_letters(end - start).match(text, start)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the first match between two positions."""
        lower = _lower(text)
        if not self._may_find(lower):
            return None
        found = self._compiled().search(text if self._cased else lower, start, end)
        return self._as_written(found, text) if found else None

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        """Return the match that begins at a position."""
        lower = _lower(text)
        if not self._may_find(lower):
            return None
        found = self._compiled().match(text if self._cased else lower, start)
        return self._as_written(found, text) if found else None

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """Return an iterator over the matches between two positions."""
        lower = _lower(text)
        if not self._may_find(lower):
            return iter(())
        found = self._compiled().finditer(text if self._cased else lower, start, end)
        return filter(None, (self._as_written(match, text) for match in found))
