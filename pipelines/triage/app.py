"""The triage application: the routes, the door before them, and errors as pages."""

import secrets
from collections.abc import Iterable, Sequence
from operator import attrgetter
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore
from pipelines.triage import (
    bulk_pages,
    candidate_pages,
    entering,
    films,
    history_pages,
    kept_pages,
    queue_pages,
    signing_in,
    twins,
    writes,
)
from pipelines.triage.errors import answer_errors, responses
from pipelines.triage.passwords import Tries
from pipelines.triage.room import Enter, PageOf, Room
from pipelines.triage.security import Bounded, Door, SecurityHeaders, served_hosts

_STATIC = Path(__file__).parent / "static"
_REFUSALS = (400, 401, 403, 404, 409, 413, 415, 422, 429)
_PAGES = (
    queue_pages, candidate_pages, twins, writes, bulk_pages, films, kept_pages, entering, history_pages, signing_in,
)  # fmt: skip


def app_for(
    store: Store, blobs: BlobStore, *, snapshots: Path, reviewer: str, login: bool, hosts: Iterable[str],
    enter: Enter | None = None, sources: Sequence[str] = (),
    page_of: PageOf = attrgetter("url"),
) -> FastAPI:  # fmt: skip
    """Return the application over one workspace.

    `hosts` are the names by which it may be called, `reviewer` decides where no `login` is demanded, and `enter` takes
    in a case by hand at one of `sources`; `page_of` names the address under which the page of a case was fetched.
    """
    # The pages that would show the interface load their scripts from another site.
    app = FastAPI(
        title="intake-desk triage",
        docs_url=None,
        redoc_url=None,
        default_response_class=HTMLResponse,
        responses=responses(*_REFUSALS),
    )
    room = Room(store, blobs, snapshots, reviewer, secrets.token_urlsafe(), login, enter, tuple(sources), page_of)
    app.state.room = room
    app.state.tries = Tries()
    # The last added is the outermost.
    app.add_middleware(Door, room=room)
    app.add_middleware(Bounded)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=served_hosts(hosts), www_redirect=False)
    app.add_middleware(SecurityHeaders)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    answer_errors(app)
    for pages in _PAGES:
        app.include_router(pages.routes)
    return app
