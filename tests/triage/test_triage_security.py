"""What a hostile page, a hostile file or a stranger tries, and that nothing gets through."""

import gc
import re
import warnings
from datetime import UTC, datetime, timedelta
from itertools import product

import httpx
import pytest
from workspace import HOSTILE, PASSWORD, Desk, put_as

from pipelines.records import Media
from pipelines.triage import passwords, security
from pipelines.triage.signing_in import _own_path

WRITES = [
    "/candidates/{id}/decisions", "/candidates/{id}/fields", "/candidates/{id}/panels", "/candidates/{id}/hold",
    "/undo", "/bulk/preview", "/bulk", "/enter",
]  # fmt: skip
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
# A picture to a decoder, a page to a browser that sniffs.
POLYGLOT = b"GIF89a/*<html><script>alert(1)</script>*/=1;"


def sign_in(desk: Desk, name: str = "ada", password: str = PASSWORD, next: str = "") -> httpx.Response:
    page = desk.client.get("/login", params={"next": next})
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)[1]
    given = {"name": name, "password": password, "csrf": token, "next": next}
    return desk.client.post("/login", data=given, headers={"Accept": "text/html"})


def pages_of(desk: Desk) -> list[str]:
    first = desk.first()
    twin = first.matches[0].candidate
    return [
        "/queue", f"/candidates/{first.id}", f"/candidates/{first.id}/twin/{twin}",
        f"/cases/sirm/1/page?candidate={first.id}", "/history", "/enter", "/queue?text=%3Cscript%3Ealert(9)",
        "/candidates/%3Cscript%3Ealert(9)", "/queue?state=%3Cscript%3E",
    ]  # fmt: skip


def test_scraped_text_is_never_markup(desk: Desk) -> None:
    desk.write(f"/candidates/{desk.first().id}/fields", revision=0, column="location", value=HOSTILE)
    for path in pages_of(desk):
        text = desk.page(path).text
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert "<b onclick" not in text, path
        assert not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', text)), path
    shown = desk.page(pages_of(desk)[1]).text
    assert "&lt;script&gt;alert(1)" in shown, "the text is shown, as text"
    assert "{{ 7*7 }}" in shown


def test_every_answer_forbids_what_the_pages_do_not_need(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = desk.first().sha256
    refused = desk.client.get("/queue", headers={"Host": "evil.example"})
    answers = [desk.client.get(path) for path in [*pages_of(desk)[1:], f"/films/{sha256}", "/static/htmx.min.js"]]
    monkeypatch.setattr(desk.store, "queue", None)
    # Last: the server closes the connection on which it failed.
    failed = desk.page("/queue")
    assert failed.status_code == 500
    assert "Traceback" not in failed.text
    for answer in (refused, failed, *answers):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_name_that_was_pointed_here_is_refused(desk: Desk) -> None:
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::1", "a b"):
        assert desk.client.get("/queue", headers={"Host": host}).status_code == 400, host


def test_a_write_without_the_page_s_token_is_refused(desk: Desk) -> None:
    right = desk.token()
    for path, token in product(WRITES, ("", "wrong", "ß")):
        address = path.format(id=desk.first().id)
        body = {"action": "accept", "revision": 0, "source": "sirm", "url": "https://x", "csrf": token}
        header = {"X-CSRF-Token": token.encode()} if token else {}
        assert desk.client.post(address, data=body).status_code == 403, (path, token)
        assert desk.client.post(address, data=body, headers=header).status_code == 403, (path, token)
        # A form of another site can send no JSON, and its token would stand in no header.
        assert desk.client.post(address, json=body | {"csrf": right}, headers=header).status_code == 403, (path, token)
    assert not list(desk.store.decisions())


OUT_OF_THE_WORKSPACE = [
    "/films/..%2f..%2fintake.sqlite",
    "/films/../../intake.sqlite",
    "/films/%2e%2e%2fintake.sqlite",
    "/films/" + "A" * 64,
    "/films/" + "0" * 64,
    "/films/" + "0" * 63 + "%00",
    "/static/../app.py",
    "/static/..%2fapp.py",
    "/cases/..%2f..%2fetc/passwd/page",
    "/cases/sirm/..%2f..%2f..%2fetc%2fpasswd/page",
    "/cases/sirm/1/document/0/page/1.png",
    "/cases/sirm/1/document/99999999999999999999/page/1.png",
    "/candidates/x/twin/published/..%2f..%2fetc%2fpasswd",
    "/cases/%00/%00/page",
]


def test_no_path_leads_out_of_the_workspace(desk: Desk) -> None:
    for path in OUT_OF_THE_WORKSPACE:
        answer = desk.client.get(path)
        assert answer.status_code in (400, 404, 422), path
        assert "root:" not in answer.text, path


def test_what_is_no_raster_picture_is_handed_out_as_a_file(desk: Desk) -> None:
    page = b"<html><script>alert(1)</script>"
    for data, mime, extension in (
        (SVG, "image/svg+xml", "svg"), (page, "text/html", "html"), (b"%PDF-1.4", "application/pdf", "pdf")
    ):  # fmt: skip
        answer = desk.client.get(f"/films/{put_as(desk.blobs, data, mime, extension)}")
        assert answer.headers["Content-Disposition"].startswith("attachment"), mime
        assert answer.headers["Content-Type"] in ("application/octet-stream", "application/pdf"), mime
        assert answer.content == data


def test_a_picture_that_is_also_a_page_stays_a_picture(desk: Desk) -> None:
    sha256 = put_as(desk.blobs, POLYGLOT, "image/gif", "gif")
    desk.store.keep_fetched("https://x/a.gif", Media(sha256=sha256, mime="image/gif", extension="gif", size=1))
    answer = desk.client.get(f"/films/{sha256}")
    assert answer.headers["Content-Type"] == "image/gif"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert desk.client.get(f"/films/{sha256}/shown.png").status_code == 415


def test_a_kept_page_is_handed_out_and_never_opened(desk: Desk) -> None:
    answer = desk.client.get("/cases/sirm/1/page/original")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"<script>alert(3)</script>" in answer.content


def test_nobody_sees_more_than_the_login_page(locked: Desk) -> None:
    for path in (*pages_of(locked), f"/films/{locked.first().sha256}", "/openapi.json", "/"):
        asked = locked.page(path)
        assert asked.status_code == 303, path
        assert asked.headers["Location"].startswith("/login?next=")
        assert locked.client.get(path).status_code == 401
    for path in WRITES:
        assert locked.client.post(path.format(id="x")).status_code == 401


def test_who_signs_in_decides_in_their_own_name(locked: Desk) -> None:
    answer = sign_in(locked, "ben", next="/history")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/history")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    first = locked.first()
    assert locked.write(f"/candidates/{first.id}/decisions", action="accept", revision=0).status_code == 200
    assert [decision.by for decision in locked.store.decisions()] == ["ben"]
    locked.client.post("/logout", data={"csrf": locked.token()})
    assert locked.client.get("/queue").status_code == 401


def test_a_session_ends_by_itself(locked: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.candidates import reviewers

    sign_in(locked)
    assert locked.page("/queue").status_code == 200

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(UTC) + timedelta(hours=13)

    monkeypatch.setattr(reviewers, "datetime", Later)
    assert locked.client.get("/queue").status_code == 401


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(locked: Desk) -> None:
    unknown, wrong = sign_in(locked, "nobody"), sign_in(locked, "ada", "not the password")
    bare = [re.sub(r'value="[^"]*"|content="[^"]*"', "", answer.text) for answer in (unknown, wrong)]
    assert bare[0] == bare[1]
    assert unknown.status_code == wrong.status_code == 401
    assert locked.store.password_hash("ada").startswith("$argon2id$")


def test_passwords_cannot_be_tried_through(locked: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.triage import signing_in

    monkeypatch.setattr(signing_in, "is_right", lambda password, kept: password == "right")
    statuses = [sign_in(locked, password="wrong").status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    answer = sign_in(locked, password="right")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 301


def test_a_login_form_of_another_site_is_refused(locked: Desk) -> None:
    locked.client.get("/login")
    given = {"name": "ada", "password": PASSWORD, "csrf": "guessed"}
    assert locked.client.post("/login", data=given).status_code == 403


def test_a_password_that_is_too_short_is_not_kept() -> None:
    with pytest.raises(ValueError, match="at least 12"):
        passwords.hash_of("short")


ELSEWHERE = [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
    "/\t/evil.example", " //evil.example", "evil.example", "", "/\r\nSet-Cookie: x=1",
]  # fmt: skip


@pytest.mark.parametrize("next", ELSEWHERE)
def test_signing_in_leads_to_no_other_site(next: str) -> None:
    assert _own_path(next) == "/queue"
    assert _own_path("/candidates/x?source=sirm") == "/candidates/x?source=sirm"


def test_a_request_that_is_too_large_is_refused_whatever_it_states(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "MOST_OF_A_WRITE", 1000)
    monkeypatch.setattr(security, "MOST_OF_A_CASE", 5000)
    headers = {"X-CSRF-Token": desk.token()}
    path = f"/candidates/{desk.first().id}/decisions"
    assert desk.client.post(path, content=b"x" * 2000, headers=headers).status_code == 413
    unstated = (b"x" * 100 for _ in range(20))
    assert desk.client.post(path, content=unstated, headers=headers).status_code == 413
    whole = {"source": "sirm", "url": "https://www.sirm.org/x"}
    upload = desk.client.post("/enter", data=whole, files={"files": ("a.png", b"x" * 6000)}, headers=headers)
    assert upload.status_code == 413


MISFITS = [
    "[]", "null", "1", '"x"', "{", '{"action": 1}', '{"action": "accept"}', "[" * 100_000,
    '{"action": "accept", "revision": "x"}', '{"action": "accept", "revision": -1}',
    '{"action": "accept", "revision": 1e30}', '{"action": "accept", "revision": NaN}',
    '{"action": "accept", "revision": 0, "more": 1}', '{"action": "undo", "revision": 0}',
    '{"action": "accept", "revision": 0, "reason": "\\ud800"}',
    '{"action": "accept", "revision": 0, "reason": "\\u0000"}',
    '{"action": "reject", "revision": 0}', '{"action": "reject", "revision": 0, "reason": "none of ours"}',
    '{"action": "duplicate", "revision": 0}', '{"action": "judge", "revision": 0, "detail": []}',
    '{"action": "judge", "revision": 0, "detail": {"candidate": "nobody"}}',
]  # fmt: skip


def test_what_does_not_fit_is_answered_with_422(desk: Desk) -> None:
    headers = {"X-CSRF-Token": desk.token(), "Content-Type": "application/json"}
    address = f"/candidates/{desk.first().id}/decisions"
    for body in MISFITS:
        answer = desk.client.post(address, content=body, headers=headers)
        assert answer.status_code == 422, (body[:80], answer.text)
        assert answer.json()["detail"]
    assert not list(desk.store.decisions())


@pytest.mark.parametrize("token", ["", "of the page"])
def test_files_handed_in_are_let_go_whatever_is_answered(desk: Desk, token: str) -> None:
    headers = {"X-CSRF-Token": desk.token() if token else ""}
    files = {"reason": ("film.png", bytes(2 * 1024**2))}  # larger than what is held in memory
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        answer = desk.client.post("/enter", files=files, headers=headers)
        gc.collect()
    assert answer.status_code == (422 if token else 403)
    assert [str(warning.message) for warning in told if warning.category is ResourceWarning] == []
