"""The film on the page, in a real browser: every pixel asserted here was read from what Chromium had painted."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipelines.duplicates.overlay import overlaid
from pipelines.triage.pictures import samples_of

STATIC = Path(__file__).parents[2] / "pipelines" / "triage" / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".jpg": "image/jpeg"}
NAMED = "film.querySelector('.film-view-naming').textContent"
# No graphics processor is needed to test what is drawn with one.
IN_SOFTWARE = """
const whole = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, options) {
  return whole.call(this, kind, { ...options, failIfMajorPerformanceCaveat: false });
};
"""
WITHOUT_WEBGL = """
const whole = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, options) {
  return kind === "webgl2" ? null : whole.call(this, kind, options);
};
"""
FILL = "html, body { margin: 0; height: 100%; } film-view { width: 100%; height: 100%; }"
FILL += ".film-view-readout, .film-view-naming { visibility: hidden; }"


class Served:
    """Files by path, as the desk would serve them."""

    def __init__(self):
        self.files = {"/page.css": (FILL.encode(), {}), "/favicon.ico": (b"", {})}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.answer(self)

            def log_message(self, *words):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, request):
        path = request.path.partition("?")[0]
        body, headers = self.files.get(path, (None, {}))
        if path.startswith("/static/"):
            body = (STATIC / path.removeprefix("/static/")).read_bytes()
        request.send_response(404 if body is None else 200)
        for name, value in headers.items():
            request.send_header(name, str(value))
        request.send_header("Content-Type", TYPES.get(Path(path).suffix, "text/html; charset=utf-8"))
        request.send_header("Content-Security-Policy", POLICY)
        request.send_header("X-Content-Type-Options", "nosniff")
        request.send_header("Content-Length", str(len(body or b"")))
        request.end_headers()
        request.wfile.write(body or b"")

    def film(self, path, pixels):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        self.files[path] = (file.getvalue(), {})
        return f'src="{path}"'

    def samples(self, path, pixels):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        found = samples_of(file.getvalue())
        facts = {"Width": found.width, "Height": found.height, "Bits": found.bits, "Low": found.low, "High": found.high}
        self.files[path] = (found.data, {f"X-{name}": value for name, value in facts.items()})
        return f'samples="{path}"'


@pytest.fixture(scope="module")
def served():
    found = Served()
    yield found
    found.http.shutdown()
    found.http.server_close()


class Page:
    """One page with one film on it."""

    def __init__(self, page, served):
        self.page, self.served, self.problems = page, served, []
        page.on("console", lambda line: line.type == "error" and self.problems.append(line.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def open(self, attributes):
        html = (
            '<!doctype html><html lang="en"><link rel="stylesheet" href="/static/film-view.css">'
            '<link rel="stylesheet" href="/page.css"><script type="module" src="/static/film-view.js"></script>'
            f"<body><film-view {attributes}></film-view>"
        )
        self.served.files["/"] = (html.encode(), {})
        self.page.goto(self.served.address)
        self.page.evaluate(
            """() => { window.told = []; for (const name of ["boxes", "window", "ready"])
            document.addEventListener(`film-view:${name}`, (event) => told.push([name, event.detail])); }"""
        )
        return self

    def until(self, condition):
        self.page.wait_for_function(
            f"() => {{ const film = document.querySelector('film-view'); return {condition}; }}"
        )
        return self.settle()

    def settle(self):
        self.page.evaluate("() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")
        return self

    def do(self, *calls):
        for call in calls:
            self.page.evaluate(f"() => document.querySelector('film-view').{call}")
        return self.settle()

    def set(self, **attributes):
        self.page.evaluate(
            """(all) => { for (const [name, value] of Object.entries(all)) {
            const film = document.querySelector('film-view');
            if (value === null) film.removeAttribute(name); else film.setAttribute(name, value); } }""",
            attributes,
        )
        return self.settle()

    @property
    def state(self):
        return self.page.evaluate("() => document.querySelector('film-view').state")

    @property
    def naming(self):
        return self.page.locator(".film-view-naming").text_content()

    def told(self, name):
        return self.page.evaluate("(name) => told.filter(([each]) => each === name).map(([, detail]) => detail)", name)

    def painted(self):
        """Return the window as painted, (h, w, 3)."""
        return np.asarray(Image.open(io.BytesIO(self.page.screenshot())).convert("RGB"))

    def greys_at(self, *points):
        """Return the tones painted where pixels (x, y) of the film are."""
        state, painted = self.state, self.painted()
        left, top = state["offset"]
        places = [(int(top + (y + 0.5) * state["scale"]), int(left + (x + 0.5) * state["scale"])) for x, y in points]
        colours = [painted[place].tolist() for place in places]
        assert all(len(set(colour)) == 1 for colour in colours)
        return [colour[0] for colour in colours]


@pytest.fixture(scope="module")
def pages(browser, served):
    """Return pages by how they draw and by pixels to one of CSS; each starts with nothing remembered."""
    kept = {}

    def page_of(drawing, ratio):
        if (drawing, ratio) not in kept:
            context = browser.new_context(
                viewport={"width": 480, "height": 420}, device_scale_factor=ratio, reduced_motion="reduce"
            )
            context.add_init_script(IN_SOFTWARE if drawing == "WebGLDrawing" else WITHOUT_WEBGL)
            kept[drawing, ratio] = Page(context.new_page(), served)
            kept[drawing, ratio].page.goto(served.address + "/page.css")
        page = kept[drawing, ratio]
        page.page.evaluate("sessionStorage.clear()")
        page.page.set_viewport_size({"width": 480, "height": 420})
        page.problems.clear()
        return page

    return page_of


def shower(pages, drawing):
    shown = []

    def show(attributes, *, ratio=1):
        page = pages(drawing, ratio).open(attributes).until("film.state?.ready")
        assert page.state["drawnBy"] == drawing
        shown.append(page)
        return page

    yield show
    for page in shown:
        assert page.problems == []


@pytest.fixture
def show(pages) -> Iterator[Callable[..., Page]]:
    """Return what opens a film."""
    yield from shower(pages, "CanvasDrawing")


@pytest.fixture(params=["WebGLDrawing", "CanvasDrawing"])
def draw(request, pages) -> Iterator[Callable[..., Page]]:
    """Return what opens a film, drawn with WebGL and without."""
    yield from shower(pages, request.param)


def steps(rows, columns, low=0, high=255, depth=np.uint8):
    """Return a film of 20-pixel squares, each of another tone."""
    tones = np.linspace(low, high, rows * columns).astype(depth).reshape(rows, columns)
    return np.kron(tones, np.ones((20, 20), depth))


def test_every_tone_is_painted_as_it_is_stored(draw, served):
    film = steps(16, 16)
    page = draw(served.film("/tones.png", film)).do("actual()")
    assert page.state["scale"] == 1
    left, top = page.state["offset"]
    painted = page.painted()[top : top + 320, left : left + 320]
    assert np.array_equal(painted, np.dstack([film] * 3))


def test_colours_stay_colours(draw, served):
    film = np.random.default_rng(2).integers(0, 256, (60, 80, 3), np.uint8)
    page = draw(served.film("/colours.png", film)).do("actual()")
    left, top = page.state["offset"]
    assert np.array_equal(page.painted()[top : top + 60, left : left + 80], film)


def windowed(film, low, high):
    return np.clip((film.astype(np.float64) - low) * 255 / (high - low), 0, 255)


def test_deep_samples_are_windowed_at_their_depth(draw, served):
    film = steps(20, 20, 0, 65535, np.uint16)
    page = draw(served.samples("/deep", film)).do("actual()")
    left, top = page.state["offset"]
    for level, width in ((32768, 65535), (20000, 3000), (1000, 257)):
        page.do(f"window({level}, {width})")
        painted = page.painted()[top : top + 400, left : left + 400, 0].astype(np.float64)
        assert np.abs(painted - windowed(film, level - width / 2, level + width / 2)).max() <= 0.51
    page.do("invert()")
    inverse = page.painted()[top : top + 400, left : left + 400, 0]
    assert np.abs(inverse + painted - 255).max() <= 1


def test_a_byte_is_windowed_too_and_the_window_is_told(draw, served):
    page = draw(served.film("/tones.png", steps(16, 16))).do("actual()").do("window(100, 50)")
    assert page.greys_at((10, 10), (10, 310), (90, 130)) == [0, 255, pytest.approx(128, abs=1)]
    assert page.told("window")[-1] == {"level": 100, "width": 50, "inverted": False}
    page.do("resetWindow()")
    assert (page.state["low"], page.state["high"]) == (0, 255)


def test_a_large_deep_film_shrunk_into_view_keeps_its_means(draw, served):
    noisy = np.random.default_rng(4).normal(30000, 8000, (1600, 2000)).clip(0, 65535).astype(np.uint16)
    page = draw(served.samples("/noisy", noisy)).do("window(30000, 60000)")
    assert page.state["scale"] < 0.5
    left, top = page.state["offset"]
    middle = page.painted()[top + 20 : -top - 20, left + 20 : -left - 20, 0]
    assert middle.mean() == pytest.approx(127.5, abs=1)
    assert middle.std() < 20


def test_the_place_and_the_window_stay_from_film_to_film(show, served):
    served.film("/two.png", steps(8, 8))
    page = show(served.film("/one.png", steps(16, 16)))
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


def test_the_wheel_keeps_the_point_under_the_mouse(show, served):
    page = show(served.film("/tones.png", steps(16, 16))).do("zoom(2)")
    page.page.mouse.move(300, 250)
    for turn in (-300, 120, -240):
        before = page.state
        page.page.mouse.wheel(0, turn)
        page.settle()
        page.until(f"film.state.scale !== {before['scale']}")
        for side, at in ((0, 300), (1, 250)):
            points = [(at - state["offset"][side]) / state["scale"] for state in (before, page.state)]
            assert points[0] == pytest.approx(points[1], abs=0.5)


def test_drags_move_and_window(show, served):
    page = show(served.film("/tones.png", steps(16, 16))).do("zoom(4)")
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


def drag(page, start, end, button="left"):
    page.page.mouse.move(*start)
    page.page.mouse.down(button=button)
    page.page.mouse.move(*[(a + b) / 2 for a, b in zip(start, end, strict=True)])
    page.page.mouse.move(*end)
    page.page.mouse.up(button=button)
    page.settle()


def test_arrows_move_a_film_that_is_enlarged_and_else_belong_to_the_page(show, served):
    page = show(served.film("/tones.png", steps(16, 16)))
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


def test_a_dense_screen_gets_all_its_pixels(draw, served):
    film = steps(16, 16)
    page = draw(served.film("/tones.png", film), ratio=2).do("actual()")
    left, top = page.state["offset"]
    assert page.painted().shape == (840, 960, 3)
    assert np.array_equal(page.painted()[top : top + 320, left : left + 320, 0], film)


def test_the_film_follows_the_size_of_its_place(show, served):
    page = show(served.film("/tones.png", steps(16, 16)))
    assert page.state["scale"] == 420 / 320
    page.page.set_viewport_size({"width": 400, "height": 300})
    page.until("film.state.scale === 300 / 320")
    assert page.greys_at((310, 310)) == [255]


def test_the_value_under_the_mouse_is_read_out(show, served):
    page = show(served.samples("/deep", steps(20, 20, 0, 65535, np.uint16))).do("actual()")
    left, top = page.state["offset"]
    page.page.mouse.move(left + 30.5, top + 10.5)
    page.settle()
    assert page.page.locator(".film-view-readout").text_content().startswith("100 %")
    assert page.page.locator(".film-view-readout").text_content().endswith("30, 10: 164")


@pytest.fixture(scope="module")
def pair(served):
    """A film of steps, and a twin on its grid: 40 levels brighter in one square, and clear in the left column."""
    film = steps(12, 16, 20, 200)
    twin = film.copy()
    twin[100:120, 100:120] += 40
    opacity = np.full(film.shape, 255, np.uint8)
    opacity[:, :20] = 0
    served.film("/other.png", np.dstack([twin, opacity]))
    return served.film("/this.png", film) + ' twin="/other.png"', film, twin


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


def test_a_film_differs_nowhere_from_itself(draw, served):
    page = draw(served.film("/self.png", steps(16, 16)) + ' twin="/self.png" showing="difference"').until(NAMED)
    page.do("zoom(1.07)", "pan(-41, 23)")
    assert page.painted().max() == 0, "nor at its edges, wherever they fall between two pixels of the screen"


def test_a_twin_that_is_only_fitted_is_named_so(show, served):
    served.film("/apart.png", steps(16, 16))
    served.files["/apart.png"][1]["X-Aligned"] = 0
    page = show(served.film("/tones.png", steps(16, 16)) + ' twin="/apart.png" showing="twin"').until(NAMED)
    assert page.naming.startswith("the other film, only fitted")
    page.do("show('difference')")
    assert page.naming == "difference of films that nothing aligns"


def test_what_a_twin_does_not_show_is_black(draw, pair):
    page = draw(pair[0] + ' showing="twin"')
    page.until(NAMED)
    assert page.greys_at((10, 200)) == [0]


def test_a_twin_of_another_shape_is_fitted_and_one_of_another_size_laid_over(draw, served):
    served.film("/wide.png", np.full((50, 200), 90, np.uint8))
    served.film("/half.png", np.full((160, 160), 90, np.uint8))
    page = draw(served.film("/tones.png", steps(16, 16)) + ' twin="/half.png" showing="twin"')
    page.until(NAMED)
    assert page.greys_at((5, 5), (315, 315)) == [90, 90]
    page.set(twin="/wide.png")
    page.page.wait_for_function("() => document.querySelector('film-view').state.showing === 'twin'")
    assert page.greys_at((160, 20), (160, 160)) == [0, 90]


def test_a_twin_of_a_deep_film_is_seen_through_the_same_window(draw, served):
    served.film("/flat.png", np.full((400, 400), 128, np.uint8))
    deep = served.samples("/deep", steps(20, 20, 0, 4000, np.uint16))
    page = draw(deep + ' twin="/flat.png" showing="twin" low="1000" high="3000"')
    page.until(NAMED)
    assert page.greys_at((200, 200)) == [128]
    page.do("window(2000, 1000)")
    assert page.greys_at((200, 200)) == [pytest.approx(128, abs=1)]
    page.do("window(2250, 1000)")
    assert page.greys_at((200, 200)) == [pytest.approx(64, abs=1)]


BOXES = [{"box": [40, 40, 120, 120], "label": "A", "current": True}]


def figure(served, *, editable=True):
    boxes = json.dumps(BOXES).replace('"', "&quot;")
    return served.film("/figure.png", steps(15, 20)) + f' boxes="{boxes}"' + " editable" * editable


def on_screen(page, x, y):
    state = page.state
    return state["offset"][0] + x * state["scale"], state["offset"][1] + y * state["scale"]


def drag_film(page, start, end):
    drag(page, on_screen(page, *start), on_screen(page, *end))


def boxes_told(page):
    return [panel["box"] for panel in page.told("boxes")[-1]["boxes"]]


def test_panels_are_drawn_moved_resized_and_deleted_by_mouse_and_key(show, served):
    page = show(figure(served))
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


def test_panels_are_edited_without_a_mouse(show, served):
    page = show(figure(served))
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


def test_a_panel_stays_within_its_figure(show, served):
    page = show(figure(served))
    drag_film(page, (80, 80), (-200, 900))
    assert boxes_told(page) == [[0, 220, 80, 300]]


def test_panels_that_are_not_edited_are_seen_and_let_the_film_move(show, served):
    page = show(figure(served, editable=False)).do("zoom(2)")
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


def test_the_film_before_is_gone_before_the_next_has_come(draw, served):
    page = draw(served.film("/tones.png", np.full((300, 300), 200, np.uint8)))
    assert page.greys_at((150, 150)) == [200]
    page.set(src="/missing.png")
    page.page.wait_for_function("() => document.querySelector('.film-view-problem').textContent")
    assert page.page.get_by_role("alert").text_content() == "The film cannot be shown: the server answered 404."
    assert page.painted()[20:120].max() == 0
    page.problems.clear()


def test_a_file_that_no_browser_draws_is_told_in_a_sentence(browser, served):
    served.files["/damaged.png"] = (b"\x89PNG\r\n\x1a\nrubbish", {})
    context = browser.new_context()
    page = Page(context.new_page(), served)
    served.files["/"] = (
        b'<!doctype html><script type="module" src="/static/film-view.js"></script><film-view src="/damaged.png">',
        {},
    )
    page.page.goto(served.address)
    page.page.wait_for_function("() => document.querySelector('.film-view-problem')?.textContent")
    assert "or the file is damaged" in page.page.locator(".film-view-problem").text_content()
    context.close()


def test_an_aligned_copy_leaves_a_dark_difference(show, served, shared):
    folder = shared / "real" / "films" / "crossposted"
    a, b = (folder / "f0423.png").read_bytes(), (folder / "f2402.png").read_bytes()
    served.files["/a.png"], served.files["/b.png"] = (a, {}), (overlaid(a, b).twin_png(), {})
    page = show('src="/a.png" twin="/b.png" showing="difference"')
    page.until(NAMED)
    assert page.settle().painted().mean() < 3
    assert page.do("show('twin')").painted().mean() > 30
