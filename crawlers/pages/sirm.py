"""What SIRM's category pages, print views and posts hold."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from crawlers.faults import LayoutChanged
from crawlers.pages.markup import first_text
from crawlers.pages.wordpress import (
    Part,
    Passage,
    Picture,
    captioned,
    paragraph_before,
    parts_in,
    prose_container_in,
)  # fmt: skip
from crawlers.source import Source
from pipelines.records import BlockLabel, Case, Image, Issue, Study, TextBlock

# Words that open the name of a place ("Ospedale di …"), and words that close it ("… Hospital").
_OPENS_PLACE = re.compile(
    r"(?<!\w)(?:ospedal\w*|azienda|aziende|AORN|A\.?O\.?U?\.?|ASL|ASP|ASST|A?USL|IRCCS|U\.?\s?O\.?\s?(?:C|S|SD)?\.?"
    r"|S\.\s?[SC]\.|dipartimento|istituto|università|policlinico|presidio|clinica|casa di cura|radiologia|radiology"
    r"|fondazione|servizio|department|institute)(?!\w)",
    re.IGNORECASE,
)
_CLOSES_PLACE = re.compile(r"(?<!\w)(?:hospital|university|clinic)(?!\w)", re.IGNORECASE)
_NAME = re.compile(r"^(?:[^\W\d_][\w.’'°*-]*|[°*,;&()\d]+)[.,;:°*()\d]*$")
_PARTICLES = frozenset(
    ["e", "ed", "and", "di", "de", "del", "della", "dello", "dei", "da", "la", "lo", "le", "van", "von", "el"]
)
_NOTE = re.compile(r"\([^)]*\)")
_AUTHORS = re.compile(r"^(?:autor[ei]|authors?)\s*:\s*", re.IGNORECASE)
_PATIENT = re.compile(r"\b(?:anni|aa|paziente|uomo|donna|maschio|femmina|year)\b", re.IGNORECASE)
_PATIENT_LABEL = re.compile(
    r"^(?P<patient>(?:paziente|caso|patient|case)\s+(?:n[.°]?\s*)?(?:[1-9]|[A-H]))\s*[:.)–-]", re.IGNORECASE
)
_DISCUSSION = re.compile(r"^(?:discussione|discussion|conclusioni|considerazioni)\W*$", re.IGNORECASE)
_LONGEST_HEADER = 400  # characters; the longest author line of the captures has 190
_DAY = re.compile(r"/(\d{4})/(\d\d)/(\d\d)/")


def post_url_of(url: str) -> str:
    """Return a post's canonical URL: on the main host, without query, whichever host it moved to."""
    return f"https://www.sirm.org{urlsplit(url).path.rstrip('/')}/"


def posts_in(page: Selector, url: str, source: Source) -> list[str]:
    """Return the posts that a category page links, in its order; raise `LayoutChanged` where it links none."""
    links = (urljoin(url, href) for href in page.css("a::attr(href)").getall())
    posts = list(dict.fromkeys(post_url_of(link) for link in links if re.match(source.case_url, link)))
    if not posts:
        raise LayoutChanged(url, "link to a case")
    return posts


def next_page_in(page: Selector, url: str) -> str:
    """Return the category's next page: the one its links call so, or number N+1; blank on the last one."""
    named = page.css('link[rel="next"]::attr(href), a[rel="next"]::attr(href), a.next.page-numbers::attr(href)').get()
    if named:
        return urljoin(url, named)
    here = re.search(r"/page/(\d+)/?", urlsplit(url).path)
    number = int(here.group(1)) + 1 if here else 2
    links = (urljoin(url, href) for href in page.css("a::attr(href)").getall())
    return next((link for link in links if re.search(rf"/page/{number}/?$", urlsplit(link).path)), "")


def print_view_of(url: str) -> str:
    """Return the print view of a category page, which holds the whole text of each of its posts."""
    return f"{url.partition('?')[0]}?print=print-search"


def post_in(page: Selector, url: str, source: Source) -> Case:
    """Return the case that a post's own page tells."""
    head = first_text(page, "title::text")
    headings = [" ".join(text.split()) for text in page.css("h1, h2").xpath("string()").getall()]
    # The site's own name may be a heading, too, and stands in every title.
    title = max((text for text in headings if text in head), key=len, default="") or first_text(
        page, 'meta[property="og:title"]::attr(content)', "title::text"
    )
    if not title:
        raise LayoutChanged(url, "title")
    published = first_text(
        page, 'meta[property="article:published_time"]::attr(content)', "time[datetime]::attr(datetime)"
    )
    parts = [part for part in parts_in(prose_container_in(page, url), url) if getattr(part, "text", "") != title]
    licence = page.css('link[rel="license"]::attr(href), a[rel="license"]::attr(href)').get("")
    return case_of(parts, title, url, source, published=published, licence=licence)


def print_posts_in(page: Selector, url: str, source: Source) -> dict[str, Case]:
    """Return the cases of a print view by canonical URL; the heading of each links its post."""
    posts: dict[str, list[Part]] = {}
    titles: dict[str, str] = {}
    current = ""
    for part in parts_in(next(iter(page.css("body")), page), url):
        if isinstance(part, Passage) and part.heading and re.match(source.case_url, part.href):
            current = post_url_of(part.href)
            titles[current] = part.text
        elif current:
            posts.setdefault(current, []).append(part)
    if not posts:
        raise LayoutChanged(url, "post")
    return {name: case_of(parts, titles[name], name, source) for name, parts in posts.items()}


def case_of(parts: list[Part], title: str, url: str, source: Source, *, published: str = "", licence: str = "") -> Case:
    """Return the case told by a stream of text and pictures: authors, hospital, then prose with pictures in it."""
    canonical = post_url_of(url)
    language = "en" if "/en/" in urlsplit(url).path else source.language
    authors, institution, rest = _head_and_rest(parts)
    named = ", ".join(name for name in (authors, institution) if name)
    credit = source.credit.format(authors=named) if named else ""
    head = [TextBlock(label="credit", text=authors), TextBlock(label="affiliation", text=institution)]
    blocks = [block for block in (*head, *_texts_in(rest)) if block.text]
    issues = [] if licence else [Issue(kind="licence unclear", field="license", message="the page states no licence")]
    return Case(
        source=source.name,
        source_id=urlsplit(canonical).path.strip("/").rpartition("/")[2],
        url=canonical,
        title=title,
        aliases=sorted({url} - {canonical}),
        blocks=[block.model_copy(update={"language": language}) for block in blocks],
        studies=_studies_in(rest, source),
        credit=credit,
        licence=licence,
        institution=institution,
        published=published or "-".join(next(iter(_DAY.findall(canonical)), ())),
        issues=issues,
    )


def _head_and_rest(parts: list[Part]) -> tuple[str, str, list[Part]]:
    """Return author line, hospital line, and the parts after them; blank and all parts where no such head stands."""
    authors: list[str] = []
    places: list[str] = []
    end = 0
    for part in parts:
        text = part.text if isinstance(part, Passage) else ""
        if not text or len(text) > _LONGEST_HEADER or _PATIENT.search(text):
            break
        names, place = _parted(text)
        if not place and (places or not names):
            break
        authors += [names] if names else []
        places += [place] if place else []
        end += 1
    # "Esegue TC" is capitalised like a name; without a hospital after it, a line of names shows a comma or an initial.
    if not places and not any(re.search(r",|\b[^\W\d_]\.", line) for line in authors):
        return "", "", parts
    return _joined(authors), "; ".join(places), parts[end:]


def _parted(line: str) -> tuple[str, str]:
    """Return the names and the place of a head line such as "P. Landi – Presidio Ospedaliero di Montescuro"."""
    bare = _AUTHORS.sub("", line)
    at = _place_in(bare)
    if at is None:
        return (bare, "") if _are_names(bare) else ("", "")
    names = bare[:at].rstrip(" ,;–—-")
    return (names, bare[at:].lstrip(" ,–")) if _are_names(names) else ("", bare)


def _place_in(line: str) -> int | None:
    """Return where the name of a place begins in a line, `None` where it names none."""
    # "(°Pneumologia, *Radiologia)" says who of the authors works where: its letters are blanked, their places kept.
    plain = _NOTE.sub(lambda note: " " * len(note.group()), line)
    if opens := _OPENS_PLACE.search(plain):
        return opens.start()
    closes = _CLOSES_PLACE.search(plain)
    return max(plain.rfind(",", 0, closes.start()), plain.rfind(" – ", 0, closes.start())) + 1 if closes else None


def _are_names(line: str) -> bool:
    words = _NOTE.sub("", line).split()
    return len(words) > 1 and all(
        word.lower() in _PARTICLES or (_NAME.match(word) and not word[0].islower()) for word in words
    )


def _joined(authors: list[str]) -> str:
    # The full stop of a line goes, that of a last initial stays.
    return ", ".join(re.sub(r"(?<=\w{3})\.$", "", line.rstrip(" ,;")) for line in authors)


def _texts_in(parts: list[Part]) -> Iterator[TextBlock]:
    """Yield the prose between pictures, one block for each run of paragraphs; from its heading on it is discussion."""
    label: BlockLabel = "body"
    run: list[str] = []
    whose = ""
    for part, patient in zip(parts, _patients_of(parts), strict=True):
        opens_discussion = isinstance(part, Passage) and bool(_DISCUSSION.match(part.text))
        if run and (isinstance(part, Picture) or opens_discussion or patient != whose):
            yield TextBlock(label=label, text="\n".join(run), patient=whose)
            run = []
        label, whose = "discussion" if opens_discussion else label, patient
        run += [part.text] if isinstance(part, Passage) else []
    if run:
        yield TextBlock(label=label, text="\n".join(run), patient=whose)


def _patients_of(parts: list[Part]) -> list[str]:
    """Return for each part whose it is, where paragraphs open with "Paziente 1:" or "Caso B:"; blank elsewhere."""
    patients: list[str] = []
    current = ""
    for part in parts:
        opens = _PATIENT_LABEL.match(part.text) if isinstance(part, Passage) else None
        discusses = isinstance(part, Passage) and _DISCUSSION.match(part.text)
        current = "" if discusses else opens["patient"] if opens else current
        patients.append(current)
    return patients if len(set(patients) - {""}) > 1 else [""] * len(parts)


def _studies_in(parts: list[Part], source: Source) -> list[Study]:
    """Return one study for each run of pictures with the same caption and modality."""
    studies: list[Study] = []
    latest: Study | None = None
    for at, (part, patient) in enumerate(zip(parts, _patients_of(parts), strict=True)):
        if not isinstance(part, Picture):
            latest = None
            continue
        caption = captioned(parts, at)
        word, kind = _modality_in(caption or _last_sentence(paragraph_before(parts, at)), source)
        if kind == "skip":
            continue
        if latest is None or (latest.caption, latest.modality) != (caption, word):
            latest = Study(modality=word, caption=caption)
            studies.append(latest)
        position = len(latest.images) + 1
        latest.images.append(Image(url=part.url, position=position, modality=word, caption=caption, patient=patient))
    return studies


def _modality_in(text: str, source: Source) -> tuple[str, str | None]:
    """Return the only modality a text words, verbatim, and what it means; blank where it words none or two."""
    words = "|".join(re.escape(word) for word in sorted(source.modalities, key=len, reverse=True))
    told = rf"(?P<word>(?<!\w)(?:{words})(?!\w))|(?P<denial>\b(?:non|senza|nessun[oa]?)\b)|[.;:,]"
    found: list[str] = []
    denied = False
    for match in re.finditer(told, text, re.IGNORECASE):
        # "Non è stato eseguito alcun radiogramma": what was not done is not what the picture shows.
        if not match["word"]:
            denied = bool(match["denial"])
        elif not denied:
            found.append(match["word"])
    kinds = {source.modality_of(word) for word in found}
    return (found[0], kinds.pop()) if len(kinds) == 1 else ("", None)


def _last_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý“\"])", text.strip())[-1]
