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
    return text.lower()


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


class Finder:
    """Search, match or iterate as a pattern does, compiled when a text first has letters that it needs."""

    __slots__ = ("_needed", "_pattern", "_source")

    def __init__(self, source: str, needed: frozenset[str] | None) -> None:
        self._source = source
        self._needed = sorted(needed, key=len) if needed else []
        self._pattern: re.Pattern[str] | None = None

    def _may_find(self, text: str) -> bool:
        if not self._needed:
            return True
        lower = _lower(text)
        # A plain loop: this is asked a hundred times a sentence.
        for letters in self._needed:  # noqa: SIM110
            if letters in lower:
                return True
        return False

    def _compiled(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._pattern = re.compile(self._source, re.IGNORECASE)
        return self._pattern

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the first match between two positions."""
        return self._compiled().search(text, start, end) if self._may_find(text) else None

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        """Return the match that begins at a position."""
        return self._compiled().match(text, start) if self._may_find(text) else None

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """Return an iterator over the matches between two positions."""
        return self._compiled().finditer(text, start, end) if self._may_find(text) else iter(())
