"""A case that a person enters: a URL, pictures, PDFs and text as files, through the same stages as a crawled one."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from scrapy import Spider
from scrapy.crawler import Crawler
from w3lib.url import canonicalize_url

from crawlers.pages.markup import case_without_emails
from crawlers.source import Source, source_named
from crawlers.spiders.arguments import ExistingFile, TextFile, WebAddress, arguments_of
from pipelines.records import Case, Document, Image, Issue, Study, TextBlock

_LONGEST_ID = 150  # characters; file names are made of it, and file systems end them at 255 bytes


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


class HandArguments(BaseModel):
    """Hold what a person states of a case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(description="the source the case was published at")
    url: WebAddress = Field(description="the URL of the case")
    image: Annotated[tuple[ExistingFile, ...], BeforeValidator(_listed)] = Field(
        (), description="its picture; may be several"
    )
    pdf: Annotated[tuple[ExistingFile, ...], BeforeValidator(_listed)] = Field(
        (), description="its article as PDF, whose figures are cut out; may be several"
    )
    text: TextFile | None = Field(None, description="a file with the text of the case, as its page words it")
    title: str = Field("", description="its title")

    @field_validator("source")
    @classmethod
    def _is_known(cls, name: str) -> str:
        return source_named(name).name

    @model_validator(mode="after")
    def _shows_something(self) -> Self:
        if not self.image and not self.pdf:
            raise ValueError("hand in at least one picture (image) or article (pdf)")
        return self


class ByHand(Spider):
    """Yield the one case that was entered."""

    name = "by_hand"
    takes = HandArguments

    def __init__(self, arguments: HandArguments) -> None:
        super().__init__()
        self.arguments = arguments
        self.failures: list[str] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Start with checked arguments; raise `ArgumentError` naming every wrong one."""
        return super().from_crawler(crawler, arguments_of(cls.takes, kwargs))

    async def start(self) -> AsyncIterator[Case]:
        """Yield the case."""
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value("cases/seen")
        yield case_entered(self.arguments)


def case_entered(given: HandArguments) -> Case:
    """Return the case that a person states; its licence and whatever the text leaves out stay open."""
    source = source_named(given.source)
    images = [_image(given.url, place, path) for place, path in enumerate(given.image, 1)]
    text = given.text.read_text(encoding="utf-8-sig").strip() if given.text else ""
    case = Case(
        source=source.name,
        source_id=id_of(given.url, source),
        url=given.url,
        title=given.title,
        aliases=[given.url],
        blocks=[TextBlock(label="body", text=text, language=source.language)] if text else [],
        studies=[Study(images=images)] if images else [],
        documents=[_document(path) for path in given.pdf],
        issues=[Issue(kind="licence unclear", field="license", message="entered by hand without a licence")],
    )
    return case_without_emails(case)


def id_of(url: str, source: Source) -> str:
    """Return the DOI in a URL, else the source's own id of the case, else the whole address without its scheme."""
    from pipelines.references.doi import doi_of_url  # idutils takes half a second that `scrapy list` need not wait for

    if named := doi_of_url(url) or source.id_in(url):
        return named
    # Kept with its query and fragment, either of which may be all that tells two cases apart.
    address = canonicalize_url(url, keep_fragments=True).partition("://")[2].rstrip("/")
    return address if len(address) <= _LONGEST_ID else f"url-{hashlib.sha256(address.encode()).hexdigest()[:16]}"


def _image(url: str, place: int, path: Path) -> Image:
    # Named by its content: another film at the same place is news, the same one handed in again is none.
    return Image(url=f"{url}#{_digest(path)}", position=place, local=str(path.absolute()))


def _document(path: Path) -> Document:
    # The name alone stands for the place: a folder would tell who handed the file in.
    return Document(url=f"file:///{_digest(path)}/{path.name}", local=str(path.absolute()))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
