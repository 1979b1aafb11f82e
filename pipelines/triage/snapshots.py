"""Pages as they were fetched, read back from their WARC files and shown as nothing but text."""

import json
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from warcio.archiveiterator import ArchiveIterator

from pipelines.candidates.answers import Snapshot
from pipelines.records import Evidence
from pipelines.triage.texts import pieces_of
from pipelines.triage.views import Piece

# The longest page of the sources has 1 MB; beyond this, reading it would take the page longer than a second.
MOST_BYTES = 8 * 1024 * 1024
# A shorter quote ("M", "40") stands in many places that have nothing to do with the value.
LEAST_QUOTE = 4

_OWN_LINE = [
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "fig", "figcaption",
    "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "label", "li", "main", "nav", "ol", "p",
    "pre", "sec", "section", "table", "td", "th", "title", "tr", "ul",
]  # fmt: skip
_NO_PROSE = ["script", "style", "noscript", "template", "svg", "meta", "link"]


@dataclass(frozen=True)
class KeptPage:
    """Hold the body of a kept page and the content type that its site stated."""

    body: bytes
    content_type: str


def page_in(folder: Path, snapshot: Snapshot) -> KeptPage:
    """Return a page from its WARC record; raise `FileNotFoundError` where the record is not there."""
    path = folder / Path(snapshot.file).name
    with path.open("rb") as file:
        file.seek(snapshot.offset)
        record = next(ArchiveIterator(BytesIO(file.read(snapshot.length))), None)
        if record is None or record.http_headers is None:
            raise FileNotFoundError(f"{path} holds no page at {snapshot.offset}")
        return KeptPage(record.content_stream().read(), record.http_headers.get_header("Content-Type") or "")


def paragraphs_of(page: KeptPage, evidence: Iterable[Evidence]) -> list[list[Piece]]:
    """Return the text of a page line by line, each cut where values quote it."""
    quotes = [
        (part, found.field)
        for found in evidence
        for line in found.quote.splitlines()
        if len(part := " ".join(line.split())) >= LEAST_QUOTE
    ]
    return [pieces_of(line, _places(line, quotes)) for line in _lines(page)]


def _places(line: str, quotes: list[tuple[str, str]]) -> Iterator[tuple[int, int, str]]:
    for quote, column in quotes:
        start = line.find(quote)
        while start >= 0:
            yield start, start + len(quote), column
            start = line.find(quote, start + len(quote))


def _lines(page: KeptPage) -> list[str]:
    body = page.body[:MOST_BYTES]
    if "json" in page.content_type:
        try:
            return json.dumps(json.loads(body), indent=1, ensure_ascii=False).splitlines()
        except (ValueError, RecursionError):
            pass  # shown as it stands
    with warnings.catch_warnings():
        # An article in XML is read for its text alone, and this parser expands no entity.
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        soup = BeautifulSoup(body, "lxml", from_encoding=_charset_of(page.content_type))
    for unread in soup(_NO_PROSE):
        unread.decompose()
    for node in soup(_OWN_LINE):
        node.insert_before("\n")
        node.append("\n")
    return [line for line in (" ".join(line.split()) for line in soup.get_text().split("\n")) if line]


def _charset_of(content_type: str) -> str | None:
    _, found, charset = content_type.partition("charset=")
    return charset.split(";")[0].strip("\"' ") if found else None
