"""An article as PDF: a text layer, films embedded as the very JPEG bytes that are served, captions below them."""

import io
from datetime import UTC, datetime, time
from pathlib import Path

from fpdf import FPDF
from fpdf.text_region import TextColumns
from PIL import Image

from crawlers.replay.articles import Article, ArticleFigure, picture_of

# The PDF's own fonts know Latin-1 only, and no font file is worth its weight here.
_LATIN = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", "≥": ">=", "≤": "<="})
_FONT = "Times"
# Millimetres: a figure leaves room for its caption on the page, and fills its column where there are two.
_WIDEST, _MARGIN, _GUTTER = 105.0, 18.0, 7.0
_COLUMN = (210.0 - 2 * _MARGIN - _GUTTER) / 2


class _Pages(FPDF):
    """Print the running head and foot of a journal on every page."""

    def __init__(self, article: Article) -> None:
        super().__init__(format="A4")
        self.article = article
        self.set_margins(_MARGIN, 22, _MARGIN)
        self.set_auto_page_break(True, margin=20)
        # The time of writing would make each run's bytes differ.
        self.set_creation_date(datetime.combine(article.published, time(), UTC))
        self.set_title(_latin(article.title))
        self.set_author(_latin(_credit(article)))

    def header(self) -> None:
        """Print the journal's name and the label that the article is none of a journal's."""
        self.set_y(10)
        self.set_font(_FONT, "I", 8)
        self.cell(0, 5, _latin(f"{self.article.journal} ({self.article.published.year})"))
        self.cell(0, 5, "Reconstructed for replay; not a publication", align="R")
        self.set_y(22)

    def footer(self) -> None:
        """Print the DOI and the page number."""
        self.set_y(-14)
        self.set_font(_FONT, "", 8)
        self.cell(0, 5, _latin(self.article.url))
        self.cell(0, 5, str(self.page_no()), align="R")


def pdf_of(article: Article, cache: Path | None = None) -> bytes:
    """Return the article as PDF, in two columns, or in one where its figures stand after its text."""
    pages = _Pages(article)
    pages.add_page()
    _print_head(pages, article)
    with pages.text_columns(
        ncols=1 if article.floats else 2, gutter=_GUTTER, text_align="J", line_height=1.15
    ) as columns:
        _print_body(pages, columns, article, cache)
    return bytes(pages.output())


def _print_head(pages: FPDF, article: Article) -> None:
    pages.set_font(_FONT, "B", 17)
    pages.multi_cell(0, 8, _latin(article.title), align="L", new_x="LMARGIN", new_y="NEXT")
    pages.set_font(_FONT, "", 11)
    pages.multi_cell(0, 6, _latin(_credit(article)), new_x="LMARGIN", new_y="NEXT")
    pages.set_font(_FONT, "I", 9)
    for affiliation in article.affiliations:
        pages.multi_cell(0, 4.5, _latin(str(affiliation)), new_x="LMARGIN", new_y="NEXT")
    day = article.published
    pages.multi_cell(0, 4.5, f"Published {day.day} {day:%B %Y}. {article.url}", new_x="LMARGIN", new_y="NEXT")
    pages.ln(2)
    if article.abstract:
        pages.set_font(_FONT, "B", 10)
        pages.multi_cell(0, 5, "Abstract", new_x="LMARGIN", new_y="NEXT")
        pages.set_font(_FONT, "", 10)
        pages.multi_cell(0, 5, _latin(article.abstract), new_x="LMARGIN", new_y="NEXT")
    pages.ln(4)


def _print_body(pages: _Pages, columns: TextColumns, article: Article, cache: Path | None) -> None:
    waiting = list(article.figures)
    for section in article.sections:
        _print_line(pages, columns, section.title, "B", 11)
        for paragraph in section.paragraphs:
            _print_line(pages, columns, paragraph, "", 10)
            for figure in [] if article.floats else [one for one in waiting if one.label in paragraph]:
                waiting.remove(figure)
                _print_figure(pages, columns, figure, cache)
    for figure in waiting:
        _print_figure(pages, columns, figure, cache)
    statement = article.licence.words.replace("{url}", article.licence.url)
    if statement:
        _print_line(pages, columns, statement, "I", 8)


def _print_figure(pages: _Pages, columns: TextColumns, figure: ArticleFigure, cache: Path | None) -> None:
    picture = picture_of(figure, cache)
    with Image.open(io.BytesIO(picture)) as opened:
        shape = opened.height / opened.width
    width = _WIDEST if pages.article.floats else _COLUMN
    columns.image(
        io.BytesIO(picture),  # type: ignore[arg-type]  # it takes bytes as the page itself does
        width=width,
        height=width * shape,
        align="C",
        top_margin=3,
        bottom_margin=1.5,
    )
    _print_line(pages, columns, f"{figure.label}. {figure.caption}".rstrip(), "", 8.5)


def _print_line(pages: _Pages, columns: TextColumns, text: str, style: str, size: float) -> None:
    pages.set_font(_FONT, style, size)
    with columns.paragraph(bottom_margin=2.2) as paragraph:
        paragraph.write(_latin(text))


def _credit(article: Article) -> str:
    return ", ".join(f"{author.given} {author.family}" for author in article.authors)


def _latin(text: str) -> str:
    return text.translate(_LATIN).encode("latin-1", "replace").decode("latin-1")
