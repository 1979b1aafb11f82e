"""Desks served on loopback over a copy of one filled workspace, and the browser before them."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from browsing import chromium, filled_workspace, served
from film_page import IN_SOFTWARE, WITHOUT_WEBGL, FilmPage, FilmServer
from playwright.sync_api import Browser
from workspace import Desk, filled

from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore
from pipelines.triage.app import app_for


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("filled"))


@pytest.fixture(scope="session")
def thirty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of thirty candidates to look at, to be copied."""
    return filled_workspace(tmp_path_factory.mktemp("thirty"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium; the loop of its driver must end with the module, since no other could run beside it."""
    with chromium() as (browser,):
        yield browser


@pytest.fixture(scope="module")
def film_browser() -> Iterator[Browser]:
    """Start Chromium with WebGL."""
    with chromium(webgl=True) as (browser,):
        yield browser


@pytest.fixture
def open_desk(filled_once: Path, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Open a desk; what is given replaces what the application is opened with."""
    with ExitStack() as stack:

        def opened(**given: Any) -> Desk:
            workspace = tmp_path / "workspace"
            shutil.copytree(filled_once, workspace)
            store = stack.enter_context(Store(f"sqlite:///{workspace}/intake.sqlite"))
            blobs = BlobStore(workspace / "blobs")
            usual = {
                "snapshots": workspace / "snapshots", "reviewer": "cleo", "login": False, "hosts": ["127.0.0.1"],
                "enter": lambda handed_in: [], "sources": ["figure1", "sirm"],
            }  # fmt: skip
            app = app_for(store, blobs, **(usual | given))
            origin = stack.enter_context(served(app))
            return Desk(stack.enter_context(httpx.Client(base_url=origin, timeout=30)), store, blobs)

        yield opened


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """Give a desk at which one person decides without signing in."""
    return open_desk()


@pytest.fixture
def locked(open_desk: Callable[..., Desk]) -> Desk:
    """Give a desk at which signing in is demanded."""
    return open_desk(login=True)


@pytest.fixture(scope="module")
def films() -> Iterator[FilmServer]:
    """Serve films and the element that shows them."""
    found = FilmServer()
    yield found
    found.http.shutdown()
    found.http.server_close()


@pytest.fixture(scope="module")
def pages(film_browser: Browser, films: FilmServer) -> Callable[[str, float], FilmPage]:
    """Return pages by how they draw and by pixels to one of CSS; each starts with nothing remembered."""
    kept: dict[tuple[str, float], FilmPage] = {}

    def page_of(drawing: str, ratio: float) -> FilmPage:
        if (drawing, ratio) not in kept:
            context = film_browser.new_context(
                viewport={"width": 480, "height": 420}, device_scale_factor=ratio, reduced_motion="reduce"
            )
            context.add_init_script(IN_SOFTWARE if drawing == "WebGLDrawing" else WITHOUT_WEBGL)
            kept[drawing, ratio] = FilmPage(context.new_page(), films)
            kept[drawing, ratio].page.goto(films.address + "/page.css")
        page = kept[drawing, ratio]
        page.page.evaluate("sessionStorage.clear()")
        page.page.set_viewport_size({"width": 480, "height": 420})
        page.problems.clear()
        return page

    return page_of


def shower(pages: Callable[[str, float], FilmPage], drawing: str) -> Iterator[Callable[..., FilmPage]]:
    shown = []

    def show(attributes: str, *, ratio: float = 1) -> FilmPage:
        page = pages(drawing, ratio).open(attributes).until("film.state?.ready")
        assert page.state["drawnBy"] == drawing
        shown.append(page)
        return page

    yield show
    for page in shown:
        assert page.problems == []


@pytest.fixture
def show(pages: Callable[[str, float], FilmPage]) -> Iterator[Callable[..., FilmPage]]:
    """Return what opens a film."""
    yield from shower(pages, "CanvasDrawing")


@pytest.fixture(params=["WebGLDrawing", "CanvasDrawing"])
def draw(request: pytest.FixtureRequest, pages: Callable[[str, float], FilmPage]) -> Iterator[Callable[..., FilmPage]]:
    """Return what opens a film, drawn with WebGL and without."""
    yield from shower(pages, request.param)
