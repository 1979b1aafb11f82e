"""Article XML as a tree and as plain text, read without ever leaving the bytes that were handed in."""

import html
import re
from typing import cast

from lxml import etree

from pipelines.emails import without_emails

# A full text of Europe PMC is 20 KB to 2 MB; 40 MB leaves room for a book and none for a bomb.
MAX_XML_BYTES = 40_000_000

_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"^[+\-−–]?\d{1,2}$")
# What stands inside a paragraph in the XML but is read elsewhere, or is no prose.
_APART = frozenset({"fig", "fig-group", "table-wrap", "table-wrap-group", "boxed-text", "supplementary-material"})
_NO_PROSE = frozenset({"tex-math", "email", "object-id", "alt-text", "long-desc", "label-alternatives"})
_OWN_LINE = frozenset({"p", "title", "list-item", "disp-quote", "def-item"})


class NotJats(ValueError):  # noqa: N818
    """Report that bytes are no JATS article; the message says why."""


def tree_of(xml: bytes) -> etree._Element:
    """Return the `article` element of JATS or NLM XML, also where OAI-PMH or an article set wraps it.

    No DTD is loaded, no entity is expanded and no network is used; raises `NotJats` for anything else.
    """
    if len(xml) > MAX_XML_BYTES:
        raise NotJats(f"{len(xml):,} bytes of XML; more than {MAX_XML_BYTES:,} are not read")
    parser = etree.XMLParser(
        load_dtd=False, no_network=True, resolve_entities=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotJats(f"no well-formed XML: {error}") from error
    for element in root.iter("{*}*"):
        if "jats" in (etree.QName(element).namespace or ""):
            element.tag = etree.QName(element).localname
    articles = [root] if root.tag == "article" else list(root.iter("article"))
    if len(articles) != 1:
        raise NotJats(f"the root is <{root.tag}> and holds {len(articles)} articles; one JATS <article> is needed")
    return articles[0]


def elements_at(element: etree._Element, path: str, **variables: str) -> list[etree._Element]:
    """Return the elements that an XPath selects, in document order; `$name` in it stands for a variable."""
    return cast("list[etree._Element]", element.xpath(path, **variables))  # type: ignore[arg-type]  # $variables are no options


def text_of(element: etree._Element | None) -> str:
    """Return an element's prose with white space closed up, one line a paragraph; figures and tables are left out."""
    if element is None:
        return ""
    lines = without_emails("".join(_pieces(element))).split("\n")
    return "\n".join(line for line in (_SPACE.sub(" ", line).strip() for line in lines) if line)


def _pieces(element: etree._Element) -> list[str]:
    pieces = [_flat(element.text)]
    for child in element:
        pieces.extend(_inner(child))
        pieces.append(_flat(child.tail))
    return pieces


def _inner(child: etree._Element) -> list[str]:
    if isinstance(child, etree._Entity):
        return [html.unescape(child.text or "")]
    if not isinstance(child.tag, str) or child.tag in _APART or child.tag in _NO_PROSE:
        return []
    if child.tag in _OWN_LINE:
        return ["\n", *_pieces(child), "\n"]
    if child.tag == "break":
        return [" "]
    if child.tag == "sup":
        return [_raised("".join(_pieces(child)).strip(), citation=child.find(".//xref") is not None)]
    return _pieces(child)


def _raised(text: str, *, citation: bool) -> str:
    # Flattened, 10<sup>9</sup> would read 109, and a raised reference number would run into the value before it.
    if citation:
        return f" [{text.strip('[]')}]" if text else ""
    return f"^{text}" if _NUMBER.match(text) else text


def _flat(text: str | None) -> str:
    return _SPACE.sub(" ", text or "")
