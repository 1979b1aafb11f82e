"""What a maintainer does at the desk, by keyboard alone, in a real browser."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import LUNGS, Reviewer, desk_at
from playwright.sync_api import Browser, expect

from crawlers.replay.films import FilmSpec, film_of

pytestmark = pytest.mark.timeout(120)

PASTE = """bytes => {
    const all = new DataTransfer();
    all.items.add(new File([new Uint8Array(bytes)], "film.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: all, bubbles: true }));
}"""


# Both at once: between a press and its release by the driver a busy machine may let any time pass.
TAP = """() => ["keydown", "keyup"].forEach((kind) =>
    document.body.dispatchEvent(new KeyboardEvent(kind, { key: " ", code: "Space", bubbles: true })))"""


@pytest.fixture(scope="module")
def reviewer(browser: Browser) -> Reviewer:
    return Reviewer(browser.new_context(viewport={"width": 1280, "height": 720}))


@pytest.fixture
def ada(reviewer: Reviewer, thirty: Path, tmp_path: Path) -> Iterator[Reviewer]:
    with desk_at(tmp_path, thirty) as desk, reviewer.at(desk):
        yield reviewer


def test_a_queue_of_thirty_is_decided_and_the_last_is_undone(ada: Reviewer) -> None:
    ada.open("/")
    keys = (["a"], ["a"], ["r", "3"], ["n"], ["a"])
    decided = [ada.decide(*keys[number % len(keys)]) for number in range(30)]
    assert len(set(decided)) == 30
    expect(ada.page).to_have_url(re.compile("/queue"))
    assert Counter(ada.desk.states().values()) == {"accepted": 18, "rejected": 6, "unsure": 6}
    ada.page.wait_for_load_state("networkidle")
    ada.press("u")
    ada.settle()
    assert ada.fact("id") == decided[-1]
    assert ada.desk.states()[decided[-1]] == "pending"
    assert {d.reason for d in ada.desk.store.decisions() if d.action == "reject"} == {"no licence"}


def test_a_skipped_candidate_stays_pending_and_is_come_back_to(ada: Reviewer) -> None:
    ada.open("/")
    skipped = ada.decide("s")
    assert ada.desk.states()[skipped] == "pending"
    ada.decide("b")
    assert ada.fact("id") == skipped
    ada.page.go_back()
    ada.page.wait_for_selector(f"main:not([data-id='{skipped}'])")


def test_a_value_is_entered_without_a_quote_and_is_marked_as_the_persons_own(ada: Reviewer) -> None:
    ada.open("/")
    field = ada.page.locator(".field[data-column=location]")
    field.locator(".value").focus()
    ada.press("e")
    ada.page.keyboard.type("Wuhan, China")
    ada.press("Enter")
    expect(field).to_have_class(re.compile(r"\bown\b"))
    expect(field.locator(".value")).to_contain_text("a person's own")
    kept = ada.desk.store.candidate(ada.fact("id"))
    assert kept.row["location"] == "Wuhan, China"
    # What was typed decided nothing: no key acts while a person writes.
    assert kept.state == "pending"


def test_words_of_the_text_become_a_value_with_its_evidence(ada: Reviewer) -> None:
    ada.open(f"/candidates/{ada.desk.film_of_case(4)}")
    words = "recovered. Oxygen saturation was 94"
    ada.press("f")
    ada.page.keyboard.type(words)
    expect(ada.page.locator("#take .place")).to_have_text("1 of 1")
    ada.press("Tab")
    ada.page.keyboard.type("pO2")
    ada.press("Tab", "Control+a")
    ada.page.keyboard.type("94")
    ada.press("Enter")
    field = ada.page.locator(".field[data-column=pO2_saturation]")
    expect(field).to_have_class(re.compile(r"\bquoted\b"))
    kept = ada.desk.store.candidate(ada.fact("id"))
    (evidence,) = [found for found in kept.evidence if found.field == "pO2_saturation"]
    # Before the quote stand a letter of two UTF-16 units and a line end that HTML would shorten.
    told = ada.desk.store.case(kept.source, kept.source_id).text_at("block[0]")
    assert LUNGS in told[: evidence.start]
    assert "\r\n" in told[: evidence.start]
    assert (kept.row["pO2_saturation"], evidence.quote) == ("94", words)
    assert told[evidence.start : evidence.end] == words


def test_a_value_leads_to_its_quote_and_the_text_selected_by_mouse_to_a_field(ada: Reviewer) -> None:
    ada.open("/")
    ada.page.locator(".field[data-column=went_icu] .value").focus()
    ada.press("Enter")
    expect(ada.page.locator("mark.now").first).to_be_in_viewport()
    assert f"{LUNGS} admitted to intensive care" in "".join(ada.page.locator("mark.now").all_inner_texts())
    ada.page.locator(".words", has_text="No effusion").dblclick(position={"x": 30, "y": 10})
    ada.press("f")
    selected = ada.page.locator("#take [name=words]").input_value()
    assert selected.strip() in "Bilateral patchy opacities, lower zones. No effusion."
    assert selected.strip()
    ada.press("Escape")
    expect(ada.page.locator("#take")).to_be_hidden()


def test_a_twin_is_flipped_subtracted_and_judged(ada: Reviewer) -> None:
    ada.open(f"/candidates/{ada.desk.film_of_case(1)}")
    ada.press("t")
    ada.page.wait_for_selector("main[data-kind=twin]")
    ada.settle()
    film = ada.page.locator("film-view")
    ada.page.keyboard.down("Space")
    expect(film).to_have_attribute("showing", "twin")
    ada.page.wait_for_timeout(260)  # what is held shorter than a quarter of a second is a tap
    ada.page.keyboard.up("Space")
    expect(film).to_have_attribute("showing", "film")
    ada.page.evaluate(TAP)
    expect(film).to_have_attribute("showing", "twin")
    ada.page.evaluate(TAP)
    expect(film).to_have_attribute("showing", "film")
    ada.press("x")
    expect(film).to_have_attribute("showing", "difference")
    candidate, other = ada.fact("id"), ada.fact("other")
    ada.press("3")
    ada.page.wait_for_selector("main[data-kind=candidate]:not([aria-busy])")
    (match,) = [match for match in ada.desk.store.candidate(candidate).matches if match.candidate == other]
    assert match.judged is not None
    assert (match.judged.relation, match.judged.by) == ("same patient, other film", "ada")
    assert ada.desk.states()[candidate] == "pending"


def test_keeping_this_of_two_copies_makes_the_other_its_duplicate(ada: Reviewer) -> None:
    ada.open(f"/candidates/{ada.desk.film_of_case(1)}")
    ada.press("t")
    ada.page.wait_for_selector("main[data-kind=twin]:not([aria-busy])")
    candidate, other = ada.fact("id"), ada.fact("other")
    ada.press("1")
    ada.page.wait_for_selector("main[data-kind=candidate]:not([aria-busy])")
    assert (ada.fact("id"), ada.desk.states()[candidate], ada.desk.states()[other]) == (
        candidate, "pending", "duplicate",
    )  # fmt: skip
    (match,) = [match for match in ada.desk.store.candidate(candidate).matches if match.candidate == other]
    assert match.judged is not None
    assert match.judged.relation == "same image"


def test_one_key_marks_a_duplicate_of_the_film_shown_first(ada: Reviewer) -> None:
    ada.open(f"/candidates/{ada.desk.film_of_case(1)}")
    candidate = ada.decide("d")
    assert ada.desk.states()[candidate] == "duplicate"


def test_the_film_keeps_its_place_from_candidate_to_candidate(ada: Reviewer) -> None:
    ada.open("/")
    element = ada.page.evaluate_handle("document.querySelector('film-view')")
    ada.press("+", "+", "i")
    ada.decide("a")
    assert ada.page.evaluate("before => document.querySelector('film-view') === before", element)


def test_panels_are_drawn_by_keyboard_and_kept_as_coordinates(ada: Reviewer) -> None:
    ada.open(f"/candidates/{ada.desk.film_of_case(5)}")
    ada.press("g", "Insert", "a", "ArrowLeft")
    ada.page.locator("film-view").focus()
    ada.press("Insert", "b", "ArrowRight")
    ada.page.locator(".tools .save").focus()
    ada.press("Enter")
    ada.page.wait_for_selector("main[data-state=split]:not([aria-busy])")
    panels = [one.panel for one in ada.desk.store.of_case("sirm", "105") if one.panel]
    assert [panel.label for panel in panels] == ["A", "B"]
    assert panels[0].box[0] < panels[1].box[0]


def test_escape_leaves_a_field_the_reasons_and_the_keys(ada: Reviewer) -> None:
    ada.open("/")
    ada.press("?")
    expect(ada.page.locator("#keys")).to_be_visible()
    ada.press("a", "Escape")
    expect(ada.page.locator("#keys")).to_be_hidden()
    ada.press("r")
    expect(ada.page.locator("#reasons")).to_be_visible()
    ada.press("a", "Escape")
    expect(ada.page.locator("#reasons")).to_be_hidden()
    ada.press("e")
    ada.page.keyboard.type("9")
    ada.press("Escape")
    expect(ada.page.locator(".field.editing")).to_have_count(0)
    assert set(ada.desk.states().values()) == {"pending"}


@pytest.mark.parametrize(("width", "height"), [(640, 400), (1280, 800)], ids=["200 %", "13 inches"])
def test_every_key_of_the_legend_is_in_sight(ada: Reviewer, width: int, height: int) -> None:
    usual = ada.page.viewport_size
    ada.page.set_viewport_size({"width": width, "height": height})
    for path in ("/queue", f"/candidates/{ada.desk.film_of_case(1)}"):
        ada.page.goto(ada.desk.origin + path)
        keys = ada.page.locator("#legend > :not(#reasons) .key")
        expect(keys.first).to_be_visible()
        for box in (key.bounding_box() for key in keys.all()):
            assert box is not None
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width
            assert 0 <= box["y"] <= box["y"] + box["height"] <= height
        assert ada.page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls one way alone"
    assert usual is not None
    ada.page.set_viewport_size(usual)


def test_the_queue_is_searched_and_filtered_in_place(ada: Reviewer) -> None:
    ada.open_list("/queue")
    lines = ada.page.locator("#lines tr")
    expect(lines).to_have_count(30)
    ada.page.evaluate("window.stayed = true")
    ada.press("/")
    ada.page.keyboard.type("53-year-old")
    expect(lines).to_have_count(2)
    expect(ada.page).to_have_url(re.compile("text=53-year-old"))
    ada.page.locator(".facets a", has_text="rejected").press("Enter")
    expect(lines).to_have_count(0)
    expect(ada.page).to_have_url(re.compile("state=rejected"))
    assert ada.page.evaluate("window.stayed")


def test_many_are_decided_at_once_after_a_preview(ada: Reviewer) -> None:
    ada.open_list("/queue?text=Bilateral&licence=CC+BY+4.0")
    ada.page.locator(".bulk-start button").press("Enter")
    expect(ada.page.locator("h1")).to_contain_text("This would accept")
    assert set(ada.desk.states().values()) == {"pending"}
    shown = ada.page.locator(".lines tbody tr").count()
    ada.page.locator(".bulk-apply button").press("Enter")
    expect(ada.page.locator("h1")).to_contain_text(f"{shown} recorded")
    assert Counter(ada.desk.states().values())["accepted"] == shown


def test_a_case_is_entered_by_hand_with_a_pasted_film(ada: Reviewer) -> None:
    ada.open_list("/enter")
    ada.page.fill("[name=url]", "https://app.figure1.com/images/5e6f")
    ada.page.fill("[name=text]", "A 60-year-old woman.")
    ada.page.evaluate(PASTE, list(film_of(FilmSpec("pasted", width=64, height=64))))
    expect(ada.page.locator("#handed-in li")).to_contain_text("film.png")
    ada.page.locator("#enter button.go").press("Enter")
    expect(ada.page.locator(".notice.standing")).to_be_visible()
