"""The page says where the very same file is decided on or published, and leads there."""

import re

from workspace import Desk

from pipelines.candidates.collection import AdoptedRow, imported_now
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION
from pipelines.records import COLUMNS, Issue, Match


def notice(desk: Desk, id: str) -> str:
    """Return what the page says of a copy, without markup."""
    found = re.search(r'<p class="notice copied">(.*?)</p>', desk.page(f"/candidates/{id}").text, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


def adopt(desk: Desk, *names: str, withdraw: str = "") -> None:
    """Adopt a table with a row for each name in the folder `images`, all of the first candidate's film."""
    media = desk.store.media(desk.first().sha256)
    rows = [
        AdoptedRow(
            filename=name, row=dict.fromkeys(COLUMNS, "") | {"folder": "images", "age": "41"}, media=media
        )
        for name in names
    ]  # fmt: skip
    desk.store.adopt(imported_now("metadata.csv", "0" * 64, "utf-8", ["filename"], len(rows), "ada"), rows, withdraw)


def test_a_published_film_is_named_with_its_row_until_that_is_withdrawn(desk: Desk) -> None:
    first = desk.first()
    assert notice(desk, first.id) == ""
    adopt(desk, "old.png")
    # Of two folders' files of one name, the second is known under its folder, too.
    desk.store.keep_published("images/old.png", first.sha256, FINGERPRINT_VERSION, b"")
    desk.store.keep_match(first.id, Match(published="images/old.png", relation="same bytes", distance=0))
    said = "The same file, byte for byte, is published as images/old.png"
    assert notice(desk, first.id) == f"{said}. Nobody has decided on this copy; a key still does."
    twin = f"/candidates/{first.id}/twin/published/images/old.png"
    assert f'href="{twin}"' in desk.page(f"/candidates/{first.id}").text
    page = desk.page(twin).text
    assert re.search(r"<th scope=\"row\">age</th><td><div>40</div></td><td><div>41</div></td>", page)
    assert desk.client.get(f"{twin}/laid.png").status_code == 200
    detail = {"published": "images/old.png", "relation": "same image", "keep": first.id}
    answer = desk.write(f"/candidates/{first.id}/decisions", action="judge", revision=0, detail=detail)
    assert answer.json()["state"] == "pending"
    assert notice(desk, first.id) == f"{said}."
    desk.write("/undo")
    adopt(desk, "new.png", withdraw="the wrong patient")
    assert notice(desk, first.id).startswith("The same file, byte for byte, is published as new.png.")
    adopt(desk, withdraw="another film")
    said = notice(desk, first.id)
    assert re.search(r"was published as \S+, and withdrawn by ada on [\d-]{10}: (the wrong patient|another film)", said)
    assert "The other was published, and withdrawn by ada on" in desk.page(twin).text


def test_a_copy_names_the_case_that_has_it_to_decide(desk: Desk) -> None:
    first = desk.first()
    case = desk.store.case("sirm", "1").model_copy(update={"source_id": "9", "url": "https://www.sirm.org/casi/9/"})
    facts = {"id": "copy", "source_id": "9", "case_url": case.url, "state": "pending", "matches": []}
    desk.store.take_in(case, [first.model_copy(update=facts)], case.content_hash(), "test")
    desk.store.keep_match("copy", Match(candidate=first.id, relation="same bytes", distance=0))
    assert notice(desk, "copy").startswith("The same file, byte for byte, came with sirm 1 and is decided on there.")
    assert notice(desk, first.id) == ""


def test_the_twin_shown_first_is_one_to_be_asked_about(desk: Desk) -> None:
    first, near = desk.first(), desk.store.of_case("sirm", "2")[0]
    case = desk.store.case("sirm", "1").model_copy(update={"source_id": "9", "url": "https://www.sirm.org/casi/9/"})
    facts = {"id": "copy", "source_id": "9", "case_url": case.url, "state": "pending", "matches": []}
    desk.store.take_in(case, [first.model_copy(update=facts)], case.content_hash(), "test")
    desk.store.keep_match("copy", Match(candidate=first.id, relation="same bytes", distance=0, correlation=1.0))
    page = desk.page(f"/candidates/{first.id}").text
    assert re.findall(r'data-other="(\w+)"', page) == [near.id, "copy"], "`d` is a duplicate of the one shown first"


def test_an_issue_names_a_twin_by_its_page_alone(desk: Desk) -> None:
    first, near = desk.first(), desk.store.of_case("sirm", "2")[0]
    message = f"same image: {near.id} of {near.case_url}; this copy states a licence"
    desk.store.add_issue(first.id, Issue(kind="possible duplicate", message=message))
    page = desk.page(f"/candidates/{first.id}").text
    assert f"same image: {near.case_url}; this copy states a licence" in page
