"""A case entered at the command line: taken in like one handed in on the triage page, or refused in the same words."""

from pathlib import Path

import numpy as np
import pytest
from fpdf import FPDF
from PIL import Image
from running import Done, scrapy

from pipelines.candidates.store import Store


def add(place: Path, *words: str | Path, url: str = "https://papers.example/view?id=1") -> Done:
    return scrapy("add", "--source", "papers", "--url", url, *words, "-s", f"DATA_DIR={place}")


def film(path: Path) -> Path:
    Image.fromarray(np.random.default_rng(7).integers(0, 255, (300, 300), dtype="uint8")).save(path)
    return path


def pdf_without_figures(path: Path) -> Path:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=10)
    pdf.multi_cell(150, text="A letter to the editor.")
    path.write_bytes(bytes(pdf.output()))
    return path


def test_a_case_is_shown_as_proposed_and_nothing_is_warned_of_that_only_a_fetch_needs(tmp_path: Path) -> None:
    text = tmp_path / "case.txt"
    text.write_text("A 54-year-old man. His swab was positive for SARS-CoV-2.")
    place = tmp_path / "workspace"
    done = add(place, "--image", film(tmp_path / "film.png"), "--text", text)
    assert done.code == 0, done.err
    assert "WARNING" not in done.err
    with Store(f"sqlite:///{place}/intake.sqlite") as store:
        [candidate] = store.candidates()
    assert candidate.row["patientid"] == "papers-papers.example/view?id=1"
    for shown in (candidate.id[:8], candidate.row["patientid"], "54"):
        assert shown in done.out


def test_a_file_that_is_no_picture_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    wrong, place = tmp_path / "film.png", tmp_path / "workspace"
    wrong.write_text("no picture at all")
    letter = pdf_without_figures(tmp_path / "letter.pdf")
    done = add(place, "--image", wrong, "--image", letter, "--pdf", film(tmp_path / "right.png"))
    assert done.code == 1
    assert done.out == ""
    assert done.err.splitlines() == [
        f"No film could be taken from {wrong}: bytes of no known kind: neither picture nor PDF.",
        f"No film could be taken from {letter}: it is no picture, but application/pdf.",
        f"No film could be taken from {tmp_path}/right.png: it is no PDF, but image/png.",
    ]
    assert not place.exists()


def test_an_article_without_a_figure_is_told(tmp_path: Path) -> None:
    done = add(tmp_path / "workspace", "--pdf", pdf_without_figures(tmp_path / "letter.pdf"))
    assert done.code == 1
    assert "No film could be taken from it: file:///" in done.err
    assert "/letter.pdf: no picture in it is a figure." in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "hand in at least one picture (image) or article (pdf)"),
        (("--pdf", "nowhere.pdf"), "pdf='nowhere.pdf': no file nowhere.pdf; give the path of an existing file"),
    ],
)
def test_a_wrong_option_is_answered_in_one_line(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = add(tmp_path / "workspace", *words)
    assert done.code == 2
    assert done.err.splitlines()[-1].endswith(f" error: {said}")
