"""Figures and text out of an article's PDF, read in a process of its own under limits of time and memory."""

import atexit
import resource
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as Overdue
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pebble import ProcessExpired, ProcessPool

from pipelines.figures.kinds import kind_of
from pipelines.figures.mentions import mentions_of
from pipelines.records import TextBlock

if TYPE_CHECKING:
    from pipelines.figures.layout import Placed
    from pipelines.figures.pages import Page, PagePicture

T = TypeVar("T")

# A 40-page article takes 1 to 5 s; what takes longer than this is built to.
SECONDS = 120.0
PAGE_SECONDS = 20.0  # a page takes 50 to 500 ms
# The largest articles here take 0.6 GB; a bomb takes whatever it is given.
MEMORY_BYTES = 4 * 1024**3


class UnreadableDocument(ValueError):  # noqa: N818
    """Report that a document could not be read; the message names the file, the reason and what to do."""


@dataclass(frozen=True)
class CutFigure:
    """Hold one picture of a figure: its file, where it stands, and what the article says of it.

    `bbox` is the picture's own box and `whole` that of the figure with all its pictures, in PDF points from the top
    left of `page` (from 1). `flags` say in what the file differs from the page. Where the page prints a letter by each
    picture, `letter` is this one's and `part` what the caption says of it.
    """

    data: bytes
    page: int
    bbox: tuple[float, float, float, float]
    whole: tuple[float, float, float, float]
    label: str = ""
    caption: str = ""
    mentions: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    kind: str = ""
    letter: str = ""
    part: str = ""


@dataclass(frozen=True)
class PdfArticle:
    """Hold what a PDF says: title, DOI and licence where it states them, text by block, figures, and what was lost."""

    title: str
    doi: str
    licence: str
    blocks: list[TextBlock]
    figures: list[CutFigure]
    faults: list[str] = field(default_factory=list)


def figures_in_pdf(path: Path) -> list[CutFigure]:
    """Return the pictures of a PDF's figures at their original quality; raise `UnreadableDocument`."""
    return article_in_pdf(path).figures


def article_in_pdf(path: Path, *, seconds: float = SECONDS, memory: int = MEMORY_BYTES) -> PdfArticle:
    """Return a PDF's text and figures, read in a process of its own; raise `UnreadableDocument` with the remedy."""
    return _read(article_at, path, seconds=seconds, memory=memory)


def page_in_pdf(path: Path, number: int, longest: int) -> "PagePicture":
    """Return a page (from 1) drawn by a process of its own, `longest` pixels a side; raise `UnreadableDocument`."""
    return _read(_drawn_at, path, number, longest, seconds=PAGE_SECONDS, memory=MEMORY_BYTES)


def _read(work: Callable[..., T], path: Path, *arguments: Any, seconds: float, memory: int) -> T:
    try:
        return cast(T, _reader(memory).schedule(work, args=(path, *arguments), timeout=seconds).result())
    except Overdue:
        reason = f"reading it took more than {seconds:g} s; cut out the pages with the figures"
    except MemoryError:
        reason = f"reading it took more than {memory / 1024**3:.1f} GB; cut out the pages with the figures"
    except ProcessExpired as error:
        reason = f"it crashed the reader (exit code {error.exitcode}); save it anew with another program"
    except ValueError as error:
        reason = str(error)
    except Exception as error:
        # A damaged file fails in as many ways as its parser has; none of them may take the crawl along.
        reason = f"the reader failed on it ({type(error).__name__}: {error}); save it anew with another program"
    raise UnreadableDocument(f"{path}: {reason}") from None


@cache
def _reader(memory: int) -> ProcessPool:
    """Return the process that reads documents; a task that takes too long is ended with it, and it is started anew."""
    # A forked child would inherit the event loop's threads and locks; a fresh one now and then gives memory back.
    context = get_context("spawn")
    pool = ProcessPool(max_workers=1, max_tasks=25, context=context, initializer=_limit, initargs=(memory,))
    atexit.register(_ended, pool)
    return pool


def _ended(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _drawn_at(path: Path, number: int, longest: int) -> "PagePicture":
    from pipelines.figures.pages import picture_of_page

    return picture_of_page(path, number, longest)


def article_at(path: Path) -> PdfArticle:
    """Return a PDF's text and figures, read in this process and without limits; raise `ValueError` with the reason."""
    from pipelines.figures.captions import captions_in
    from pipelines.figures.layout import pictures_on, placed_figures, recurring
    from pipelines.figures.pages import pdf_at
    from pipelines.figures.prose import blocks_of, doi_of, licence_stated, title_of, words_of

    pdf = pdf_at(path)
    words, logos = words_of(pdf), recurring(pdf.pages)
    captions = [captions_in(page.lines, words) for page in pdf.pages]
    blocks = blocks_of(pdf, words, captions)
    texts = [block.text for block in blocks]
    figures: list[CutFigure] = []
    faults: list[str] = []
    for page, its_captions in zip(pdf.pages, captions, strict=True):
        for placed in placed_figures(page, pictures_on(page, logos), its_captions):
            figures.extend(_cut(placed, page, texts, faults))
    return PdfArticle(title_of(pdf), doi_of(pdf), licence_stated(blocks), blocks, figures, faults)


def _cut(placed: "Placed", page: "Page", texts: Sequence[str], faults: list[str]) -> Iterator[CutFigure]:
    """Yield the pictures of one figure; one that cannot be decoded goes to `faults` and leaves the others."""
    from pipelines.figures.captions import panel_captions
    from pipelines.figures.layout import letters_of
    from pipelines.figures.rasters import picture_of

    label, caption = (placed.caption.label, placed.caption.text) if placed.caption else ("", "")
    mentions = mentions_of(label, texts)
    told = {letter.lower(): text for letters, text in panel_captions(caption) for letter in letters}
    letters = letters_of(placed, page.lines)
    if set(letters) != set(told):
        letters = [""] * len(letters)
    for picture, letter in zip(placed.pictures, letters, strict=True):
        try:
            data = picture_of(picture.parts)
        except (ValueError, RuntimeError) as error:
            faults.append(f"page {page.number}, {label or 'a picture'}: it cannot be decoded ({error})")
            continue
        part = told.get(letter, "")
        yield CutFigure(
            data=data,
            page=page.number,
            bbox=picture.box,
            whole=placed.box,
            label=label,
            caption=caption,
            mentions=mentions,
            flags=sorted({*picture.flags, *(flag for tile in picture.parts for flag in tile.flags)}),
            kind=kind_of(label, part or caption),
            letter=letter,
            part=part,
        )
