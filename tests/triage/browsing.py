"""A desk to work at: a store of thirty candidates, the server over it, and Chromium before it."""

import io
import random
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from argon2 import PasswordHasher
from PIL import ImageChops
from PIL.Image import Image as Picture
from PIL.Image import open as open_image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from crawlers.replay.films import FilmSpec, film_of, montage_of
from pipelines.candidates.rows import candidates_for
from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore
from pipelines.records import Case, Evidence, Figure, Image, Issue, Match, Panel, Reading, Study, TextBlock
from pipelines.triage.app import app_for

PATIENCE = 30_000  # ms: a test run keeps every core busy
SIDE = 256  # pixels of a drawn film: enough to look at, drawn in no time
LUNGS = "\N{LUNGS}"  # outside the basic plane: two UTF-16 units to JavaScript, one character to Python
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>{{ 7*7 }}</p><style>*{display:none}</style>"
REVIEWERS = ("ada", "ben")
PASSWORD = "correct horse battery staple"
# A real hash takes a quarter of a second of each of four cores, at every sign-in.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class Desk:
    """Hold a served desk: its address, and the store behind it."""

    origin: str
    store: Store

    def film_of_case(self, number: int) -> str:
        """Return the candidate that is a case's first film."""
        return self.store.of_case("sirm", str(100 + number))[0].id

    def states(self) -> dict[str, str]:
        """Return each candidate's state."""
        return {candidate.id: candidate.state for candidate in self.store.candidates()}


def filled_workspace(workspace: Path, cases: int = 15) -> Path:
    """Fill a new workspace with two candidates a case, and two reviewers; return it, to be copied."""
    with Store(f"sqlite:///{workspace}/intake.sqlite") as store:
        fill(store, BlobStore(workspace / "blobs"), cases)
        for name in REVIEWERS:
            store.add_user(name, PASSWORD_HASH)
    return workspace


@contextmanager
def desk_at(workspace: Path, filled: Path, login: bool = False) -> Iterator[Desk]:
    """Serve a desk over a copy of a filled workspace."""
    shutil.copytree(filled, workspace, dirs_exist_ok=True)
    blobs = BlobStore(workspace / "blobs")
    with Store(f"sqlite:///{workspace}/intake.sqlite") as store:
        app = app_for(
            store,
            blobs,
            snapshots=workspace / "snapshots",
            reviewer="" if login else REVIEWERS[0],
            login=login,
            hosts=["127.0.0.1"],
            enter=lambda handed_in: [] if handed_in.files else ["no film was handed in"],
            sources=["figure1", "papers"],
        )
        with served(app) as origin:
            yield Desk(origin, store)


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Run the application on a free port of this machine, in a thread."""
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def fill(store: Store, blobs: BlobStore, cases: int) -> None:
    """Take in cases of two films each; the first is hostile, the third repeats a film of the second."""
    for number in range(cases):
        case = case_of(number, blobs)
        for _, _, image in case.images():
            store.keep_fetched(image.url, image.media)
        candidates = candidates_for(case, readings_of(case))
        store.take_in(case, candidates, case.content_hash(), "test")
    twins = [candidate for number in (1, 2) for candidate in store.of_case("sirm", str(100 + number))]
    match = Match(
        candidate=twins[2].id, relation="same image", distance=12, correlation=0.93,
        transform={"mirror": False, "invert": False, "rotation": 0.0, "scale": 1.0, "crop": [0, 0, SIDE, SIDE]},
    )  # fmt: skip
    store.keep_match(twins[0].id, match)


def case_of(number: int, blobs: BlobStore) -> Case:
    """Return a case of a patient whose age is told by its number, with films kept among the blobs."""
    age, day = 40 + number, 2 + number
    told = f"A {age}-year-old man came on day {day} of fever and cough. Temperature was 38.{number % 10} °C.\r\n"
    told += (
        f"He was {LUNGS} admitted to intensive care and recovered. Oxygen saturation was 9{number % 10} % on room air."
    )
    if number == 0:
        told += f" {HOSTILE}"
    films = [_image(number, film, blobs) for film in range(2)]
    blocks = [
        TextBlock(label="presentation", text=told, language="en"),
        TextBlock(label="findings", text="Bilateral patchy opacities, lower zones. No effusion.", language="en"),
        TextBlock(label="discussion", text="RT-PCR was positive for SARS-CoV-2. " * 6, language="en"),
    ]
    return Case(
        source="sirm",
        source_id=str(100 + number),
        url=f"https://www.sirm.org/casi/{100 + number}/",
        title=HOSTILE if number == 0 else f"COVID-19 pneumonia, case {number}",
        blocks=blocks,
        studies=[Study(modality="X-ray", images=films)],
        licence="CC BY 4.0" if number % 5 else "",
    )


def _image(number: int, film: int, blobs: BlobStore) -> Image:
    figure = None
    data = _film(number, film)
    if (number, film) == (2, 0):
        data = _film(1, 0, "JPEG")
    if (number, film) == (3, 0):
        data = film_of(FilmSpec("deep", width=SIDE, height=SIDE, bits=16))
    if (number, film) == (4, 0):
        data = montage_of([FilmSpec("left", width=SIDE, height=SIDE), FilmSpec("right", width=SIDE, height=SIDE)], "AB")
        figure = Figure(label="Figure 1", panels=[Panel(box=(0, 0, SIDE, SIDE), label="A")])
    return Image(
        url=f"https://www.sirm.org/films/{number}-{film}.png",
        position=film,
        modality="X-ray",
        projection="PA",
        caption=f"Chest film on day {2 + number + film}",
        figure=figure,
        media=blobs.put(data),
    )


def _film(number: int, film: int, format: str = "PNG") -> bytes:
    """Return a film that no other number has: one drawn film, shifted, since drawing each takes most of the time."""
    written = io.BytesIO()
    ImageChops.offset(_drawn(), 3 * number, 9 * film).save(written, format)
    return written.getvalue()


@cache
def _drawn() -> Picture:
    return open_image(io.BytesIO(film_of(FilmSpec("patient", width=SIDE, height=SIDE))))


def readings_of(case: Case) -> list[Reading]:
    """Return what is read of a case, every value with its quote."""
    number = int(case.source_id) - 100
    panelled = case.studies[0].images[0].figure
    shared = [
        _quoted(case, "block[0]", "sex", "M", "man"),
        _quoted(case, "block[0]", "age", str(40 + number), f"{40 + number}-year-old"),
        _quoted(case, "block[0]", "went_icu", "Y", f"{LUNGS} admitted to intensive care"),
        _quoted(case, "block[2]", "finding", "Pneumonia/Viral/COVID-19", "SARS-CoV-2"),
        _quoted(case, "study[0].modality", "modality", "X-ray", "X-ray"),
    ]
    doubt = Issue(kind="ambiguous value", field="offset", message="which clock is meant is not told")
    return [
        Reading(
            study=0,
            image=film,
            panel=0 if film == 0 and panelled else None,
            evidence=[*shared, _quoted(case, f"study[0].image[{film}].projection", "view", "PA", "PA")],
            issues=[doubt] if number % 2 else [],
        )
        for film in range(2)
    ]


def _quoted(case: Case, block: str, field: str, value: str, quote: str) -> Evidence:
    start = case.text_at(block).index(quote)
    return Evidence(
        field=field, value=value, quote=quote, block=block, start=start, end=start + len(quote), rule=f"test: {field}"
    )


@contextmanager
def chromium(number: int = 1, webgl: bool = False) -> Iterator[list[Browser]]:
    """Start the Chromium of this machine so many times; skip where there is none."""
    installed = shutil.which("chromium") or shutil.which("chromium-browser")
    if installed is None:
        pytest.skip("no chromium on this machine: the page is not tested in a browser")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--force-color-profile=srgb"]
        if not webgl:  # in software it is a third of a browser's work, and the desk draws without it
            arguments += ["--disable-gpu", "--disable-software-rasterizer"]
        start = partial(playwright.chromium.launch, executable_path=installed, args=arguments)
        browsers = [start() for _ in range(number)]
        yield browsers
        for browser in browsers:
            browser.close()


class Reviewer:
    """Sit before the desk and use the keyboard alone."""

    desk: Desk

    def __init__(self, context: BrowserContext, name: str = REVIEWERS[0]) -> None:
        self.name = name
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.faults: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def _note(self, message: ConsoleMessage) -> None:
        # A refused write (409, 422) is shown on the page; the browser notes it in its console all the same.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.faults.append(f"{message.type}: {message.text}")

    @contextmanager
    def at(self, desk: Desk) -> Iterator["Reviewer"]:
        """Sit down at a desk, and leave it without a fault; the same page opens again in half the time."""
        self.desk = desk
        self.faults.clear()
        yield self
        self.page.goto("about:blank")
        assert self.faults == []

    def open(self, path: str = "/") -> None:
        """Go to a page and wait until the keys work."""
        self.page.goto(self.desk.origin + path)
        self.settle()

    def open_list(self, path: str) -> None:
        """Go to a page that shows no candidate."""
        self.page.goto(self.desk.origin + path)
        self.page.wait_for_load_state("networkidle")

    def settle(self) -> None:
        """Wait until a candidate or a pair is on the screen."""
        self.page.wait_for_selector("main.looking:not([aria-busy])")

    def wait_until(self, happened: Callable[[], bool]) -> None:
        """Let the page work until something has happened on the server."""
        while not happened():
            self.page.wait_for_timeout(20)

    def turn_to(self, candidate: str) -> None:
        """Have a candidate put on the screen without a reload, as going back in the browser does."""
        self.page.evaluate(
            "there => { history.pushState({}, '', there); dispatchEvent(new PopStateEvent('popstate')); }",
            f"/candidates/{candidate}?state=",
        )
        self.page.wait_for_selector(f"main.looking:not([aria-busy])[data-id='{candidate}']")

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def fact(self, name: str) -> str:
        """Return a fact of the candidate on the screen."""
        value = self.page.locator("#screen").get_attribute(f"data-{name}")
        return value or ""

    def decide(self, *keys: str) -> str:
        """Decide by these keys, wait for the next screen, and return the candidate decided on."""
        decided = self.fact("id")
        self.press(*keys)
        self.page.wait_for_selector(f"main:not([aria-busy]):not([data-id='{decided}'])")
        return decided


def sign_in(reviewer: Reviewer) -> Reviewer:
    """Sign in on the login page."""
    reviewer.open_list("/login")
    reviewer.page.fill("[name=name]", reviewer.name)
    reviewer.page.fill("[name=password]", PASSWORD)
    reviewer.press("Enter")
    reviewer.page.wait_for_url(re.compile("/queue"))
    return reviewer


@dataclass
class Told:
    """Hold what the pages told their reviewers: what they recorded, and on which candidates they were second."""

    recorded: list[tuple[str, str, str]] = field(default_factory=list)
    conflicts: list[tuple[str, str]] = field(default_factory=list)


ANSWERS = (("accept", ["a"]), ("unsure", ["n"]), ("reject", ["r", "1"]))


def decide_at_random(reviewers: Sequence[Reviewer], rounds: int, chance: random.Random) -> Told:
    """Have all reviewers decide at once, round after round, in half of the rounds on one and the same candidate."""
    told = Told()
    for reviewer in reviewers:
        reviewer.open("/")
    ids = sorted(reviewers[0].desk.states())
    for _ in range(rounds):
        shared = chance.choice(ids)
        together = chance.random() < 0.5
        for reviewer in reviewers:
            if together or not reviewer.fact("id"):
                reviewer.turn_to(shared if together else chance.choice(ids))
        tried = []
        for reviewer in reviewers:
            action, keys = chance.choice(ANSWERS)
            tried.append((reviewer, action, reviewer.fact("id"), reviewer.fact("revision")))
            reviewer.press(*keys)
        for reviewer, action, candidate, revision in tried:
            before = f"[data-id='{candidate}'][data-revision='{revision}']"
            reviewer.page.wait_for_selector(f"#conflict[open], main:not([aria-busy]):not({before})")
            if reviewer.page.locator("#conflict").is_visible():
                told.conflicts.append((candidate, reviewer.name))
                reviewer.press("Enter")
                reviewer.page.wait_for_selector("#conflict", state="hidden")
                reviewer.settle()
            else:
                told.recorded.append((candidate, action, reviewer.name))
    return told
