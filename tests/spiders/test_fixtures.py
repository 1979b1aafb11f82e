"""Each folder of `fixtures/<source>/` is a case: the pages a crawl of it meets, and what it must give.

`web.toml` names the case's URL and what each URL answers: a file of the folder, a status, or `-> URL`. A case that
must fail says so in `fails`. `expected.json` holds the case; a missing one is written, to be reviewed, and fails.
"""

import json
import re
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipelines.records import Case

FIXTURES = Path(__file__).parents[1] / "fixtures"
FOLDERS = sorted(path.parent for path in FIXTURES.glob("*/*/web.toml"))
TYPES = {".html": "text/html; charset=utf-8", ".json": "application/json", ".xml": "application/xml"}


def names(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


@pytest.fixture(scope="module")
def answers(once, crawled) -> dict[str, dict]:
    """Crawl every fixture at once and return what each gave, by folder."""
    return once("crawled-fixtures", lambda: crawled_fixtures(crawled))


def crawled_fixtures(crawled) -> dict[str, dict]:
    webs = {folder: tomllib.loads((folder / "web.toml").read_text(encoding="utf-8")) for folder in FOLDERS}
    pages = [(folder, url, answer) for folder, web in webs.items() for url, answer in web["pages"].items()]
    with HTTPServer() as server:
        server.expect_request(re.compile(".*")).respond_with_handler(lambda request: answer_of(request, pages))
        jobs = [{"spider": folder.parent.name, "arguments": {"url": web["case"]}} for folder, web in webs.items()]
        results = crawled(server.url_for("").rstrip("/"), *jobs)
    return {names(folder): result for folder, result in zip(webs, results, strict=True)}


def answer_of(request: Request, pages: list[tuple[Path, str, str]]) -> Response:
    """Answer the page whose host and path are asked for and whose query the request holds."""
    host, _, path = request.path.lstrip("/").partition("/")
    for folder, url, answer in pages:
        parts = urlsplit(url)
        asked = parse_qs(request.query_string.decode())
        if (parts.netloc, parts.path) != (host, f"/{path}"):
            continue
        if any(asked.get(name) != values for name, values in parse_qs(parts.query).items()):
            continue
        if answer.isdigit():
            return Response("", int(answer))
        if answer.startswith("-> "):
            return Response("", 302, {"Location": answer[3:]})
        return Response((folder / answer).read_bytes(), content_type=TYPES[(folder / answer).suffix])
    return Response("no such page", 404)


@pytest.mark.parametrize("folder", FOLDERS, ids=names)
def test_gives_what_is_expected(folder: Path, answers: dict[str, dict]) -> None:
    result = answers[names(folder)]
    web = tomllib.loads((folder / "web.toml").read_text(encoding="utf-8"))
    if fails := web.get("fails"):
        assert result["cases"] == []
        assert result["stats"]["cases/failed"] == 1
        assert fails in result["failures"][0]
        return
    assert result["failures"] == []
    assert len(result["cases"]) == 1
    given = Case.model_validate(result["cases"][0])
    expected = folder / "expected.json"
    if not expected.is_file():
        text = json.dumps(given.model_dump(exclude_defaults=True), indent=2, ensure_ascii=False)
        expected.write_text(text + "\n", encoding="utf-8")
        pytest.fail(f"{expected} was missing and has been written: review it")
    assert given == Case.model_validate_json(expected.read_text(encoding="utf-8"))
