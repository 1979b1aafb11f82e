"""What Europe PMC answers: search results, and articles as JATS whose figures lie in the PMC cloud service."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parsel import Selector

from crawlers.faults import LayoutChanged
from crawlers.source import Source
from pipelines.figures.jats import Article, ArticleFigure
from pipelines.records import Case, Figure, Image, Issue, Study, TextBlock

BUCKET = "https://pmc-oa-opendata.s3.amazonaws.com"
_FILE_TYPE = re.compile(r"\.(?:jpe?g|png|gif|tiff?|eps)$", re.IGNORECASE)
_BESIDE = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".gif")


@dataclass(frozen=True)
class Result:
    """Hold what a search says of one article; a blank `pmcid` means that there is no full text."""

    title: str
    doi: str
    pmcid: str
    pmid: str
    licence: str


def results_in(body: bytes, url: str) -> tuple[list[Result], str]:
    """Return the articles of an answer to a search, and the mark of the next page; blank on the last one."""
    try:
        answer = json.loads(body)
        records = answer["resultList"]["result"]
        results = [_result(record) for record in records]
    except (ValueError, KeyError, TypeError) as error:
        raise LayoutChanged(url, f"list of results ({error!r})") from error
    following = answer.get("nextCursorMark") or ""
    # The service repeats the mark that was asked for once there is nothing more.
    return results, "" if not results or following == answer.get("request", {}).get("cursorMark") else following


def _result(record: dict[str, Any]) -> Result:
    names = ("title", "doi", "pmcid", "pmid", "license")
    return Result(*(_only(record.get(name)) for name in names))


def _only(value: Any) -> str:
    # Saved records hold each value in a list of one.
    return str(value[0] if isinstance(value, list) and value else value or "")


def versions_url(pmcid: str) -> str:
    """Return the address that lists the folders of an article in the bucket, one for each of its versions."""
    return f"{BUCKET}/?list-type=2&delimiter=/&prefix={pmcid}."


def newest_version_in(body: bytes, pmcid: str) -> int | None:
    """Return the newest version that a list of the bucket's keys or folders names; None where it holds none."""
    listed = Selector(body=body, type="xml")
    listed.remove_namespaces()
    names = (re.match(rf"{pmcid}\.(\d+)/", key) for key in listed.css("Prefix::text, Key::text").getall())
    return max((int(name[1]) for name in names if name), default=None)


def case_of(article: Article, source: Source, result: Result, *, folder: Path | None = None, version: int = 1) -> Case:
    """Return an article as a case, one study a figure.

    `folder` is where its picture files lie beside the XML, `version` that of the article whose files the bucket keeps.
    """
    pmcid, doi, pmid = article.pmcid or result.pmcid, article.doi or result.doi, article.pmid or result.pmid
    names = [name for name in (pmcid, doi, f"PMID{pmid}" if pmid else "") if name]
    if not names:
        raise LayoutChanged(source.base_url, "DOI, PMCID or PMID of the article")
    pages = [f"https://doi.org/{doi}"] * bool(doi) + [f"https://europepmc.org/article/PMC/{pmcid}"] * bool(pmcid)
    pages += [f"https://europepmc.org/article/MED/{pmid}"] * bool(pmid)
    issues = list(article.issues)
    licence = article.licence or result.licence
    if not licence:
        issues.append(Issue(kind="licence unclear", field="license", message="the article states no licence"))
    return Case(
        source=source.name,
        source_id=names[0],
        url=pages[0],
        title=article.title or result.title,
        aliases=[*names[1:], *pages[1:]],
        blocks=[*_affiliation_of(article), *article.blocks],
        studies=[
            Study(caption=figure.label, images=images)
            for figure in article.figures
            if (images := _images_of(figure, pmcid and f"{pmcid}.{version}", folder, issues))
        ],
        credit=article.credit,
        licence=licence,
        doi=doi,
        institution=article.institution,
        published=article.published,
        issues=issues,
    )


def _affiliation_of(article: Article) -> list[TextBlock]:
    text = article.institution
    return [TextBlock(label="affiliation", text=text, language=article.language)] if text else []


def _images_of(figure: ArticleFigure, kept_in: str, folder: Path | None, issues: list[Issue]) -> list[Image]:
    images = []
    for position, href in enumerate(figure.hrefs, 1):
        beside = _file_beside(folder, href) if folder else None
        if beside is None and not kept_in:
            message = (
                f"{figure.label or href}: no picture file {href} lies beside the XML, and no PMCID says where it is"
            )
            issues.append(Issue(kind="media missing", message=message))
            continue
        images.append(
            Image(
                url=f"{BUCKET}/{kept_in}/{_FILE_TYPE.sub('', href)}.jpg" if kept_in else f"file:///{href}",
                position=position,
                caption=figure.caption,
                patient=figure.patient,
                local=str(beside) if beside else "",
                figure=Figure(label=figure.label, mentions=figure.mentions, kind=figure.kind),
            )
        )
    return images


def _file_beside(folder: Path, href: str) -> Path | None:
    # Only the name counts: an href may hold a path, which must not lead out of the folder.
    stem = _FILE_TYPE.sub("", Path(href).name)
    names = [Path(href).name, *(stem + suffix for suffix in _BESIDE)]
    return next((folder / name for name in names if (folder / name).is_file()), None)
