"""From what a page or a person states to the DOI of the work: found in a fixed order of ways, always confirmed.

The stated DOI → the DOI of the page's own citation → the rule of its address → the publisher's identifier
(`alternative-id`, never a formula) → the converter of PubMed ids → a bibliographic search that is validated. The first
way that names a record decides: where the record is not confirmed, a person must say, with the choices before them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from pipelines.records import Issue
from pipelines.references.converter import IdConverter, pubmed_ids_in
from pipelines.references.crossref import Crossref
from pipelines.references.doi import doi_of_url, normal_doi, pii_of_url, same_doi
from pipelines.references.matching import (
    Match,
    accepted,
    cites,
    is_another_notice,
    leads_back,
    matches_among,
    plain,
    same_title,
    title_of,
    years_of,
)
from pipelines.references.stated import Stated, stated_in

Way = Literal["stated", "citation", "address", "publisher's identifier", "converter", "search"]

_RESOLVERS = ("doi.org", "dx.doi.org")
_OFFERED = 5  # choices a person is shown
_LEAST_OFFERED = 0.6  # of 1; what is less like the work is none that a person would choose


@dataclass(frozen=True)
class Resolution:
    """Hold the DOI that was found, by which way, and its record; or else the choices, and what a person must know.

    `work` is Crossref's record, None where another agency (`agency`, such as "DataCite") registered the DOI. A stated
    DOI that nobody knows is given too, but is not `confirmed`.
    """

    doi: str = ""
    way: Way | None = None
    work: dict[str, Any] | None = None
    agency: str = ""
    choices: tuple[Match, ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def confirmed(self) -> bool:
        """Tell whether an agency knows the DOI, and nothing that is stated contradicts its record."""
        return bool(self.doi and (self.work or self.agency))


def resolved(
    stated: Stated, crossref: Crossref, converter: IdConverter | None = None, *, search: bool = True
) -> Resolution:
    """Return the DOI of what is stated, confirmed at Crossref or at another agency; blank where it is in doubt.

    Without `search` only identifiers are looked up, as for pages that have no DOI as a rule. Raises
    `ServiceUnavailable` where a service gives no answer, because what it would have said is then unknown.
    """
    if stated.reference:
        parsed = stated_in(stated.reference)
        urls = (*stated.urls, *parsed.urls)
        stated = replace(parsed, doi=stated.doi or parsed.doi, urls=urls, title=stated.title or parsed.title)
    if stated.doi:
        return _as_stated(stated, crossref)
    vain = Resolution()
    for way, doi in _named(stated, crossref, converter):
        found = _judged(stated, way, doi, crossref)
        if found.doi or found.choices:
            return found
        vain = vain if vain.issues else found
    if not (search and stated.query):
        return vain
    found = _searched(stated, crossref)
    return found if found.doi else replace(found, issues=(*vain.issues, *found.issues))


def _named(stated: Stated, crossref: Crossref, converter: IdConverter | None) -> Iterator[tuple[Way, str]]:
    """Yield the DOI that each way names; a way is only tried once those before it led nowhere."""
    if len(stated.cited) == 1:
        yield "citation", stated.cited[0]
    for url in stated.urls:
        if doi := doi_of_url(url):
            yield "address", doi
    for url in stated.urls:
        works = crossref.works_with_alternative_id(pii) if (pii := pii_of_url(url)) else []
        if len(works) == 1:
            yield "publisher's identifier", str(works[0]["DOI"])
    if converter is None:
        return
    for identifier in pubmed_ids_in(stated.urls):
        if named := converter.doi_of(identifier):
            yield "converter", named


def _as_stated(stated: Stated, crossref: Crossref) -> Resolution:
    """Confirm the DOI that is stated, unless its record is of another work."""
    try:
        doi = normal_doi(stated.doi)
    except ValueError as error:
        return Resolution(way="stated", issues=(_unresolved(str(error)),))
    work = crossref.work(doi)
    if work is None:
        return Resolution(doi, "stated", agency=crossref.agency(doi) or "")
    if stated.reference:
        same, what = cites(stated.reference, work), f"the reference is {stated.reference!r}"
    else:
        same, what = not stated.title or same_title(stated.title, work), f"the page is {stated.title!r}"
    if same:
        return Resolution(doi, "stated", work)
    message = f"the page states DOI {doi}; Crossref has it as {title_of(work)!r}, {what}"
    issue = Issue(kind="contradiction", field="doi", message=message)
    return Resolution(way="stated", choices=(Match(work, 0.0, False),), issues=(issue,))


def _judged(stated: Stated, way: Way, doi: str, crossref: Crossref) -> Resolution:
    work = crossref.work(doi)
    if work is None:
        return _of_another_agency(way, doi, crossref)
    if _confirmed(stated, way, doi, work):
        return Resolution(doi, way, work)
    said = f"the page is {stated.title!r}" if stated.title else "the page has no title to confirm it by"
    message = f"DOI {work['DOI']} found for this page is {title_of(work)!r}; {said}"
    return Resolution(way=way, choices=(Match(work, 0.0, False),), issues=(_unresolved(message),))


def _confirmed(stated: Stated, way: Way, doi: str, work: dict[str, Any]) -> bool:
    """Tell whether the record is of the page: by its title, or where none is stated by leading back to the page."""
    if stated.reference:
        return cites(stated.reference, work)
    if stated.title:
        return bool(title_of(work)) and same_title(stated.title, work) and not is_another_notice(stated.title, work)
    if way == "converter" or any(urlsplit(url).hostname in _RESOLVERS for url in stated.urls):
        return True  # NCBI holds both ids of the article itself; an address at doi.org is the DOI itself
    return any(leads_back(work, url, pii_of_url(url)) for url in stated.urls if _names(url, doi, way))


def _names(url: str, doi: str, way: Way) -> bool:
    named = doi_of_url(url)
    return way == "publisher's identifier" or (named is not None and same_doi(named, doi))


def _of_another_agency(way: Way, doi: str, crossref: Crossref) -> Resolution:
    where = "in the page's address" if way == "address" else f"found by the {way}"
    agency = crossref.agency(doi)
    if agency is None:
        return Resolution(way=way, issues=(_unresolved(f"DOI {doi} {where} is registered nowhere"),))
    if agency.casefold() == "crossref":
        message = f"DOI {doi} {where} is Crossref's, but it has no record of it"
        return Resolution(way=way, issues=(_unresolved(message),))
    return Resolution(doi, way, agency=agency)


def _searched(stated: Stated, crossref: Crossref) -> Resolution:
    """Take the one work that is like enough to what is stated, corroborated and ahead of all others."""
    matches = matches_among(stated, crossref.works_like(stated.query))
    if best := accepted(matches):
        doi = str(best.work["DOI"])
        work = crossref.work(doi)
        if work is not None and accepted(matches_among(stated, [work])):
            return Resolution(doi, "search", work)
    choices = tuple(match for match in matches[:_OFFERED] if match.likeness >= _LEAST_OFFERED)
    offered = f"; Crossref offers {'; '.join(_line(match) for match in choices)}" if choices else ""
    return Resolution(choices=choices, issues=(_unresolved(f"the article states no DOI{offered}"),))


def _line(match: Match) -> str:
    work = match.work
    first: dict[str, Any] = next(iter(work.get("author") or ()), {})
    container = next(iter(work.get("container-title") or ()), "")
    years = "/".join(str(year) for year in sorted(years_of(work)))
    of = ", ".join(filter(None, (str(first.get("family") or ""), plain(container), years)))
    return f"{work['DOI']} ({title_of(work)!r}{f', {of}' if of else ''}; alike {match.likeness:.2f})"


def _unresolved(message: str) -> Issue:
    return Issue(kind="reference unresolved", field="doi", message=message)
