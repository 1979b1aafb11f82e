"""Figures of files as plain objects: what is written, what is told, and what is lost with a line."""

import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fpdf import FPDF
from PIL import Image

from pipelines.figures.listing import files_in, listed, listings
from pipelines.figures.sheet import contact_sheet

KEYS = [
    "file", "page", "label", "caption", "mentions", "bbox", "kind", "kind_confidence", "path", "sha256", "width",
    "height", "bits", "flags", "panels",
]  # fmt: skip
GRAIN = np.random.default_rng(7).integers(0, 40, (200, 240))
FILM = Image.fromarray((np.add.outer(np.arange(200) * 0.6, np.arange(240) * 0.3) + GRAIN).astype(np.uint8))


def article(path: Path, *films: Image.Image) -> Path:
    """Print an article with films in a row above their caption, and a drawing with its own."""
    pdf = FPDF(format="letter", unit="pt")
    pdf.add_page()
    pdf.set_font("helvetica", size=10)
    for n, film in enumerate(films):
        pdf.image(film, x=60 + 190 * n, y=80, w=180, h=150)
    pdf.text(60, 250, "Figure 1. Chest radiographs of a man.")
    for n in range(4):
        pdf.rect(100 + 60 * n, 400 - 20 * n, 40, 60 + 20 * n)
    pdf.text(60, 500, "Figure 2. Number of cases a day.")
    pdf.output(str(path))
    return path


def test_each_figure_is_one_object_with_its_file(tmp_path: Path) -> None:
    found = listed(article(tmp_path / "a.pdf", FILM), tmp_path / "out")
    assert found.faults == []
    film, chart = found.rows
    assert list(film) == list(chart) == KEYS
    assert (film["label"], film["kind"], film["page"], film["bits"]) == ("Figure 1", "chest-xray", 1, 8)
    assert sha256(Path(film["path"]).read_bytes()).hexdigest() == film["sha256"]
    assert film["bbox"] == pytest.approx([60, 80, 240, 230], abs=1)
    assert [panel["box"] for panel in film["panels"]] == [[0, 0, 240, 200]]
    assert (chart["label"], chart["kind"], chart["path"]) == ("Figure 2", "other", "")
    assert chart["flags"] == ["drawn, no picture"]
    assert chart["bbox"] == pytest.approx([100, 340, 320, 460], abs=2)
    json.dumps(found.rows)


def test_pictures_of_one_figure_are_shown_together_and_kept_apart(tmp_path: Path) -> None:
    other = FILM.transpose(Image.Transpose.ROTATE_180)
    row = listed(article(tmp_path / "a.pdf", FILM, other), tmp_path / "out").rows[0]
    together = np.asarray(Image.open(row["path"]))
    for panel, film in zip(row["panels"], (FILM, other), strict=True):
        left, top, right, bottom = panel["box"]
        assert np.array_equal(together[top:bottom, left:right], np.asarray(film))
        assert np.array_equal(np.asarray(Image.open(panel["own"]["path"])), np.asarray(film))
        assert panel["own"]["box"] == [0, 0, 240, 200]


def test_what_is_drawn_over_a_film_stands_beside_the_clean_film(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    pdf = FPDF(format="letter", unit="pt")
    pdf.add_page()
    pdf.set_font("helvetica", size=10)
    pdf.image(FILM, x=60, y=80, w=240, h=200)
    pdf.set_fill_color(255, 255, 255)
    pdf.rect(100, 120, 30, 6, style="F")
    pdf.text(60, 300, "Figure 1. Chest radiograph.")
    pdf.output(str(path))
    (row,) = listed(path, tmp_path / "out").rows
    assert row["flags"] == ["drawn over"]
    assert np.array_equal(np.asarray(Image.open(row["path"])), np.asarray(FILM))
    drawn = np.asarray(Image.open(row["drawn"]).convert("L"))
    assert (drawn[41:45, 42:68] == 255).all()


def jats(*graphics: str) -> bytes:
    links = "".join(f'<graphic xlink:href="{name}"/>' for name in graphics)
    return f"""<article xmlns:xlink="http://www.w3.org/1999/xlink"><front><article-meta>
    <article-id pub-id-type="doi">10.1155/2020/1</article-id></article-meta></front><body>
    <fig id="f1"><label>Figure 1</label><caption><p>Chest radiographs.</p></caption>{links}</fig>
    </body></article>""".encode()


def test_graphics_of_jats_are_taken_from_beside_it_untouched(tmp_path: Path) -> None:
    (tmp_path / "a.nxml").write_bytes(jats("x.001", "x.002", "x.003"))
    for name in ("x.001.jpg", "x.002.png"):
        FILM.save(tmp_path / name)
    found = listed(tmp_path / "a.nxml", tmp_path / "out")
    (row,) = found.rows
    assert list(row) == KEYS
    assert Path(row["path"]).read_bytes() == (tmp_path / "x.001.jpg").read_bytes()
    assert row["panels"][1]["own"]["sha256"] == sha256((tmp_path / "x.002.png").read_bytes()).hexdigest()
    assert found.faults == ["Figure 1: the graphic 'x.003' does not lie beside it"]


def test_a_graphic_is_never_fetched_from_elsewhere(tmp_path: Path) -> None:
    FILM.save(tmp_path / "secret.png")
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "a.xml").write_bytes(jats("../secret.png", str(tmp_path / "secret.png")))
    found = listed(tmp_path / "papers" / "a.xml", tmp_path / "out")
    assert len(found.faults) == 2
    assert found.rows[0]["path"] == ""


def test_bad_files_are_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    good = article(tmp_path / "good.pdf", FILM)
    (tmp_path / "cut.pdf").write_bytes(good.read_bytes()[:900])
    (tmp_path / "page.pdf").write_bytes(b"<html>Sign in</html>")
    (tmp_path / "page.xml").write_bytes(b"<html>Sign in</html>")
    (tmp_path / "empty.pdf").write_bytes(b"")
    told: list[str] = []
    done: list[tuple[int, int]] = []
    files = [*files_in(tmp_path), tmp_path / "nowhere.pdf"]
    rows = list(
        listings(files, tmp_path / "out", workers=1, on_fault=told.append, on_progress=lambda *n: done.append(n))
    )
    assert any(row["file"] == str(good) and row["path"] for row in rows)
    assert {Path(row["file"]).suffix for row in rows} == {".pdf"}
    assert done[-1] == (6, 6)
    for name in ("page.pdf", "page.xml", "empty.pdf", "nowhere.pdf"):
        assert any(name in line for line in told), told
    assert not any("Traceback" in line or "Error" in line for line in told)


def test_a_folder_of_pictures_is_taken_for_figures_and_one_with_articles_is_not(tmp_path: Path) -> None:
    FILM.save(tmp_path / "film.png")
    assert [path.name for path in files_in(tmp_path)] == ["film.png"]
    (row,) = listed(tmp_path / "film.png", tmp_path / "out").rows
    assert (list(row), row["width"]) == (KEYS, 240)
    (tmp_path / "a.xml").write_bytes(jats("film"))
    assert [path.name for path in files_in(tmp_path)] == ["a.xml"]


def test_files_of_one_name_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        FILM.rotate(len(name) if name == "one" else 90).save(tmp_path / name / "film.png")
    rows = list(listings(files_in(tmp_path), tmp_path / "out", workers=1))
    assert len({row["path"] for row in rows}) == len({row["sha256"] for row in rows}) == 2


def test_the_sheet_shows_words_as_words(tmp_path: Path) -> None:
    file = BytesIO()
    FILM.save(file, "PNG")
    (tmp_path / "a.png").write_bytes(file.getvalue())
    row: dict[str, Any] = listed(tmp_path / "a.png", tmp_path / "out").rows[0]
    row |= {"caption": "<script>alert(1)</script>", "label": '"><img src=x>'}
    row["panels"] = [row["panels"][0] | {"label": "<b>"}] * 2
    page = contact_sheet([row, row | {"path": "", "width": 0}], ["not <read>"])
    assert "<script>" not in page
    assert "<img src=x>" not in page
    assert "&lt;script&gt;" in page
    assert "not &lt;read&gt;" in page
    assert page.count("data:image/jpeg;base64,") == 1
    assert "http" not in page
