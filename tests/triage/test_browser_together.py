"""Two people at one queue, and a source that means harm, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import HOSTILE, REVIEWERS, Desk, Reviewer, desk_at, sign_in
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def desk(thirty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_at(tmp_path_factory.mktemp("desk"), thirty, login=True) as desk:
        yield desk


@pytest.fixture(scope="module")
def two(browser: Browser, desk: Desk) -> Iterator[tuple[Reviewer, Reviewer]]:
    ada, ben = (Reviewer(browser.new_context(), name) for name in REVIEWERS)
    with ada.at(desk), ben.at(desk):
        yield sign_in(ada), sign_in(ben)


def test_the_second_of_two_sees_what_the_first_did_and_loses_nothing(two: tuple[Reviewer, Reviewer]) -> None:
    ada, ben = two
    ada.open("/")
    contested = ada.fact("id")
    ada.wait_until(lambda: bool(ada.desk.store.held()))
    ben.open(f"/candidates/{contested}")
    expect(ben.page.locator(".notice.held")).to_contain_text("ada")
    ben.page.locator(".field[data-column=location] .value").focus()
    ben.press("e")
    ben.page.keyboard.type("Bergamo")
    ada.decide("a")
    ben.press("Enter")
    expect(ben.page.locator("#conflict")).to_be_visible()
    expect(ben.page.locator("#conflict")).to_contain_text("ada")
    ben.press("Enter")
    expect(ben.page.locator("#conflict")).to_be_hidden()
    ben.page.wait_for_selector("main[data-state=accepted]:not([aria-busy])")
    field = ben.page.locator(".field[data-column=location]")
    expect(field.locator("input")).to_have_value("Bergamo")
    expect(field.locator(".unsaved")).to_be_visible()
    field.locator("input").focus()
    ben.press("Enter")
    expect(field.locator(".value")).to_contain_text("Bergamo")
    kept = ben.desk.store.candidate(contested)
    assert (kept.state, kept.row["location"]) == ("accepted", "Bergamo")
    assert [(d.action, d.by) for d in ben.desk.store.decisions(contested)] == [("accept", "ada"), ("edit", "ben")]


def test_what_a_source_says_is_never_markup(two: tuple[Reviewer, Reviewer]) -> None:
    ada, _ = two
    hostile = next(c for c in ada.desk.store.candidates() if c.source_id == "100")
    for path in (f"/candidates/{hostile.id}", "/queue", "/history"):
        ada.page.goto(ada.desk.origin + path)
        ada.page.wait_for_load_state("networkidle")
        assert ada.page.locator("main script, main style, main img[src=x], [onerror]").count() == 0
    ada.open(f"/candidates/{hostile.id}")
    assert HOSTILE in ada.page.locator("h1").inner_text()
    assert HOSTILE in "".join(ada.page.locator("#pages .words").all_text_contents())
    assert "49" not in ada.page.title()
