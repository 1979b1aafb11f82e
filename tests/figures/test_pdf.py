"""Figures cut out of PDFs that are written here object by object, and out of real ones."""

import json
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fpdf import FPDF
from PIL import Image

from pipelines.figures.pdf import CutFigure, UnreadableDocument, article_at, article_in_pdf, figures_in_pdf
from pipelines.figures.pdf_pages.document import ClosedDocument, pdf_at

SEED = np.random.default_rng(7)
# A film that is like none of its own mirror images, turns or negatives.
FILM = (np.add.outer(np.arange(180) * 0.9, np.arange(240) * 0.3) + SEED.integers(0, 20, (180, 240))).astype(np.uint8)
DEEP = FILM.astype(np.uint16) * 257 + SEED.integers(0, 256, FILM.shape).astype(np.uint16)
PLACE = "q 240 0 0 180 100 500 cm /{} Do Q\n"
CAPTION = "BT /F1 9 Tf 100 480 Td (Figure 1. Chest radiograph on day 3.) Tj ET\n"

Picture = tuple[str, bytes]


def grey(samples: np.ndarray[Any, Any] = FILM, extra: str = "", space: str = "/DeviceGray") -> Picture:
    bits = samples.dtype.itemsize * 8
    data = samples.astype(f">u{samples.dtype.itemsize}").tobytes()
    height, width = samples.shape
    head = f"/Width {width} /Height {height} /BitsPerComponent {bits} /ColorSpace {space} /Filter /FlateDecode {extra}"
    return head, zlib.compress(data)


def jpeg(mode: str = "L", extra: str = "", space: str = "/DeviceGray") -> Picture:
    file = BytesIO()
    Image.fromarray(FILM).convert(mode).save(file, "JPEG", quality=95)
    head = f"/Width 240 /Height 180 /BitsPerComponent 8 /ColorSpace {space} /Filter /DCTDecode {extra}"
    return head, file.getvalue()


def written(path: Path, content: str, *pictures: Picture, pages: int = 1, page: str = "", form: str = "") -> Path:
    """Write a PDF whose pages all draw `content`; pictures are /I1, /I2, …, and objects 10, 11, …."""
    names = " ".join(f"/I{n} {9 + n} 0 R" for n in range(1, len(pictures) + 1))
    objects: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        3: f"<< /Length {len(content)} >> stream\n{content}\nendstream".encode(),
        4: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    for number, (head, data) in enumerate(pictures, 10):
        start = f"<< /Type /XObject /Subtype /Image {head} /Length {len(data)} >> stream\n".encode()
        objects[number] = start + data + b"\nendstream"
    kids = []
    for n in range(pages):
        kids.append(f"{100 + n} 0 R")
        resources = f"/Resources << /Font << /F1 4 0 R >> /XObject << {names} >> >>"
        objects[100 + n] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] {page} {resources} /Contents 3 0 R >>".encode()
        )
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {pages} >>".encode()
    body = b"%PDF-1.7\n"
    offsets = {}
    for number, data in sorted(objects.items()):
        offsets[number] = len(body)
        body += f"{number} 0 obj\n".encode() + data + b"\nendobj\n"
    table = "".join(f"{n} 1\n{offset:010d} 00000 n \n" for n, offset in offsets.items())
    end = f"xref\n0 1\n0000000000 65535 f \n{table}trailer << /Root 1 0 R /Size 9999 >>\nstartxref\n{len(body)}\n%%EOF"
    path.write_bytes(body + end.encode())
    return path


def cut(path: Path) -> list[CutFigure]:
    """Cut in this process: the tests on limits use the other one."""
    return article_at(path).figures


def shown(figure: CutFigure) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(BytesIO(figure.data)))


def one(path: Path) -> CutFigure:
    (figure,) = cut(path)
    return figure


def test_a_lone_jpeg_keeps_its_bytes(tmp_path: Path) -> None:
    picture = jpeg()
    figure = one(written(tmp_path / "a.pdf", PLACE.format("I1") + CAPTION, picture))
    assert figure.data == picture[1]
    assert (figure.label, figure.caption, figure.page) == ("Figure 1", "Chest radiograph on day 3.", 1)
    assert figure.bbox == pytest.approx((100, 112, 340, 292), abs=0.1)
    assert (figure.flags, figure.kind) == ([], "chest-xray")


BLACK = "[/Separation /Black /DeviceCMYK << /FunctionType 2 /Domain [0 1] /C0 [0 0 0 0] /C1 [0 0 0 1] /N 1 >>]"


@pytest.mark.parametrize(
    ("matrix", "picture", "truth"),
    [
        ("240 0 0 180 100 500", grey(), FILM),
        ("240 0 0 180 100 500", grey(DEEP), DEEP),
        ("240 0 0 180 100 500", grey(DEEP, "/Decode [1 0]"), 65535 - DEEP),
        ("240 0 0 180 100 500", grey(255 - FILM, "/Decode [1 0]"), FILM),
        ("240 0 0 180 100 500", grey(255 - FILM, space=BLACK), FILM),
        ("-240 0 0 180 340 500", grey(FILM[:, ::-1]), FILM),
        ("240 0 0 -180 100 680", grey(FILM[::-1]), FILM),
        ("-240 0 0 -180 340 680", grey(FILM[::-1, ::-1]), FILM),
        ("0 180 -240 0 340 500", grey(np.rot90(FILM, 3)), np.rot90(FILM, 4)),
    ],
    ids=["grey", "16 bit", "16 bit negative", "negative", "black ink", "mirrored", "upside down", "turned", "sideways"],
)  # fmt: skip
def test_samples_are_kept_as_the_page_shows_them(
    tmp_path: Path, matrix: str, picture: Picture, truth: np.ndarray[Any, Any]
) -> None:
    figure = one(written(tmp_path / "a.pdf", f"q {matrix} cm /I1 Do Q\n" + CAPTION, picture))
    got = shown(figure)
    assert got.shape == truth.shape
    assert np.array_equal(got.astype(int), truth.astype(int))


def test_a_negative_jpeg_is_not_handed_on_as_it_lies(tmp_path: Path) -> None:
    picture = jpeg(extra="/Decode [1 0]")
    figure = one(written(tmp_path / "a.pdf", PLACE.format("I1") + CAPTION, picture))
    assert figure.data != picture[1]
    assert np.array_equal(shown(figure), 255 - np.asarray(Image.open(BytesIO(picture[1]))))


def test_colours_that_the_file_alone_would_show_wrong_are_decoded(tmp_path: Path) -> None:
    file = BytesIO()
    colours = np.stack([FILM, 255 - FILM, FILM // 2], axis=-1)
    Image.fromarray(colours).save(file, "JPEG", quality=100, subsampling=0)
    head, data = jpeg("RGB", space="/DeviceRGB")[0], file.getvalue()
    # Without the JFIF and Adobe marks, the dictionary alone says that the samples are RGB as they stand.
    bare = data[:2] + data[4 + int.from_bytes(data[4:6], "big") :]
    placed = PLACE.format("I1") + CAPTION
    plain = one(written(tmp_path / "a.pdf", placed, (head, bare)))
    as_stored = one(written(tmp_path / "b.pdf", placed, (f"{head} /DecodeParms << /ColorTransform 0 >>", bare)))
    assert plain.data == bare
    assert as_stored.data[:4] == b"\x89PNG"
    stored = np.asarray(Image.fromarray(colours).convert("YCbCr")).astype(int)
    assert np.abs(shown(as_stored).astype(int) - stored).mean() < 2


def test_deep_jpeg_2000_keeps_its_samples(tmp_path: Path) -> None:
    file = BytesIO()
    Image.fromarray(DEEP).save(file, "JPEG2000", irreversible=False)
    head = "/Width 240 /Height 180 /BitsPerComponent 16 /ColorSpace /DeviceGray /Filter /JPXDecode"
    figure = one(written(tmp_path / "a.pdf", PLACE.format("I1") + CAPTION, (head, file.getvalue())))
    assert np.array_equal(shown(figure), DEEP)


def test_a_page_turned_by_its_viewer_is_cut_upright(tmp_path: Path) -> None:
    content = "q 0 240 -180 0 400 200 cm /I1 Do Q\n"
    figure = one(written(tmp_path / "a.pdf", content, grey(), page="/Rotate 90"))
    assert np.array_equal(shown(figure), FILM)


def test_a_clip_cuts_the_picture(tmp_path: Path) -> None:
    content = "q 100 500 120 180 re W n " + PLACE.format("I1") + "Q\n" + CAPTION
    assert np.array_equal(shown(one(written(tmp_path / "a.pdf", content, jpeg("L")))), _decoded(jpeg("L"))[:, :120])


def _decoded(picture: Picture) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(BytesIO(picture[1])))


def test_a_soft_mask_is_laid_on_white(tmp_path: Path) -> None:
    mask = np.full(FILM.shape, 255, np.uint8)
    mask[:, 100:140] = 0
    content = PLACE.format("I1") + CAPTION
    figure = one(written(tmp_path / "a.pdf", content, grey(extra="/SMask 11 0 R"), grey(mask)))
    assert np.array_equal(shown(figure), np.where(mask == 255, FILM, 255))


def test_strips_are_stitched_and_pictures_side_by_side_are_not(tmp_path: Path) -> None:
    strips = [grey(FILM[n * 30 : (n + 1) * 30]) for n in range(6)]
    content = "".join(f"q 240 0 0 30 100 {650 - 30 * n} cm /I{n + 1} Do Q\n" for n in range(6)) + CAPTION
    assert np.array_equal(shown(one(written(tmp_path / "a.pdf", content, *strips))), FILM)
    apart = "q 200 0 0 150 100 500 cm /I1 Do Q q 200 0 0 150 306 500 cm /I2 Do Q\n" + CAPTION
    left, right = cut(written(tmp_path / "b.pdf", apart, grey(), grey(255 - FILM)))
    assert left.label == right.label == "Figure 1"
    assert left.whole == right.whole == pytest.approx((100, 142, 506, 292), abs=0.1)
    assert np.array_equal(shown(right), 255 - FILM)


def test_a_letter_printed_by_a_film_gives_it_its_part_of_the_caption(tmp_path: Path) -> None:
    films = "q 200 0 0 150 100 520 cm /I1 Do Q q 200 0 0 150 320 520 cm /I2 Do Q\n"
    letters = "BT /F1 9 Tf 195 508 Td (\\(a\\)) Tj ET BT /F1 9 Tf 415 508 Td (\\(b\\)) Tj ET\n"
    words = "BT /F1 9 Tf 100 480 Td (Figure 2. Chest X-ray with opacities \\(a\\). CT on day 3 \\(b\\).) Tj ET\n"
    left, right = cut(written(tmp_path / "a.pdf", films + letters + words, grey(), grey(255 - FILM)))
    assert (left.letter, left.part, left.kind) == ("a", "Chest X-ray with opacities", "chest-xray")
    assert (right.letter, right.part, right.kind) == ("b", "CT on day 3", "ct")
    unlettered = cut(written(tmp_path / "b.pdf", films + words, grey(), grey(255 - FILM)))
    assert [f.letter for f in unlettered] == ["a", "b"]
    three = "".join(f"q 120 0 0 90 {100 + 130 * n} 500 cm /I1 Do Q\n" for n in range(3)) + words
    assert [f.letter for f in cut(written(tmp_path / "c.pdf", three, grey()))] == [""] * 3


def test_what_cannot_be_the_very_samples_is_told(tmp_path: Path) -> None:
    short = (grey()[0], zlib.compress(FILM.tobytes()[:30_000]))
    assert one(written(tmp_path / "a.pdf", PLACE.format("I1") + CAPTION, short)).flags == ["data cut short"]
    inks = jpeg("CMYK", space="/DeviceCMYK")
    assert one(written(tmp_path / "b.pdf", PLACE.format("I1") + CAPTION, inks)).flags == ["colours converted from CMYK"]


@pytest.mark.parametrize(
    "content",
    [
        PLACE.format("I2") + PLACE.format("I1"),
        PLACE.format("I1") + "q 240 0 0 180 900 500 cm /I2 Do Q\n",
        PLACE.format("I1"),
        PLACE.format("I1") + "q 20 0 0 15 550 20 cm /I2 Do Q\n",
        "q 240 0 0 180 100 200 cm /I2 Do Q 1 g 90 190 260 200 re f\n" + PLACE.format("I1"),
    ],
    ids=["covered", "off the page", "never drawn", "icon", "painted over"],
)
def test_what_nobody_sees_is_not_cut_out(tmp_path: Path, content: str) -> None:
    figure = one(written(tmp_path / "a.pdf", content + CAPTION, grey(), grey(255 - FILM)))
    assert np.array_equal(shown(figure), FILM)


def test_a_mark_on_every_page_is_no_figure(tmp_path: Path) -> None:
    content = PLACE.format("I1")
    assert cut(written(tmp_path / "a.pdf", content, grey(), pages=3)) == []
    assert len(cut(written(tmp_path / "b.pdf", content, grey(), pages=2))) == 2


@pytest.mark.parametrize(
    ("drawing", "flag"),
    [
        ("1 0 0 RG 2 w 150 550 m 200 600 l S\n", "drawn over"),
        ("BT /F1 12 Tf 110 660 Td (L) Tj ET\n", "written over"),
    ],
)
def test_what_is_drawn_over_a_film_is_told_and_left_out(tmp_path: Path, drawing: str, flag: str) -> None:
    figure = one(written(tmp_path / "a.pdf", PLACE.format("I1") + drawing + CAPTION, grey()))
    assert figure.flags == [flag]
    assert np.array_equal(shown(figure), FILM)


def test_a_picture_set_askew_is_told(tmp_path: Path) -> None:
    figure = one(written(tmp_path / "a.pdf", "q 230 40 -30 170 140 500 cm /I1 Do Q\n" + CAPTION, grey()))
    assert figure.flags == ["set askew"]


def test_a_bomb_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    head = "/Width 100000 /Height 100000 /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode"
    bomb = (head, zlib.compress(bytes(10_000_000)))
    content = PLACE.format("I1") + "q 200 0 0 150 100 200 cm /I2 Do Q\n" + CAPTION
    article = article_at(written(tmp_path / "a.pdf", content, grey(), bomb))
    (figure,) = article.figures
    assert np.array_equal(shown(figure), FILM)
    assert article.faults == ["page 1, a picture: it cannot be decoded (100000 x 100000 pixels)"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "empty"), (b"<html>Sign in</html>", "no PDF"), (b"%PDF-1.7\n1 0 obj << >> endobj\n", "no PDF|no pages")],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    with pytest.raises(ClosedDocument, match=reason):
        pdf_at(path)


def test_too_many_pages_are_told(tmp_path: Path) -> None:
    with pytest.raises(ClosedDocument, match=r"1001 pages.*cut out the article"):
        pdf_at(written(tmp_path / "a.pdf", "", pages=1001))


def locked(path: Path, user: str) -> Path:
    pdf = FPDF()
    pdf.set_encryption(owner_password="owner", user_password=user)
    pdf.add_page()
    pdf.image(Image.fromarray(FILM), w=100)
    pdf.output(str(path))
    return path


def test_a_password_is_asked_for_and_an_empty_one_is_none(tmp_path: Path) -> None:
    with pytest.raises(ClosedDocument, match="asks for a password; save a copy without one"):
        pdf_at(locked(tmp_path / "a.pdf", "secret"))
    assert len(pdf_at(locked(tmp_path / "b.pdf", "")).pages) == 1


def test_another_process_reads_and_names_the_file_it_cannot_read(tmp_path: Path) -> None:
    figure, = figures_in_pdf(written(tmp_path / "a.pdf", PLACE.format("I1") + CAPTION, jpeg()))  # fmt: skip
    assert figure.data == jpeg()[1]
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"no")
    with pytest.raises(UnreadableDocument, match=r"broken\.pdf: it is no PDF"):
        figures_in_pdf(broken)
    endless = written(tmp_path / "endless.pdf", "0 0 m 600 700 l S " * 1_000_000)
    with pytest.raises(UnreadableDocument, match=r"endless\.pdf: reading it took more than 0\.1 s; cut out"):
        article_in_pdf(endless, seconds=0.1)
    assert len(figures_in_pdf(tmp_path / "a.pdf")) == 1


def test_adversarial_files_give_what_the_page_shows(shared: Path) -> None:
    folder = shared / "real" / "articles" / "nasty"
    exact = 0
    cases = json.loads((folder / "cases.json").read_text())
    for case in cases:
        figures = cut(folder / f"{case['name']}.pdf")
        assert len(figures) == 1, case["name"]
        truth = np.asarray(Image.open(folder / f"{case['name']}.png")).astype(int)
        got = shown(figures[0]).astype(int)
        assert got.shape == truth.shape, case["name"]
        rows = int(len(truth) * (0.6 if case["kind"] == "prefix" else 1))
        difference = np.abs(got - truth)[:rows]
        assert difference.mean() <= 4, case["name"]
        exact += int(difference.max() <= 2)
    assert exact >= len(cases) - 2


def test_real_articles_give_their_figures_with_caption(shared: Path) -> None:
    folder = shared / "real" / "articles"
    gold = json.loads((folder / "gold_figures.json").read_text())
    for name in ("PMC7582078", "PMC5727565", "covidnet_cxr"):
        figures = cut(folder / "pdf" / f"{name}.pdf")
        wanted = {(g["page"], g["label"]) for g in gold if g["pdf"] == name}
        assert {(f.page, f.label.split()[-1]) for f in figures} == wanted
        for g in (g for g in gold if g["pdf"] == name):
            whole = next(f.whole for f in figures if (f.page, f.label.split()[-1]) == (g["page"], g["label"]))
            assert whole == pytest.approx(g["bbox"], abs=4)
