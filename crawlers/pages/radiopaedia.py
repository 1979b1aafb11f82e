"""What Radiopaedia's listing and case pages hold, in every layout seen between 2015 and 2026."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from crawlers.faults import LayoutChanged
from crawlers.pages.markup import first_text, lines_of, mandatory_text, text_of
from crawlers.source import Source
from pipelines.records import BlockLabel, Case, Image, Issue, Study, TextBlock

_NO_RESULTS = "No results were found"
_CASE_PATH = re.compile(r"/(?:play/\d+/entry/\d+/case|cases)/(?P<case>[\w-]+)")
# The day of the visit stands in the citation; with it in the text, every case would change every night.
_ACCESSED = re.compile(r"\s?\(accessed on [^()]*\)", re.IGNORECASE)
_NOT_STATED = {"", "-", "–"}


@dataclass(frozen=True)
class Card:
    """Hold one result of a listing; `modalities` are the site's words, of which some may be blank."""

    url: str
    title: str
    published: str
    modalities: tuple[str, ...]


@dataclass(frozen=True)
class StudyPart:
    """Hold what a case page says of one study, and where its images are asked for, in the order to try."""

    study: Study
    findings: str
    image_routes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CasePage:
    """Hold a case without its studies' images, the studies, and the discussion's own page where it has one."""

    case: Case
    studies: list[StudyPart]
    discussion_url: str = ""
    notes: list[str] = field(default_factory=list)


def case_url_of(url: str) -> str:
    """Return the canonical URL of a case: without query, language, mirror host, sub-page or playlist."""
    match = _CASE_PATH.match(urlsplit(url).path)
    if match is None:
        raise LayoutChanged(url, "address of a case")
    return f"https://radiopaedia.org/cases/{match['case']}"


def cards_in(page: Selector, url: str) -> list[Card]:
    """Return the results of a listing page; raise `LayoutChanged` where it holds none and does not say so."""
    cards = [
        Card(
            url=case_url_of(urljoin(url, card.attrib["href"])),
            title=mandatory_text(card, "title of a result", url, ".search-result-title-text", ".search-result-title"),
            published=first_text(card, ".search-result-published_at"),
            modalities=tuple(text_of(word) for word in card.css(".search-result-modalities > *")),
        )
        for card in page.css("a.search-result-case[href]")
    ]
    if not cards and _NO_RESULTS not in text_of(page):
        raise LayoutChanged(url, "search results")
    return cards


def next_page_in(page: Selector, url: str) -> str:
    """Return the URL of the listing's next page; blank on the last one."""
    href = page.css('a.next_page[rel="next"]:not(.disabled)::attr(href)').get()
    return urljoin(url, href) if href else ""


def case_in(page: Selector, url: str, source: Source) -> CasePage:
    """Return the case a page holds; raise `LayoutChanged` naming the mandatory part that is missing."""
    issues: list[Issue] = []
    citation = _labelled(page.css("#citation-info .row"), ".col-sm-3", ".col-sm-8", source, issues)
    patient = _labelled(page.css("#case-patient-data .data-item"), "strong", "", source, issues)
    title = mandatory_text(
        page, "title", url, "#content-header h1.header-title", "h1.header-title", ".case-title",
        'meta[property="og:title"]::attr(content)',
    ).removesuffix(" | Radiology Case | Radiopaedia.org")  # fmt: skip
    rid = _rid_in(page, citation, url, issues)
    canonical = case_url_of(page.css('link[rel="canonical"]::attr(href)').get() or url)
    contributor = first_text(page, ".author-info a", 'meta[name="author"]::attr(content)')
    licence = page.css('link[rel="license"]::attr(href)').get("").strip()
    if not licence:
        issues.append(Issue(kind="licence unclear", field="license", message="the page links no licence"))
    case = Case(
        source=source.name,
        source_id=rid,
        url=canonical,
        title=title,
        aliases=sorted({canonical.rpartition("/")[2], f"https://radiopaedia.org/cases/{rid}"} - {rid}),
        credit=source.credit.format(contributor=contributor, id=rid) if contributor else "",
        licence=licence,
        doi=source.doi.format(id=rid),
        institution=citation.get("institution", ""),
        certainty=first_text(page, ".diagnostic-certainty-title"),
        published=citation.get("case published") or citation.get("published", ""),
        issues=issues,
    )
    tags = {name: text for name, text in citation.items() if name in ("systems", "sections", "tags")}
    blocks: list[tuple[BlockLabel, str]] = [
        ("patient data", _as_lines(patient)),
        ("presentation", "\n".join(text_of(p) for p in page.css("#case-patient-presentation p"))),
        ("discussion", discussion_in(page)),
        ("tags", _as_lines(tags)),
        ("citation", _ACCESSED.sub("", citation.get("citation", ""))),
    ]
    case.blocks = [_block(label, text) for label, text in blocks if text]
    return CasePage(case, _studies_in(page, url), _discussion_url_in(page, url), _notes_in(page))


def discussion_in(page: Selector) -> str:
    """Return the discussion, which stands on the case page or on one of its own."""
    return "\n".join(text_of(p) for p in page.css("#case-discussion :is(p, li)"))


def whole_case(page: CasePage, parts: list[StudyPart]) -> Case:
    """Return the case with its studies, whose findings stand before the discussion as they do on the page."""
    case = page.case.model_copy(deep=True)
    findings = [_block("findings", part.findings, index) for index, part in enumerate(parts) if part.findings]
    notes = [_block("note", note) for note in page.notes]
    at = next((i for i, block in enumerate(case.blocks) if block.label not in ("patient data", "presentation")), None)
    case.blocks[at if at is not None else len(case.blocks) : at or len(case.blocks)] = [*findings, *notes]
    case.studies = [part.study for part in parts]
    return case


def _block(label: BlockLabel, text: str, study: int | None = None) -> TextBlock:
    return TextBlock(label=label, text=text, language="en", study=study)


def _as_lines(values: dict[str, str]) -> str:
    return "\n".join(f"{label.capitalize()}: {value}" for label, value in values.items())


def _labelled(rows: list[Selector], label: str, value: str, source: Source, issues: list[Issue]) -> dict[str, str]:
    """Return values by their label in lower case; a label in no look-up becomes an issue, `-` is no value."""
    found: dict[str, str] = {}
    for row in rows:
        words = first_text(row, label) or f"{text_of(row).partition(':')[0]}:"
        name = words.rstrip(": ").replace("-", " ").lower()
        text = first_text(row, value) if value else text_of(row).removeprefix(words).strip()
        handling = source.labels.get(name)
        if handling is None:
            issues.append(Issue(kind="unknown vocabulary", message=f"unknown label {words!r} with the value {text!r}"))
        elif handling == "keep" and text not in _NOT_STATED:
            found[name] = text
    return found


def _rid_in(page: Selector, citation: dict[str, str], url: str, issues: list[Issue]) -> str:
    stated = [
        *page.css('meta[name="dc.identifier"]::attr(content)').re(r"rID-(\d+)"),
        *re.findall(r"rID-(\d+)", citation.get("doi", "")),
        *re.findall(r"^\d+$", citation.get("rid", "")),
        *re.findall(r"/cases/(\d+)$", citation.get("permalink", "")),
    ]
    if not stated:
        raise LayoutChanged(url, "rID")
    if len(set(stated)) > 1:
        message = f"the page states several rIDs: {', '.join(sorted(set(stated)))}"
        issues.append(Issue(kind="contradiction", message=message))
    return str(stated[0])


def _discussion_url_in(page: Selector, url: str) -> str:
    hrefs = page.css('a[href*="/discussion"]::attr(href)').getall()
    href = next((href for href in hrefs if re.search(r"/cases/[\w-]+/discussion", href)), "")
    return urljoin(url, href) if href and not discussion_in(page) else ""


def _notes_in(page: Selector) -> list[str]:
    """Return the paragraphs between studies, such as "A few more cases of … can be seen in the next examples"."""
    return [text for node in page.css(".case-section.body:not(.case-study)") if (text := text_of(node))]


def _studies_in(page: Selector, url: str) -> list[StudyPart]:
    sections = _study_sections_in(page)
    parts = [_study_in(section, url) for section in sections]
    if parts and any(part.image_routes or part.study.images for part in parts):
        return parts
    # No section carries an id of its own: the ids stand in the page in the studies' order, or the layout is new.
    ids = list(dict.fromkeys(re.findall(r"/studies/(\d+)", page.get())))
    if not ids or (parts and len(parts) != len(ids)):
        raise LayoutChanged(url, "study id")
    parts = parts or [StudyPart(Study(), "") for _ in ids]
    return [StudyPart(part.study, part.findings, _routes(study_id)) for part, study_id in zip(parts, ids, strict=True)]


def _study_sections_in(page: Selector) -> list[Selector]:
    sections = [
        node
        for node in page.css('.case-study, [data-study-id], [id^="study-"]')
        if not node.attrib.get("id", "").startswith("study-") or re.fullmatch(r"study-\d+", node.attrib["id"])
    ]
    roots = {node.root for node in sections}
    outermost = [node for node in sections if not any(parent in roots for parent in node.root.iterancestors())]
    return outermost or list(page.css(".main-study-desc"))


def _study_in(section: Selector, url: str) -> StudyPart:
    study = Study(
        modality=first_text(section, ".study-modality span", ".study-modality"),
        caption=first_text(section, ".study-desc h2"),
        images=list(_images_of_2015(section, url)),
    )
    return StudyPart(study, _findings_in(section), _image_routes_in(section, url))


def _findings_in(section: Selector) -> str:
    return "\n".join(line for node in section.css(".study-findings") for line in lines_of(node))


def _image_routes_in(section: Selector, url: str) -> tuple[str, ...]:
    """Return where the study's images are asked for, by the newest carrier of the study id that the section shows."""
    markup = section.get()
    if stated := re.search(r"/studies/\d+/annotated_viewer_json[^\"'\s]*", markup):
        study_id = re.findall(r"\d+", stated.group())[0]
        return (urljoin(url, stated.group().replace("&amp;", "&")), _routes(study_id)[0])
    ids_2026 = section.xpath("descendant-or-self::*/@id").re(r"^study-(\d+)$")
    if ids_2026:
        return _routes(ids_2026[0])[::-1]
    stacks = section.xpath("descendant-or-self::*/@data-study-stacks-url").get()
    ids = [
        *section.css('a.view-fullscreen-link[href*="/studies/"]::attr(href)').re(r"/studies/(\d+)"),  # 2024
        *section.css(".main-study-desc::attr(id)").re(r"-(\d+)$"),  # December 2023
        *section.xpath("descendant-or-self::*/@data-study-id").re(r"^\d+$"),  # 2017 to March 2023
        *section.xpath("descendant-or-self::*/@data-ref").re(r"^study-(\d+)$"),
        *re.findall(r"/studies/(\d+)", markup),
    ]
    if not ids:
        return ()
    stacks_route, viewer_route = _routes(ids[0])
    return (urljoin(url, stacks) if stacks else stacks_route, viewer_route)


def _routes(study_id: str) -> tuple[str, str]:
    base = f"https://radiopaedia.org/studies/{study_id}"
    return f"{base}/stacks?lang=us", f"{base}/annotated_viewer_json?lang=us"


def _images_of_2015(section: Selector, url: str) -> Iterator[Image]:
    """Yield the linked originals of the 2015 carousel, the only layout with images in its static HTML."""
    for position, link in enumerate(section.css('ul.stack a[href*="/images/"]'), 1):
        yield Image(
            url=urljoin(url, link.attrib["href"]), position=position, caption=link.css("img::attr(alt)").get("")
        )
