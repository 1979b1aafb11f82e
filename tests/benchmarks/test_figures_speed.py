"""What cutting figures out costs beside pdfimages; run with `pytest tests/benchmarks --benchmark-enable -n 0`."""

import shutil
import subprocess

import pytest

from pipelines.figures.article import article_at
from pipelines.figures.panels import split_of
from pipelines.figures.pdf_pages.document import pdf_at

ARTICLES = ("PMC7582078", "PMC5727565", "covidnet_cxr", "chexnet", "irvin2019", "pang2023", "wang2024", "hashir20a")


@pytest.fixture(scope="module")
def measured(request):
    """Tell whether times are taken; where none are, a small input shows that the benchmark still runs."""
    return request.config.getoption("benchmark_enable")


@pytest.fixture(scope="module")
def pdfs(shared, measured):
    folder = shared / "real" / "articles" / "pdf"
    return [folder / f"{name}.pdf" for name in (ARTICLES if measured else ARTICLES[1:2])]


def cut(pdfs, folder):
    for path in pdfs:
        for number, figure in enumerate(article_at(path).figures):
            (folder / f"{path.stem}-{number}").write_bytes(figure.data)


def test_figures_of_articles_written_to_files(benchmark, pdfs, tmp_path):
    pages = sum(len(pdf_at(path).pages) for path in pdfs)
    benchmark(cut, pdfs, tmp_path)
    benchmark.extra_info["pages"] = pages


@pytest.mark.skipif(shutil.which("pdfimages") is None, reason="pdfimages (poppler-utils) is not installed")
def test_pictures_of_articles_by_pdfimages(benchmark, pdfs, tmp_path):
    def extracted():
        for path in pdfs:
            subprocess.run(["pdfimages", "-all", path, tmp_path / path.stem], check=True)

    benchmark(extracted)


def test_panels_of_composed_figures(benchmark, shared, measured):
    import cv2

    folder = shared / "real" / "articles" / "panels" / "composed"
    paths = sorted(folder.glob("*.jpg"))[: 12 if measured else 1]
    pictures = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]
    found = benchmark(lambda: [split_of(picture) for picture in pictures])
    assert all(len(split.boxes) > 1 for split in found)
