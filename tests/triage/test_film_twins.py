"""A film and its twin in one place: flipped, subtracted, and named so where they are only fitted."""

import numpy as np
import pytest
from film_page import NAMED, steps

from pipelines.duplicates.overlay import overlaid


@pytest.fixture(scope="module")
def pair(films):
    """A film of steps, and a twin on its grid: 40 levels brighter in one square, and clear in the left column."""
    film = steps(12, 16, 20, 200)
    twin = film.copy()
    twin[100:120, 100:120] += 40
    opacity = np.full(film.shape, 255, np.uint8)
    opacity[:, :20] = 0
    films.film("/other.png", np.dstack([twin, opacity]))
    return films.film("/this.png", film) + ' twin="/other.png"', film, twin


def test_a_twin_is_flipped_in_place_and_subtracted(draw, pair):
    attributes, film, twin = pair
    page = draw(attributes).do("zoom(1.5)")
    page.until(NAMED)
    place = page.state["offset"], page.state["scale"]
    assert page.naming == "this film"
    assert page.greys_at((110, 110)) == [film[110, 110]]
    page.do("show('twin')")
    assert page.naming == "the other film"
    assert page.greys_at((110, 110), (150, 110), (70, 70)) == [
        twin[110, 110], film[110, 150], film[70, 70],
    ]  # fmt: skip
    page.do("show('difference')")
    assert page.naming.startswith("difference")
    assert page.greys_at((110, 110), (150, 110)) == [40, 0]
    page.do("adjust(0, -0.6931471805599453)")
    assert page.greys_at((110, 110)) == [pytest.approx(80, abs=1)]
    assert (page.state["offset"], page.state["scale"]) == place


def test_a_film_differs_nowhere_from_itself(draw, films):
    page = draw(films.film("/self.png", steps(16, 16)) + ' twin="/self.png" showing="difference"').until(NAMED)
    page.do("zoom(1.07)", "pan(-41, 23)")
    assert page.painted().max() == 0, "nor at its edges, wherever they fall between two pixels of the screen"


def test_a_twin_that_is_only_fitted_is_named_so(show, films):
    films.film("/apart.png", steps(16, 16))
    films.files["/apart.png"][1]["X-Aligned"] = 0
    page = show(films.film("/tones.png", steps(16, 16)) + ' twin="/apart.png" showing="twin"').until(NAMED)
    assert page.naming.startswith("the other film, only fitted")
    page.do("show('difference')")
    assert page.naming == "difference of films that nothing aligns"


def test_what_a_twin_does_not_show_is_black(draw, pair):
    page = draw(pair[0] + ' showing="twin"')
    page.until(NAMED)
    assert page.greys_at((10, 200)) == [0]


def test_a_twin_of_another_shape_is_fitted_and_one_of_another_size_laid_over(draw, films):
    films.film("/wide.png", np.full((50, 200), 90, np.uint8))
    films.film("/half.png", np.full((160, 160), 90, np.uint8))
    page = draw(films.film("/tones.png", steps(16, 16)) + ' twin="/half.png" showing="twin"')
    page.until(NAMED)
    assert page.greys_at((5, 5), (315, 315)) == [90, 90]
    page.set(twin="/wide.png")
    page.page.wait_for_function("() => document.querySelector('film-view').state.showing === 'twin'")
    assert page.greys_at((160, 20), (160, 160)) == [0, 90]


def test_a_twin_of_a_deep_film_is_seen_through_the_same_window(draw, films):
    films.film("/flat.png", np.full((400, 400), 128, np.uint8))
    deep = films.samples("/deep", steps(20, 20, 0, 4000, np.uint16))
    page = draw(deep + ' twin="/flat.png" showing="twin" low="1000" high="3000"')
    page.until(NAMED)
    assert page.greys_at((200, 200)) == [128]
    page.do("window(2000, 1000)")
    assert page.greys_at((200, 200)) == [pytest.approx(128, abs=1)]
    page.do("window(2250, 1000)")
    assert page.greys_at((200, 200)) == [pytest.approx(64, abs=1)]


def test_an_aligned_copy_leaves_a_dark_difference(show, films, shared):
    folder = shared / "real" / "films" / "crossposted"
    a, b = (folder / "f0423.png").read_bytes(), (folder / "f2402.png").read_bytes()
    films.files["/a.png"], films.files["/b.png"] = (a, {}), (overlaid(a, b).twin_png(), {})
    page = show('src="/a.png" twin="/b.png" showing="difference"')
    page.until(NAMED)
    assert page.settle().painted().mean() < 3
    assert page.do("show('twin')").painted().mean() > 30
