"""Articles of the replayed web: what an author wrote, and the truth that a careful reader finds in it.

`article_jats` and `article_pdf` put an article into the forms in which it is served.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from crawlers.replay.films import FilmSpec, film_of, montage_of

_WRITTEN = Path(__file__).parent / "worlds" / "articles.toml"

FigureKind = Literal["film", "text box", "flow chart", "photograph"]
LicenceShape = Literal["attribute", "link", "link and waiver", "simple", "prose", "reference", "none"]


@dataclass(frozen=True)
class Affiliation:
    """Hold where an author works, as one line of `text` or as parts that the XML marks one by one."""

    text: str = ""
    label: str = ""
    address: str = ""
    department: str = ""
    institution: str = ""
    city: str = ""
    country: str = ""

    def __str__(self) -> str:
        """Return the affiliation on one line."""
        return self.text or self.address or ", ".join((self.department, self.institution, self.city, self.country))


@dataclass(frozen=True)
class Author:
    """Name an author; `affiliation` is an index, `email` must never reach a row."""

    given: str
    family: str
    affiliation: int = 0
    email: str = ""
    orcid: str = ""

    @property
    def initials(self) -> str:
        """Return the initials without dots, as indexes write them."""
        return "".join(name[0] for name in self.given.split())


@dataclass(frozen=True)
class Section:
    """Hold a section of the body: plain text, a figure's label in it becoming a cross-reference."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Panel:
    """Hold one film of a compound figure."""

    letter: str
    film: FilmSpec
    truth: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ArticleFigure:
    """Hold one figure: its words, and its picture as a film to draw, a file to serve, or panels side by side.

    `href` is the file's name without extension, as JATS has it.
    """

    label: str
    caption: str
    picture: FilmSpec | Path | tuple[Panel, ...]
    href: str
    kind: FigureKind = "film"
    id: str = ""
    truth: Mapping[str, str] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()


@dataclass(frozen=True)
class Licence:
    """State a licence in one of the shapes found in publishers' XML; `{url}` in `words` becomes a link.

    `code` is the short form that indexes give, only for Creative Commons licences.
    """

    shape: LicenceShape = "none"
    url: str = ""
    words: str = ""
    code: str = ""


@dataclass(frozen=True)
class RegisteredLicence:
    """Hold a licence as registered with Crossref: for the version of record, for text mining, or unspecified."""

    url: str
    version: Literal["vor", "tdm", "am", "unspecified"] = "vor"


@dataclass(frozen=True)
class Notice:
    """Relate an article to the notice on it: `updated-by` on the article, `update-to` on the notice itself."""

    relation: Literal["updated-by", "update-to"]
    doi: str
    type: str
    label: str


@dataclass(frozen=True)
class Registration:
    """Hold what Crossref was told beside the article's own facts.

    `pdf` is the address of the publisher's PDF for text mining; `pdf_open` is what its robots.txt says of it.
    """

    licences: tuple[RegisteredLicence, ...] = ()
    notices: tuple[Notice, ...] = ()
    published_online: bool = True
    pdf: str = ""
    pdf_open: bool = True


@dataclass(frozen=True)
class Article:
    """Hold one article; `pmcid` reads "PMC…", and `truth` holds a row's values by column.

    `found_by` are words that a search finds it by and that no page of it shows.
    """

    doi: str
    pmcid: str
    title: str
    journal: str
    published: date
    authors: tuple[Author, ...]
    sections: tuple[Section, ...]
    figures: tuple[ArticleFigure, ...] = ()
    abstract: str = ""
    type: str = "case-report"
    affiliations: tuple[Affiliation, ...] = ()
    licence: Licence = Licence()
    registration: Registration | None = Registration()  # None: Crossref has never heard of the DOI
    publisher: str = "Replay Open Press"
    pmid: str = ""
    pii: str = ""
    floats: bool = False  # figures stand after the body, not in it
    states_pmcid: bool = True
    in_pmc: bool = True  # else Europe PMC knows the article and has no full text of it
    version: int = 1  # the newest that the bucket keeps, with all before it
    doctype: Literal["current", "old"] = "current"
    found_by: str = ""
    truth: Mapping[str, str] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Return the canonical URL."""
        return f"https://doi.org/{self.doi}"

    @property
    def text(self) -> str:
        """Return title, abstract and body as plain text."""
        return "\n".join((self.title, self.abstract, *(p for part in self.sections for p in part.paragraphs)))


def picture_of(figure: ArticleFigure, cache: Path | None = None) -> bytes:
    """Return the figure's file as served: a JPEG for what is drawn, a file on disk byte for byte."""
    if isinstance(figure.picture, Path):
        return figure.picture.read_bytes()
    if isinstance(figure.picture, FilmSpec):
        return film_of(figure.picture, cache)
    return montage_of([panel.film for panel in figure.picture], [panel.letter for panel in figure.picture], cache)


def written_articles() -> tuple[Article, ...]:
    """Return the articles written for the replayed web."""
    tables = tomllib.loads(_WRITTEN.read_text(encoding="utf-8"))["article"]
    return tuple(_article(table) for table in tables)


def _article(table: dict[str, Any]) -> Article:
    told = table.pop("crossref")
    return Article(
        authors=tuple(Author(**author) for author in table.pop("authors")),
        affiliations=tuple(Affiliation(**affiliation) for affiliation in table.pop("affiliations")),
        sections=tuple(Section(part["title"], tuple(part["paragraphs"])) for part in table.pop("section")),
        figures=tuple(_figure(figure) for figure in table.pop("figure")),
        licence=Licence(**table.pop("licence")),
        registration=Registration(
            licences=tuple(RegisteredLicence(**licence) for licence in told.pop("licences")),
            notices=tuple(Notice(**notice) for notice in told.pop("notices", [])),
            **told,
        ),
        blank=tuple(table.pop("blank", ())),
        issues=tuple(table.pop("issues", ())),
        **table,
    )


def _figure(table: dict[str, Any]) -> ArticleFigure:
    panels = tuple(
        Panel(panel["letter"], FilmSpec(format="jpeg", **panel["film"]), panel.get("truth", {}))
        for panel in table.pop("panel", ())
    )
    picture = panels or FilmSpec(format="jpeg", **table.pop("film"))
    table |= {name: tuple(table.get(name, ())) for name in ("blank", "issues")}
    return ArticleFigure(picture=picture, **table)
