"""The server of the replayed web: `/HOST/PATH` answers what the site at HOST would answer for PATH.

It adds an ETag to each answer and honours `If-None-Match`. Beside the sites stand three addresses of its own: `/` for
a person, `GET /__requests__` (how often each page was asked for) and `POST /__edit__` (change a page for a test).
"""

import contextlib
import hashlib
import multiprocessing
import re
import signal
import socket
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from crawlers.replay import crossref, europepmc, figure1, radiopaedia, sirm
from crawlers.replay.real import real_world
from crawlers.replay.site import Site, SiteRequest, SiteResponse, rendered
from crawlers.replay.world import World
from crawlers.replay.worlds import generated_world

__all__ = ["app_for", "generated_world", "real_world", "running", "serve"]

START_SECONDS = 120.0  # a start takes 2 s, and ten times that where a test run keeps every core busy
_REWRITTEN = ("text/html", "application/json")


@dataclass(frozen=True)
class _Edit:
    """Change one page as served: replace a text, drop it (404), or answer with another status."""

    host: str
    path: str
    find: str = ""
    replace: str = ""
    drop: bool = False
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def of(self, answer: SiteResponse) -> SiteResponse | None:
        if self.drop:
            return None
        body = answer.body.replace(self.find.encode(), self.replace.encode()) if self.find else answer.body
        return replace(
            answer, body=body, status=self.status or answer.status, headers={**answer.headers, **dict(self.headers)}
        )


def sites_of(world: World) -> list[Site]:
    """Return every site of the world."""
    return [site for module in (radiopaedia, sirm, figure1, europepmc, crossref) for site in module.sites(world)]


def app_for(world: World, films_cache: Path | None = None) -> Starlette:
    """Return the ASGI application that serves the world; films are made when first asked for and kept in the cache."""
    served = _Served(world, films_cache)
    return Starlette(
        routes=[
            Route("/", served.front_page),
            Route("/__requests__", served.requests_so_far),
            Route("/__edit__", served.edit, methods=["POST", "DELETE"]),
            Route("/{rest:path}", served.site_answer, methods=["GET", "HEAD", "POST"]),
        ]
    )


class _Served:
    def __init__(self, world: World, films_cache: Path | None) -> None:
        self.world = world
        self.films_cache = films_cache
        self.sites = sites_of(world)
        self.by_host = {host: site for site in self.sites for host in site.hosts}
        self.asked: Counter[str] = Counter()
        self.edits: list[_Edit] = []

    async def front_page(self, request: Request) -> Response:
        page = rendered("index.html", world=self.world, sites=self.sites, link=_local)
        return Response(page, media_type="text/html")

    async def requests_so_far(self, request: Request) -> Response:
        return JSONResponse(dict(self.asked))

    async def edit(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.edits.clear()
            return JSONResponse({"edits": 0})
        asked = await request.json()
        headers = tuple(asked.pop("headers", {}).items())
        try:
            self.edits.append(_Edit(**asked, headers=headers))
        except TypeError as error:
            return PlainTextResponse(f"no such edit: {error}\n", 400)
        return JSONResponse({"edits": len(self.edits)})

    async def site_answer(self, request: Request) -> Response:
        host, _, path = request.scope["path"].lstrip("/").partition("/")
        site = self.by_host.get(host)
        if site is None:
            return self._astray(request, host)
        asked = SiteRequest(
            host=host,
            path=f"/{path}",
            query=parse_qs(request.url.query, keep_blank_values=True),
            headers=dict(request.headers),
            method=request.method,
            films_cache=self.films_cache,
        )
        self.asked[f"{host}/{path}"] += 1
        answer = self._edited(asked, await run_in_threadpool(site.answer, asked))
        if answer is None:
            return PlainTextResponse(f"the replayed {host} has no page /{path}\n", 404)
        if answer.delay:
            await anyio.sleep(answer.delay)
        return self._sent(request, answer)

    def _edited(self, asked: SiteRequest, answer: SiteResponse | None) -> SiteResponse | None:
        for edit in self.edits:
            if answer is not None and (edit.host, edit.path) == (asked.host, asked.path):
                answer = edit.of(answer)
        return answer

    def _sent(self, request: Request, answer: SiteResponse) -> Response:
        body, headers = answer.body, dict(answer.headers)
        if "sec-fetch-mode" in request.headers:
            body, headers = self._for_a_person(answer)
        if answer.status == 200:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()}"'
            if request.headers.get("if-none-match") == headers["ETag"]:
                return Response(status_code=304, headers=headers)
        return Response(body, answer.status, headers, answer.content_type)

    def _for_a_person(self, answer: SiteResponse) -> tuple[bytes, dict[str, str]]:
        """Point links at this server: browsers send Sec-Fetch-Mode, and people click; a crawler gets the real URLs."""
        headers = {name: self._local_links(value) for name, value in answer.headers.items()}
        if not answer.content_type.startswith(_REWRITTEN):
            return answer.body, headers
        return self._local_links(answer.body.decode()).encode(), headers

    def _local_links(self, text: str) -> str:
        return re.sub(r"https://([a-z0-9.-]+)(?=/)", lambda m: f"/{m[1]}" if m[1] in self.by_host else m[0], text)

    def _astray(self, request: Request, host: str) -> Response:
        """Bring a browser that followed `/path` of a page back to that page's host; else name the unknown host."""
        came_from = urlsplit(request.headers.get("referer", "")).path.lstrip("/").partition("/")[0]
        if came_from in self.by_host:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"/{came_from}{quote(request.scope['path'])}{query}")
        return PlainTextResponse(f"no site of the replayed web has the host {host!r}\n", 404)


def _local(url: str) -> str:
    return f"/{url.removeprefix('https://')}"


def serve(listening: socket.socket, world: World, cache: Path | None = None) -> None:
    """Serve the world at a socket until interrupted."""
    server = uvicorn.Server(uvicorn.Config(app_for(world, cache), log_level="warning"))
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


@contextlib.contextmanager
def running(world: World | None = None, cache: Path | None = None) -> Iterator[str]:
    """Serve a world (the generated one if none is given) from a process of its own; yield its origin URL.

    The server is ready when the block is entered, on a free loopback port, and ends with the block or with this
    process, however that ends.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory(prefix="films-") as passing:
        arguments = (theirs, world or generated_world(), cache or Path(passing))
        process = context.Process(target=_serve_in_child, args=arguments, name="replayed web", daemon=True)
        process.start()
        theirs.close()
        try:
            if not ours.poll(START_SECONDS):
                raise RuntimeError(f"the replayed web did not start within {START_SECONDS:.0f} s")
            yield f"http://127.0.0.1:{_port_from(ours)}"
        finally:
            process.terminate()
            process.join()
            ours.close()


def _port_from(ours: Connection) -> int:
    try:
        port: int = ours.recv()
    except EOFError:
        raise RuntimeError("the replayed web ended before it could serve; its reason is printed above") from None
    return port


def _serve_in_child(theirs: Connection, world: World, cache: Path) -> None:
    # Ctrl-C reaches every process of a terminal; whoever crawls this web still needs it then, and ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # asyncio turns Nagle's delay (40 ms an answer) off only for sockets that name their protocol.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(256)
        server = uvicorn.Server(uvicorn.Config(app_for(world, cache), log_level="warning"))
        # In a thread of its own it takes no signals.
        threading.Thread(target=server.run, args=([listening],), daemon=True).start()
        theirs.send(listening.getsockname()[1])
        with contextlib.suppress(EOFError, OSError):
            theirs.recv()  # ends with the parent, however that ends
