"""What a film's file says of persons and places besides the picture; published bytes are never changed to hide it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.emails import email_in

# EXIF 2.32: tags that name a person, that hold free text, and the block of the place where a picture was taken.
_NAMES = {0x013B: "Artist", 0x9C9D: "XPAuthor", 0xA430: "CameraOwnerName"}
_TEXTS = {0x010E: "ImageDescription", 0x9286: "UserComment", 0x9C9B: "XPTitle", 0x9C9C: "XPComment"}
_PLACE = 0x8825
_CAMERA = 0x8769
_XMP_PERSON = re.compile(rb"<(dc:creator|photoshop:AuthorsPosition|Iptc4xmpCore:CreatorContactInfo)\b", re.IGNORECASE)
_XMP_PLACE = re.compile(rb"exif:GPS(?:Latitude|Longitude)\b", re.IGNORECASE)
# Words of DICOM headers that converters write into comments.
_PERSONAL = re.compile(
    r"patient'?s?[\s_]*(?:name|id|birth)|\bbirth[\s_-]*date|\bdate of birth|\bd\.?o\.?b\.?\b",
    re.IGNORECASE,
)
# The free texts a picture format has (PNG 1.2 §4.2.3, JPEG COM, GIF comment), as Pillow names them.
_AUTHOR_TEXTS = ("author", "creator", "artist", "copyright holder")
_BY_LINE = (2, 80)  # IPTC-IIM 4.2, dataset 2:80


def private_in(path: Path) -> list[str]:
    """Return in plain words what a picture's metadata says of a person or a place, nothing for most films."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            if picture.format == "PNG":
                picture.load()  # texts may stand behind the samples
            return list(dict.fromkeys([*_in_exif(picture), *_in_texts(picture), *_in_packets(picture)]))
    except UnidentifiedImageError:
        return []  # a volume, no picture
    except Exception as error:  # parsers of metadata raise whatever they stumble over
        return [f"its metadata cannot be read ({error})"]


def _in_exif(picture: Any) -> Iterator[str]:
    exif = picture.getexif()
    tags = dict(exif) | dict(exif.get_ifd(_CAMERA))
    yield from (f"EXIF {name} names {_text(tags[tag])!r}" for tag, name in _NAMES.items() if _text(tags.get(tag)))
    for tag, name in _TEXTS.items():
        if _is_personal(_text(tags.get(tag))):
            yield f"EXIF {name} speaks of a person"
    if exif.get_ifd(_PLACE):
        yield "EXIF holds the place where it was taken (GPS)"


def _in_texts(picture: Any) -> Iterator[str]:
    for name, value in picture.info.items():
        text = _text(value) if isinstance(value, (str, bytes)) else ""
        if name.casefold() in _AUTHOR_TEXTS and text:
            yield f"the text {name!r} names {text[:40]!r}"
        elif name not in ("exif", "xmp", "XML:com.adobe.xmp", "icc_profile", "photoshop") and _is_personal(text):
            yield f"the text {name!r} speaks of a person"


def _in_packets(picture: Any) -> Iterator[str]:
    from PIL.IptcImagePlugin import getiptcinfo

    packet = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp") or b""
    packet = packet.encode() if isinstance(packet, str) else packet
    if found := _XMP_PERSON.search(packet):
        yield f"XMP holds {found[1].decode()}"
    if _XMP_PLACE.search(packet):
        yield "XMP holds the place where it was taken (GPS)"
    if (getiptcinfo(picture) or {}).get(_BY_LINE):
        yield "IPTC names who took it"


def _is_personal(text: str) -> bool:
    return bool(_PERSONAL.search(text) or email_in(text))


def _text(value: object) -> str:
    if isinstance(value, bytes):
        # Windows writes its XP tags in UTF-16; what is no text at all has no words to find either.
        value = value.decode("utf-16-le" if b"\0" in value[1::2] else "utf-8", errors="replace")
    return str(value or "").strip("\0 \t\r\n")
