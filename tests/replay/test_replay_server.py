"""The server of the replayed web, in a process of its own as the demo runs it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import parsel
import pytest
from starlette.testclient import TestClient

from crawlers.replay.server import app_for, sites_of
from crawlers.replay.site import SiteRequest
from crawlers.replay.world import World

CASE = "/radiopaedia.org/cases/75601"


@pytest.fixture(autouse=True)
def _unedited(web: httpx.Client) -> Iterator[None]:
    yield
    web.delete("/__edit__")


def test_a_known_page_answers_304_until_it_changes(web: httpx.Client) -> None:
    first = web.get(CASE)
    again = web.get(CASE, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    web.post("/__edit__", json={"host": "radiopaedia.org", "path": "/cases/75601", "find": "ski", "replace": "spa"})
    changed = web.get(CASE, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "spa resort" in changed.text


def test_a_page_can_be_dropped_and_comes_back(web: httpx.Client) -> None:
    web.post("/__edit__", json={"host": "radiopaedia.org", "path": "/cases/75601", "drop": True})
    assert web.get(CASE).status_code == 404
    web.delete("/__edit__")
    assert web.get(CASE).status_code == 200


def test_a_page_can_answer_with_another_status(web: httpx.Client) -> None:
    edit = {"host": "radiopaedia.org", "path": "/cases/75601", "status": 429, "headers": {"Retry-After": "2"}}
    web.post("/__edit__", json=edit)
    answer = web.get(CASE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")


def test_an_edit_that_is_misspelt_is_refused_by_name(web: httpx.Client) -> None:
    answer = web.post("/__edit__", json={"host": "radiopaedia.org", "path": "/", "fnid": "x"})
    assert answer.status_code == 400
    assert "fnid" in answer.text


def test_requests_are_counted_by_host_and_path(web: httpx.Client) -> None:
    before = web.get("/__requests__").json().get("www.sirm.org/robots.txt", 0)
    web.get("/www.sirm.org/robots.txt")
    assert web.get("/__requests__").json()["www.sirm.org/robots.txt"] == before + 1


def test_an_unknown_host_is_named(web: httpx.Client) -> None:
    answer = web.get("/www.eurorad.org/case/1")
    assert answer.status_code == 404
    assert "www.eurorad.org" in answer.text


def test_the_front_page_leads_to_pages_that_answer(web: httpx.Client) -> None:
    front = web.get("/")
    assert "reconstructed" in front.text
    links = parsel.Selector(front.text).css("a::attr(href)").getall()
    assert len(links) > 10
    refused = {link: status for link in links if (status := web.get(link).status_code) not in (200, 301, 401)}
    assert refused == {}


def test_a_browser_stays_on_this_machine(web: httpx.Client) -> None:
    browser = {"Sec-Fetch-Mode": "navigate"}
    case = web.get("/www.sirm.org/2020/03/03/covid19-caso-2/", headers=browser)
    assert 'href="/www.sirm.org/wp-content/uploads/' in case.text
    followed = web.get("/cases/75601", headers={"Referer": str(web.base_url.join("/radiopaedia.org/search"))})
    assert (followed.status_code, followed.headers["Location"]) == (307, CASE)
    assert "https://www.sirm.org/wp-content" in web.get("/www.sirm.org/2020/03/03/covid19-caso-2/").text


def test_a_page_takes_under_five_milliseconds(world: World) -> None:
    site = next(site for site in sites_of(world) if "radiopaedia.org" in site.hosts)
    pages = [SiteRequest("radiopaedia.org", path) for path in ("/search", "/cases/75601", "/studies/756011/stacks")]
    for page in pages:
        site.answer(page)  # the first answer compiles the template
    for page in pages:
        started = time.process_time()  # what it costs, whatever else the machine does
        for _ in range(20):
            site.answer(page)
        assert (time.process_time() - started) / 20 < 0.005, page.path


def test_a_film_is_kept_in_the_cache(web: httpx.Client, films_cache: Path) -> None:
    before = set(films_cache.iterdir())
    film = "/www.sirm.org/wp-content/uploads/2020/05/covid-19-caso-90-1.png"
    assert web.get(film).content == web.get(film).content
    assert {path.suffix for path in set(films_cache.iterdir()) - before} == {".png"}


def test_an_empty_world_can_be_served() -> None:
    answer = TestClient(app_for(World(name="empty"))).get("/radiopaedia.org/search")
    assert "No results were found" in answer.text


def test_the_server_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys, time\n"
        "from crawlers.replay.server import World, running\n"
        "if __name__ == '__main__':\n"
        "    with running(World(name='empty')) as origin:\n"
        "        print(origin, flush=True)\n"
        "        time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(root)}
    )  # fmt: skip
    assert parent.stdout is not None
    origin = parent.stdout.readline().strip()
    assert httpx.get(origin).status_code == 200
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        try:
            httpx.get(origin)
        except httpx.TransportError:
            return
        time.sleep(0.05)
    pytest.fail("the server outlived its parent")
