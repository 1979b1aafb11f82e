"""Radiopaedia: search listing → case page → the images of each study."""

from collections.abc import AsyncIterator, Iterable, Iterator

from scrapy import Request
from scrapy.http import Response

from crawlers.pages.markup import page_of
from crawlers.pages.radiopaedia import (
    Card,
    CasePage,
    StudyPart,
    cards_in,
    case_in,
    case_url_of,
    discussion_in,
    next_page_in,
    whole_case,
)  # fmt: skip
from crawlers.pages.radiopaedia_images import stacks_in, study_with
from crawlers.spiders.case_spider import CaseSpider
from pipelines.records import Case, Issue, TextBlock

_GONE = (404, 410)


class Radiopaedia(CaseSpider):
    """Crawl X-ray cases; cards that name other modalities only are left unopened."""

    name = "radiopaedia"

    def case_requests(self, urls: Iterable[str]) -> Iterator[Request]:
        """Yield a request for each case under its canonical URL, whichever mirror, language or query named it."""
        return super().case_requests(case_url_of(url) for url in urls)

    def fetched_url(self, url: str) -> str:
        """Return the page in American spelling, which the site serves for `lang=us` whatever the visitor's place."""
        return f"{url}?lang=us"

    def parse_listing(self, response: Response) -> Iterator[Request]:
        """Yield requests for the cases with a radiograph, and for the next page while it can hold newer ones."""
        page = page_of(response)
        cards = cards_in(page, response.url)
        fresh = [card for card in cards if not self.too_old(card.published)]
        yield from self.case_requests(card.url for card in fresh if self._may_hold_a_film(card))
        following = next_page_in(page, response.url)
        if following and fresh and not self.limit_reached:
            yield Request(following, self.parse_listing, errback=self.unreachable)

    async def parse_case(self, response: Response) -> AsyncIterator[Case]:
        """Yield the case with the images of its studies."""
        page = case_in(page_of(response), response.url, self.source)
        if page.discussion_url:
            await self._read_discussion(page)
        parts = [await self._with_images(part, page.case) for part in page.studies]
        for case in self.kept(whole_case(page, parts)):
            yield case

    def _may_hold_a_film(self, card: Card) -> bool:
        kinds = {self.source.modality_of(word) for word in card.modalities}
        if not kinds or kinds & {"X-ray", None}:
            return True
        self.count("cases/skipped")
        return False

    async def _read_discussion(self, page: CasePage) -> None:
        response = await self.answer_to(page.discussion_url)
        if response.status != 200:
            message = f"{response.url} answered {response.status}: the discussion is missing"
            page.case.issues.append(Issue(kind="missing value", message=message))
        elif text := discussion_in(page_of(response)):
            page.case.blocks.append(TextBlock(label="discussion", text=text, language="en"))

    async def _with_images(self, part: StudyPart, case: Case) -> StudyPart:
        """Return the study with its images, by the first route that knows them."""
        if part.study.images or self.source.modality_of(part.study.modality) == "skip":
            return part
        answers: list[str] = []
        for route in part.image_routes:
            response = await self.answer_to(route)
            if response.status == 200:
                study, issues = study_with(part.study, stacks_in(response.body, route), self.source)
                case.issues += [issue for issue in issues if issue not in case.issues]
                return StudyPart(study, part.findings)
            answers.append(f"{route} answered {response.status}")
            if response.status not in _GONE:
                break
        missing = "; ".join(answers) or f"the study {part.study.caption!r} carries no id"
        case.issues.append(Issue(kind="media missing", message=missing))
        return part
