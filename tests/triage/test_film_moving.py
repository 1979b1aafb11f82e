"""The film is enlarged, moved and windowed by mouse and key, and stays so from film to film."""

import numpy as np
import pytest
from film_page import drag, steps


def test_the_place_and_the_window_stay_from_film_to_film(show, films):
    films.film("/two.png", steps(8, 8))
    page = show(films.film("/one.png", steps(16, 16)))
    page.page.mouse.move(300, 200)
    for _ in range(3):
        page.page.mouse.wheel(0, -200)
    before = page.do("invert()", "adjust(0, -0.5)").state
    assert before["scale"] > 3 * 420 / 320
    page.set(src="/two.png").until("film.state?.ready")
    after = page.state
    # The second film is half as large: the same part of it lies in the same place.
    assert after["scale"] == pytest.approx(2 * before["scale"])
    assert after["offset"] == pytest.approx(before["offset"], abs=1)
    assert {key: after[key] for key in ("low", "high", "inverted")} == {
        key: before[key] for key in ("low", "high", "inverted")
    }
    page.page.wait_for_timeout(300)
    page.page.reload()
    assert page.until("film.state?.ready").state == before


def test_the_wheel_keeps_the_point_under_the_mouse(show, films):
    page = show(films.film("/tones.png", steps(16, 16))).do("zoom(2)")
    page.page.mouse.move(300, 250)
    for turn in (-300, 120, -240):
        before = page.state
        page.page.mouse.wheel(0, turn)
        page.settle()
        page.until(f"film.state.scale !== {before['scale']}")
        for side, at in ((0, 300), (1, 250)):
            points = [(at - state["offset"][side]) / state["scale"] for state in (before, page.state)]
            assert points[0] == pytest.approx(points[1], abs=0.5)


def test_drags_move_and_window(show, films):
    page = show(films.film("/tones.png", steps(16, 16))).do("zoom(4)")
    before = page.state
    drag(page, (200, 200), (250, 220))
    assert np.subtract(page.state["offset"], before["offset"]).tolist() == [50, 20]
    drag(page, (200, 200), (300, 200), button="right")
    wider = page.state
    assert wider["high"] - wider["low"] == pytest.approx(255 * np.exp(100 / 400), rel=0.01)
    page.page.keyboard.down("Shift")
    drag(page, (200, 200), (200, 150))
    page.page.keyboard.up("Shift")
    assert page.state["low"] < wider["low"]


def test_arrows_move_a_film_that_is_enlarged_and_else_belong_to_the_page(show, films):
    page = show(films.film("/tones.png", steps(16, 16)))
    page.page.evaluate(
        "() => { window.free = 0; document.addEventListener('keydown', (event) => event.defaultPrevented || free++); }"
    )
    page.page.focus("film-view")
    page.page.keyboard.press("ArrowRight")
    assert page.page.evaluate("free") == 1
    page.do("zoom(3)")
    before = page.state
    page.page.keyboard.press("ArrowRight")
    assert page.settle().state["offset"][0] == before["offset"][0] - 60
    assert page.page.evaluate("free") == 1


def test_the_film_follows_the_size_of_its_place(show, films):
    page = show(films.film("/tones.png", steps(16, 16)))
    assert page.state["scale"] == 420 / 320
    page.page.set_viewport_size({"width": 400, "height": 300})
    page.until("film.state.scale === 300 / 320")
    assert page.greys_at((310, 310)) == [255]


def test_the_value_under_the_mouse_is_read_out(show, films):
    page = show(films.samples("/deep", steps(20, 20, 0, 65535, np.uint16))).do("actual()")
    left, top = page.state["offset"]
    page.page.mouse.move(left + 30.5, top + 10.5)
    page.settle()
    assert page.page.locator(".film-view-readout").text_content().startswith("100 %")
    assert page.page.locator(".film-view-readout").text_content().endswith("30, 10: 164")
