"""The page of pairs needs nothing beside itself, runs no name as markup, and stays within a size."""

import base64
import io
import re
import shutil

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from pipelines.duplicates import page
from pipelines.duplicates.page import page_of
from pipelines.duplicates.pairs import FilmFile, Pair, Unread, related_pairs
from pipelines.media.crops import cropped_png


@pytest.fixture(scope="module")
def folder(tmp_path_factory, film, as_png, as_jpeg):
    folder = tmp_path_factory.mktemp("films")
    (folder / "<img src=x onerror=alert(1)>.png").write_bytes(as_png(film(1)))
    (folder / "mirrored.jpg").write_bytes(as_jpeg(np.ascontiguousarray(film(1)[:, ::-1])))
    (folder / "crop.jpg").write_bytes(as_jpeg(np.ascontiguousarray(film(2)[40:-60, 90:-100])))
    (folder / "whole.png").write_bytes(as_png(film(2)))
    (folder / "again.png").write_bytes(as_png(film(2)))
    return folder


@pytest.fixture(scope="module")
def pairs(folder):
    return list(related_pairs(sorted(folder.iterdir()), workers=1))


@pytest.fixture(scope="module")
def html(pairs):
    return page_of(pairs, [Unread("notes<b>.txt", "not an image & more")], workers=1)


def test_every_pair_is_shown_under_its_relation_the_surest_first(html, pairs):
    assert len(pairs) == 4
    assert re.findall(r"<h2[^>]*>([^<]+) <small>(\d+)", html) == [
        ("The same image in different files", "3"), ("The same file twice", "1"), ("Not compared", "1"),
    ]  # fmt: skip
    assert html.count("<article") == 4
    correlations = [float(number) for number in re.findall(r"<dd>(\d\.\d{3})</dd>", html)]
    assert correlations[:3] == sorted(correlations[:3], reverse=True)


def test_the_films_are_in_the_page_and_lie_on_one_another(html):
    pictures = re.findall(r'<img class="(\w+)" src="data:image/jpeg;base64,([^"]+)"', html)
    # Of one file twice there is one picture to see.
    assert [name for name, _ in pictures] == [*["first", "second", "difference"] * 3, "first"]
    films = [np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))).astype(int) for _, data in pictures]
    for first, second, difference in (films[:3], films[3:6], films[6:9]):
        assert first.shape == second.shape == difference.shape
        assert max(first.shape) <= page.LONGEST
        assert difference.mean() < 3


def test_changes_are_said_in_plain_words(html):
    mirrored = next(part for part in html.split("<article") if "mirrored.jpg" in part)
    assert "The second is mirrored left to right." in mirrored or "Mirrored:" in mirrored
    assert html.count("<strong>Mirrored:</strong>") == 1
    cropped = next(part for part in html.split("<article") if "crop.jpg" in part)
    assert re.search(r"The (first|second) shows 6\d% of the (first|second)\.", cropped)
    assert re.search(r"The (first|second) shows more of the film\.", cropped)


def test_films_are_flipped_and_differenced_by_key_and_by_hand(html, tmp_path):
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    (tmp_path / "pairs.html").write_text(html, encoding="utf-8")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as browser,
    ):
        page = browser.new_page()
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto((tmp_path / "pairs.html").as_uri())
        pair = page.locator(".pair").nth(1)
        shown = []
        for press in (
            lambda: page.keyboard.press("j"), lambda: page.keyboard.press("j"), lambda: page.keyboard.down("Space"),
            lambda: page.keyboard.up("Space"), lambda: page.keyboard.press("d"), lambda: page.keyboard.press("f"),
            lambda: pair.get_by_role("button", name="First").click(), lambda: pair.locator(".films").hover(),
            page.mouse.down, page.mouse.up,
        ):  # fmt: skip
            press()
            shown.append(pair.get_attribute("data-shows"))
        visible = [image.get_attribute("class") for image in pair.locator("img").all() if image.is_visible()]
    assert shown == [
        "first", "first", "second", "first", "difference", "second", "first", "first", "second", "first",
    ]  # fmt: skip
    assert visible == ["first"]
    assert complaints == []


def test_no_name_is_run_as_markup(html):
    assert "<img src=x" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;.png" in html
    assert "notes&lt;b&gt;.txt" in html
    assert not re.search(r'(?:src|href)="(?!data:|#)', html)


def test_more_pairs_than_a_page_can_show_are_listed(pairs, monkeypatch):
    monkeypatch.setattr(page, "MOST_PICTURED", 1)
    html = page_of(pairs, workers=1)
    assert html.count("<article") == 1
    assert "Not pictured <small>3</small>" in html
    assert all(pair.a.rpartition("/")[2] in html for pair in pairs if "<" not in pair.a)


def test_a_film_that_is_gone_is_said_to_be(tmp_path):
    pair = Pair(str(tmp_path / "a.png"), str(tmp_path / "b.png"), "same image", 2, 0.99, 1.0, {})
    assert "cannot be read any more" in page_of([pair], workers=1)
    assert "No two of the films are related" in page_of([])


def test_a_panel_known_by_name_is_drawn_from_its_figure(folder, film, as_png, tmp_path):
    figure = tmp_path / "figure.png"
    figure.write_bytes(as_png(np.hstack([film(3), np.full((640, 20), 255, np.uint8), film(2)])))
    panel = FilmFile("candidate:abc", figure, (740, 0, 1460, 640))
    assert panel.data() == cropped_png(figure.read_bytes(), (740, 0, 1460, 640))
    pair = Pair("candidate:abc", str(folder / "whole.png"), "same image", 0, 1.0, 1.0, {})
    html = page_of([pair], known=[panel], workers=1)
    assert html.count("data:image/jpeg") == 3
    assert "720 × 640 pixels" in html
