"""The texts of a case with what is quoted of each, those that tell of one film first."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.records import Candidate, Case, Evidence, Image
from pipelines.triage.views import Piece, Text

_STATED = ("title", "credit", "licence", "doi", "published", "institution", "certainty", "url", "source_id")
_OF_PANEL = re.compile(r"panel\[(?P<index>\d+)\]\.(?P<part>\w+)")


@dataclass(frozen=True)
class Place:
    """Say where in its case a film stands: study, image and panel by index, -1 where the case shows it no more."""

    study: int = -1
    image: int = -1
    panel: int = -1


def place_of(candidate: Candidate, case: Case) -> Place:
    """Return where the case shows this film; the same bytes may stand in it twice, and then the address decides."""
    showing = [
        (study, index, image)
        for study, index, image in case.images()
        if image.media is not None and image.media.sha256 == candidate.sha256
    ]
    showing.sort(key=lambda found: found[2].url != candidate.image_url)
    for study, index, image in showing:
        panels = image.figure.panels if image.figure else []
        if candidate.panel is None:
            return Place(study, index)
        for panel, cut in enumerate(panels):
            if cut.box == candidate.panel.box:
                return Place(study, index, panel)
    # A box that a person drew is no panel of the source.
    return Place(*showing[0][:2]) if showing else Place()


def texts_of(case: Case, place: Place, evidence: Sequence[Evidence]) -> list[Text]:
    """Return every text that the case holds, in the order in which a person reads them for this film."""
    quoted = defaultdict(list)
    for found in evidence:
        quoted[found.block].append((found.start, found.end, found.field))
    return [
        Text(f"text-{number}", address, heading, language, near, pieces_of(text, quoted[address]))
        for number, (address, heading, language, near, text) in enumerate(_ordered(case, place))
    ]


def pieces_of(text: str, quoted: Iterable[tuple[int, int, str]]) -> list[Piece]:
    """Return a text cut where quotes (start, end, column) begin and end, each piece with the columns that quote it."""
    spans = [(start, min(end, len(text)), column) for start, end, column in quoted if start < len(text)]
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    return [
        Piece(
            text[left:right], left, sorted({column for start, end, column in spans if start <= left and right <= end})
        )
        for left, right in pairwise(edges)
    ]


def _ordered(case: Case, place: Place) -> list[tuple[str, str, str, bool, str]]:
    texts = [found for found in _all(case, place) if found[4].strip()]
    return sorted(texts, key=lambda found: not found[3])


def _all(case: Case, place: Place) -> Iterator[tuple[str, str, str, bool, str]]:
    """Yield address, heading, language, whether it tells of this film, and text."""
    for study, of_study in enumerate(case.studies):
        near = study == place.study
        named = f"study {study + 1}"
        for part in ("caption", "modality"):
            yield f"study[{study}].{part}", f"{part}, {named}", "", near, getattr(of_study, part)
        for index, image in enumerate(of_study.images):
            here = near and index == place.image
            for part, text in _of_image(image, place.panel if here else -1):
                address = f"study[{study}].image[{index}].{part}"
                yield address, f"{_worded(part)}, {named}, image {index + 1}", "", here, text
    yield "title", "title", "", False, case.title
    for number, block in enumerate(case.blocks):
        of = [block.label, *([f"study {block.study + 1}"] if block.study is not None else []), block.patient]
        near = block.study is not None and block.study == place.study
        yield f"block[{number}]", ", ".join(filter(None, of)), block.language, near, block.text
    for part in _STATED[1:]:
        yield part, _worded(part), "", False, getattr(case, part)


def _of_image(image: Image, panel: int) -> Iterator[tuple[str, str]]:
    if image.figure and panel >= 0:
        yield f"panel[{panel}].caption", image.figure.panels[panel].caption
        yield f"panel[{panel}].label", image.figure.panels[panel].label
    yield "caption", image.caption
    if image.figure:
        yield "label", image.figure.label
    for part in ("projection", "modality", "url"):
        yield part, getattr(image, part)
    if image.figure and panel < 0:
        for number, cut in enumerate(image.figure.panels):
            yield f"panel[{number}].caption", cut.caption


def _worded(part: str) -> str:
    words = {"url": "address", "source_id": "id at the source", "label": "figure", "doi": "DOI"}
    if panel := _OF_PANEL.fullmatch(part):
        return f"panel {int(panel['index']) + 1}, {panel['part']}"
    return words.get(part, part)
