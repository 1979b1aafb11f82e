"""The text and the pictures of a WordPress post in reading order, found by density and not by a theme's class names."""

import re
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString
from parsel import Selector

from crawlers.faults import LayoutChanged

_UPLOADS = "/wp-content/uploads/"
_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|tiff?|bmp)$", re.IGNORECASE)
_REDUCED = re.compile(r"-\d{2,5}x\d{2,5}(?=\.\w+$)")  # WordPress names each reduced copy so
_LAZY = ("data-orig-file", "data-large-file", "data-full-url", "data-lazy-src", "data-src", "data-original", "src")
_FRAME = frozenset({"aside", "nav", "header", "footer", "form", "script", "style", "noscript", "template", "head"})
_OWN_LINE = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "blockquote", "section", "figcaption", "td", "tr", "table", "dt", "dd", "hr"}
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# A paragraph of up to so many words beside a picture is its caption ("RX torace"); a longer one tells the case.
_CAPTION_WORDS = 12


@dataclass(frozen=True)
class Passage:
    """Hold one line of text; `href` is where a heading links to."""

    text: str
    heading: bool = False
    href: str = ""


@dataclass(frozen=True)
class Picture:
    """Name a picture at its full size, with the caption its own markup gives."""

    url: str
    caption: str = ""


Part = Passage | Picture


def prose_container_in(page: Selector, url: str) -> Selector:
    """Return the smallest element with most of the page's prose and with its pictures, if it has any."""
    body = next(iter(page.css("body")), page)
    total = _prose(body.root)
    if not total:
        raise LayoutChanged(url, "prose")
    node = body.root
    while True:
        child = next((child for child in node if _prose(child) > total / 2), None)
        if child is None or (_has_pictures(node) and not _has_pictures(child)):
            return Selector(root=node)
        node = child


def parts_in(container: Selector, url: str) -> list[Part]:
    """Return the container's lines of text and its pictures in reading order, each picture once."""
    parts: list[Part] = []
    _walk(BeautifulSoup(container.get(), "lxml"), url, parts, [])
    return list(dict.fromkeys(part for part in parts if isinstance(part, Picture) or part.text))


def captioned(parts: list[Part], at: int) -> str:
    """Return the caption of the picture at an index: its own, else the nearest short paragraph beside its run."""
    picture = cast(Picture, parts[at])
    if picture.caption:
        return picture.caption
    before, after = _neighbour(parts, at, -1), _neighbour(parts, at, 1)
    if after.lower().startswith("fig"):
        return after
    return before if before and len(before.split()) <= _CAPTION_WORDS else ""


def paragraph_before(parts: list[Part], at: int) -> str:
    """Return the paragraph before the run of pictures that an index lies in; blank where there is none."""
    return _neighbour(parts, at, -1)


def _neighbour(parts: list[Part], at: int, step: int) -> str:
    at += step
    while 0 <= at < len(parts):
        part = parts[at]
        if isinstance(part, Passage):
            return part.text
        at += step
    return ""


def _prose(element: Any) -> int:
    """Return how many characters of an element are text of its own, neither link nor frame of the page."""
    if not isinstance(element.tag, str) or element.tag in _FRAME or element.tag == "a":
        return 0
    own = len((element.text or "").strip())
    return own + sum(_prose(child) + len((child.tail or "").strip()) for child in element)


def _has_pictures(element: Any) -> bool:
    if not isinstance(element.tag, str) or element.tag in _FRAME:
        return False
    if element.tag == "a" and not _IMAGE_FILE.search(urlsplit(element.get("href", "")).path):
        return False  # the picture stands for another page
    if element.tag == "img":
        return any(_UPLOADS in value for value in element.attrib.values())
    return any(_has_pictures(child) for child in element)


def _walk(node: Tag, url: str, parts: list[Part], line: list[str]) -> None:
    for child in node.children:
        if isinstance(child, PreformattedString):
            continue  # comments and the like
        if isinstance(child, NavigableString):
            line.append(str(child))
        elif isinstance(child, Tag):
            _enter(child, url, parts, line)


def _enter(tag: Tag, url: str, parts: list[Part], line: list[str]) -> None:
    if tag.name in ("script", "style", "template", "iframe"):
        return
    if tag.name == "img":
        _end(line, parts)
        if full := full_size_of(tag, url):
            parts.append(Picture(full, _own_caption(tag)))
    elif tag.name in _HEADINGS:
        _end(line, parts)
        link = tag.find("a", href=True)
        href = urljoin(url, str(link["href"])) if isinstance(link, Tag) else ""
        parts.append(Passage(" ".join(tag.get_text().split()), heading=True, href=href))
    elif tag.name == "figcaption" or "wp-caption-text" in (tag.get("class") or []):
        _end(line, parts)  # it stands with its picture
    elif tag.name in _OWN_LINE:
        _end(line, parts)
        _walk(tag, url, parts, line)
        _end(line, parts)
    else:
        _walk(tag, url, parts, line)
    if tag.name == "[document]":
        _end(line, parts)


def _end(line: list[str], parts: list[Part]) -> None:
    parts.append(Passage(" ".join("".join(line).split())))
    line.clear()


def full_size_of(image: Tag, url: str) -> str:
    """Return the URL of an `img` at full size: the linked original, the widest copy, or the name without its size.

    Blank where it was not uploaded to the site (a smiley, a counter), or stands for another page.
    """
    link = image.find_parent("a", href=True)
    linked = urljoin(url, str(link["href"])) if isinstance(link, Tag) else ""
    if _UPLOADS in linked and _IMAGE_FILE.search(urlsplit(linked).path):
        return linked
    if linked and not _is_attachment(linked, url):
        return ""
    stated = [str(image.get(name) or "") for name in _LAZY]
    candidates = [_widest_in(str(image.get(name) or "")) for name in ("data-srcset", "srcset")] + stated
    chosen = next((item for item in candidates if _UPLOADS in item and not item.startswith("data:")), "")
    return _REDUCED.sub("", urljoin(url, chosen)) if chosen else ""


def _is_attachment(link: str, post: str) -> bool:
    """Tell whether a link leads to WordPress's own page for a picture of the post, and not to another post."""
    return "attachment_id=" in link or urlsplit(link).path.startswith(urlsplit(post).path)


def _widest_in(srcset: str) -> str:
    sizes = (item.split() for item in srcset.split(",") if item.strip())
    widths = {words[0]: float(words[-1][:-1]) for words in sizes if re.fullmatch(r"[\d.]+[wx]", words[-1])}
    return max(widths, key=lambda name: widths[name], default="")


def _own_caption(image: Tag) -> str:
    holder = image.find_parent(["figure", "dl"]) or image.find_parent(class_="wp-caption")
    caption = holder.find(["figcaption", "dd"]) or holder.find(class_="wp-caption-text") if holder else None
    return " ".join(caption.get_text(" ").split()) if isinstance(caption, Tag) else ""
