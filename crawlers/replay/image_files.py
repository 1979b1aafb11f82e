"""Image files as the sites serve them: a film, whole or damaged, and the reduced copies a site makes of it."""

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image

from crawlers.replay.films import FilmSpec, film_of
from crawlers.replay.site import IMAGE_TYPES, SiteResponse

DERIVATIVE_QUALITY = 80  # WordPress makes its reduced copies at 82, and nobody reads a film off them


@dataclass(frozen=True)
class ImageFile:
    """Name one file on an image host: a generated film or a file on disk, and what is wrong with it as served."""

    name: str
    film: FilmSpec | Path
    damage: Literal["", "html", "truncated"] = ""

    @property
    def content_type(self) -> str:
        """Return the type that the site claims, which follows from the name and not from the bytes."""
        return IMAGE_TYPES.get(self.name.rpartition(".")[2].lower(), "application/octet-stream")


def served(file: ImageFile, cache: Path | None, width: int | None = None) -> SiteResponse:
    """Answer with the file, or with the reduced copy of it that is at most `width` pixels wide."""
    if width is not None:
        return SiteResponse(_reduced(file, width, cache), content_type=file.content_type)
    return SiteResponse(bytes_of(file, cache), content_type=file.content_type)


def bytes_of(file: ImageFile, cache: Path | None = None) -> bytes:
    """Return what the site sends for the file, damage included."""
    if file.damage == "html":
        return b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"
    data = file.film.read_bytes() if isinstance(file.film, Path) else film_of(file.film, cache)
    return data[: len(data) // 3] if file.damage == "truncated" else data


def size_of(file: ImageFile) -> tuple[int, int]:
    """Return width and height in pixels."""
    if isinstance(file.film, Path):
        with Image.open(file.film) as image:
            return image.size
    left, top, right, bottom = file.film.crop or (0.0, 0.0, 1.0, 1.0)
    return round(file.film.width * (right - left)), round(file.film.height * (bottom - top))


def _reduced(file: ImageFile, width: int, cache: Path | None) -> bytes:
    whole = ImageFile(file.name, file.film)
    key = hashlib.sha256(repr((file.film, width)).encode()).hexdigest()[:32]
    encoding = "PNG" if file.content_type == "image/png" else "JPEG"
    kept = cache / f"reduced-{key}.{encoding.lower()}" if cache else None
    if kept and kept.exists():
        return kept.read_bytes()
    with Image.open(io.BytesIO(bytes_of(whole, cache))) as image:
        grey = image.point(lambda level: level / 256).convert("L") if image.mode.startswith("I") else image.convert("L")
    grey.thumbnail((width, width * 4))
    written = io.BytesIO()
    grey.save(written, encoding, quality=DERIVATIVE_QUALITY)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        unfinished = kept.with_suffix(f".{os.getpid()}.tmp")
        unfinished.write_bytes(written.getvalue())
        unfinished.replace(kept)
    return written.getvalue()
