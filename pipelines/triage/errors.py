"""What went wrong, as a page for a person and as JSON for a script."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from pipelines.triage.room import Person, shown
from pipelines.triage.security import SECURITY_HEADERS
from pipelines.triage.side_views import ConflictView, MessageView

_TITLES = {
    HTTPStatus.BAD_REQUEST: "That cannot be read",
    HTTPStatus.FORBIDDEN: "Not from this page",
    HTTPStatus.NOT_FOUND: "Not here",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Too large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "That does not fit",
    HTTPStatus.TOO_MANY_REQUESTS: "Wait a little",
}


class Conflict(Exception):  # noqa: N818 - what happened, and no fault of anybody's
    """Carry what somebody else did to a candidate since the page was shown."""

    def __init__(self, view: ConflictView) -> None:
        super().__init__(view.tried)
        self.view = view


def wants_page(request: Request) -> bool:
    """Tell whether a browser's navigation or htmx asks; a script that asks for nothing in particular gets JSON."""
    return "text/html" in request.headers.get("accept", "") or request.headers.get("hx-request") == "true"


def answer_errors(app: FastAPI) -> None:
    """Have the application answer each kind of error in words."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(Conflict, _in_conflict)
    app.add_exception_handler(Exception, _failed)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _said(request, error.status_code, str(error.detail), headers=error.headers)


async def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = "; ".join(_worded(item["loc"], item["msg"]) for item in error.errors())
    return _said(request, HTTPStatus.UNPROCESSABLE_ENTITY, wrong)


def _worded(place: Sequence[str | int], message: str) -> str:
    named = ".".join(map(str, place[1:])) or place[0]
    return f"{named}: {message.removeprefix('Value error, ')}"


async def _in_conflict(request: Request, error: Exception) -> Response:
    assert isinstance(error, Conflict)
    if wants_page(request):
        return shown(request, "conflict.html", error.view, HTTPStatus.CONFLICT)
    told = {"detail": f"{error.view.tried} is not recorded: somebody else was first"} | jsonable_encoder(error.view)
    return JSONResponse(told, HTTPStatus.CONFLICT)


async def _failed(request: Request, error: Exception) -> Response:
    # The outermost layer answers this one, beyond those that put the headers on.
    text = "The server failed at this; what was done before is kept. Its terminal says more."
    return _said(request, HTTPStatus.INTERNAL_SERVER_ERROR, text, headers=SECURITY_HEADERS)


def _said(request: Request, status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    if not wants_page(request):
        return JSONResponse({"detail": text}, status, headers=headers)
    request.scope.setdefault("person", Person("", ""))
    title = _TITLES.get(HTTPStatus(status), "That did not work")
    return shown(request, "message.html", MessageView(title, text), status, dict(headers or {}))


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description for OpenAPI of what is answered as a page, as words or as JSON, as it was asked for."""
    words = {"schema": {"type": "string"}}
    content = {"text/html": words, "text/plain": words, "application/json": {"schema": {"type": "object"}}}
    return {int(status): {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}
