"""A case's article files taken apart: each figure becomes an image of the case, and their text its blocks.

Figures that came as pictures of their own, with JATS, are judged and parted by the same rules.
"""

from collections.abc import Callable
from pathlib import Path

from pipelines.figures.article import CutFigure
from pipelines.figures.compound import seen_in
from pipelines.figures.pdf import UnreadableDocument, article_in_pdf
from pipelines.figures.sections import patient_of
from pipelines.records import Case, Document, Figure, Image, Issue, Media, Panel, Study


def with_figures_of(case: Case, document: Document, path: Path, put: Callable[[bytes], Media]) -> Case:
    """Return the case with a study of the figures that one article file holds.

    `path` is where its bytes lie, `put` keeps a figure's bytes. Title, DOI, licence and text are taken from the file
    only where the case has none. A file that cannot be read is an issue on the case.
    """
    case = case.model_copy(deep=True)
    if any(image.url.startswith(f"{document.url}#") for _, _, image in case.images()):
        return case
    try:
        article = article_in_pdf(path)
    except UnreadableDocument as error:
        message = f"{document.url}: {str(error).removeprefix(f'{path}: ')}"
        case.issues.append(Issue(kind="unreadable document", message=message))
        return case
    case.title = case.title or article.title
    case.doi = case.doi or article.doi
    case.licence = case.licence or article.licence
    if not any(block.label not in ("title", "citation", "reference record", "note") for block in case.blocks):
        case.blocks += article.blocks
    case.issues += [Issue(kind="media damaged", message=f"{document.url}, {fault}") for fault in article.faults]
    if not article.figures:
        case.issues.append(Issue(kind="media missing", message=f"{document.url}: no picture in it is a figure"))
        return case
    images = [
        _image(figure, position, patient_of(figure.mentions, article.blocks), document, put)
        for position, figure in enumerate(article.figures)
    ]
    case.studies.append(Study(images=images))
    return case


def with_panels_of(case: Case, path_of: Callable[[str], Path]) -> Case:
    """Return the case with kind and panels of each picture that an article names as a figure and that was kept.

    `path_of` says where the bytes of a SHA-256 lie. A figure that has panels already is left as it is.
    """
    case = case.model_copy(deep=True)
    named = [(study, image) for study in case.studies for image in study.images if image.figure and image.media]
    for study, image in named:
        figure, media = image.figure, image.media
        if figure is None or media is None or figure.panels or figure.kind_confidence or not media.width:
            continue
        alone = sum(other.figure is not None and other.figure.label == figure.label for other in study.images) == 1
        seen = seen_in(path_of(media.sha256).read_bytes(), figure.label, image.caption, alone=alone)
        figure.kind, figure.kind_confidence = seen.kind, seen.confidence
        figure.panels, figure.flags = seen.panels, [*figure.flags, *seen.flags]
    return case


def _image(figure: CutFigure, position: int, patient: str, document: Document, put: Callable[[bytes], Media]) -> Image:
    left, top, right, bottom = (round(edge) for edge in figure.bbox)
    # The fragment is what RFC 8118 gives for a part of a page, so that a reader opens the file at the figure.
    place = f"page={figure.page}&viewrect={left},{top},{right - left},{bottom - top}"
    media = put(figure.data)
    film = Panel(
        box=(0, 0, media.width, media.height),
        label=figure.letter,
        caption=figure.part,
        kind=figure.kind,
        kind_confidence=figure.kind_confidence,
    )
    return Image(
        url=f"{document.url}#{place}",
        position=position,
        caption=figure.caption,
        patient=patient,
        figure=Figure(
            label=figure.label,
            page=figure.page,
            bbox=figure.bbox,
            mentions=figure.mentions,
            flags=figure.flags,
            panels=figure.panels or ([film] if figure.letter else []),
            kind=figure.kind,
            kind_confidence=figure.kind_confidence,
        ),
        media=media,
    )
