"""A case's DOI confirmed, and the case completed with what Crossref records of it."""

from collections.abc import Iterator
from typing import Any

from rapidfuzz import fuzz, utils

from pipelines.records import Case, Issue, TextBlock
from pipelines.references.crossref import Crossref, CrossrefUnavailable
from pipelines.references.doi import doi_of_url, dois_in, normal_doi, pii_of_url
from pipelines.references.licences import licence_of

# Of 100. Crossref's own matching evaluation accepts titles from 85 on (token sorted, so word order does not count);
# a subtitle or running prefix is tried both with and without.
SAME_TITLE = 85.0

# "tdm" is a licence to mine text, "am" one for the author's manuscript; neither is for the published pictures.
_LICENCE_OF_THE_ARTICLE = ("vor", "unspecified")


def referenced(case: Case, crossref: Crossref) -> Case:
    """Return the case with its DOI confirmed and one text block of what Crossref records of it.

    A DOI the page states is kept even where Crossref does not know it; one that we found ourselves (in the address, by
    the publisher's identifier) is taken only where the record's title is the page's. Where Crossref gives no answer
    the case comes back with a `retry` issue.
    """
    if any(block.label == "reference record" for block in case.blocks):
        return case
    case = case.model_copy(deep=True)
    try:
        case.issues += list(_completed(case, crossref))
    except CrossrefUnavailable as error:
        case.issues.append(Issue(kind="retry", field="doi", message=str(error)))
    return case


def _completed(case: Case, crossref: Crossref) -> Iterator[Issue]:
    if case.doi:
        yield from _confirmed(case, crossref)
    else:
        yield from _found(case, crossref)


def _confirmed(case: Case, crossref: Crossref) -> Iterator[Issue]:
    """Check the DOI that the page states; it stays as the page has it."""
    try:
        doi = normal_doi(case.doi)
    except ValueError as error:
        yield Issue(kind="reference unresolved", field="doi", message=str(error))
        return
    work = crossref.work(doi)
    if work is None:
        return
    if not _may_be(case, work):
        yield Issue(
            kind="contradiction",
            field="doi",
            message=f"the page states DOI {doi}; Crossref has it as {_title_of(work)!r}, the page is {case.title!r}",
        )
        return
    yield from _recorded(case, work)


def _found(case: Case, crossref: Crossref) -> Iterator[Issue]:
    """Look for a DOI in the page's address, by the publisher's identifier, in its citation; blank where in doubt."""
    doi = next(filter(None, (doi_of_url(url) for url in (case.url, *case.aliases))), None)
    work = crossref.work(doi) if doi else _by_identifier(case, crossref)
    if doi is None and work is None:
        stated = dois_in("\n".join(block.text for block in case.blocks if block.label == "citation"))
        doi = stated[0] if len(stated) == 1 else None
        work = crossref.work(doi) if doi else None
    if work is not None and case.title and _may_be(case, work):
        case.doi = doi or str(work["DOI"])
        yield from _recorded(case, work)
    elif work is not None:
        title = f"the page is {case.title!r}" if case.title else "the page has no title to confirm it by"
        message = f"DOI {work['DOI']} found for this page is {_title_of(work)!r}; {title}"
        yield Issue(kind="reference unresolved", field="doi", message=message)
    elif doi is not None:
        yield from _of_another_agency(case, doi, crossref)
    elif case.documents and case.title:
        yield _choice(case, crossref)


def _by_identifier(case: Case, crossref: Crossref) -> dict[str, Any] | None:
    pii = pii_of_url(case.url)
    works = crossref.works_with_alternative_id(pii) if pii else []
    return works[0] if len(works) == 1 else None


def _of_another_agency(case: Case, doi: str, crossref: Crossref) -> Iterator[Issue]:
    agency = crossref.agency(doi)
    if agency is None:
        message = f"DOI {doi} in the page's address is registered nowhere"
    elif agency.casefold() == "crossref":
        message = f"DOI {doi} in the page's address is Crossref's, but it has no record of it"
    else:
        case.doi = doi
        return
    yield Issue(kind="reference unresolved", field="doi", message=message)


def _choice(case: Case, crossref: Crossref) -> Issue:
    """Offer the works whose title is like the article's; none is taken without a person."""
    likeness = ((_similarity(case.title, work), work) for work in crossref.works_like(case.title))
    like = [f"{work['DOI']} ({_title_of(work)!r})" for score, work in likeness if score >= SAME_TITLE]
    offered = f"; Crossref offers {', '.join(like)}" if like else ""
    return Issue(kind="reference unresolved", field="doi", message=f"the article states no DOI{offered}")


def _recorded(case: Case, work: dict[str, Any]) -> Iterator[Issue]:
    case.blocks.append(TextBlock(label="reference record", text="\n".join(_lines(work))))
    yield from _updates(work)
    ours, theirs = licence_of(case.licence), recorded_licence(work)
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
    if title := _title_of(work):
        yield f"Title: {title}"
    if container := next(iter(work.get("container-title") or []), ""):
        yield f"Container: {_line(container)}"
    if published := _published_in(work):
        yield f"Published: {published}"
    for entry in work.get("license") or []:
        yield f"Licence: {_line(entry.get('URL', ''))} ({entry.get('content-version', 'unspecified')})"
    if publisher := work.get("publisher"):
        yield f"Publisher: {_line(publisher)}"


def _updates(work: dict[str, Any]) -> Iterator[Issue]:
    for key, words in (("updated-by", "is subject to"), ("update-to", "is itself")):
        for update in work.get(key) or []:
            what = update.get("label") or update.get("type") or "update"
            message = f"{work['DOI']} {words} a notice: {_line(what)}, {update.get('DOI', 'DOI not given')}"
            yield Issue(kind="retracted or corrected", message=message)


def _published_in(work: dict[str, Any]) -> str:
    for key in ("published-online", "published-print", "published", "issued"):
        parts = ((work.get(key) or {}).get("date-parts") or [[None]])[0]
        if parts and parts[0]:
            return "-".join(f"{part:02d}" for part in parts)
    return ""


def _title_of(work: dict[str, Any]) -> str:
    return _line(next(iter(work.get("title") or []), ""))


def _may_be(case: Case, work: dict[str, Any]) -> bool:
    # Without a title on one side there is nothing to contradict what the page states.
    return not case.title or not _title_of(work) or _similarity(case.title, work) >= SAME_TITLE


def _similarity(title: str, work: dict[str, Any]) -> float:
    main, subtitle = _title_of(work), _line(next(iter(work.get("subtitle") or []), ""))
    candidates = (main, f"{main} {subtitle}") if subtitle else (main,)
    return max(fuzz.token_sort_ratio(title, known, processor=utils.default_process) for known in candidates)


def _line(text: object) -> str:
    return " ".join(str(text).split())
