"""A case's DOI confirmed, and the case completed with what Crossref records of it."""

import re
from collections.abc import Iterator
from typing import Any

from pipelines.records import Case, Issue, TextBlock
from pipelines.references.converter import IdConverter, pubmed_ids_in
from pipelines.references.crossref import Crossref
from pipelines.references.doi import dois_in
from pipelines.references.licences import licence_of
from pipelines.references.matching import plain, title_of
from pipelines.references.resolution import Resolution, resolved
from pipelines.references.service import ServiceUnavailable
from pipelines.references.stated import Stated

# "tdm" is a licence to mine text, "am" one for the author's manuscript; neither is for the published pictures.
_LICENCE_OF_THE_ARTICLE = ("vor", "unspecified")


# Both sides of a pair are told, so that the version of record is found from its preprint and the other way round.
_VERSIONS = {"is-preprint-of": "Preprint of", "has-preprint": "Preprint", "is-version-of": "Version of"}
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def referenced(case: Case, crossref: Crossref, converter: IdConverter | None = None) -> Case:
    """Return the case with its DOI confirmed and one text block of what Crossref records of it.

    A DOI the page states is kept even where Crossref does not know it; one that was found in another way (see
    `resolution`) is taken only once it is confirmed. Where a service gives no answer the case comes back with a `retry`
    issue.
    """
    if any(block.label == "reference record" for block in case.blocks):
        return case
    case = case.model_copy(deep=True)
    # Pages of cases have no DOI as a rule, and a search would find works that are only like them.
    is_article = bool(case.documents or pubmed_ids_in(tuple(case.aliases)))
    try:
        found = resolved(stated_by(case), crossref, converter, search=is_article)
    except ServiceUnavailable as error:
        case.issues.append(Issue(kind="retry", field="doi", message=str(error)))
        return case
    case.doi = case.doi or found.doi
    case.issues += [*found.issues, *_recorded(case, found)]
    return case


def stated_by(case: Case) -> Stated:
    """Return what a case states of the work it is."""
    citations = "\n".join(block.text for block in case.blocks if block.label == "citation")
    year = _YEAR.search(case.published)
    return Stated(
        doi=case.doi,
        cited=tuple(dois_in(citations)),
        urls=(case.url, *case.aliases),
        title=case.title,
        authors=tuple(name for part in case.credit.split(",") if (name := part.strip())),
        year=int(year.group()) if year else None,
    )


def _recorded(case: Case, found: Resolution) -> Iterator[Issue]:
    if found.agency:
        case.blocks.append(TextBlock(label="reference record", text=f"DOI: {found.doi}\nAgency: {found.agency}"))
    if found.work is None:
        return
    case.blocks.append(TextBlock(label="reference record", text="\n".join(_lines(found.work))))
    yield from _updates(found.work)
    ours, theirs = licence_of(case.licence), recorded_licence(found.work)
    if ours and theirs and not (ours == theirs or ours.startswith(f"{theirs} ") or theirs.startswith(f"{ours} ")):
        message = f"the page states {ours}, Crossref {theirs}; the article's own statement counts"
        yield Issue(kind="contradiction", field="license", message=message)


def recorded_licence(work: dict[str, Any]) -> str | None:
    """Return the licence of the published version in Crossref's record; None where none, or several, are given."""
    licences = work.get("license") or []
    for version in _LICENCE_OF_THE_ARTICLE:
        named = {licence_of(str(entry.get("URL"))) for entry in licences if entry.get("content-version") == version}
        if len(named) == 1:
            return named.pop()
    return None


def _lines(work: dict[str, Any]) -> Iterator[str]:
    yield f"DOI: {work['DOI']}"
    if title := title_of(work):
        yield f"Title: {title}"
    if container := next(iter(work.get("container-title") or []), ""):
        yield f"Container: {plain(container)}"
    if published := _published_in(work):
        yield f"Published: {published}"
    for entry in work.get("license") or []:
        yield f"Licence: {plain(entry.get('URL', ''))} ({entry.get('content-version', 'unspecified')})"
    if publisher := work.get("publisher"):
        yield f"Publisher: {plain(publisher)}"
    for relation, words in _VERSIONS.items():
        for other in (work.get("relation") or {}).get(relation) or []:
            yield f"{words}: {plain(other.get('id', ''))}"


def _updates(work: dict[str, Any]) -> Iterator[Issue]:
    for key, words in (("updated-by", "is subject to"), ("update-to", "is itself")):
        for update in work.get(key) or []:
            what = update.get("label") or update.get("type") or "update"
            message = f"{work['DOI']} {words} a notice: {plain(what)}, {update.get('DOI', 'DOI not given')}"
            yield Issue(kind="retracted or corrected", message=message)


def _published_in(work: dict[str, Any]) -> str:
    for key in ("published-online", "published-print", "published", "issued"):
        parts = ((work.get(key) or {}).get("date-parts") or [[None]])[0]
        if parts and parts[0]:
            return "-".join(f"{part:02d}" for part in parts)
    return ""
