"""Turn the phrases of the rule files into patterns.

The language of the phrases is told in `rules/README.md`.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from pipelines.reading.finder import Finder, ahead_of, needed_by_any
from pipelines.reading.rulebook import families, rules_in

# Spaces, hyphens or a comma part two words; bounded, so that no text can make a pattern slow.
_BETWEEN = r"(?:[\s,\-':()]{1,3})"
_GAP = r"(?:[^\s;:]{1,30}[\s,\-]{1,3}){0,5}?"
# Shorter numbers in words begin other words, too.
_LONG = 8
NUMBER = r"\d{1,6}(?:[.,]\d{1,3})?"


def _word(token: str, lists: dict[str, list[str]]) -> str:
    if token == "#":  # noqa: S105 (a mark of the phrase language, not a secret)
        return NUMBER
    parts = [_part(part, lists) for part in token.split("|")]
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def _part(part: str, lists: dict[str, list[str]]) -> str:
    if part.startswith("{"):
        # '{name}+' is any phrase of the list with a mark run on to it.
        name, mark = part[1:].split("}", 1)
        return any_of(lists[name], lists) + re.escape(mark)
    return re.escape(part).replace(r"\*", r"\w{0,20}").replace(r"\#", NUMBER)


def pattern_of(phrase: str, lists: dict[str, list[str]] | None = None) -> str:
    """Return the regular expression of a phrase; raise `KeyError` for a list it names and the file lacks."""
    pattern, parted = "", True
    # An absent optional word takes the gap beside it along.
    for token in phrase.split():
        optional = token.endswith("?") and len(token) > 1
        if token == "...":  # noqa: S105
            pattern, parted = pattern + ("" if parted else _BETWEEN) + _GAP, True
        elif optional and parted:
            pattern += f"(?:{_word(token[:-1], lists or {})}{_BETWEEN})?"
        elif optional:
            pattern += f"(?:{_BETWEEN}{_word(token[:-1], lists or {})})?"
        else:
            pattern, parted = pattern + ("" if parted else _BETWEEN) + _word(token, lists or {}), False
    return pattern


def any_of(phrases: list[str], lists: dict[str, list[str]] | None = None) -> str:
    """Return the regular expression of any of the phrases, longest first."""
    ordered = sorted(phrases, key=len, reverse=True)
    return "(?:" + "|".join(pattern_of(phrase, lists) for phrase in ordered) + ")"


def whole(pattern: str) -> str:
    """Return a pattern that begins and ends at word boundaries."""
    return rf"(?<!\w){pattern}(?!\w)"


def finder_of(phrases: list[str], lists: dict[str, list[str]]) -> Finder:
    """Return a finder of any of the phrases at word boundaries, in any case."""
    return Finder(whole(ahead_of(phrases, lists) + any_of(phrases, lists)), needed_by_any(phrases, lists))


@dataclass(frozen=True, slots=True)
class Cue:
    """Hold one rule: where its pattern stands, the field has the value; negated, it has the other or none.

    `unless` voids it in a sentence that says such words, `only_with` in one that says none; `not_after` and
    `void_after` void it right behind or right before such words, `void_near` in their clause, `void_later` anywhere
    before them; `where` says whose parts are read: 'film' the film's own and its study's, 'only study' the case's too
    where it has a single study; `denies` that its own phrases hold a negation.
    """

    rule: str
    field: str
    value: str
    negated: str
    where: str
    denies: bool
    pattern: Finder
    unless: Finder | None
    not_after: Finder | None
    void_after: Finder | None
    only_with: Finder | None
    void_near: Finder | None
    void_later: Finder | None


@cache
def rules_of(family: str, language: str = "") -> dict[str, Any]:
    """Return a rule file as it stands: `rules/<language>/<family>.toml`, or `rules/<family>.toml` for any language."""
    rules = rules_in(family, language)
    if language and family != "numbers":
        words: dict[str, int] = rules_of("numbers", language)["words"]
        tens, units = (
            [word for word in words if words[word] in values] for values in (range(20, 100, 10), range(1, 10))
        )
        rules.setdefault("lists", {})["number"] = ["#", f"{'|'.join(tens)} {'|'.join(units)}", *words]
    return rules


def number_in(text: str, language: str) -> float | None:
    """Return the first number of a text, in digits or in words; a comma is a decimal one."""
    digits = re.search(NUMBER, text)
    if digits:
        return float(digits.group().replace(",", "."))
    words: dict[str, float] = rules_of("numbers", language)["words"]
    found = [words[word] for word in re.findall(r"[^\W\d_]+", text.lower()) if word in words]
    if not found:
        return None
    # 'a two-month history': an article counts only where no other number stands.
    found = found[1:] if len(found) > 1 and found[0] == 1 else found
    # 'forty two': a ten and a unit beside it.
    return float(found[0] + found[1]) if len(found) > 1 and found[0] >= 20 and 0 < found[1] < 10 else float(found[0])


@cache
def words_of(family: str, name: str, language: str) -> Finder:
    """Return a finder of the phrases in the named list of a rule file."""
    lists: dict[str, list[str]] = rules_of(family, language)["lists"]
    return finder_of(lists[name], lists)


@cache
def cues_of(family: str, language: str) -> tuple[Cue, ...]:
    """Return the cues of a rule file in the file's order, which is the order of their strength."""
    rules = rules_of(family, language)
    lists: dict[str, list[str]] = rules.get("lists", {})
    return tuple(
        Cue(
            rule=cue["rule"],
            field=cue["field"],
            value=cue["value"],
            negated=cue.get("negated", ""),
            where=cue.get("where", ""),
            denies=any(words_of("scope", "negation", language).search(phrase) for phrase in cue["phrases"]),
            pattern=finder_of(cue["phrases"], lists),
            unless=finder_of(cue["unless"], lists) if "unless" in cue else None,
            not_after=_beside(r"(?<!\w){}[\s\-]{{0,2}}$", cue, "not_after", lists),
            void_after=_beside(r"[\s\-]{{0,2}}{}(?!\w)", cue, "void_after", lists),
            only_with=finder_of(cue["only_with"], lists) if "only_with" in cue else None,
            void_near=finder_of(cue["void_near"], lists) if "void_near" in cue else None,
            void_later=finder_of(cue["void_later"], lists) if "void_later" in cue else None,
        )
        for cue in rules["cue"]
    )


def _beside(form: str, cue: dict[str, Any], name: str, lists: dict[str, list[str]]) -> Finder | None:
    phrases: list[str] = cue.get(name, [])
    return Finder(form.format(any_of(phrases, lists)), needed_by_any(phrases, lists)) if phrases else None


class Words(NamedTuple):
    """Hold the words of a language's rule files, lower case, and the beginnings of words ('intubat*')."""

    whole: frozenset[str]
    stems: frozenset[str]


@cache
def words_in_rules(language: str) -> Words:
    """Return the words that the phrases of a language's rule files are made of."""
    parts: set[str] = set()
    stems: set[str] = set()
    for family in families(language):
        rules = rules_in(family, language)
        phrases = [*rules.get("words", ()), *chain.from_iterable(rules.get("lists", {}).values())]
        phrases += chain.from_iterable(cue["phrases"] for cue in rules.get("cue", ()))
        parts |= {part.strip("?") for phrase in phrases for part in re.split(r"[\s|]", phrase.lower())}
        # 'settantacinquenne' has lost the last vowel of its number.
        stems |= {word[:-1] for word in rules.get("words", ()) if len(word) >= _LONG}
    stems |= {part[:-1] for part in parts if re.fullmatch(r"[^\W\d_]{5,}\*", part)}
    return Words(frozenset(part for part in parts if re.fullmatch(r"[^\W\d_]{2,}", part)), frozenset(stems))
