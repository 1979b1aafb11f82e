"""The desk on a screen as narrow as a telephone's: nothing is cut off, and each page scrolls one way alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Desk, Reviewer, desk_at
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.timeout(120)
WIDTH, HEIGHT = 420, 800


@pytest.fixture(scope="module")
def desk(thirty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_at(tmp_path_factory.mktemp("desk"), thirty) as desk:
        yield desk


@pytest.fixture(scope="module")
def ada(browser: Browser, desk: Desk) -> Iterator[Reviewer]:
    reviewer = Reviewer(browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}))
    with reviewer.at(desk):
        yield reviewer


@pytest.mark.parametrize("page", ["/queue", "/queue?text=nowhere", "/history", "/candidates/none", "/candidates/{id}"])
def test_a_page_is_no_wider_than_the_screen(ada: Reviewer, page: str) -> None:
    ada.page.goto(ada.desk.origin + page.format(id=ada.desk.film_of_case(1)))
    expect(ada.page.locator("#screen")).to_be_visible()
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= WIDTH


def test_a_line_of_the_queue_says_what_it_is_and_what_is_in_doubt(ada: Reviewer) -> None:
    ada.page.goto(ada.desk.origin + "/queue")
    line = ada.page.locator("#lines tr").first
    for part in (".title", ".finding", ".notes .chip", ".state"):
        box = line.locator(part).first.bounding_box()
        assert box is not None, part
        assert 0 <= box["x"] <= box["x"] + box["width"] <= WIDTH, part


def test_filters_that_pass_nothing_lead_back(ada: Reviewer) -> None:
    ada.page.goto(ada.desk.origin + "/queue?text=nowhere")
    ada.page.get_by_role("link", name="all that are pending").click()
    expect(ada.page.locator("#lines tr")).to_have_count(30)


def test_what_opens_over_a_film_is_read_from_its_top(ada: Reviewer) -> None:
    ada.open(f"/candidates/{ada.desk.film_of_case(1)}")
    ada.press("?")
    expect(ada.page.get_by_role("heading", name="Keys")).to_be_in_viewport()
    ada.press("Escape")
    ada.press("r")
    for reason in ("no chest film", "no, back"):
        expect(ada.page.locator("#reasons .key", has_text=reason)).to_be_in_viewport(ratio=1)
    ada.press("Escape")
