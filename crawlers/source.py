"""The facts about a source, read from `sources/<name>.toml`, so that a fact is changed without touching code."""

import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote_plus

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

FOLDER = Path(__file__).parent / "sources"


def _compiles(pattern: str) -> str:
    re.compile(pattern)
    return pattern


def _names_the_id(pattern: str) -> str:
    if "id" not in re.compile(pattern).groupindex:
        raise ValueError("names no part of the URL as the case's id: (?P<id>…)")
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]
ModalityWord = Literal["X-ray", "CT", "skip"]


class Facts(BaseModel):
    """Hold facts that were read once; a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Licence(Facts):
    """Quote the licence as the source states it and say where; `words` is blank where none is stated."""

    words: str
    url: str


class Terms(Facts):
    """Quote what the terms of use say of automated reading, and say where."""

    quote: str
    url: str


class PermissionRule(Facts):
    """Say whether a broad crawl needs a recorded permission, why, and how one is got."""

    needed: bool
    why: str
    how: str


class Rate(Facts):
    """Bound the requests to each host: `delay` in seconds between two, at most `concurrency` at once."""

    delay: float = Field(ge=0)
    concurrency: int = Field(ge=1)
    reason: str


class Expectations(Facts):
    """Set the floors of a full run.

    `min_cases` counts cases; `max_failed_share` is the share of failed pages (0 to 1); each case lacking one of
    `required` gets an issue; `fill` maps a field to the share of cases (0 to 1) that must state it.
    """

    min_cases: int = Field(ge=1)
    max_failed_share: float = Field(ge=0, le=1)
    required: tuple[str, ...]
    fill: dict[str, float]


class Walls(Facts):
    """Name what a sign-in or challenge page shows: texts (compared in lower case), redirect paths, status codes."""

    texts: tuple[str, ...] = ()
    redirects: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    remedy: str


class Source(Facts):
    """Hold the facts about one place cases come from.

    `hosts` serve its pages, `media_hosts` its files; `case_url` matches the URL of a single case, such as
    `example_url`, and names the source's own id in it `id`; `search_url` holds `{query}`; `credit` and `doi` are
    templates; `case_page` makes the address that a case is read from out of its `{url}` and `{id}`; `location` says
    in words where the source states the place.
    `modalities` and `labels` are complete look-ups in lower case: a word that is in neither becomes an issue.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    language: str
    hosts: tuple[str, ...]
    media_hosts: tuple[str, ...] = ()
    base_url: str
    start_urls: tuple[str, ...]
    search_url: str = ""
    case_url: Annotated[Pattern, AfterValidator(_names_the_id)]
    example_url: str
    case_page: str = "{url}"
    licence: Licence
    terms: Terms
    permission: PermissionRule
    rate: Rate
    expectations: Expectations
    blocked: Walls
    credit: str
    doi: str = ""
    location: str
    default_query: str = ""
    modalities: dict[str, ModalityWord]
    labels: dict[str, Literal["keep", "ignore"]] = {}
    several_patients: tuple[Pattern, ...] = ()
    read: date

    def modality_of(self, word: str) -> ModalityWord | None:
        """Return what the source's modality word means to us; `None` for a word that no look-up holds."""
        return self.modalities.get(" ".join(word.lower().split()))

    def search_for(self, query: str) -> str:
        """Return the URL of the search for some words."""
        return self.search_url.format(query=quote_plus(query))

    def id_in(self, url: str) -> str:
        """Return the source's own id of a case as its URL states it; blank where it states none."""
        match = re.match(self.case_url, url)
        return match["id"] or "" if match else ""

    def page_of(self, url: str, id: str) -> str:
        """Return the address that the page of a case is read from, under which its snapshot is kept."""
        return self.case_page.format(url=url, id=id)

    def several_patients_in(self, text: str) -> str:
        """Return the words by which a text shows that it tells of several patients; blank where it does not."""
        for pattern in self.several_patients:
            if match := re.search(pattern, text, re.IGNORECASE):
                return match.group()
        return ""


@cache
def source_named(name: str) -> Source:
    """Return the facts about the source; raise `ValueError` naming the known ones, or what is wrong in its file."""
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        raise ValueError(f"no source named {name!r}; known are {', '.join(_names())}")
    try:
        source = Source.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path}: {error}") from error
    if source.name != name:
        raise ValueError(f"{path}: the file is named {name!r}, but `name` says {source.name!r}")
    return source


def sources() -> list[Source]:
    """Return the facts about every source, by name."""
    return [source_named(name) for name in _names()]


def _names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))
