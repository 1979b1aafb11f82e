"""Articles: identifiers or a query → Europe PMC → full text in JATS → figures; or a PDF or XML file handed in.

A query may go to Crossref too: what it finds is looked up at Europe PMC, or else is read from the publisher's PDF.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from w3lib.url import add_or_replace_parameter

from crawlers.faults import LayoutChanged
from crawlers.pages.crossref import Work, search_url, work_in, work_url, works_in
from crawlers.pages.europepmc import Result, case_of, newest_version_in, results_in, versions_url
from crawlers.spiders.arguments import ArgumentError, ExistingFile, SpiderArguments, TextFile, lines_in
from crawlers.spiders.case_spider import CaseSpider
from crawlers.spiders.references import resolution_of
from pipelines.figures.jats import NotJats, article_in
from pipelines.records import Case, Document, Issue

_PMCID = re.compile(r"PMC\d+", re.IGNORECASE)
_UNKNOWN = Result("", "", "", "", "")
# Crossref answers with every work that shares a word with the query; past these they share little else.
_MOST_FOUND = 500
_AT_ONCE = 25  # DOIs in one question to Europe PMC, whose address stays under 2,000 characters
# Servers that know no HEAD are asked for the file itself, by the stage that keeps it.
_NO_HEAD = (405, 501)
_ALSO_UNKNOWN = {"handle_httpstatus_list": [404]}
_BY_HAND = "fetch the PDF by hand and give it as pdf=FILE"


def _is_doi(text: str) -> str:
    from pipelines.references.doi import normal_doi  # idutils takes half a second that `scrapy list` need not wait for

    return normal_doi(text)


def _is_pmcid(text: str) -> str:
    name = f"PMC{text}" if text.isdigit() else text.upper()
    if not _PMCID.fullmatch(name):
        raise ValueError("is no PMCID; one reads PMC7582078")
    return name


class PaperArguments(SpiderArguments):
    """Hold the arguments of the articles spider; each of them but `query` names single articles."""

    query: str = Field("", description="a query, in place of the nightly one at Europe PMC")
    at: Literal["europepmc", "crossref", "both"] = Field("europepmc", description="where query= is asked")
    doi: Annotated[str, AfterValidator(_is_doi)] | None = Field(None, description="the DOI of one article")
    dois: TextFile | None = Field(None, description="a file with one DOI on each line")
    pmcid: Annotated[str, AfterValidator(_is_pmcid)] | None = Field(None, description="the PMCID of one article")
    pmid: Annotated[str, Field(pattern=r"^\d+$")] | None = Field(None, description="the PubMed id of one article")
    reference: str = Field("", description="one article as a reference list names it, in free text")
    references: TextFile | None = Field(None, description="a file with one such reference on each line")
    pdf: ExistingFile | None = Field(None, description="an article as a PDF or JATS file; doi= may say which it is")

    @model_validator(mode="after")
    def _asks_crossref_something(self) -> Self:
        if self.at != "europepmc" and not self.query:
            raise ValueError(f"at={self.at} wants query=…: the nightly query is in the language of Europe PMC")
        return self


class Papers(CaseSpider):
    """Read open-access articles through Europe PMC's services; article pages of PMC are never fetched."""

    name = "papers"
    takes = PaperArguments
    arguments: PaperArguments

    def single_cases(self) -> list[str]:
        """Return a Europe PMC query for each article named; raise `ArgumentError` for what names none."""
        given = self.arguments
        dois = [given.doi] if given.doi and not given.pdf else []
        if given.dois:
            dois += [_doi_of_line(line, given.dois) for line in lines_in(given.dois)]
        queries = [f'DOI:"{doi}"' for doi in dois]
        queries += [f"PMCID:{given.pmcid}"] * bool(given.pmcid) + [f"EXT_ID:{given.pmid} AND SRC:MED"] * bool(
            given.pmid
        )
        return queries + [query for url in given.single() if (query := _query_of_url(url))]

    def to_resolve(self) -> list[str]:
        """Return the references in free text, and the addresses that name an article without its DOI or PMCID."""
        given = self.arguments
        references = [given.reference] * bool(given.reference)
        references += lines_in(given.references) if given.references else []
        return references + [url for url in given.single() if not _query_of_url(url)]

    async def start(self) -> AsyncIterator[Any]:
        """Yield the file handed in, requests for the articles named, or else the search for the query."""
        singles, unresolved = self.single_cases(), self.to_resolve()
        if self.arguments.pdf:
            for case in self._cases_of_file(self.arguments.pdf):
                yield case
        for query in singles[: self.arguments.limit]:
            doi = query.removeprefix('DOI:"').removesuffix('"') if query.startswith("DOI:") else ""
            yield self._search(query, self.parse_named, named=query, doi=doi)
        for named in unresolved[: self.arguments.limit]:
            if doi := await self._doi_of(named):
                yield self._search(f'DOI:"{doi}"', self.parse_named, named=named, doi=doi)
        if singles or unresolved or self.arguments.pdf:
            return
        if self.arguments.at in ("europepmc", "both"):
            yield self._search(self._broad_query(), self.parse_listing)
        if self.arguments.at in ("crossref", "both"):
            url = search_url(self.arguments.query, self.arguments.since, self.settings["INTAKE_CONTACT"])
            yield Request(url, self.parse_works, errback=self.unreachable)

    def parse_named(self, response: Response, named: str, doi: str = "") -> Iterator[Request]:
        """Yield the request for the full text of an article asked for by name, or else for Crossref's record."""
        results, _ = results_in(response.body, response.url)
        with_text = [result for result in results if result.pmcid]
        if with_text:
            yield from self._full_texts(with_text[:1])
            return
        what = f"Europe PMC {'has no full text of it (no PMCID)' if results else 'knows no such article'}"
        if doi := doi or next((result.doi for result in results if result.doi), ""):
            told = {"named": named, "what": what}
            yield Request(work_url(doi), self.parse_work, errback=self.unreachable, cb_kwargs=told, meta=_ALSO_UNKNOWN)
        else:
            self.failed(named, f"{what}; {_BY_HAND}")

    def parse_work(self, response: Response, named: str, what: str) -> Iterator[Request]:
        """Yield the question for the publisher's PDF of an article asked for by name, where its licence is open."""
        if response.status != 200:
            self.failed(named, f"{what}, and Crossref does not know its DOI; {_BY_HAND}")
            return
        work = work_in(response.body, response.url)
        if work.why_not:
            self.failed(named, f"{what}, and {work.why_not}; {_BY_HAND}")
        else:
            yield from self._publishers_pdf(work)

    def parse_listing(self, response: Response) -> Iterator[Request]:
        """Yield requests for the full texts that a page of results names, and for the next page."""
        results, following = results_in(response.body, response.url)
        yield from self._full_texts([result for result in results if result.pmcid])
        for _ in (result for result in results if not result.pmcid):
            self.count("cases/skipped")
        if following and not self.limit_reached:
            url = add_or_replace_parameter(response.url, "cursorMark", following)
            yield Request(url, self.parse_listing, errback=self.unreachable)

    def parse_works(self, response: Response, before: int = 0) -> Iterator[Request]:
        """Yield questions to Europe PMC for the works that a page of Crossref's names, and the next page."""
        works, cursor = works_in(response.body, response.url)
        for at in range(0, len(works), _AT_ONCE):
            some = works[at : at + _AT_ONCE]
            named = " OR ".join(f'DOI:"{work.doi}"' for work in some)
            yield self._search(named, self.parse_found, works=some)
        seen = before + len(works)
        if cursor and seen < _MOST_FOUND and not self.limit_reached:
            url = add_or_replace_parameter(response.url, "cursor", cursor)
            yield Request(url, self.parse_works, errback=self.unreachable, cb_kwargs={"before": seen})

    def parse_found(self, response: Response, works: list[Work]) -> Iterator[Request]:
        """Yield requests for the full texts that Europe PMC has, and for the publishers' PDFs of the other works."""
        results, _ = results_in(response.body, response.url)
        open_text = {result.doi.casefold(): result for result in results if result.pmcid}
        yield from self._full_texts([found for work in works if (found := open_text.get(work.doi.casefold()))])
        for work in works:
            if work.doi.casefold() in open_text or self.limit_reached:
                continue
            if work.why_not:
                self.failed(f"https://doi.org/{work.doi}", f"Europe PMC has no full text of it, and {work.why_not}")
            else:
                yield from self._publishers_pdf(work)

    def parse_pdf(self, response: Response, work: Work) -> Iterator[Case]:
        """Yield an article whose publisher offers a PDF, which is fetched and cut like one handed in."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1").partition(";")[0].strip().lower()
        if response.status not in _NO_HEAD and kind not in ("application/pdf", "application/octet-stream"):
            self.failed(
                response.url, f"the publisher answers with {kind or 'no type'} in place of the PDF of {work.doi}"
            )
            return
        yield from self.kept(
            Case(
                source=self.source.name,
                source_id=work.doi,
                url=f"https://doi.org/{work.doi}",
                title=work.title,
                doi=work.doi,
                documents=[Document(url=work.pdf)],
            )
        )

    async def parse_case(self, response: Response, result: Result = _UNKNOWN) -> AsyncIterator[Case]:
        """Yield the article with its figures, as the newest version in the bucket has them."""
        article = article_in(response.body)
        version = await self._version_of(article.pmcid or result.pmcid) if article.figures else 1
        case = case_of(article, self.source, result, version=version or 1)
        if version is None:
            message = "PMC's bucket did not say which version of the article it keeps; its first was taken"
            case.issues.append(Issue(kind="retry", message=message))
        for kept in self.kept(case):
            yield kept

    async def _version_of(self, pmcid: str) -> int | None:
        if not pmcid:
            return 1
        try:
            answer = await self.answer_to(versions_url(pmcid))
        except CloseSpider:
            raise
        except Exception as error:
            self.logger.warning("%s: no version is known: %r", pmcid, error)
            return None
        # An article that the bucket does not keep has no files of any version, which each picture's issue then says.
        return newest_version_in(answer.body, pmcid) or 1 if answer.status == 200 else None

    async def _doi_of(self, named: str) -> str:
        """Return the confirmed DOI of an article named in words; one in doubt is counted, with the choices."""
        from pipelines.references.service import ServiceUnavailable

        try:
            found = await asyncio.to_thread(resolution_of, named, self.settings)
        except ServiceUnavailable as fault:
            self.failed(named, fault)
            return ""
        if found.confirmed:
            return found.doi
        said = "; ".join(issue.message for issue in found.issues) or "no DOI is known of it"
        self.failed(named, f"{said}; give doi=, pmcid= or pdf=FILE")
        return ""

    def _broad_query(self) -> str:
        query = self.arguments.query or " ".join(self.source.default_query.split())
        # Europe PMC wants both ends of a range; no article is dated past the end of its calendar.
        return f"({query}) AND FIRST_PDATE:[{self.arguments.since} TO 9999-12-31]" if self.arguments.since else query

    def _search(self, query: str, callback: Any, **told: Any) -> Request:
        return Request(self.source.search_for(query), callback, errback=self.unreachable, cb_kwargs=told)

    def _publishers_pdf(self, work: Work) -> Iterator[Request]:
        """Yield the question whether the PDF may and can be fetched, unless it was asked before."""
        if work.pdf not in self._asked:
            self._asked.add(work.pdf)
            yield Request(
                work.pdf,
                self.parse_pdf,
                method="HEAD",
                errback=self.unreachable,
                cb_kwargs={"work": work},
                meta={"handle_httpstatus_list": list(_NO_HEAD)},
            )

    def _full_texts(self, results: list[Result]) -> Iterator[Request]:
        for result in results:
            for request in self.case_requests([f"{self.source.base_url}/{result.pmcid}/fullTextXML"]):
                yield request.replace(cb_kwargs={"result": result})

    def _cases_of_file(self, path: Path) -> Iterator[Case]:
        try:
            yield from self.kept(self._case_of_file(path))
        except (NotJats, LayoutChanged) as fault:
            self.failed(str(path), fault)

    def _case_of_file(self, path: Path) -> Case:
        doi, data = self.arguments.doi or "", path.read_bytes()
        if path.suffix.lower() in (".xml", ".nxml"):
            known = Result("", doi, self.arguments.pmcid or "", self.arguments.pmid or "", "")
            return case_of(article_in(data), self.source, known, folder=path.parent)
        # The name alone stands for the place: a folder would tell who handed the file in.
        digest = hashlib.sha256(data).hexdigest()[:16]
        place = f"file:///{digest}/{path.name}"
        return Case(
            source=self.source.name,
            source_id=doi or f"file-{digest}",
            url=f"https://doi.org/{doi}" if doi else place,
            doi=doi,
            documents=[Document(url=place, local=str(path.absolute()))],
        )


def _doi_of_line(line: str, path: Path) -> str:
    try:
        return _is_doi(line)
    except ValueError as error:
        raise ArgumentError(f"{path}: {error}") from error


def _query_of_url(url: str) -> str:
    from pipelines.references.doi import doi_of_url

    if match := _PMCID.search(urlsplit(url).path):
        return f"PMCID:{match.group().upper()}"
    return f'DOI:"{doi}"' if (doi := doi_of_url(url)) else ""
