"""A page with one film on it, in a real browser: what it is served, and what Chromium painted of it."""

import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from PIL import Image

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


class FilmServer:
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


class FilmPage:
    """One page with one film on it."""

    def __init__(self, page, films):
        self.page, self.films, self.problems = page, films, []
        page.on("console", lambda line: line.type == "error" and self.problems.append(line.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def open(self, attributes):
        html = (
            '<!doctype html><html lang="en"><link rel="stylesheet" href="/static/film-view.css">'
            '<link rel="stylesheet" href="/page.css"><script type="module" src="/static/film-view.js"></script>'
            f"<body><film-view {attributes}></film-view>"
        )
        self.films.files["/"] = (html.encode(), {})
        self.page.goto(self.films.address)
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


def steps(rows, columns, low=0, high=255, depth=np.uint8):
    """Return a film of 20-pixel squares, each of another tone."""
    tones = np.linspace(low, high, rows * columns).astype(depth).reshape(rows, columns)
    return np.kron(tones, np.ones((20, 20), depth))


def drag(page, start, end, button="left"):
    page.page.mouse.move(*start)
    page.page.mouse.down(button=button)
    page.page.mouse.move(*[(a + b) / 2 for a, b in zip(start, end, strict=True)])
    page.page.mouse.move(*end)
    page.page.mouse.up(button=button)
    page.settle()
