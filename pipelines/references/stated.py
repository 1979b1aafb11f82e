"""What a page or a person states of a work: identifiers, title, authors, year, container, or one free reference."""

import re
from dataclasses import dataclass

from pipelines.references.doi import dois_in

_YEAR = re.compile(r"(?<![\d/.:-])(?:19|20)\d\d(?![\d/]|\.\d)")
_QUOTED = re.compile(r"[“\"«](?P<title>[^”\"»]{15,300})[”\"»]")
_PUBMED = re.compile(r"\b(?:PMID:?\s*(?P<pmid>\d{1,8})|(?P<pmcid>PMC\d{3,9}))\b", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"”]+")


@dataclass(frozen=True)
class Stated:
    """Hold what is stated of a work; blank is unknown.

    `authors` are names in any order of their parts, the first author first; `cited` are DOIs in a page's own citation;
    `urls` are addresses of the page and ids such as "PMC7582078"; `reference` is a whole reference in free text.
    """

    doi: str = ""
    cited: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    container: str = ""
    reference: str = ""

    @property
    def query(self) -> str:
        """Return the words to search for the work with; blank where no title or reference is stated."""
        if self.reference:
            return self.reference
        if not self.title:
            return ""
        return " ".join(filter(None, (self.title, *self.authors[:3], str(self.year or ""), self.container)))


def stated_in(reference: str) -> Stated:
    """Return what a reference in free text states for certain: DOI, PubMed ids, addresses, a year, a title in quotes.

    Names, volumes and an unquoted title stand in too many orders to be cut out; `reference` keeps the whole for them.
    A DOI or year is taken only where the text holds one.
    """
    text = " ".join(reference.split())
    dois, years = dois_in(text), set(_YEAR.findall(text))
    quoted = _QUOTED.search(text)
    named = [match["pmcid"] or f"PMID{match['pmid']}" for match in _PUBMED.finditer(text)]
    return Stated(
        doi=dois[0] if len(dois) == 1 else "",
        urls=(*_URL.findall(text), *named),
        title=quoted["title"].strip(" .,") if quoted else "",
        year=int(years.pop()) if len(years) == 1 else None,
        reference=text,
    )
