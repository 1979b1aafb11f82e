"""The door: what every answer forbids the browser, which hosts are served, how large a request may be, who comes in."""

import secrets
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Header, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.triage.room import By, Person, Room

# A scraped text that became markup after all could load, run and send nothing (CSP Level 3).
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SESSION_COOKIE = "triage_session"
# Bytes: a bulk decision on all that one preview shows takes 50 KB, a row with its evidence less.
MOST_OF_A_WRITE = 1024 * 1024
MOST_OF_A_CASE = 256 * 1024 * 1024  # an article and some uncompressed films of 32 MB each
_OPEN = ("/login", "/static/")


class SecurityHeaders:
    """Put the headers on every answer, refusals included; what is no film or static file is kept in no cache."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, sent)


class Bounded:
    """Refuse a request that is too large with 413, whatever length it states."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = MOST_OF_A_CASE if scope["path"] == "/enter" else MOST_OF_A_WRITE
        stated = Headers(scope=scope).get("content-length", "")
        if stated.isdigit() and int(stated) > most:
            await PlainTextResponse(_too_large(most), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)(scope, receive, send)
            return
        came = 0

        async def received() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(most))
            return message

        await self.app(scope, received, send)


def _too_large(most: int) -> str:
    return f"That is too large: at most {most // 1024**2} MB are taken at once."


class Door:
    """Find out who asks; where a login is demanded, nobody else sees more than the login page."""

    def __init__(self, app: ASGIApp, room: Room) -> None:
        self.app = app
        self.room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a known person in, send another to the login page."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        request = Request(scope)
        scope["person"] = await run_in_threadpool(self._person, request.cookies.get(SESSION_COOKIE, ""))
        if scope["person"].name or scope["path"].startswith(_OPEN):
            await self.app(scope, receive, send)
        else:
            await _sent_to_login(request)(scope, receive, send)

    def _person(self, token: str) -> Person:
        if not self.room.login:
            return Person(self.room.reviewer, self.room.csrf)
        session = self.room.store.session(token) if token else None
        return Person(session.user, session.csrf, signed_in=True) if session else Person("", "")


def _sent_to_login(request: Request) -> Response:
    if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
        return PlainTextResponse("Sign in first, at /login.", HTTPStatus.UNAUTHORIZED)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='')}", HTTPStatus.SEE_OTHER)


async def carries_token(
    request: Request, person: By, x_csrf_token: Annotated[str, Header(description="the page's token")] = ""
) -> None:
    """Refuse a write that does not carry the token of the page it was made on."""
    given = x_csrf_token
    if not given and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        given = str((await request.form()).get("csrf", ""))
    refuse_unless_same(given, person.csrf)


def refuse_unless_same(given: str, token: str) -> None:
    """Raise 403 unless both are the same and not blank."""
    if not token or not secrets.compare_digest(given.encode(), token.encode()):
        raise HTTPException(
            HTTPStatus.FORBIDDEN, "This page is out of date, or the request came from another one: load it anew."
        )


CarriesToken = Depends(carries_token)


def served_hosts(hosts: Iterable[str]) -> list[str]:
    """Return the names by which the server may be called; any other is another site's, pointed here (DNS rebinding)."""
    return [f"[{host}]" if ":" in host else host for host in hosts]
