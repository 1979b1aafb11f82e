"""Films of the replayed web: made from a patient's name, at the sizes and in the encodings that sites serve.

They look like chest films at a glance and show nobody. What a film shows follows from its `FilmSpec` alone, so a
demo, a test and a second run see the same bytes.
"""

import hashlib
import io
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import ExifTags, Image

from crawlers.replay.phantoms import pictures, radiographs, slices
from crawlers.replay.phantoms.drawing import Grey, enlarged, rng_of

FILM_VERSION = 1  # part of the cache key: raise it when a film's bytes change

Kind = Literal["xray", "ct", "photo", "diagram"]
Box = tuple[float, float, float, float]

# Short side, in pixels, at which anatomy is drawn; larger films are interpolated from it under their own fine noise.
DRAWN_SIDE = 512
# Grey levels of 255 that the finest grain of a film varies by; below one level a PNG of 6 Mpx stays under 3 MB.
GRAIN = {"xray": 0.9, "ct": 1.3}
JPEG_QUALITY = 90


@dataclass(frozen=True)
class FilmSpec:
    """Say what a film shows and how it is encoded.

    `day` counts from the patient's first film and changes pose and opacities a little; `level` is the slice of a CT
    stack. `crop` (left, top, right, bottom in 0..1) cuts the finished film, so the result is smaller than `width` x
    `height` pixels. `text` is burnt in. `exif_name` is written as a person's name into the EXIF of a JPEG.
    """

    patient: str
    day: int = 0
    kind: Kind = "xray"
    view: str = "PA"
    width: int = 1024
    height: int = 1024
    bits: Literal[8, 16] = 8
    format: Literal["png", "jpeg", "webp"] = "png"
    crop: Box | None = None
    invert: bool = False
    mirror: bool = False
    text: str = ""
    level: int = 0
    exif_name: str = ""

    def __post_init__(self) -> None:
        """Reject what no encoder can keep; raise `ValueError`."""
        if self.bits == 16 and (self.format != "png" or self.kind not in ("xray", "ct")):
            raise ValueError("only greyscale PNG keeps 16 bits a sample")
        if self.exif_name and self.format != "jpeg":
            raise ValueError("EXIF is written into JPEG only")


def film_of(spec: FilmSpec, cache: Path | None = None) -> bytes:
    """Return the encoded film; `cache` is a folder that keeps films between runs."""
    if cache is None:
        return _encoded(spec)
    kept = cache / f"{_key_of(spec)}.{spec.format}"
    if kept.exists():
        return kept.read_bytes()
    data = _encoded(spec)
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}.tmp")
    unfinished.write_bytes(data)
    unfinished.replace(kept)
    return data


def _key_of(spec: FilmSpec) -> str:
    return hashlib.sha256(repr((FILM_VERSION, sorted(asdict(spec).items()))).encode()).hexdigest()[:32]


def _encoded(spec: FilmSpec) -> bytes:
    if spec.kind in ("photo", "diagram"):
        return _bytes_of(_adjusted(_picture_of(spec), spec), spec)
    return _bytes_of(_sampled(_adjusted(_grey_of(spec), spec), spec), spec)


def _grey_of(spec: FilmSpec) -> Grey:
    """Return the film as drawn and enlarged: height x width, 0..1, black air."""
    scale = DRAWN_SIDE / min(spec.width, spec.height)
    shape = (round(spec.height * scale), round(spec.width * scale))
    if spec.kind == "ct":
        drawn = slices.slice_of(spec.patient, shape, day=spec.day, view=spec.view, level=spec.level)
    else:
        drawn = radiographs.radiograph_of(spec.patient, shape, day=spec.day, view=spec.view, text=spec.text)
    return enlarged(drawn, (spec.height, spec.width))


def _picture_of(spec: FilmSpec) -> np.ndarray:
    """Return a picture that is no film: height x width x 3, 8 bits, in RGB."""
    draw = pictures.photograph_of if spec.kind == "photo" else pictures.diagram_of
    return draw(spec.patient, (spec.height, spec.width))


def _adjusted(film: np.ndarray, spec: FilmSpec) -> np.ndarray:
    if spec.mirror:
        film = film[:, ::-1]
    if spec.crop:
        left, top, right, bottom = spec.crop
        rows = slice(round(top * spec.height), round(bottom * spec.height))
        film = film[rows, round(left * spec.width) : round(right * spec.width)]
    if spec.invert:
        film = film.dtype.type(255 if film.dtype == np.uint8 else 1) - film
    return np.ascontiguousarray(film)


def _sampled(film: Grey, spec: FilmSpec) -> np.ndarray:
    """Return the film as whole samples with grain; 16-bit films use 12 or 14 bits, as detectors do."""
    rng = rng_of(_key_of(spec), "grain")
    grain = rng.standard_normal(film.shape, dtype=np.float32)
    if spec.bits == 8:
        film = film * np.float32(255) + grain * np.float32(GRAIN[spec.kind])
        return np.clip(film, 0, 255).astype(np.uint8)
    top = int(rng_of(spec.patient, "detector").choice([4095, 16383]))
    film = film * np.float32(top) + grain * np.float32(GRAIN[spec.kind] * 6)
    return np.clip(film, 0, top).astype(np.uint16)


def _bytes_of(samples: np.ndarray, spec: FilmSpec) -> bytes:
    if spec.format == "png":
        colours = samples if samples.ndim == 2 else cv2.cvtColor(samples, cv2.COLOR_RGB2BGR)
        done, png = cv2.imencode(".png", colours, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        if not done:
            raise ValueError(f"no PNG could be made of {spec}")
        return png.tobytes()
    written = io.BytesIO()
    picture = Image.fromarray(samples)
    if spec.format == "webp":
        picture.save(written, "WEBP", quality=JPEG_QUALITY, method=0)
    elif spec.exif_name:
        picture.save(written, "JPEG", quality=JPEG_QUALITY, exif=_exif_naming(spec.exif_name))
    else:
        picture.save(written, "JPEG", quality=JPEG_QUALITY)
    return written.getvalue()


def _exif_naming(name: str) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = f"CHEST {name}"
    exif[ExifTags.Base.Artist] = name
    exif[ExifTags.Base.DateTime] = "2020:03:14 09:26:53"
    return exif
