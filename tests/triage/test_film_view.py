"""The film on the page: every tone asserted here was read from what Chromium had painted."""

import numpy as np
import pytest
from film_page import FilmPage, steps


def test_every_tone_is_painted_as_it_is_stored(draw, films):
    film = steps(16, 16)
    page = draw(films.film("/tones.png", film)).do("actual()")
    assert page.state["scale"] == 1
    left, top = page.state["offset"]
    painted = page.painted()[top : top + 320, left : left + 320]
    assert np.array_equal(painted, np.dstack([film] * 3))


def test_colours_stay_colours(draw, films):
    film = np.random.default_rng(2).integers(0, 256, (60, 80, 3), np.uint8)
    page = draw(films.film("/colours.png", film)).do("actual()")
    left, top = page.state["offset"]
    assert np.array_equal(page.painted()[top : top + 60, left : left + 80], film)


def windowed(film, low, high):
    return np.clip((film.astype(np.float64) - low) * 255 / (high - low), 0, 255)


def test_deep_samples_are_windowed_at_their_depth(draw, films):
    film = steps(20, 20, 0, 65535, np.uint16)
    page = draw(films.samples("/deep", film)).do("actual()")
    left, top = page.state["offset"]
    for level, width in ((32768, 65535), (20000, 3000), (1000, 257)):
        page.do(f"window({level}, {width})")
        painted = page.painted()[top : top + 400, left : left + 400, 0].astype(np.float64)
        assert np.abs(painted - windowed(film, level - width / 2, level + width / 2)).max() <= 0.51
    page.do("invert()")
    inverse = page.painted()[top : top + 400, left : left + 400, 0]
    assert np.abs(inverse + painted - 255).max() <= 1


def test_a_byte_is_windowed_too_and_the_window_is_told(draw, films):
    page = draw(films.film("/tones.png", steps(16, 16))).do("actual()").do("window(100, 50)")
    assert page.greys_at((10, 10), (10, 310), (90, 130)) == [0, 255, pytest.approx(128, abs=1)]
    assert page.told("window")[-1] == {"level": 100, "width": 50, "inverted": False}
    page.do("resetWindow()")
    assert (page.state["low"], page.state["high"]) == (0, 255)


def test_a_large_deep_film_shrunk_into_view_keeps_its_means(draw, films):
    noisy = np.random.default_rng(4).normal(30000, 8000, (1600, 2000)).clip(0, 65535).astype(np.uint16)
    page = draw(films.samples("/noisy", noisy)).do("window(30000, 60000)")
    assert page.state["scale"] < 0.5
    left, top = page.state["offset"]
    middle = page.painted()[top + 20 : -top - 20, left + 20 : -left - 20, 0]
    assert middle.mean() == pytest.approx(127.5, abs=1)
    assert middle.std() < 20


def test_a_dense_screen_gets_all_its_pixels(draw, films):
    film = steps(16, 16)
    page = draw(films.film("/tones.png", film), ratio=2).do("actual()")
    left, top = page.state["offset"]
    assert page.painted().shape == (840, 960, 3)
    assert np.array_equal(page.painted()[top : top + 320, left : left + 320, 0], film)


def test_the_film_before_is_gone_before_the_next_has_come(draw, films):
    page = draw(films.film("/tones.png", np.full((300, 300), 200, np.uint8)))
    assert page.greys_at((150, 150)) == [200]
    page.set(src="/missing.png")
    page.page.wait_for_function("() => document.querySelector('.film-view-problem').textContent")
    assert page.page.get_by_role("alert").text_content() == "The film cannot be shown: the server answered 404."
    assert page.painted()[20:120].max() == 0
    page.problems.clear()


def test_a_file_that_no_browser_draws_is_told_in_a_sentence(film_browser, films):
    films.files["/damaged.png"] = (b"\x89PNG\r\n\x1a\nrubbish", {})
    context = film_browser.new_context()
    page = FilmPage(context.new_page(), films)
    films.files["/"] = (
        b'<!doctype html><script type="module" src="/static/film-view.js"></script><film-view src="/damaged.png">',
        {},
    )
    page.page.goto(films.address)
    page.page.wait_for_function("() => document.querySelector('.film-view-problem')?.textContent")
    assert "or the file is damaged" in page.page.locator(".film-view-problem").text_content()
    context.close()
