"""Files are told from their bytes, and what is no whole picture is refused with the reason."""

import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipelines.media.limits import MAX_BYTES
from pipelines.media.sniff import NotMedia, media_of


def encoded(picture: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()


def png_of(width: int, height: int, bits: int, colour: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


@pytest.fixture(scope="module")
def film() -> Image.Image:
    noise = np.random.default_rng(7).integers(0, 40, (240, 200), dtype=np.uint8)
    return Image.fromarray(np.linspace(20, 200, 240 * 200).reshape(240, 200).astype(np.uint8) + noise)


@pytest.mark.parametrize(
    ("format", "mime", "extension"),
    [
        ("JPEG", "image/jpeg", "jpg"),
        ("PNG", "image/png", "png"),
        ("WEBP", "image/webp", "webp"),
        ("TIFF", "image/tiff", "tif"),
        ("GIF", "image/gif", "gif"),
        ("BMP", "image/bmp", "bmp"),
        ("JPEG2000", "image/jp2", "jp2"),
    ],
)
def test_a_picture_is_what_its_bytes_are(film: Image.Image, format: str, mime: str, extension: str) -> None:
    data = encoded(film, format)
    media = media_of(data)
    assert (media.mime, media.extension, media.size) == (mime, extension, len(data))
    assert (media.width, media.height, media.bits, media.frames) == (200, 240, 8, 1)


def test_bits_are_those_of_the_file() -> None:
    deep = Image.fromarray(np.arange(40_000, dtype=np.uint16).reshape(200, 200))
    assert media_of(encoded(deep, "PNG")).bits == 16
    assert media_of(encoded(deep, "TIFF")).bits == 16
    assert media_of(encoded(deep.convert("1"), "PNG")).bits == 1
    assert media_of(encoded(deep.convert("1"), "TIFF")).bits == 1


def test_sixteen_bit_colour_is_not_mistaken_for_eight() -> None:
    data = png_of(4, 4, 16, 2, b"".join(b"\0" + struct.pack(">12H", *range(12)) for _ in range(4)))
    assert media_of(data).bits == 16


def test_cmyk_animation_and_pages_are_kept(film: Image.Image) -> None:
    assert media_of(encoded(film.convert("CMYK"), "JPEG")).mime == "image/jpeg"
    turned = [film.rotate(angle) for angle in (5, 10)]
    assert media_of(encoded(film, "GIF", save_all=True, append_images=turned)).frames == 3
    assert media_of(encoded(film, "TIFF", save_all=True, append_images=turned)).frames == 3


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "JPEG2000"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_picture_cut_off_in_transit_is_refused(film: Image.Image, format: str, part: float) -> None:
    data = encoded(film, format)
    with pytest.raises(NotMedia) as refused:
        media_of(data[: int(len(data) * part)])
    assert refused.value.reason == "truncated"
    if refused.value.promised:
        assert (refused.value.promised.width, refused.value.promised.height) == (200, 240)


def test_a_login_page_under_a_films_name_is_named() -> None:
    page = b"\xef\xbb\xbf\n<!-- 1 -->\n<!DOCTYPE html><html><head><title>\n Sign in to go on </title></head>"
    with pytest.raises(NotMedia, match="web page titled 'Sign in to go on'") as refused:
        media_of(page)
    assert refused.value.reason == "web page"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b'{"error": "gone"}', "markup"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "markup"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "markup"),
        (b"PK\x03\x04" + bytes(300), "unknown kind"),
        (bytes(range(1, 250)), "unknown kind"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(300), "undecodable"),
        (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", "truncated"),
    ],
)
def test_other_bytes_are_refused_with_their_reason(data: bytes, reason: str) -> None:
    with pytest.raises(NotMedia) as refused:
        media_of(data)
    assert refused.value.reason == reason
    assert refused.value.passing is (reason not in ("unknown kind", "undecodable"))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_bombs_are_refused_undecoded() -> None:
    for side in (10_000, 20_000):
        with pytest.raises(NotMedia) as refused:
            media_of(png_of(side, side, 8, 0, b""))
        assert refused.value.reason == "bomb"
    with pytest.raises(NotMedia, match="more than") as refused:
        media_of(bytes(MAX_BYTES + 1))
    assert refused.value.reason == "too large"


def test_dicom_and_pdf_are_recognised_and_not_parsed() -> None:
    dicom = media_of(bytes(128) + b"DICM" + b"\x10\0\x10\0PN\x08\0DOE^JOHN")
    assert (dicom.mime, dicom.extension, dicom.width) == ("application/dicom", "dcm", 0)
    pdf = media_of(b"junk before\n%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n\0\0")
    assert (pdf.mime, pdf.extension) == ("application/pdf", "pdf")


def test_a_page_or_picture_that_mentions_a_pdf_is_none(film: Image.Image) -> None:
    with pytest.raises(NotMedia, match="web page"):
        media_of(b"<html><title>%PDF-1.4 not found</title>")
    assert media_of(encoded(film, "JPEG", comment=b"made from %PDF-1.4")).mime == "image/jpeg"


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=150)
def test_any_bytes_are_media_or_refused(data: bytes) -> None:
    with contextlib.suppress(NotMedia):
        assert media_of(data).size == len(data)


@pytest.mark.filterwarnings("ignore::UserWarning")  # of Pillow, on damaged tags
@given(data=st.data())
@settings(deadline=None, max_examples=100)
def test_a_damaged_picture_never_breaks_the_sniffing(film: Image.Image, data: st.DataObject) -> None:
    whole = bytearray(encoded(film, data.draw(st.sampled_from(["PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP"]))))
    for at in data.draw(st.lists(st.integers(0, min(len(whole) - 1, 2_000)), max_size=8)):
        whole[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(NotMedia):
        assert media_of(bytes(whole)).width > 0


def test_every_real_film_and_article_is_taken_as_it_is(shared: Path) -> None:
    films = [
        path for path in (shared / "real" / "films").glob("*/*") if path.suffix in (".png", ".jpg", ".jpeg", ".jfif")
    ]
    articles = list((shared / "real" / "articles").rglob("*.pdf"))
    assert films
    assert articles
    for path in [*films[::4], *articles]:
        media = media_of(path.read_bytes())
        assert media.size == path.stat().st_size
        assert media.mime == "application/pdf" if path.suffix == ".pdf" else media.width * media.height > 0
