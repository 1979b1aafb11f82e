"""Text and mandatory parts out of HTML, the same way for every site."""

from collections.abc import Iterator
from typing import Any

from parsel import Selector
from scrapy.http import Response, TextResponse

from crawlers.faults import LayoutChanged
from pipelines.emails import without_emails
from pipelines.records import Case

_OWN_LINE = frozenset({
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "td", "th",
    "tr", "ul",
})  # fmt: skip
_NO_PROSE = frozenset({"script", "style", "noscript", "template", "svg", "head"})
_NEVER_PROSE = frozenset({"url", "local", "aliases", "source", "source_id"})


def page_of(response: Response) -> Selector:
    """Return an answer as a page to select from; raise `LayoutChanged` where it is no text at all."""
    if not isinstance(response, TextResponse):
        raise LayoutChanged(response.url, "text: it is a file of another kind")
    return response.selector


def text_of(node: Selector) -> str:
    """Return the text a reader sees, white space closed up, one line a paragraph; inline markup does not part words."""
    return "\n".join(lines_of(node))


def lines_of(node: Selector) -> list[str]:
    """Return the text of a node line by line, as block elements and line breaks part it."""
    lines = "".join(_pieces(node.root)).split("\n")
    return [line for line in (" ".join(line.split()) for line in lines) if line]


def first_text(page: Selector, *queries: str) -> str:
    """Return the text of the first CSS query that yields some, the newest layout first; blank where none does."""
    for query in queries:
        for node in page.css(query):
            text = " ".join(str(node.root).split()) if isinstance(node.root, str) else text_of(node)
            if text:
                return text
    return ""


def mandatory_text(page: Selector, what: str, url: str, *queries: str) -> str:
    """Return the text of the first query that yields some; raise `LayoutChanged` naming `what` where none does."""
    text = first_text(page, *queries)
    if not text:
        raise LayoutChanged(url, what)
    return text


def case_without_emails(case: Case) -> Case:
    """Return the case with no e-mail address in any text that could reach a row."""
    return Case.model_validate(_cleaned(case.model_dump()))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return without_emails(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: item if key in _NEVER_PROSE else _cleaned(item) for key, item in value.items()}
    return value


def _pieces(element: Any) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in _NO_PROSE:
        return
    if element.tag in _OWN_LINE:
        yield "\n"
    yield (element.text or "").replace("\n", " ")
    for child in element:
        yield from _pieces(child)
        yield (child.tail or "").replace("\n", " ")
    if element.tag in _OWN_LINE:
        yield "\n"
