"""A case entered by hand: what a person hands in is checked and goes the way of every crawled case."""

import tempfile
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, File, Form, HTTPException, Request, Response, UploadFile

from pipelines.media.sniff import NotMedia, media_of
from pipelines.triage.room import Enter, HandedIn, InRoom, Room, shown
from pipelines.triage.security import MOST_OF_A_CASE, CarriesToken
from pipelines.triage.side_views import EnterView

routes = APIRouter(prefix="/enter")

MOST_FILES = 30  # an article's PDF and its films; the longest case of the sources shows 24
_TAKEN = ("image/", "application/pdf")


@routes.get("")
def enter_page(request: Request, room: InRoom) -> Response:
    """Show the form."""
    _refuse_unless_open(room)
    return shown(request, "enter.html", _view(room))


@routes.post("", dependencies=[CarriesToken])
def enter(
    request: Request, room: InRoom,
    source: Annotated[str, Form(max_length=100)], url: Annotated[str, Form(max_length=2000)],
    title: Annotated[str, Form(max_length=2000)] = "", text: Annotated[str, Form(max_length=500_000)] = "",
    files: Annotated[list[UploadFile], File()] = [],  # noqa: B006 - FastAPI copies it
) -> Response:  # fmt: skip
    """Take the case in, or hand the form back with what is wrong with it."""
    take_in = _refuse_unless_open(room)
    given = {"source": source, "url": url, "title": title, "text": text}
    handed_in = [file for file in files if file.filename]  # a browser sends an empty one for none
    problems = _problems(room, source, url, handed_in)
    with tempfile.TemporaryDirectory(prefix="handed-in-") as folder:
        if not problems:
            kept, problems = _kept(Path(folder), handed_in)
        if not problems:
            problems = take_in(HandedIn(source, url.strip(), title.strip(), text, tuple(kept)))
    if problems:
        return shown(request, "enter.html", _view(room, problems, given), HTTPStatus.UNPROCESSABLE_ENTITY)
    entered = f"{url.strip()} is taken in; its candidates wait in the queue."
    return shown(request, "enter.html", _view(room, entered=entered))


def _refuse_unless_open(room: Room) -> Enter:
    if room.enter is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "This desk takes no cases by hand.")
    return room.enter


def _view(
    room: Room, problems: Sequence[str] = (), given: dict[str, str] | None = None, entered: str = ""
) -> EnterView:
    blank = dict.fromkeys(("source", "url", "title", "text"), "")
    megabytes = MOST_OF_A_CASE // 1024**2
    return EnterView(list(room.sources), list(problems), given or blank, MOST_FILES, megabytes, entered)


def _problems(room: Room, source: str, url: str, files: list[UploadFile]) -> list[str]:
    problems = []
    if source not in room.sources:
        problems.append(f"No source is named {source!r}; there are {', '.join(room.sources)}.")
    try:
        address = urlsplit(url.strip())
        whole = address.scheme in ("http", "https") and address.hostname
    except ValueError:
        whole = None
    if not whole:
        problems.append(f"{url!r} is no web address; give the whole of it, such as https://host/path.")
    if not files:
        problems.append("Hand in at least one film or one article (PDF).")
    if len(files) > MOST_FILES:
        problems.append(f"{len(files)} files are too many: at most {MOST_FILES} are taken at once.")
    return problems


def _kept(folder: Path, files: list[UploadFile]) -> tuple[list[Path], list[str]]:
    """Return the files written under names of our own, and what of them is neither picture nor PDF."""
    kept, problems = [], []
    for number, file in enumerate(files, 1):
        data = file.file.read()
        try:
            media = media_of(data)
        except NotMedia as refusal:
            problems.append(f"{file.filename}: {refusal}.")
            continue
        if not media.mime.startswith(_TAKEN):
            problems.append(f"{file.filename} is {media.mime}: neither a picture nor a PDF.")
            continue
        path = folder / f"{number:02}.{media.extension}"
        path.write_bytes(data)
        kept.append(path)
    return kept, problems
