"""The replayed web filled with real texts and films, for looking at what the pipelines make of them.

Of a row only the source's own words reach a page: its clinical notes, the credit, and what its URL says. What the
collection's maintainers added (sex, age, view and so on) never does. Films are dealt to rows and belong to other
patients, as the texts' own are not at hand.
"""

import csv
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from crawlers.replay.articles import Article, ArticleFigure, Section
from crawlers.replay.image_files import ImageFile
from crawlers.replay.site import IMAGE_TYPES
from crawlers.replay.world import ERAS, Era, Figure1Case, Frame, RadiopaediaCase, RadiopaediaStudy, SirmPost, World

_CREDIT = re.compile(r"Case courtesy of (?P<author>.+?), Radiopaedia\.org(?:, rID: ?(?P<rid>\d+))?")
_ITALIAN = re.compile(r"\b(?:anni|aa|paziente|febbre|torace|tampone)\b", re.IGNORECASE)
# DOIs and PMCIDs of no article: 10.5555 is Crossref's prefix for tests, and PMC has not reached 90,000,000.
_NO_DOI = "10.5555/replay.{}"
_NO_PMCID = "PMC9{:07d}"
_NO_RID = 9_000_000
# Rows tell no titles, by which the nightly query finds articles; an invented title would plant a finding.
_SOUGHT = "COVID-19 chest radiograph"
_NO_DATE = date(2020, 6, 1)  # the rows do not tell when an article appeared; they were gathered until then


@dataclass(frozen=True)
class Told:
    """Hold what a source tells at one URL: each text once, in order, with the films dealt to it."""

    url: str
    texts: tuple[tuple[str, tuple[Path, ...]], ...]
    credit: str
    doi: str

    @property
    def host(self) -> str:
        """Return the host of the URL, without `www.`."""
        return urlsplit(self.url).netloc.removeprefix("www.")

    @property
    def name(self) -> str:
        """Return the last part of the URL's path."""
        return urlsplit(self.url).path.rstrip("/").rpartition("/")[2]


def real_world(films: Sequence[Path], rows: Sequence[Path]) -> World:
    """Return a world with the texts of CSV files of rows and the images under folders.

    One page stands for each URL; a row without one goes to SIRM if it is Italian, else to the articles. A row without
    a text is left out. Raise `ValueError` where the folders hold no image or the files no text.
    """
    told = list(_told(_texts_in(rows), _films_under(films)))
    if not told:
        raise ValueError(f"no row of {', '.join(map(str, rows))} holds a text in its column clinical_notes")
    by_host: dict[str, list[Told]] = {}
    for page in told:
        by_host.setdefault(_site_of(page), []).append(page)
    return World(
        name="real",
        radiopaedia=tuple(_radiopaedia_cases(by_host.get("radiopaedia", []))),
        sirm=tuple(_sirm(page) for page in by_host.get("sirm", [])),
        figure1=tuple(_figure1(page) for page in by_host.get("figure1", [])),
        articles=tuple(_article(page, n) for n, page in enumerate(by_host.get("papers", []))),
    )


def _site_of(page: Told) -> str:
    if page.host.endswith("figure1.com"):
        return "figure1"
    return {"radiopaedia.org": "radiopaedia", "sirm.org": "sirm"}.get(page.host, "papers")


def _films_under(folders: Iterable[Path]) -> list[Path]:
    films = sorted(
        path.resolve() for folder in folders for path in folder.rglob("*") if path.suffix[1:].lower() in IMAGE_TYPES
    )
    if not films:
        raise ValueError(f"no image lies under {', '.join(map(str, folders))}")
    return films


def _texts_in(files: Iterable[Path]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for file in files:
        try:
            with file.open(encoding="utf-8-sig", newline="") as opened:
                rows += [row for row in csv.DictReader(opened) if (row.get("clinical_notes") or "").strip()]
        except OSError as error:
            raise ValueError(f"{file} cannot be read: {error.strerror}") from None
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{file} is no CSV table in UTF-8: {error}") from None
    return rows


def _told(rows: Iterable[dict[str, str]], films: Sequence[Path]) -> Iterator[Told]:
    """Deal a film to each row of a radiograph, in order and around again, and gather the rows of each URL."""
    dealt = itertools.cycle(films)
    pages: dict[str, list[tuple[str, tuple[Path, ...]]]] = {}
    facts: dict[str, tuple[str, str]] = {}
    for number, row in enumerate(rows):
        text, url = row["clinical_notes"].strip(), (row.get("url") or "").strip() or _stand_in_url(row, number)
        # The films at hand are radiographs: under a text on a CT one would tell an untruth.
        given = () if row.get("modality") == "CT" else (next(dealt),)
        texts = pages.setdefault(url, [])
        known = next((at for at, (seen, _) in enumerate(texts) if seen == text), None)
        if known is None:
            texts.append((text, given))
        else:
            texts[known] = (text, texts[known][1] + given)
        facts.setdefault(url, ((row.get("other_notes") or "").strip(), (row.get("doi") or "").strip()))
    for url, told in pages.items():
        yield Told(url, tuple(told), *facts[url])


def _stand_in_url(row: dict[str, str], number: int) -> str:
    """Return a URL for a row that has none: a SIRM post for an Italian text, an article for any other."""
    name = row.get("row_id") or row.get("patientid") or str(number)
    if len(_ITALIAN.findall(row["clinical_notes"])) > 1:
        return f"https://www.sirm.org/2020/04/{1 + number % 30:02d}/covid-19-caso-{name}/"
    return f"https://articles.invalid/{name}"


def _radiopaedia_cases(pages: Iterable[Told]) -> Iterator[RadiopaediaCase]:
    """Yield a case for each page; where rows credit two cases with one rID, the second gets a stand-in."""
    taken: set[int] = set()
    for number, page in enumerate(pages):
        credit = _CREDIT.search(page.credit)
        rid = int(credit["rid"]) if credit and credit["rid"] else _NO_RID + number
        rid = _NO_RID + number if rid in taken else rid
        taken.add(rid)
        yield _radiopaedia(page, rid, credit["author"] if credit else "", ERAS[number % (len(ERAS) - 1)])


def _radiopaedia(page: Told, rid: int, author: str, era: Era) -> RadiopaediaCase:
    frames = itertools.count(1)
    studies = tuple(
        RadiopaediaStudy(
            id=rid * 100 + place,
            modality=None,
            frames=tuple(Frame(rid * 1000 + next(frames), _file(film)) for film in films),
            findings=(text,),
        )
        for place, (text, films) in enumerate(page.texts, 1)
    )
    return RadiopaediaCase(
        rid=rid,
        slug=page.name,
        title=re.sub(r"-\d+$", "", page.name).replace("-", " ").capitalize(),
        era=era,
        author=author,
        published="",
        studies=studies,
        certainty="",
    )


def _sirm(page: Told) -> SirmPost:
    body: list[str | ImageFile] = []
    for text, films in page.texts:
        body += [line.strip() for line in text.splitlines() if line.strip()]
        body += [_file(film) for film in films]
    path = urlsplit(page.url).path
    return SirmPost(
        title=page.name.replace("covid-19-caso-", "COVID-19: caso ").replace("covid19-caso-", "COVID-19: caso "),
        path=f"{path.rstrip('/')}/",
        theme="classic" if path < "/2020/04/15" else "blocks",
        authors=page.credit.removeprefix("Credit to ") if page.credit.startswith("Credit to ") else "",
        hospital="",
        body=tuple(body),
    )


def _figure1(page: Told) -> Figure1Case:
    digest = hashlib.sha256(page.url.encode()).hexdigest()
    return Figure1Case(
        id=page.name if re.fullmatch(r"[0-9a-f]{24}", page.name) else digest[:24],
        uuid=f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}",
        title="Case shared on Figure 1",
        caption=" ".join(text for text, _ in page.texts),
        author="member",
        specialty="",
        files=tuple(_file(film) for _, films in page.texts for film in films),
    )


def _article(page: Told, number: int) -> Article:
    pmcid = _NO_PMCID.format(number)
    films = [(text, film) for text, given in page.texts for film in given]
    told_apart = len(page.texts) > 1
    return Article(
        doi=page.doi or _doi_of(page.url) or _NO_DOI.format(number),
        pmcid=pmcid,
        title=f"Case material from {page.host}",
        journal=page.host,
        published=_NO_DATE,
        found_by=_SOUGHT,
        authors=(),
        sections=(Section("Case", tuple(text for text, _ in page.texts)),),
        figures=tuple(
            ArticleFigure(
                label=f"Figure {place}", caption=text if told_apart else "", picture=film, href=f"{pmcid}.{place:03d}"
            )
            for place, (text, film) in enumerate(films, 1)
        ),
    )


def _doi_of(url: str) -> str:
    """Return the DOI that stands in a URL, blank where none does."""
    from pipelines.references.doi import doi_of_url  # it takes a second to import, which the generated world is spared

    return doi_of_url(url) or ""


def _file(film: Path) -> ImageFile:
    """Name a file anew: names of collections tell what their maintainers knew."""
    digest = hashlib.sha256(str(film).encode()).hexdigest()[:32]
    return ImageFile(f"{digest}{film.suffix.lower()}", film)
