"""Articles of the replayed web: what an author wrote, and the truth that a reader of it should find."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from crawlers.replay.films import FilmSpec

FigureKind = Literal["film", "text box", "flow chart", "photograph"]


@dataclass(frozen=True)
class ArticleFigure:
    """Hold one figure: its label and caption as printed, and its picture as a film to draw or a file to serve."""

    label: str
    caption: str
    picture: FilmSpec | Path
    kind: FigureKind = "film"
    href: str = ""


@dataclass(frozen=True)
class Article:
    """Hold one article; `paragraphs` are its body in order, `truth` the values a careful reader finds in it."""

    doi: str
    pmcid: str
    title: str
    journal: str
    year: int
    authors: tuple[str, ...]
    paragraphs: tuple[str, ...]
    figures: tuple[ArticleFigure, ...] = ()
    licence: str = ""
    truth: dict[str, object] = field(default_factory=dict)
