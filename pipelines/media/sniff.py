"""What a file is, told from its bytes: names and content types of the web are not believed."""

import hashlib
import io
import re
from typing import TYPE_CHECKING, Literal

from pipelines.media.limits import MAX_BYTES, MAX_FRAMES, MAX_PIXELS
from pipelines.records import Media

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Refusal = Literal["empty", "too large", "web page", "markup", "unknown kind", "truncated", "undecodable", "bomb"]

_PASSING: frozenset[Refusal] = frozenset({"empty", "web page", "markup", "truncated"})
# Pillow's format -> content type and file name extension. Only these are opened: each further decoder is a risk.
_PICTURES = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    "TIFF": ("image/tiff", "tif"),
    "GIF": ("image/gif", "gif"),
    "BMP": ("image/bmp", "bmp"),
    "JPEG2000": ("image/jp2", "jp2"),
    "AVIF": ("image/avif", "avif"),
}
# A JPEG with a second picture behind the first is opened as JPEG and then calls itself by its other name.
_NAMED = _PICTURES | {"MPO": _PICTURES["JPEG"]}
_BITS_OF_MODE = {"1": 1, "I": 32, "F": 32}
_CUT_OFF = re.compile("truncated|broken data stream", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|meta|script)\b", re.IGNORECASE)
_MARKUP = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:<[?!a-z]|[{\[])", re.IGNORECASE)
_TITLE = re.compile(rb"<title[^>]*>\s*(.{0,80}?)\s*<", re.IGNORECASE | re.DOTALL)


class NotMedia(ValueError):  # noqa: N818  # it says what the bytes are, which need not be an error of anybody's
    """Say why bytes are not kept as media: `reason` as a code, `promised` what a damaged picture's header states."""

    def __init__(self, reason: Refusal, message: str, promised: Media | None = None) -> None:
        # All of them, or it could not be handed from one process to another.
        super().__init__(reason, message, promised)
        self.reason = reason
        self.promised = promised

    def __str__(self) -> str:
        """Return the message alone."""
        return str(self.args[1])

    @property
    def passing(self) -> bool:
        """Tell whether fetching again may bring the picture: its site failed or the line broke."""
        return self.reason in _PASSING


def media_of(data: bytes) -> Media:
    """Return what the bytes are: a whole picture, a PDF, or a DICOM file; raise `NotMedia` for anything else.

    A picture is decoded to its last line, since a film cut off in transit must be fetched again and not kept. Width
    and height are those stored, before any turn that EXIF asks for. A DICOM file is recognised and kept but not
    parsed, as its header names the patient: nothing of it may be shown or published.
    """
    if not data:
        raise NotMedia("empty", "the file is empty")
    if len(data) > MAX_BYTES:
        raise NotMedia("too large", f"the file has {len(data):,} bytes, more than the {MAX_BYTES:,} allowed")
    if data[128:132] == b"DICM":
        return _media(data, "application/dicom", "dcm")
    if data.startswith(b"%PDF-"):
        return _pdf(data)
    return _picture(data)


def _media(data: bytes, mime: str, extension: str) -> Media:
    return Media(sha256=hashlib.sha256(data).hexdigest(), mime=mime, extension=extension, size=len(data))


def _pdf(data: bytes) -> Media:
    media = _media(data, "application/pdf", "pdf")
    if b"%%EOF" not in data[-4096:].rstrip(b"\0"):
        raise NotMedia("truncated", "the PDF is cut off: it lacks its end mark", media)
    return media


def _picture(data: bytes) -> Media:
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(io.BytesIO(data), formats=list(_PICTURES))
    except UnidentifiedImageError:
        # Readers accept a PDF whose first kilobyte holds something else before the header.
        if b"%PDF-" in data[:1024] and not _is_page(data):
            return _pdf(data)
        raise _unrecognised(data) from None
    except Image.DecompressionBombError as error:
        raise NotMedia("bomb", str(error)) from None
    except Exception as error:  # decoders raise whatever their format's parser does: struct.error, KeyError, …
        raise _undecodable(data, error) from None
    with picture:
        return _whole(data, picture)


def _whole(data: bytes, picture: "Picture") -> Media:
    assert picture.format is not None
    mime, extension = _NAMED[picture.format]
    size = {"width": picture.width, "height": picture.height, "bits": _bits_of(data, picture)}
    media = _media(data, mime, extension).model_copy(update=size)
    if picture.width * picture.height > MAX_PIXELS:
        raise NotMedia("bomb", f"{picture.width} x {picture.height} pixels are more than the {MAX_PIXELS:,} allowed")
    try:
        frames = int(getattr(picture, "n_frames", 1))
        if frames > MAX_FRAMES:
            raise NotMedia("bomb", f"{frames:,} frames are more than the {MAX_FRAMES:,} allowed")
        picture.seek(0)
        # An eighth of the size takes a third of the time, and still runs through all of the file.
        picture.draft("L", (1, 1))
        picture.load()
    except NotMedia:
        raise
    except Exception as error:  # see _picture
        raise _undecodable(data, error, media) from None
    return media.model_copy(update={"frames": frames})


def _bits_of(data: bytes, picture: "Picture") -> int:
    """Return the bits of a sample as the file states them; Pillow's mode hides those of 16-bit colour."""
    if picture.format == "PNG":
        return data[24]
    if picture.format == "TIFF":
        stated = picture.tag_v2.get(258, 1)  # type: ignore[attr-defined]  # BitsPerSample, TIFF 6.0 section 8
        return int(max(stated)) if isinstance(stated, tuple) else int(stated)
    if picture.mode.startswith("I;16"):
        return 16
    return _BITS_OF_MODE.get(picture.mode, 8)


def _undecodable(data: bytes, error: Exception, promised: Media | None = None) -> NotMedia:
    # A RIFF header states how long the file is (WebP container specification); other decoders say it themselves.
    short_riff = data[:4] == b"RIFF" and int.from_bytes(data[4:8], "little") + 8 > len(data)
    cut_off = short_riff or isinstance(error, EOFError) or _CUT_OFF.search(str(error))
    if cut_off:
        return NotMedia("truncated", f"the picture is cut off after {len(data):,} bytes: {error}", promised)
    return NotMedia("undecodable", f"the picture cannot be decoded: {error}", promised)


def _is_page(data: bytes) -> bool:
    start = data[:2048]
    return b"\0" not in start and _HTML.search(start) is not None


def _unrecognised(data: bytes) -> NotMedia:
    import filetype

    if _is_page(data):
        title = _TITLE.search(data[:65536])
        named = f" titled {title.group(1).decode(errors='replace')!r}" if title else ""
        return NotMedia("web page", f"a web page{named} stands in the place of the picture")
    if b"\0" not in data[:2048] and _MARKUP.match(data):
        return NotMedia("markup", "markup or JSON stands in the place of the picture")
    kind = filetype.guess(data)
    if kind is not None and kind.mime.startswith("image/"):
        return NotMedia("undecodable", f"the file begins like {kind.mime} and no decoder here can open it")
    return NotMedia("unknown kind", f"{kind.mime if kind else 'bytes of no known kind'}: neither picture nor PDF")
