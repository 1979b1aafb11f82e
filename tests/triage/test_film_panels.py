"""Panels on a film are drawn, moved, resized and deleted, by mouse and by key."""

import json

import pytest
from film_page import drag, steps

BOXES = [{"box": [40, 40, 120, 120], "label": "A", "current": True}]


def figure(films, *, editable=True):
    boxes = json.dumps(BOXES).replace('"', "&quot;")
    return films.film("/figure.png", steps(15, 20)) + f' boxes="{boxes}"' + " editable" * editable


def on_screen(page, x, y):
    state = page.state
    return state["offset"][0] + x * state["scale"], state["offset"][1] + y * state["scale"]


def drag_film(page, start, end):
    drag(page, on_screen(page, *start), on_screen(page, *end))


def boxes_told(page):
    return [panel["box"] for panel in page.told("boxes")[-1]["boxes"]]


def test_panels_are_drawn_moved_resized_and_deleted_by_mouse_and_key(show, films):
    page = show(figure(films))
    drag_film(page, (200, 60), (350, 180))
    assert boxes_told(page) == [[40, 40, 120, 120], pytest.approx([200, 60, 350, 180], abs=1)]
    drag_film(page, (80, 80), (90, 100))
    assert boxes_told(page)[0] == pytest.approx([50, 60, 130, 140], abs=1)
    drag_film(page, (350, 180), (380, 160))
    assert boxes_told(page)[1] == pytest.approx([200, 60, 380, 160], abs=2)
    page.page.keyboard.press("b")
    assert page.told("boxes")[-1]["boxes"][1]["label"] == "B"
    page.page.keyboard.press("Delete")
    assert len(boxes_told(page)) == 1
    assert page.told("boxes")[-1]["boxes"][0]["label"] == "A"


def test_panels_are_edited_without_a_mouse(show, films):
    page = show(figure(films))
    page.page.focus("film-view")
    page.page.keyboard.press("Insert")
    assert boxes_told(page)[1] == [100, 75, 300, 225]
    page.page.keyboard.press("ArrowLeft")
    page.page.keyboard.press("Shift+ArrowDown")
    moved = boxes_told(page)[1]
    assert moved == [99, 75, 299, 226]
    page.page.focus("film-view")
    page.page.keyboard.press("Tab")
    assert page.page.evaluate("document.activeElement.ariaLabel") == "panel A, 40 40 120 120 pixels"
    page.page.keyboard.press("Backspace")
    assert boxes_told(page) == [moved]


def test_a_panel_stays_within_its_figure(show, films):
    page = show(figure(films))
    drag_film(page, (80, 80), (-200, 900))
    assert boxes_told(page) == [[0, 220, 80, 300]]


def test_panels_that_are_not_edited_are_seen_and_let_the_film_move(show, films):
    page = show(figure(films, editable=False)).do("zoom(2)")
    panel = page.page.locator(".film-view-panel")
    state, box = page.state, panel.bounding_box()
    assert (box["x"], box["width"]) == pytest.approx((state["offset"][0] + 40 * state["scale"], 80 * state["scale"]))
    drag(page, (400, 320), (420, 330))
    assert page.told("boxes") == []
    assert panel.bounding_box()["x"] == pytest.approx(box["x"] + 20)
    page.set(editable="")
    drag_film(page, (100, 100), (110, 110))
    page.set(editable=None)
    # What was not saved is as it was.
    assert panel.bounding_box()["width"] == pytest.approx(80 * page.state["scale"])
    assert panel.bounding_box()["x"] == pytest.approx(page.state["offset"][0] + 40 * page.state["scale"])
