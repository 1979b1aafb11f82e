"""Gather, for each film of a case, the text that may speak of it: its own part, its study's, the patient's."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pipelines.reading.language import READ, language_of
from pipelines.reading.panels import (
    FIRST,
    Part,
    figure_of_file,
    figures_in,
    letter_of_file,
    parts_in,
    place_of_file,
    places_in,
)
from pipelines.reading.phrases import words_of
from pipelines.reading.text import Role, Segment, known_since, plain, segment_of
from pipelines.reading.years import era_of
from pipelines.records import Case, Image, TextBlock

# Blocks that say nothing clinical of the patient.
_NOT_READ = frozenset({"citation", "affiliation", "credit", "reference record"})
_NAMES = frozenset({"title", "tags"})


@dataclass(slots=True)
class Film:
    """Hold what may be read for one film: whether it is the case's first, its panel's letter, its segments in order."""

    case: Case
    study: int
    image: int
    panel: int | None
    first: bool
    letter: str
    segments: list[Segment] = field(default_factory=list)
    unread: list[Segment] = field(default_factory=list)
    before: list[tuple[str, Segment]] = field(default_factory=list)
    several_patients: bool = False

    @property
    def record(self) -> Image:
        """Return the image the film is, or is part of."""
        return self.case.studies[self.study].images[self.image]

    def told(self, *roles: Role) -> Iterator[Segment]:
        """Yield the segments of these roles, in the order of the roles."""
        for role in roles:
            yield from (segment for segment in self.segments if segment.role == role)

    def earlier(self) -> dict[str, list[Segment]]:
        """Return what is told of each earlier film, by letter or address: studies, then panels or parts of the text."""
        told: dict[str, list[Segment]] = {}
        for key, segment in self.before:
            told.setdefault(key, []).append(segment)
        figure = self.record.figure
        for panel in range(self.panel or 0) if figure else ():
            assert figure is not None
            address = f"study[{self.study}].image[{self.image}].panel[{panel}].caption"
            caption = figure.panels[panel].caption
            letter = figure.panels[panel].label.strip("().: ").lower()
            told.setdefault(letter or address, []).append(segment_of(address, caption, "other", "en"))
        own = next(self.told("film"), None)
        for segment in self.earlier_parts(own) if own else ():
            for letter in sorted(segment.letters):
                told.setdefault(letter, []).append(segment)
        return told

    def earlier_parts(self, own: Segment) -> list[Segment]:
        """Return the parts of the film's own text that speak of the films before it, in the text's order."""
        parts = [s for s in self.told("other") if s.address == own.address and s.start < own.start]
        return sorted(parts, key=lambda segment: segment.start)


def films_in(case: Case) -> list[Film]:
    """Return every film of a case: each image, or each panel of an image that holds several."""
    language = _language_of_case(case)
    films: list[Film] = []
    for study, image, record in case.images():
        panels: list[int | None] = list(range(len(record.figure.panels))) if record.figure else []
        films += [_film(case, study, image, panel, language) for panel in panels or [None]]
    return films


def _language_of_case(case: Case) -> str:
    told = " ".join(block.text[:600] for block in case.blocks if block.label not in _NOT_READ)
    return language_of(plain(told), "en")


def _film(case: Case, study: int, image: int, panel: int | None, language: str) -> Film:
    record = case.studies[study].images[image]
    letter = ""
    if panel is not None and record.figure:
        letter = record.figure.panels[panel].label.strip("().: ").lower()
    elif not record.caption:
        letter = letter_of_file(record.url) or _place_of(record, case)
    first_study = study == _first_study(case, record) or _same_examination(case, record)
    first = (
        first_study
        and not panel
        and (not letter or letter in FIRST or _views_of_one(case))
        and (record.figure is None or image == 0)
    )
    film = Film(case, study, image, panel, first, letter)
    since = era_of(f"{case.title} {case.url}").since
    for told in _segments(film, record, language):
        segment = known_since(told, since)
        (film.segments if segment.language in READ else film.unread).append(segment)
    film.before = list(_earlier_studies(film, language))
    if any(film.told("film")) and letter and not any(film.told("other")):
        # The text speaks of this film alone: it is the only one that the patient's presentation can belong to.
        film.first = first_study
    if not letter and film.first and _after_another(film):
        film.first = False
    return film


def _place_of(record: Image, case: Case) -> str:
    """Return the place in its figure that a picture's file name tells, where a text speaks of the panels by it."""
    place = place_of_file(record.url)
    told = (plain(block.text) for block in case.blocks if place and block.label not in _NOT_READ)
    return place if any(place in part.letters for text in told for part in places_in(text)) else ""


def _after_another(film: Film) -> bool:
    """Tell whether a text holds the caption of another figure before that of this film."""
    own = next(film.told("film"), None)
    return own is not None and any(part.letters for part in film.earlier_parts(own))


def _views_of_one(case: Case) -> bool:
    """Tell whether a text without parts for lettered films says that the case's films are two views of one time."""
    told = [plain(block.text) for block in case.blocks if block.label not in _NOT_READ]
    return not any(map(parts_in, told)) and any(words_of("imaging", "both", "en").search(text) for text in told)


def _first_study(case: Case, record: Image) -> int:
    """Return the first study of the patient whom an image shows."""
    return next(i for i, study in enumerate(case.studies) if any(x.patient == record.patient for x in study.images))


def _same_examination(case: Case, record: Image) -> bool:
    """Tell whether one sentence calls this figure and the case's first the two views of one examination."""
    first = case.studies[0].images[0] if case.studies[0].images else None
    if first is None or not first.figure or not record.figure or first.patient != record.patient:
        return False
    shared = set(first.figure.mentions) & set(record.figure.mentions)
    return any(words_of("imaging", "both", "en").search(mention) for mention in shared)


def _earlier_studies(film: Film, language: str) -> Iterator[tuple[str, Segment]]:
    for index, study in enumerate(film.case.studies[: film.study]):
        if all(image.patient != film.record.patient for image in study.images):
            continue
        if study.caption:
            yield f"study[{index}]", segment_of(f"study[{index}].caption", study.caption, "other", language)
        for at, block in enumerate(film.case.blocks):
            if block.study == index and block.label not in _NOT_READ:
                yield f"study[{index}]", segment_of(f"block[{at}]", block.text, "other", language)


def _segments(film: Film, record: Image, language: str) -> Iterator[Segment]:
    case, here = film.case, f"study[{film.study}]"
    if film.panel is not None and record.figure and record.figure.panels[film.panel].caption:
        caption = record.figure.panels[film.panel].caption
        address = f"{here}.image[{film.image}].panel[{film.panel}].caption"
        yield segment_of(address, caption, "film", language_of(plain(caption), language))
    if record.caption:
        yield from _split(f"{here}.image[{film.image}].caption", record.caption, "film", language, film.letter)
    if case.studies[film.study].caption:
        caption = case.studies[film.study].caption
        yield segment_of(f"{here}.caption", caption, "study", language_of(plain(caption), language))
    if case.title:
        yield segment_of("title", case.title, "name", language_of(plain(case.title), language), label="title")
    several = len({block.patient for block in case.blocks if block.patient}) > 1
    told_of_several = several or any(issue.kind == "several patients" for issue in case.issues)
    film.several_patients = told_of_several and not record.patient
    for index, block in enumerate(case.blocks):
        if block.label in _NOT_READ or _of_another_patient(block, record, several):
            continue
        yield from _segments_of_block(film, index, block, record, language)
    yield segment_of("url", case.url, "name", language, label="url")


def _of_another_patient(block: TextBlock, record: Image, several: bool) -> bool:
    if not block.patient:
        return False
    return block.patient != record.patient if record.patient else several


def _segments_of_block(film: Film, index: int, block: TextBlock, record: Image, language: str) -> Iterator[Segment]:
    told = block.language[:2] or language_of(plain(block.text), language)
    address = f"block[{index}]"
    if block.label in _NAMES:
        yield segment_of(address, block.text, "name", told, label=block.label)
    elif block.study is not None:
        role: Role = "study" if block.study == film.study else "other"
        yield segment_of(address, block.text, role, told, label=block.label)
    elif record.caption or film.panel is not None:
        yield from _mentions(film, address, block, record, told)
    else:
        named = film.letter or figure_of_file(record.url)
        yield from _split(address, block.text, "case", told, named, label=block.label)


def _mentions(film: Film, address: str, block: TextBlock, record: Image, language: str) -> Iterator[Segment]:
    mentions = record.figure.mentions if record.figure else []
    for mention in mentions:
        at = block.text.find(mention) if mention else -1
        if at >= 0:
            yield segment_of(address, block.text, "study", language, start=at, end=at + len(mention), label="mention")
    yield segment_of(address, block.text, "case", language, label=block.label)


def _parts_of(fit: str, letter: str) -> list[Part]:
    """Return the parts of a text that belong to figures, panels named by place, or lettered panels, as a film's is."""
    if not letter:
        return []
    parted = figures_in if letter.isdigit() else parts_in if len(letter) == 1 else places_in
    return parted(fit)


def _split(address: str, text: str, whole: Role, language: str, letter: str, *, label: str = "") -> Iterator[Segment]:
    """Yield the parts of the film with this letter or number, then the rest; without one the text stays whole."""
    fit = plain(text)
    language = language if whole == "case" else language_of(fit, language)
    parts = _parts_of(fit, letter)
    if not parts or (letter.isdigit() and not any(letter in part.letters for part in parts)):
        yield segment_of(address, text, whole, language, label=label)
        return
    rest: list[tuple[int, int, Role, bool, frozenset[str]]] = []
    at = 0
    for part in parts:
        if part.start > at:
            rest.append((at, part.start, whole, False, frozenset()))
        role: Role = "film" if letter in part.letters else "other"
        rest.append((part.start, part.end, role, part.leads, part.letters))
        at = max(at, part.end)
    rest.append((at, len(text), whole, False, frozenset()))
    order = {"film": 0, "case": 1, "study": 1, "other": 2}
    # A caption's part tells more of its film than a sentence that refers to the figure.
    for start, end, role, _, letters in sorted(rest, key=lambda piece: (order[piece[2]], not piece[3])):
        if text[start:end].strip():
            part_of = segment_of(address, text, role, language, start=start, end=end, label=label)
            yield replace(part_of, letters=letters)
