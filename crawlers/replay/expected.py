"""What is true of a replayed world: what each case states, what must stay blank, and which films belong together.

Tests of any room may assert against it. `stated` holds what a careful reader fills in from the page, in the row's
words (`a|b`: two readings are right, as where two clocks are told); a column in neither `stated` nor `blank` may be
filled or not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from crawlers.replay import europepmc, figure1, radiopaedia, sirm
from crawlers.replay.articles import Article, ArticleFigure
from crawlers.replay.films import FilmSpec
from crawlers.replay.image_files import ImageFile
from crawlers.replay.world import Figure1Case, RadiopaediaCase, RadiopaediaStudy, SirmPost, World
from pipelines.records import Relation

SEX = {"Male": "M", "Female": "F"}
LICENCES = {
    "https://creativecommons.org/licenses/by-nc-sa/3.0/": "CC BY-NC-SA 3.0",
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
}
MODALITIES = {"X-ray": "X-ray", "CT": "CT"}
_PATIENT_COLUMNS = ("sex", "age")


@dataclass(frozen=True)
class ExpectedFilm:
    """Hold the truth about one film: its file as served, the site's word for the modality, and its row.

    Of a compound figure each panel is a film, told by its letter; `file` then is what was drawn into it.
    """

    image_url: str
    file: ImageFile
    modality: str
    stated: Mapping[str, str]
    blank: tuple[str, ...] = ()
    panel: str = ""

    @property
    def name(self) -> str:
        """Return the address of its file, with the panel's letter behind `#` where it is one."""
        return f"{self.image_url}#{self.panel}" if self.panel else self.image_url

    @property
    def is_film(self) -> bool:
        """Tell whether the page presents it as imaging; diagrams, photographs and annotated copies are none."""
        return self.modality in ("X-ray", "CT", "")


@dataclass(frozen=True)
class ExpectedCase:
    """Hold the truth about one case; `aliases` are other URLs it answers at, `issues` the kinds a person must see."""

    source: str
    url: str
    title: str
    films: tuple[ExpectedFilm, ...]
    aliases: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    listed: bool = True


@dataclass(frozen=True)
class Expected:
    """Hold the truth about a world; `pairs` relate radiographs by name where they show one patient."""

    cases: tuple[ExpectedCase, ...]
    pairs: tuple[tuple[str, str, Relation], ...]

    def of(self, source: str) -> list[ExpectedCase]:
        """Return the cases of one source that its listings lead to."""
        return [case for case in self.cases if case.source == source and case.listed]


def expected(world: World) -> Expected:
    """Return the truth about a generated world."""
    cases = (
        *(_radiopaedia(case) for case in world.radiopaedia),
        *(_sirm(post) for post in world.sirm),
        *(_figure1(case) for case in world.figure1),
        *(_article(article) for article in world.articles),
    )
    return Expected(cases, tuple(_pairs(cases)))


def _radiopaedia(case: RadiopaediaCase) -> ExpectedCase:
    page = {
        "url": case.url,
        "doi": f"10.53347/rID-{case.rid}",
        "license": LICENCES.get(case.licence, ""),
        "location": case.institution,
        "sex": SEX.get(case.gender, ""),
        "age": case.age.removesuffix(" years") if case.age.endswith(" years") else "",
    }
    prose = " ".join((*case.presentation, *case.discussion, *(text for s in case.studies for text in s.findings)))
    dateless = () if re.search(r"\b20\d\d\b", prose) else ("date",)
    several = "several patients" in case.issues
    films = tuple(
        ExpectedFilm(
            image_url=radiopaedia.image_url(frame),
            file=frame.file,
            modality=study.modality or "",
            stated=_filled(page, _modality(study), {} if several else case.truth, frame.truth, several=several),
            blank=tuple(dict.fromkeys((*case.blank, *dateless, *(() if "view" in frame.truth else ("view",)))))
            if study.modality != "CT"
            else (),
        )
        for study in case.studies
        for frame in study.frames
    )
    aliases = (f"https://radiopaedia.org/cases/{case.rid}", f"https://images.radiopaedia.org/cases/{case.slug}")
    return ExpectedCase("radiopaedia", case.url, case.title, films, aliases, case.issues)


def _modality(study: RadiopaediaStudy) -> dict[str, str]:
    return {"modality": MODALITIES.get(study.modality or "", "")}


def _sirm(post: SirmPost) -> ExpectedCase:
    several = "several patients" in post.issues
    films = tuple(
        ExpectedFilm(
            image_url=f"https://www.sirm.org{sirm.upload_path(post, file)}",
            file=file,
            modality="CT" if isinstance(file.film, FilmSpec) and file.film.kind == "ct" else "X-ray",
            stated=_filled({"url": post.url}, post.truth, post.film_truth.get(file.name, {}), several=several),
            blank=tuple(dict.fromkeys((*post.blank, "license"))),
        )
        for file in post.files
    )
    archived = f"https://archivio.sirm.org{post.path}"
    issues = tuple(dict.fromkeys((*post.issues, "licence unclear")))
    return ExpectedCase("sirm", post.url, post.title, films, (archived,), issues)


def _figure1(case: Figure1Case) -> ExpectedCase:
    films = tuple(
        ExpectedFilm(
            image_url=figure1.image_url(case, place),
            file=file,
            modality="CT" if isinstance(file.film, FilmSpec) and file.film.kind == "ct" else "X-ray",
            stated=_filled({"url": case.url}, case.truth),
            blank=tuple(dict.fromkeys((*case.blank, "license", "date"))),
        )
        for place, file in enumerate(case.files)
    )
    old = (f"https://app.figure1.com/images/{case.id}", f"https://app.figure1.com/rd/images/{case.id}")
    return ExpectedCase("figure1", case.url, case.title, films, old, case.issues, listed=not case.wall)


def _article(article: Article) -> ExpectedCase:
    films = tuple(film for figure in article.figures for film in _films_of(figure, article))
    issues = tuple(dict.fromkeys((*article.issues, *(kind for figure in article.figures for kind in figure.issues))))
    return ExpectedCase("papers", article.url, article.title, films, issues=issues)


def _films_of(figure: ArticleFigure, article: Article) -> Iterator[ExpectedFilm]:
    whole = figure.picture
    parts = [(p.letter, p.film, p.truth) for p in whole] if isinstance(whole, tuple) else [("", whole, figure.truth)]
    for letter, picture, truth in parts:
        stated = _filled({"url": article.url, "doi": article.doi}, article.truth, truth)
        yield ExpectedFilm(
            image_url=f"https://{europepmc.BUCKET_HOST}/{article.pmcid}.1/{figure.href}.jpg",
            file=ImageFile(f"{figure.href}.jpg", picture),
            modality=stated.get("modality", "") if figure.kind == "film" else figure.kind,
            stated=stated,
            blank=tuple(dict.fromkeys((*article.blank, *figure.blank))),
            panel=letter,
        )


def _filled(*parts: Mapping[str, str], several: bool = False) -> dict[str, str]:
    """Merge what is stated; of a page with several patients only a film's own part (the last) speaks of a patient."""
    *of_page, of_film = parts
    kept = {column: value for part in of_page for column, value in part.items() if value}
    if several:
        kept = {column: value for column, value in kept.items() if column not in _PATIENT_COLUMNS}
    return kept | dict(of_film)


def _pairs(cases: tuple[ExpectedCase, ...]) -> Iterator[tuple[str, str, Relation]]:
    """Relate radiographs that show one patient: the same bytes, the same film otherwise served, or another film."""
    films = [
        (film.name, film.file.film)
        for case in cases
        for film in case.films
        if isinstance(film.file.film, FilmSpec) and film.file.film.kind == "xray" and not film.file.damage
    ]
    for (name, film), (other_name, other) in combinations(films, 2):
        if film.patient != other.patient:
            continue
        if film == other:
            yield name, other_name, "same bytes"
        elif (film.day, film.view) == (other.day, other.view):
            yield name, other_name, "same image"
        else:
            yield name, other_name, "same patient, other film"
