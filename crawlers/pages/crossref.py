"""What Crossref answers to a search: works by DOI, and where the publisher offers a PDF that may be mined."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, urlencode

from crawlers.faults import LayoutChanged

WORKS = "https://api.crossref.org/works"
ROWS = 100
# "am" is the author's manuscript, another document than the PDF that is linked.
_OF_THE_PDF = ("vor", "tdm", "unspecified")


@dataclass(frozen=True)
class Work:
    """Hold a work that a search found; `pdf` is blank where none may be fetched, and `why_not` then says why."""

    doi: str
    title: str
    pdf: str
    why_not: str = ""


def search_url(query: str, since: date | None, mailto: str) -> str:
    """Return the address of a search for articles with full text, the likest first; pages follow by cursor."""
    filters = ["type:journal-article", "has-full-text:true"] + [f"from-pub-date:{since}"] * bool(since)
    asked = {"query.bibliographic": query, "filter": ",".join(filters), "rows": ROWS, "cursor": "*"}
    return f"{WORKS}?{urlencode(asked | ({'mailto': mailto} if mailto else {}))}"


def work_url(doi: str) -> str:
    """Return the address of Crossref's record of a DOI."""
    return f"{WORKS}/{quote(doi, safe='')}"


def work_in(body: bytes, url: str) -> Work:
    """Return the work of an answer to a DOI."""
    try:
        return _work(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError) as error:
        raise LayoutChanged(url, f"record of a work ({error!r})") from error


def works_in(body: bytes, url: str) -> tuple[list[Work], str]:
    """Return the works of an answer to a search, and the cursor of the next page; blank on the last one."""
    try:
        message = json.loads(body)["message"]
        works = [_work(item) for item in message["items"]]
    except (ValueError, KeyError, TypeError) as error:
        raise LayoutChanged(url, f"list of works ({error!r})") from error
    # Crossref names a next cursor on the last page too.
    return works, str(message.get("next-cursor") or "") if len(works) == ROWS else ""


def _work(item: dict[str, Any]) -> Work:
    from pipelines.references.matching import title_of

    pdf, why_not = _pdf_of(item)
    return Work(str(item["DOI"]), title_of(item), pdf, why_not)


def _pdf_of(item: dict[str, Any]) -> tuple[str, str]:
    links = [
        str(link["URL"])
        for link in item.get("link") or ()
        if link.get("content-type") == "application/pdf" and link.get("intended-application") == "text-mining"
    ]
    if not links:
        return "", "Crossref names no PDF of it for text mining"
    if not any(_is_open(licence) for licence in item.get("license") or ()):
        named = ", ".join(dict.fromkeys(_urls(item))) or "none"
        return "", f"no open licence of it is in force (registered: {named})"
    return links[0], ""


def _is_open(licence: dict[str, Any]) -> bool:
    from pipelines.references.licences import licence_of

    code = licence_of(str(licence.get("URL"))) or ""
    start = str((licence.get("start") or {}).get("date-time") or "")[:10]
    in_force = start <= datetime.now(UTC).date().isoformat()
    return in_force and code.startswith(("CC", "Public Domain")) and licence.get("content-version") in _OF_THE_PDF


def _urls(item: dict[str, Any]) -> Iterator[str]:
    yield from (str(licence.get("URL")) for licence in item.get("license") or ())
