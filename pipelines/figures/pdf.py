"""Figures and text out of an article's PDF, read in a process of its own under limits of time and memory."""

import atexit
import resource
from collections.abc import Callable
from concurrent.futures import TimeoutError as Overdue
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from pipelines.figures.article import CutFigure, PdfArticle, article_at

if TYPE_CHECKING:
    from concurrent.futures import Future

    from pipelines.figures.pdf_pages.document import PagePicture

T = TypeVar("T")

# A 40-page article takes 1 to 5 s; what takes longer than this is built to.
SECONDS = 120.0
PAGE_SECONDS = 20.0  # a page takes 50 to 500 ms
# The largest articles here take 0.6 GB; a bomb takes whatever it is given.
MEMORY_BYTES = 4 * 1024**3


class UnreadableDocument(ValueError):  # noqa: N818
    """Report that a document could not be read; the message names the file, the reason and what to do."""


def figures_in_pdf(path: Path) -> list[CutFigure]:
    """Return the pictures of a PDF's figures at their original quality; raise `UnreadableDocument`."""
    return article_in_pdf(path).figures


def article_in_pdf(
    path: Path, *, drawn: bool = False, seconds: float = SECONDS, memory: int = MEMORY_BYTES
) -> PdfArticle:
    """Return a PDF's text and figures, read in a process of its own; raise `UnreadableDocument` with the remedy.

    With `drawn`, a picture that something is drawn over comes with a drawing of both.
    """
    return _read(article_at, path, drawn, seconds=seconds, memory=memory)


def page_in_pdf(path: Path, number: int, longest: int) -> "PagePicture":
    """Return a page (from 1) drawn by a process of its own, `longest` pixels a side; raise `UnreadableDocument`."""
    return _read(_drawn_at, path, number, longest, seconds=PAGE_SECONDS, memory=MEMORY_BYTES)


def _read(work: Callable[..., T], path: Path, *arguments: Any, seconds: float, memory: int) -> T:
    return answer_of(_reader(memory).schedule(work, args=(path, *arguments), timeout=seconds), path, seconds, memory)


def answer_of(future: "Future[T]", path: Path, seconds: float = SECONDS, memory: int = MEMORY_BYTES) -> T:
    """Return what a process of `readers` made of a file; raise `UnreadableDocument` with the remedy."""
    try:
        return future.result()
    except Overdue:
        reason = f"reading it took more than {seconds:g} s; cut out the pages with the figures"
    except MemoryError:
        reason = f"reading it took more than {memory / 1024**3:.1f} GB; cut out the pages with the figures"
    except ProcessExpired as error:
        reason = f"it crashed the reader (exit code {error.exitcode}); save it anew with another program"
    except OSError as error:
        reason = error.strerror or str(error)
    except ValueError as error:
        reason = str(error)
    except Exception as error:
        # A damaged file fails in as many ways as its parser has; none of them may take the crawl along.
        reason = f"the reader failed on it ({type(error).__name__}: {error}); save it anew with another program"
    raise UnreadableDocument(f"{path}: {reason}") from None


def readers(count: int, memory: int = MEMORY_BYTES) -> ProcessPool:
    """Return processes that read documents under a limit of memory; each is started anew now and then."""
    # A forked child would inherit the event loop's threads and locks; a fresh one now and then gives memory back.
    context = get_context("spawn")
    return ProcessPool(max_workers=count, max_tasks=25, context=context, initializer=_limit, initargs=(memory,))


@cache
def _reader(memory: int) -> ProcessPool:
    """Return the process that reads documents; a task that takes too long is ended with it, and it is started anew."""
    pool = readers(1, memory)
    atexit.register(_ended, pool)
    return pool


def _ended(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _drawn_at(path: Path, number: int, longest: int) -> "PagePicture":
    from pipelines.figures.pdf_pages.document import picture_of_page

    return picture_of_page(path, number, longest)
