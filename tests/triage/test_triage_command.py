"""`scrapy triage` as a person starts it, and cases handed in through it."""

import io
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx
import pytest
from forking import ROOT, Forked, forked
from fpdf import FPDF
from pytest_httpserver import HTTPServer
from running import scrapy
from workspace import PASSWORD

from crawlers.replay.films import FilmSpec, film_of
from pipelines.candidates.store import Store


@dataclass
class Serving:
    """Hold the command under way, the address that it printed, and what it prints from then on."""

    process: Forked
    address: str
    told: IO[str]


@pytest.fixture
def started(tmp_path: Path, httpserver: HTTPServer) -> Iterator[Callable[..., "Serving"]]:
    """Start the command over a web that holds nothing."""
    httpserver.no_handler_status_code = 404  # also what Crossref says of a DOI that it does not know
    with ExitStack() as ending:

        def start(*words: str) -> Serving:
            reading, writing = os.pipe()
            told = ending.enter_context(os.fdopen(reading))
            env = os.environ | {"DATA_DIR": str(tmp_path), "REPLAY_ORIGIN": httpserver.url_for("").rstrip("/")}
            with Path(os.devnull).open() as nothing, os.fdopen(writing, "w") as telling:
                streams = {"stdin": nothing, "stdout": telling, "stderr": telling}
                process = forked("scrapy", "triage", "--port", "0", *words, cwd=ROOT, env=env, **streams)
            ending.enter_context(process)
            line = told.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+/", line)
            assert address, line + told.read()
            return Serving(process, address[0], told)

        yield start


def token_in(page: str) -> str:
    return re.search(r'name="csrf" (?:content|value)="([^"]+)"', page)[1]


def answered(address: str, **asked: object) -> httpx.Response:
    deadline = time.monotonic() + 20
    while True:
        try:
            return httpx.get(address, timeout=20, **asked)
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_end(started: Callable[..., Serving], ending: signal.Signals) -> None:
    serving = started("--as", "cleo")
    page = answered(f"{serving.address}queue", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "cleo" in page.text
    serving.process.send_signal(ending)
    assert serving.process.wait(20) == 0
    assert serving.told.read() == ""


def article(picture: bytes) -> bytes:
    """Return a PDF of one page with one figure."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=10)
    pdf.image(io.BytesIO(picture), x=30, y=30, w=120)
    pdf.set_xy(30, 125)
    pdf.multi_cell(150, text="Figure 1. Chest radiograph of a 54-year-old woman, posteroanterior view.")
    return bytes(pdf.output())


def test_an_article_is_handed_in_and_its_film_waits_in_the_queue(
    started: Callable[..., Serving], tmp_path: Path
) -> None:
    address = started().address
    token = token_in(answered(f"{address}enter", headers={"Accept": "text/html"}).text)
    story = "A 54-year-old woman with fever for 5 days."
    given = {"csrf": token, "source": "papers", "url": "https://doi.org/10.5555/by.hand", "text": story}
    files = {"files": ("article.pdf", article(film_of(FilmSpec("a", width=512, height=512))))}
    answer = httpx.post(f"{address}enter", data=given, files=files, timeout=150)
    assert "is taken in" in answer.text, re.findall(r"<li>[^<]*</li>", answer.text)
    with Store(f"sqlite:///{tmp_path}/intake.sqlite") as store:
        [taken] = store.candidates()
        case = store.case("papers", taken.source_id)
    assert taken.row["age"] == "54"
    assert taken.image_url.startswith(f"{case.documents[0].url}#page=1")
    assert case.blocks[0].text == story


def test_another_address_demands_a_user_and_says_how_to_add_one(tmp_path: Path) -> None:
    here = {"DATA_DIR": str(tmp_path)}
    refused = scrapy("triage", "--host", "0.0.0.0", environment=here)
    assert refused.code == 2
    assert "scrapy triage --add-user NAME" in refused.err
    for password, said in (("short\n", "at least 12 characters"), (f"{PASSWORD}\n", "")):
        added = scrapy("triage", "--add-user", "ada", environment=here, typed=password)
        assert (said in added.err) if said else (added.code == 0), added.err
    with Store(f"sqlite:///{tmp_path}/intake.sqlite") as store:
        assert store.users() == ["ada"]
        assert PASSWORD not in (store.password_hash("ada") or "")


def test_where_users_exist_loopback_demands_signing_in_too(started: Callable[..., Serving], tmp_path: Path) -> None:
    with Store(f"sqlite:///{tmp_path}/intake.sqlite") as store:
        store.add_user("ada", "$argon2id$none")
    assert answered(started().address).status_code == 401


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = scrapy("triage", "--port", str(port), environment={"DATA_DIR": str(tmp_path)})
    assert refused.code == 2
    assert f"port {port} of 127.0.0.1 cannot be used" in refused.err
    assert "Traceback" not in refused.err
