"""What a replayed world holds: cases, posts and articles as data, without a word of how a page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from crawlers.replay.articles import Article
from crawlers.replay.image_files import ImageFile

Era = Literal["2026", "2024", "2023", "2017", "2015"]
ERAS: tuple[Era, ...] = ("2026", "2024", "2023", "2017", "2015")
CC_BY_NC_SA = "https://creativecommons.org/licenses/by-nc-sa/3.0/"


@dataclass(frozen=True)
class Frame:
    """Place one film in a Radiopaedia study; `projection` is the site's free text, `None` where nobody filled it in."""

    id: int
    file: ImageFile
    projection: str | None = "Frontal"
    truth: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RadiopaediaStudy:
    """Hold one study: frames in reading order; `modality` `None` means that the page leaves the element out."""

    id: int
    modality: str | None
    frames: tuple[Frame, ...]
    caption: str = ""
    findings: tuple[str, ...] = ()
    findings_as_list: bool = False
    remark: str = ""  # a paragraph of the page before the study
    encodings: Literal["whole", "shorter", "missing"] = "whole"


@dataclass(frozen=True)
class RadiopaediaCase:
    """Hold one Radiopaedia case as its page states it; an empty string is a line that the page does not have."""

    rid: int
    slug: str
    title: str
    era: Era
    author: str
    published: str
    studies: tuple[RadiopaediaStudy, ...]
    age: str = ""
    gender: str = ""
    presentation: tuple[str, ...] = ()
    discussion: tuple[str, ...] = ()
    discussion_apart: bool = False
    certainty: str = "Diagnosis certain"
    institution: str = ""
    licence: str = CC_BY_NC_SA
    tags: str = "-"
    linked_articles: str = "COVID-19"  # what the search finds the case by, beside the words on its page
    card_modalities: tuple[str, ...] | None = None
    card_image: Literal["thumb", "none", "video"] = "thumb"
    card_query: str = "lang=us"
    listed_by_rid: bool = False  # a second card links the permalink
    tight_labels: bool = False  # no white space between a label and its value
    truth: Mapping[str, str] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Return the canonical URL."""
        return f"https://radiopaedia.org/cases/{self.slug}"

    @property
    def modalities(self) -> tuple[str, ...]:
        """Return the words of the listing card."""
        if self.card_modalities is not None:
            return self.card_modalities
        return tuple(dict.fromkeys(study.modality for study in self.studies if study.modality))


@dataclass(frozen=True)
class SirmPost:
    """Hold one SIRM post: an ordered stream of paragraphs and image files, and the theme that shows it."""

    title: str
    path: str
    theme: Literal["classic", "blocks"]
    authors: str
    hospital: str
    body: tuple[str | ImageFile, ...]
    truth: Mapping[str, str] = field(default_factory=dict)
    film_truth: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by file name
    blank: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Return the canonical URL."""
        return f"https://www.sirm.org{self.path}"

    @property
    def files(self) -> tuple[ImageFile, ...]:
        """Return the post's image files in reading order."""
        return tuple(part for part in self.body if isinstance(part, ImageFile))


@dataclass(frozen=True)
class Figure1Case:
    """Hold one Figure 1 case: `id` of the old app (24 hexadecimal digits), `uuid` of the present site."""

    id: str
    uuid: str
    title: str
    caption: str
    author: str
    specialty: str
    files: tuple[ImageFile, ...]
    posted: str = ""
    patient: str = ""
    comments: tuple[str, ...] = ()
    wall: Literal["", "redirect", "in place"] = ""  # asks for a sign-in; no listing names such a case
    truth: Mapping[str, str] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Return the canonical URL."""
        return f"https://pro.figure1.com/cases/{self.uuid}"


@dataclass(frozen=True)
class World:
    """Hold everything that the replayed web shows."""

    name: str
    radiopaedia: tuple[RadiopaediaCase, ...] = ()
    sirm: tuple[SirmPost, ...] = ()
    figure1: tuple[Figure1Case, ...] = ()
    articles: tuple[Article, ...] = ()
