"""Articles: identifiers or a query → Europe PMC → full text in JATS → figures; or a PDF or XML file handed in."""

import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from scrapy import Request
from scrapy.http import Response
from w3lib.url import add_or_replace_parameter

from crawlers.faults import LayoutChanged
from crawlers.pages.europepmc import Result, case_of, results_in
from crawlers.spiders.arguments import ArgumentError, ExistingFile, SpiderArguments, lines_in
from crawlers.spiders.case_spider import CaseSpider
from pipelines.figures.jats import NotJats, article_in
from pipelines.records import Case, Document

_PMCID = re.compile(r"PMC\d+", re.IGNORECASE)
_UNKNOWN = Result("", "", "", "", "")


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

    query: str = Field("", description="a Europe PMC query, in place of the nightly one")
    doi: Annotated[str, AfterValidator(_is_doi)] | None = Field(None, description="the DOI of one article")
    dois: ExistingFile | None = Field(None, description="a file with one DOI on each line")
    pmcid: Annotated[str, AfterValidator(_is_pmcid)] | None = Field(None, description="the PMCID of one article")
    pmid: Annotated[str, Field(pattern=r"^\d+$")] | None = Field(None, description="the PubMed id of one article")
    pdf: ExistingFile | None = Field(None, description="an article as a PDF or JATS file; doi= may say which it is")


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
        return queries + [_query_of_url(url) for url in given.single()]

    async def start(self) -> AsyncIterator[Any]:
        """Yield the file handed in, requests for the articles named, or else the search for the query."""
        singles = self.single_cases()
        if self.arguments.pdf:
            for case in self._cases_of_file(self.arguments.pdf):
                yield case
        for query in singles[: self.arguments.limit]:
            yield self._search(query, self.parse_named, named=query)
        if not (singles or self.arguments.pdf):
            yield self._search(self._broad_query(), self.parse_listing)

    def parse_named(self, response: Response, named: str) -> Iterator[Request]:
        """Yield the request for the full text of an article that was asked for by name."""
        results, _ = results_in(response.body, response.url)
        with_text = [result for result in results if result.pmcid]
        if not with_text:
            what = "has no full text of it (no PMCID)" if results else "knows no such article"
            self.failed(named, f"Europe PMC {what}; fetch the PDF by hand and give it as pdf=FILE")
            return
        yield from self._full_texts(with_text[:1])

    def parse_listing(self, response: Response) -> Iterator[Request]:
        """Yield requests for the full texts that a page of results names, and for the next page."""
        results, following = results_in(response.body, response.url)
        yield from self._full_texts([result for result in results if result.pmcid])
        for _ in (result for result in results if not result.pmcid):
            self.count("cases/skipped")
        if following and not self.limit_reached:
            url = add_or_replace_parameter(response.url, "cursorMark", following)
            yield Request(url, self.parse_listing, errback=self.unreachable)

    def parse_case(self, response: Response, result: Result = _UNKNOWN) -> Iterator[Case]:
        """Yield the article with its figures."""
        yield from self.kept(case_of(article_in(response.body), self.source, result))

    def _broad_query(self) -> str:
        query = self.arguments.query or " ".join(self.source.default_query.split())
        # Europe PMC wants both ends of a range; no article is dated past the end of its calendar.
        return f"({query}) AND FIRST_PDATE:[{self.arguments.since} TO 9999-12-31]" if self.arguments.since else query

    def _search(self, query: str, callback: Any, **told: str) -> Request:
        return Request(self.source.search_for(query), callback, errback=self.unreachable, cb_kwargs=told)

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
    if doi := doi_of_url(url):
        return f'DOI:"{doi}"'
    raise ArgumentError(f"{url} names no article by DOI or PMCID; give doi=, pmcid= or pdf=FILE")
