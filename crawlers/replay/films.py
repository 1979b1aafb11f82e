"""Films of the replayed web: made from a patient's name, at the sizes and in the encodings that sites serve.

They look like chest films at a glance and show nobody. What a film shows follows from its `FilmSpec` alone, so a
demo, a test and a second run see the same bytes.
"""

import hashlib
import io
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageDraw, ImageFont

from crawlers.replay.phantoms import pictures, radiographs, slices
from crawlers.replay.phantoms.drawing import Grey, enlarged, rng_of

FILM_VERSION = 3  # part of the cache key: raise it when a film's bytes change

Kind = Literal["xray", "ct", "photo", "diagram"]
Samples = npt.NDArray[np.uint8 | np.uint16]
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
    `height` pixels. `text` is burnt in, or fills a diagram line by line. `exif_name` is written as a person's name
    into the EXIF of a JPEG.
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
            raise ValueError("only a greyscale PNG keeps 16 bits a sample")
        if self.exif_name and self.format != "jpeg":
            raise ValueError("EXIF is written into JPEG only")


def film_of(spec: FilmSpec, cache: Path | None = None) -> bytes:
    """Return the encoded film; `cache` is a folder that keeps films between runs."""
    return _kept(cache, f"{_key_of(spec)}.{spec.format}", lambda: _bytes_of(_samples_of(spec), spec))


def montage_of(specs: Sequence[FilmSpec], letters: Sequence[str], cache: Path | None = None) -> bytes:
    """Return 8-bit films side by side, as high as the first, each lettered in its corner, as one grey JPEG."""
    key = hashlib.sha256(repr([(_key_of(spec), letter) for spec, letter in zip(specs, letters, strict=True)]).encode())
    return _kept(cache, f"{key.hexdigest()[:32]}.jpeg", lambda: _joined(specs, letters))


def _kept(cache: Path | None, name: str, make: Callable[[], bytes]) -> bytes:
    if cache is None:
        return make()
    kept = cache / name
    if kept.exists():
        return kept.read_bytes()
    data = make()
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=cache, delete=False) as unfinished:
        unfinished.write(data)
    Path(unfinished.name).replace(kept)
    return data


def _key_of(spec: FilmSpec) -> str:
    return hashlib.sha256(repr((FILM_VERSION, sorted(asdict(spec).items()))).encode()).hexdigest()[:32]


def _samples_of(spec: FilmSpec) -> Samples:
    if spec.kind in ("photo", "diagram"):
        return _adjusted(_picture_of(spec), spec)
    return _sampled(_adjusted(_grey_of(spec), spec), spec)


def _grey_of(spec: FilmSpec) -> Grey:
    """Return the film as drawn and enlarged: height x width, 0..1, black air."""
    scale = DRAWN_SIDE / min(spec.width, spec.height)
    shape = (round(spec.height * scale), round(spec.width * scale))
    if spec.kind == "ct":
        drawn = slices.slice_of(spec.patient, shape, day=spec.day, view=spec.view, level=spec.level)
    else:
        drawn = radiographs.radiograph_of(spec.patient, shape, day=spec.day, view=spec.view, text=spec.text)
    return enlarged(drawn, (spec.height, spec.width))


def _picture_of(spec: FilmSpec) -> npt.NDArray[np.uint8]:
    """Return a picture that is no film: height x width x 3, RGB."""
    shape = (spec.height, spec.width)
    if spec.kind == "photo":
        return pictures.photograph_of(spec.patient, shape)
    return pictures.text_box_of(spec.text, shape) if spec.text else pictures.diagram_of(spec.patient, shape)


def _adjusted(film: npt.NDArray[Any], spec: FilmSpec) -> npt.NDArray[Any]:
    if spec.mirror:
        film = film[:, ::-1]
    if spec.crop:
        left, top, right, bottom = spec.crop
        rows = slice(round(top * spec.height), round(bottom * spec.height))
        film = film[rows, round(left * spec.width) : round(right * spec.width)]
    if spec.invert:
        film = film.dtype.type(255 if film.dtype == np.uint8 else 1) - film
    return np.ascontiguousarray(film)


def _sampled(film: Grey, spec: FilmSpec) -> Samples:
    """Return the film as whole samples with grain; 16-bit films use 12 or 14 bits, as detectors do."""
    grain = rng_of(_key_of(spec), "grain").standard_normal(film.shape, dtype=np.float32)
    if spec.bits == 8:
        film = film * np.float32(255) + grain * np.float32(GRAIN[spec.kind])
        return np.clip(film, 0, 255).astype(np.uint8)
    top = int(rng_of(spec.patient, "detector").choice([4095, 16383]))
    film = film * np.float32(top) + grain * np.float32(GRAIN[spec.kind] * 2)
    return np.clip(film, 0, top).astype(np.uint16)


def _joined(specs: Sequence[FilmSpec], letters: Sequence[str]) -> bytes:
    height = specs[0].height
    gap = np.full((height, max(4, height // 60)), 255, np.uint8)
    side = height // 14
    parts: list[npt.NDArray[Any]] = []
    for spec, letter in zip(specs, letters, strict=True):
        film = Image.fromarray(_samples_of(spec)).resize((round(spec.width * height / spec.height), height))
        draw = ImageDraw.Draw(film)
        draw.rectangle((0, height - side, side, height), fill=255)
        draw.text((side * 0.3, height - side * 0.95), letter, fill=0, font=ImageFont.load_default(side * 0.8))
        parts += [gap, np.asarray(film)]
    return _bytes_of(np.hstack(parts[1:]), FilmSpec("", format="jpeg"))


def _bytes_of(samples: Samples, spec: FilmSpec) -> bytes:
    if spec.format == "png":
        colours = samples if samples.ndim == 2 else cv2.cvtColor(samples, cv2.COLOR_RGB2BGR)
        _, png = cv2.imencode(".png", colours, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        return bytes(png)
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
