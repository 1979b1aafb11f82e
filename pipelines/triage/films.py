"""Films as files: the original bytes under their sniffed type, their true samples, and what any browser can show."""

import re
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import FileResponse
from pydantic import AfterValidator

from pipelines.media.decoding import Undecodable
from pipelines.media.sniff import NotMedia, media_of
from pipelines.records import Candidate, Media, Panel
from pipelines.triage.room import InRoom, Room
from pipelines.triage.views import Box, Film

routes = APIRouter(prefix="/films")

# Pictures that every browser draws and none runs; whatever else is handed out as a file to keep.
_INLINE = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/avif"})
# Named by content, an answer never changes.
_FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_THUMBNAIL = 192  # pixels; twice what the lists show, for dense screens


def _is_sha256(name: str) -> str:
    if not _SHA256.fullmatch(name):
        raise ValueError("is no SHA-256 in lower-case hexadecimal")
    return name


Sha256 = Annotated[str, AfterValidator(_is_sha256)]


def film_of(room: Room, sha256: str, boxes: list[Box] | None = None, panel: Panel | None = None) -> Film:
    """Return how the page draws a file, with the panels on it; `panel` narrows the thumbnail alone."""
    media = room.store.media(sha256) if sha256 else None
    media = media or Media(sha256=sha256 or "0" * 64, mime="application/octet-stream", extension="bin", size=0)
    here = f"/films/{sha256}"
    drawable = media.mime.startswith("image/") and media.mime != "image/svg+xml"
    deep = media.bits > 8 or media.mime == "image/tiff"
    return Film(
        sha256=sha256,
        src=here if media.mime in _INLINE else f"{here}/shown.png",
        samples=f"{here}/samples" if drawable and deep else "",
        download=f"{here}?download=1",
        thumbnail=thumbnail_of(sha256, panel),
        mime=media.mime,
        size=media.size,
        width=media.width,
        height=media.height,
        bits=media.bits,
        drawable=drawable,
        boxes=boxes or [],
    )


def thumbnail_of(sha256: str, panel: Panel | None = None) -> str:
    """Return the address of a film's small picture."""
    box = f"&box={','.join(map(str, panel.box))}" if panel else ""
    return f"/films/{sha256}/shown.png?side={_THUMBNAIL}{box}"


@routes.get("/{sha256}", response_class=FileResponse, responses={200: {"content": {"*/*": {}}}})
def original(room: InRoom, sha256: Sha256, download: bool = False) -> Response:
    """Return the bytes as they came."""
    path = _path(room, sha256)
    media = room.store.media(sha256) or _sniffed(path, sha256)
    inline = media.mime in _INLINE and not download
    known = inline or media.mime.startswith("image/") or media.mime in ("application/pdf", "application/dicom")
    return FileResponse(
        path,
        media_type=media.mime if known and media.mime != "image/svg+xml" else "application/octet-stream",
        filename=f"{sha256[:16]}.{media.extension}",
        content_disposition_type="inline" if inline else "attachment",
        headers=_FOR_EVER,
    )


@routes.get("/{sha256}/samples", responses={200: {"content": {"application/octet-stream": {}}}})
def samples(room: InRoom, sha256: Sha256) -> Response:
    """Return the grey samples row by row as little-endian uint16; the headers say how many and of what range."""
    from pipelines.triage.pictures import samples_of

    try:
        found = samples_of(_path(room, sha256).read_bytes())
    except Undecodable as error:
        raise _no_picture(error) from None
    headers = {
        "X-Width": str(found.width), "X-Height": str(found.height), "X-Bits": str(found.bits),
        "X-Low": str(found.low), "X-High": str(found.high),
    }  # fmt: skip
    return Response(found.data, media_type="application/octet-stream", headers=_FOR_EVER | headers)


@routes.get("/{sha256}/shown.png", responses={200: {"content": {"image/png": {}}}})
def rendition(
    room: InRoom, sha256: Sha256, side: Annotated[int, Query(ge=16, le=1024)] = 1024,
    box: Annotated[str, Query(pattern=r"^(\d{1,6},\d{1,6},\d{1,6},\d{1,6})?$")] = "",
) -> Response:  # fmt: skip
    """Return an 8-bit picture of at most `side` pixels, of a box (left, top, right, bottom) or of the whole."""
    from pipelines.triage.pictures import shown_png

    data = _path(room, sha256).read_bytes()
    left, top, right, bottom = (int(edge) for edge in box.split(",")) if box else (0, 0, 0, 0)
    try:
        shown = shown_png(data, side, (left, top, right, bottom) if box else None)
        return Response(shown, media_type="image/png", headers=_FOR_EVER)
    except (Undecodable, ValueError) as error:
        raise _no_picture(error) from None


def twin_png(room: Room, mine: Candidate, other_sha256: str, other_panel: Panel | None) -> Response:
    """Return the other film laid over this one's pixels, transparent where it shows nothing.

    `X-Aligned` is 0 where nothing ties the two together, and the other is merely fitted into the frame of this one.
    """
    paths = _path(room, mine.sha256), _path(room, other_sha256)
    boxes = mine.panel and mine.panel.box, other_panel and other_panel.box
    try:
        data, aligned = _laid_over(*paths, *boxes)
        return Response(data, media_type="image/png", headers=_FOR_EVER | {"X-Aligned": str(int(aligned))})
    except Undecodable as error:
        raise _no_picture(error) from None


@lru_cache(maxsize=16)  # a person flips through the twins of one film; each takes up to some seconds
def _laid_over(
    mine: Path, other: Path, box: tuple[int, int, int, int] | None, other_box: tuple[int, int, int, int] | None
) -> tuple[bytes, bool]:
    from pipelines.duplicates.overlay import overlaid

    overlay = overlaid(mine.read_bytes(), other.read_bytes(), panel_of_a=box, panel_of_b=other_box)
    return overlay.twin_png(), overlay.aligned


def _path(room: Room, sha256: str) -> Path:
    try:
        return room.blobs.path(sha256)
    except (FileNotFoundError, ValueError):
        raise HTTPException(HTTPStatus.NOT_FOUND, "This workspace does not hold that film.") from None


def _sniffed(path: Path, sha256: str) -> Media:
    data = path.read_bytes()
    try:
        return media_of(data)
    except NotMedia:
        return Media(sha256=sha256, mime="application/octet-stream", extension="bin", size=len(data))


def _no_picture(error: ValueError) -> HTTPException:
    return HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"This file cannot be shown as a picture: {error}.")
