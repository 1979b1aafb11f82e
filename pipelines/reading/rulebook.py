"""Load the rule files; what a file may say stands here, and anything else is refused by its file and place.

The language of the phrases is told in `rules/README.md`.
"""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.records import COLUMNS

RULES = Path(__file__).parent / "rules"
# Lists that no file writes: any number of the language, and the finding that a text is searched for.
_GIVEN = frozenset({"number", "name"})
_NAMED = re.compile(r"\{([^}]*)\}")


class RulesError(ValueError):
    """Say which rule file holds what it may not, where, and what it may hold."""


def _phrase(phrase: str) -> str:
    if phrase != " ".join(phrase.split()) or not phrase:
        raise ValueError(f"{phrase!r}: one space between two words, none before or behind")
    for token in phrase.split():
        word = token.removesuffix("?")
        if "?" in word or not word:
            raise ValueError(f"{phrase!r}: '?' stands behind a whole word, 'the?'; write both words, 'a|an'")
        for part in word.split("|"):
            if not part:
                raise ValueError(f"{phrase!r}: '|' stands between two words")
            if set("{}") & set(part) and not re.fullmatch(r"\{\w+\}(?:[^\w{}]\w{0,3})?", part):
                raise ValueError(f"{phrase!r}: a list is named {{name}}, with no more than a mark run on to it")
    return phrase


def _once(phrases: list[str]) -> list[str]:
    twice = [phrase for phrase, times in Counter(phrases).items() if times > 1]
    if twice:
        raise ValueError(f"written twice: {', '.join(map(repr, twice))}")
    return phrases


Phrase = Annotated[str, AfterValidator(_phrase)]
Phrases = Annotated[list[Phrase], AfterValidator(_once)]
Numbers = dict[str, int]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Lists(_Strict):
    lists: dict[str, Phrases] = Field(default_factory=dict)

    def phrases(self) -> list[str]:
        """Return every phrase of the file."""
        return [phrase for phrases in self.lists.values() for phrase in phrases]

    @model_validator(mode="after")
    def _names_its_lists(self) -> Self:
        for phrase in self.phrases():
            for name in _NAMED.findall(phrase):
                if name not in self.lists and name not in _GIVEN:
                    raise ValueError(f"{phrase!r} names no list of this file: {', '.join(sorted(self.lists))}")
        return self


class _Cue(_Strict):
    rule: str
    field: str
    value: Literal["Y", "N"]
    negated: Literal["Y", "N", ""] = ""
    where: Literal["film", "only study", "answered", ""] = ""
    phrases: Phrases
    unless: Phrases = Field(default_factory=list)
    not_after: Phrases = Field(default_factory=list)
    void_after: Phrases = Field(default_factory=list)
    only_with: Phrases = Field(default_factory=list)
    void_near: Phrases = Field(default_factory=list)
    void_later: Phrases = Field(default_factory=list)

    @model_validator(mode="after")
    def _is_of_a_column(self) -> Self:
        if self.field not in COLUMNS:
            raise ValueError(f"{self.field!r} is no column of the collection")
        return self


class _Cues(_Lists):
    cue: list[_Cue]

    def phrases(self) -> list[str]:
        voids = [[*cue.unless, *cue.not_after, *cue.void_after, *cue.void_near, *cue.void_later] for cue in self.cue]
        cues = [[*cue.phrases, *cue.only_with] for cue in self.cue]
        return super().phrases() + [phrase for phrases in [*cues, *voids] for phrase in phrases]


class _Clock(_Lists):
    few: int
    words: Numbers
    parts: Numbers
    units: dict[str, float]


class _Dates(_Strict):
    order: Literal["", "DMY", "MDY"]
    months: list[str]


class _NumberWords(_Strict):
    words: Numbers


class _Patient(_Lists):
    agreeing_words: dict[str, Literal["M", "F"]] = Field(default_factory=dict)


class _Finding(_Strict):
    path: str
    names: Annotated[list[str], AfterValidator(_once)]
    cased: list[str] = Field(default_factory=list)
    since: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")] = ""


class _Findings(_Strict):
    finding: list[_Finding]


class _SiteWords(_Strict):
    modality: dict[str, str]
    projection: dict[str, str]
    open: dict[str, list[str]]
    views: dict[str, list[str]]


class _Unit(_Strict):
    written: list[str]
    pint: str


class _Units(_Strict):
    column: str
    unit: list[_Unit]


_BY_LANGUAGE: dict[str, type[_Strict]] = {
    "clock": _Clock,
    "course": _Cues,
    "dates": _Dates,
    "finding": _Cues,
    "imaging": _Lists,
    "numbers": _NumberWords,
    "patient": _Patient,
    "scope": _Lists,
    "vitals": _Lists,
}
_OF_ANY: dict[str, type[_Strict]] = {"findings": _Findings, "imaging": _SiteWords, "units": _Units}


def families(language: str) -> tuple[str, ...]:
    """Return the names of a language's rule files; of no language, those of the files that serve any."""
    return tuple(_BY_LANGUAGE if language else _OF_ANY)


def rules_in(family: str, language: str = "") -> dict[str, Any]:
    """Return what `rules/<language>/<family>.toml` says, or `rules/<family>.toml`; raise `RulesError` for a fault."""
    path = RULES / language / f"{family}.toml"
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        (_BY_LANGUAGE if language else _OF_ANY)[family].model_validate(read)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{path}: {error}") from None
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise RulesError(f"{path}: {'; '.join(faults)}") from None
    return read
