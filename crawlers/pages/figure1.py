"""What Figure 1's public case pages and its collection API hold; no page was ever captured, so little is assumed."""

import json
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from crawlers.faults import LayoutChanged
from crawlers.pages.markup import first_text, mandatory_text, text_of
from crawlers.source import Source
from pipelines.records import BlockLabel, Case, Image, Issue, Study, TextBlock

_UUID = re.compile(r"/cases/([0-9a-f-]{36})")
_OLD_ID = re.compile(r"/images/([0-9a-f]{24})")
_LICENCE = Issue(kind="licence unclear", field="license", message="neither page nor terms state a licence")


def case_in(page: Selector, url: str, asked: str, source: Source) -> Case:
    """Return the case of a public page at `url`, to which the link that was asked for may have led."""
    canonical = urljoin(url, page.css('link[rel="canonical"]::attr(href)').get() or url.partition("?")[0])
    match = _UUID.search(urlsplit(canonical).path)
    if match is None:
        raise LayoutChanged(url, "case id")
    title = mandatory_text(page, "title", url, 'meta[property="og:title"]::attr(content)', "main h1", "h1")
    caption = mandatory_text(
        page, "caption", url, ".case-caption", 'meta[property="og:description"]::attr(content)',
        'meta[name="description"]::attr(content)',
    )  # fmt: skip
    pictures = (
        page.css("main figure img::attr(src)").getall() or page.css('meta[property="og:image"]::attr(content)').getall()
    )
    facts = ": ".join(text_of(node) for node in page.css("main dl > dt, main dl > dd"))
    blocks: list[tuple[BlockLabel, str]] = [("patient data", facts), ("presentation", caption)]
    return Case(
        source=source.name,
        source_id=match.group(1),
        url=canonical,
        title=title,
        aliases=_aliases(asked, canonical, page.css("[data-legacy-id]::attr(data-legacy-id)").get("")),
        blocks=[TextBlock(label=label, text=text, language=source.language) for label, text in blocks if text],
        studies=[Study(images=_images([urljoin(url, src) for src in dict.fromkeys(pictures)]))],
        credit=source.credit,
        published=first_text(page, "main time::attr(datetime)", "main time"),
        issues=[_LICENCE],
    )


def cases_in(body: bytes, url: str, source: Source) -> list[Case]:
    """Return the cases of a collection's JSON; raise `LayoutChanged` for anything else."""
    try:
        return [_case_of(item, source) for item in json.loads(body)["_embedded"]["items"]]
    except (ValueError, KeyError, TypeError) as error:
        raise LayoutChanged(url, f"collection of cases ({error!r})") from error


def _case_of(item: dict[str, Any], source: Source) -> Case:
    identifier = item["_id"]
    text = item["caption"] or ""
    return Case(
        source=source.name,
        source_id=identifier,
        url=f"https://app.figure1.com/images/{identifier}",
        title=item["title"] or "",
        blocks=[TextBlock(label="presentation", text=text, language=source.language)] if text else [],
        studies=[Study(images=_images([item["_links"]["image"]["href"]]))],
        credit=source.credit,
        issues=[_LICENCE],
    )


def _images(urls: list[str]) -> list[Image]:
    return [Image(url=url, position=place) for place, url in enumerate(urls, 1)]


def _aliases(asked: str, canonical: str, legacy: str) -> list[str]:
    """Return the ids and links of the old app by which the same case is known."""
    old = legacy or next(iter(_OLD_ID.findall(asked)), "")
    links = {f"https://app.figure1.com/images/{old}", f"https://app.figure1.com/rd/images/{old}", old} if old else set()
    return sorted(links | ({asked.partition("?")[0]} - {canonical}))
