"""What every page needs: the workspace, who is asking, and the templates."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore
from pipelines.records import Case
from pipelines.triage.views import Frame

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class HandedIn:
    """Hold a case that a person enters; `files` are pictures and PDFs, read before the call returns."""

    source: str
    url: str
    title: str
    text: str
    files: tuple[Path, ...]


# Says under which address the page of a case was fetched.
PageOf = Callable[[Case], str]
# Takes a case in and returns what was wrong with it, a sentence each.
Enter = Callable[[HandedIn], list[str]]


@cache
def _templates() -> Jinja2Templates:
    # A name that a view model does not have is a fault to be seen, and everything is escaped, whatever its file name.
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return Jinja2Templates(env=environment)


@dataclass(frozen=True)
class Room:
    """Hold what the application was opened with.

    `reviewer` decides where nobody signs in, `csrf` is then the token of every page; `login` demands signing in.
    """

    store: Store
    blobs: BlobStore
    snapshots: Path
    reviewer: str
    csrf: str
    login: bool
    enter: Enter | None
    sources: tuple[str, ...] = ()
    page_of: PageOf = attrgetter("url")
    templates: Jinja2Templates = field(default_factory=_templates)


@dataclass(frozen=True)
class Person:
    """Name who is asking, with the token that their writes must carry."""

    name: str
    csrf: str
    signed_in: bool = False


def _room_of(request: Request) -> Room:
    room: Room = request.app.state.room
    return room


def person_of(request: Request) -> Person:
    """Return who is asking, as the door found out."""
    person: Person = request.scope["person"]
    return person


InRoom = Annotated[Room, Depends(_room_of)]
By = Annotated[Person, Depends(person_of)]


def shown(
    request: Request, template: str, view: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return a page."""
    room, person = _room_of(request), person_of(request)
    asked = request.headers
    # Going back in the browser, htmx asks for the whole page once more.
    whole = "hx-boosted" in asked or "hx-history-restore-request" in asked
    frame = Frame(
        reviewer=person.name,
        csrf=person.csrf,
        signed_in=person.signed_in,
        can_enter=room.enter is not None,
        partial=asked.get("hx-request") == "true" and not whole,
    )
    return room.templates.TemplateResponse(
        request, template, {"frame": frame, "view": view}, status_code=status, headers=headers
    )
