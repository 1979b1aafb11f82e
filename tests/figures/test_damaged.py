"""Files that are damaged in part: what is left of them is read, and what is lost is told."""

from io import BytesIO
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from pipelines.figures.article import article_at
from pipelines.figures.pdf import UnreadableDocument, article_in_pdf

FILM = Image.effect_noise((300, 240), 60)


def article(path: Path, pages: int = 3) -> Path:
    written = pymupdf.open()
    film = BytesIO()
    FILM.save(film, "PNG")
    for number in range(1, pages + 1):
        page = written.new_page()
        page.insert_image(pymupdf.Rect(100, 100, 400, 340), stream=film.getvalue())
        page.insert_text((100, 360), f"Figure {number}. Chest radiograph on day {number}.")
    written.save(path)
    return path


def test_a_page_that_leads_in_a_circle_costs_itself_alone(tmp_path: Path) -> None:
    path = article(tmp_path / "a.pdf")
    damaged = pymupdf.open(path)
    kinds = {damaged.xref_get_key(xref, "Type")[1]: xref for xref in range(1, damaged.xref_length())}
    tree, last = kinds["/Pages"], damaged.page_xref(2)
    pages = damaged.xref_get_key(tree, "Kids")[1]
    damaged.xref_set_key(tree, "Kids", pages.replace(f"{last} 0 R", f"{tree} 0 R"))
    damaged.save(tmp_path / "b.pdf")
    read = article_at(tmp_path / "b.pdf")
    assert [figure.label for figure in read.figures] == ["Figure 1", "Figure 2"]
    assert [fault.partition(" (")[0] for fault in read.faults] == ["page 3 cannot be read"]


def test_a_file_that_is_one_circle_is_told_by_name(tmp_path: Path) -> None:
    tree = b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\n"
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4\n" + tree + b"trailer<</Size 3/Root 1 0 R>>\n%%EOF\n")
    with pytest.raises(UnreadableDocument, match=r"a\.pdf: it is damaged .*; fetch it anew"):
        article_in_pdf(tmp_path / "a.pdf")


def test_a_scan_is_told_and_its_pages_are_shown(tmp_path: Path) -> None:
    page = BytesIO()
    Image.effect_noise((595, 842), 60).save(page, "PNG")
    scan = pymupdf.open()
    for _ in range(2):
        scan.new_page().insert_image(pymupdf.Rect(0, 0, 595, 842), stream=page.getvalue())
    scan.save(tmp_path / "a.pdf")
    read = article_at(tmp_path / "a.pdf")
    (fault,) = read.faults
    assert "no page holds text" in fault
