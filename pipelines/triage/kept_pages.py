"""The evidence without its site: the kept page as text, and the article's page as a picture."""

from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request, Response

from pipelines.candidates.answers import Snapshot
from pipelines.figures.pdf import UnreadableDocument, page_in_pdf
from pipelines.records import Candidate, Case, Document, Evidence
from pipelines.triage.candidate_pages import case_quoted_by, found, snapshot_of
from pipelines.triage.room import InRoom, Room, shown
from pipelines.triage.side_views import DocumentPage, PageView
from pipelines.triage.snapshots import KeptPage, page_in, paragraphs_of
from pipelines.triage.texts import place_of
from pipelines.triage.views import Piece

if TYPE_CHECKING:
    from pipelines.figures.pdf_pages.document import PagePicture

routes = APIRouter(prefix="/cases/{source}/{source_id:path}")

PAGE_PIXELS = 1600  # of the longer side: 140 dpi of an A4 page, at which footnotes are legible
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
DocumentNumber = Annotated[int, Query(ge=0, le=10_000)]


@routes.get("/page")
def kept_page(
    request: Request, room: InRoom, source: str, source_id: str, candidate: Annotated[str, Query(max_length=64)] = "",
    document: DocumentNumber | None = None, page: PageNumber = 1,
) -> Response:  # fmt: skip
    """Show the page of a case as it was fetched, or a page of one of its documents, with what is quoted marked."""
    asking = found(room, candidate) if candidate else None
    case = _case(room, source, source_id, asking)
    here = f"/cases/{quote(source, safe='')}/{quote(source_id, safe='')}"
    snapshot = snapshot_of(room, case) if document is None else None
    view = PageView(
        title=case.title or case.source_id,
        url=snapshot.url if snapshot else case.url,
        fetched=snapshot.fetched if snapshot else None,
        paragraphs=_paragraphs(room, snapshot, asking.evidence if asking else []) if snapshot else [],
        download=f"{here}/page/original" if snapshot else "",
        documents=[] if document is None else [_document(room, case, here, asking, document, page)],
        back=f"/candidates/{candidate}" if candidate else "/queue",
    )
    return shown(request, "page.html", view)


@routes.get("/page/original", responses={200: {"content": {"application/octet-stream": {}}}})
def kept_page_as_it_came(room: InRoom, source: str, source_id: str) -> Response:
    """Return the page as it was fetched, as a file to keep: it is never opened here."""
    snapshot = snapshot_of(room, _case(room, source, source_id, None))
    if snapshot is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "No page of this case is kept.")
    page = _read(room, snapshot)
    headers = {"Content-Disposition": f'attachment; filename="{snapshot.sha256[:16]}.html"'}
    return Response(page.body, media_type="application/octet-stream", headers=headers)


@routes.get("/document/{number:int}/page/{page:int}.png", responses={200: {"content": {"image/png": {}}}})
def document_page(room: InRoom, source: str, source_id: str, number: int, page: int) -> Response:
    """Return a page (from 1) of one of the case's PDFs as a picture."""
    media = _media(_case(room, source, source_id, None), number).media
    assert media is not None
    return Response(_drawn(room, media.sha256, page).png, media_type="image/png")


def _case(room: Room, source: str, source_id: str, asking: Candidate | None) -> Case:
    if asking is not None and (asking.source, asking.source_id) == (source, source_id):
        return case_quoted_by(room, asking)
    try:
        return room.store.case(source, source_id)
    except KeyError:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"There is no case {source} {source_id}.") from None


def _read(room: Room, snapshot: Snapshot) -> KeptPage:
    try:
        return page_in(room.snapshots, snapshot)
    except OSError:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"The kept page is gone: {snapshot.file} is not there.") from None


def _paragraphs(room: Room, snapshot: Snapshot, evidence: list[Evidence]) -> list[list[Piece]]:
    # That a page bears its own address proves nothing to look at.
    quoting = [one for one in evidence if one.block not in ("url", "source_id")]
    return paragraphs_of(_read(room, snapshot), quoting)


def _document(room: Room, case: Case, here: str, asking: Candidate | None, number: int, page: int) -> DocumentPage:
    document = _media(case, number)
    assert document.media is not None
    drawn = _drawn(room, document.media.sha256, page)
    of_candidate = f"candidate={asking.id}&" if asking else ""
    there = f"{here}/page?{of_candidate}document={number}&page="
    return DocumentPage(
        name=document.url.rpartition("/")[2] or "article",
        src=f"{here}/document/{number}/page/{page}.png",
        number=page,
        pages=drawn.pages,
        before=f"{there}{page - 1}" if page > 1 else "",
        after=f"{there}{page + 1}" if page < drawn.pages else "",
        box=_box(case, asking, document, page, drawn) if asking else None,
        download=f"/films/{document.media.sha256}?download=1",
    )


def _media(case: Case, number: int) -> Document:
    """Return a document of the case whose bytes are kept."""
    document = case.documents[number] if number < len(case.documents) else None
    if document is None or document.media is None or document.media.mime != "application/pdf":
        raise HTTPException(HTTPStatus.NOT_FOUND, "This case has no such PDF.")
    return document


def _drawn(room: Room, sha256: str, page: int) -> "PagePicture":
    try:
        return _picture(room.blobs.path(sha256), page)
    except FileNotFoundError:
        raise HTTPException(HTTPStatus.NOT_FOUND, "The PDF is not in this workspace.") from None
    except UnreadableDocument as error:
        reason = str(error).partition(": ")[2]
        raise HTTPException(HTTPStatus.NOT_FOUND, f"The PDF has no such page to show: {reason}.") from None


@lru_cache(maxsize=16)  # the page's frame asks for its size, the browser for its picture a moment later
def _picture(path: Path, page: int) -> "PagePicture":
    return page_in_pdf(path, page, PAGE_PIXELS)


def _box(
    case: Case, asking: Candidate, document: Document, page: int, drawn: "PagePicture"
) -> tuple[float, float, float, float] | None:
    """Return where the candidate's figure stands on the page, in hundredths of its width and height."""
    place = place_of(asking, case)
    image = case.studies[place.study].images[place.image] if place.image >= 0 else None
    if image is None or image.figure is None or image.figure.bbox is None or image.figure.page != page:
        return None
    if not image.url.startswith(f"{document.url}#"):
        return None
    left, top, right, bottom = image.figure.bbox
    across, down = 100 / drawn.width, 100 / drawn.height
    return round(left * across, 2), round(top * down, 2), round(right * across, 2), round(bottom * down, 2)
