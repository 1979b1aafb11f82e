"""A case's article files taken apart: each figure becomes an image of the case, and their text its blocks."""

from collections.abc import Callable
from pathlib import Path

from pipelines.figures.article import CutFigure
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
