"""Signing in and out."""

import secrets
from http import HTTPStatus
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Cookie, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from pipelines.triage.passwords import Tries, is_right
from pipelines.triage.room import InRoom, Person, shown
from pipelines.triage.security import SESSION_COOKIE, CarriesToken, refuse_unless_same
from pipelines.triage.side_views import LoginView

routes = APIRouter()

SESSION_HOURS = 12  # an evening and a morning; a session that a shared machine kept ends by itself
_LOGIN_COOKIE = "triage_login"


@routes.get("/login")
def login_page(request: Request, room: InRoom, next: str = "") -> Response:
    """Ask for name and password."""
    if not room.login:
        return RedirectResponse("/queue", HTTPStatus.SEE_OTHER)
    return _asking(request, _own_path(next), "")


@routes.post("/login")
def sign_in(
    request: Request, room: InRoom,
    name: Annotated[str, Form(max_length=200)], password: Annotated[str, Form(max_length=1000)],
    csrf: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "",
    triage_login: Annotated[str, Cookie()] = "",
) -> Response:  # fmt: skip
    """Open a session for whoever gives a right name and password."""
    refuse_unless_same(csrf, triage_login)
    tries: Tries = request.app.state.tries
    address = request.client.host if request.client else ""
    if seconds := tries.wait(address):
        headers = {"Retry-After": str(seconds)}
        raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, f"Too many tries: wait {seconds} seconds.", headers)
    if not is_right(password, room.store.password_hash(name)):
        tries.note(address)
        return _asking(request, _own_path(next), "Name or password is wrong.", HTTPStatus.UNAUTHORIZED)
    answer = RedirectResponse(_own_path(next), HTTPStatus.SEE_OTHER)
    _set_cookie(request, answer, SESSION_COOKIE, room.store.open_session(name, SESSION_HOURS), "lax")
    answer.delete_cookie(_LOGIN_COOKIE)
    return answer


@routes.post("/logout", dependencies=[CarriesToken])
def sign_out(request: Request, room: InRoom) -> Response:
    """End the session."""
    if token := request.cookies.get(SESSION_COOKIE):
        room.store.close_session(token)
    answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def _asking(request: Request, next: str, problem: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    # Nobody has a session yet: the token is right if the cookie, which no other site can set, holds the same.
    token = secrets.token_urlsafe()
    request.scope["person"] = Person("", token)
    page = shown(request, "login.html", LoginView(next, problem), status)
    _set_cookie(request, page, _LOGIN_COOKIE, token, "strict")
    return page


def _set_cookie(request: Request, answer: Response, name: str, value: str, samesite: Literal["lax", "strict"]) -> None:
    answer.set_cookie(name, value, httponly=True, samesite=samesite, secure=request.url.scheme == "https")


def _own_path(path: str) -> str:
    """Return the path if it leads to a page of this server, else the queue."""
    parts = urlsplit(path)
    # Browsers read a backslash as a slash, and drop tabs and line ends.
    clean = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if clean and not parts.scheme and not parts.netloc else "/queue"
