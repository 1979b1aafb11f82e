"""Made-up films: textured like a chest film, different for each seed, the same for the same one."""

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from pipelines.duplicates.film import use_one_thread

Pixels = np.ndarray


def made_film(seed: int, height: int = 640, width: int = 720) -> Pixels:
    """Return an 8-bit grey film of ribs, lungs, a spine and vessels that no other seed has."""
    chance = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    film = 150 + 25 * np.exp(-(((x - width / 2) / (0.07 * width)) ** 2))
    for side in (0.3, 0.7):
        lung = ((x - side * width) / (0.17 * width)) ** 2 + ((y - 0.5 * height) / (0.36 * height)) ** 2
        film -= 70 * np.exp(-(lung**2))
    bend, gap, start = chance.uniform(0.1, 0.3), chance.uniform(38, 55), chance.uniform(0, 40)
    film += 14 * np.sin((y - start + bend * np.abs(x - width / 2)) * 2 * np.pi / gap)
    for size, strength in ((3, 40), (8, 60), (20, 90)):
        film += (
            strength * cv2.GaussianBlur(chance.normal(0, 1, (height, width)).astype(np.float32), (0, 0), size) * size
        )
    return np.clip(film, 0, 255).astype(np.uint8)


def png(pixels: Pixels | Image.Image, **options: object) -> bytes:
    """Return the pixels as PNG bytes."""
    return _saved(pixels, "PNG", **{"compress_level": 1, **options})


def jpeg(pixels: Pixels | Image.Image, quality: int = 90, **options: object) -> bytes:
    """Return the pixels as JPEG bytes."""
    return _saved(pixels, "JPEG", quality=quality, **options)


def _saved(pixels: Pixels | Image.Image, kind: str, **options: object) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Compute as a worker does; threads of every test process would only wait for each other."""
    use_one_thread()


@pytest.fixture(scope="session")
def film() -> Callable[[int], Pixels]:
    """Return the maker of films by seed."""
    kept: dict[int, Pixels] = {}
    return lambda seed: kept[seed] if seed in kept else kept.setdefault(seed, made_film(seed))


@pytest.fixture(scope="session")
def as_png() -> Callable[..., bytes]:
    return png


@pytest.fixture(scope="session")
def as_jpeg() -> Callable[..., bytes]:
    return jpeg
