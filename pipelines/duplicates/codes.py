"""Turn descriptors into short binary codes that one can look up: a key to find alike ones by, and signs to check them.

A code holds the signs of a descriptor's coordinates in a fixed basis: the principal axes of descriptors of chest films,
turned at random so that each bit carries as much. The axes are taken within the four symmetry classes of mirroring and
inverting, so a mirrored or inverted film has the same codes but for known bits, and needs no second set.
"""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from pipelines.duplicates.local_features import APPEARANCES, Descriptors, LocalFeatures

KEY_BITS = 24
SIGN_BITS = 64
WEAK_BITS = 5  # of the key, tried both ways: finds three to five times as many of a crop's points as the key alone
BASIS = "descriptor_basis.npz"

DIRECTIONS = 16  # a full turn in these many steps
SIZES = 8  # half octaves; the ninth counts as the first again

CODE = np.dtype([("signs", "<u8"), ("key", "<u4"), ("weak", "<u4"), ("direction", "u1"), ("size", "u1")])
Codes = npt.NDArray[Any]


class _Basis(NamedTuple):
    mean: npt.NDArray[np.float32]
    key_axes: npt.NDArray[np.float32]
    sign_axes: npt.NDArray[np.float32]
    key_flips: list[np.uint32]
    sign_flips: list[np.uint64]


def codes_of(features: LocalFeatures) -> Codes:
    """Return the codes (n) of a film's features; `weak` packs the positions of the key's least sure bits."""
    if len(features.descriptors) == 0:
        return np.empty(0, CODE)
    basis = _basis()
    centred = features.descriptors - basis.mean
    coordinates = cv2.gemm(centred, basis.key_axes, 1, np.empty(0), 0)
    codes = np.empty(len(centred), CODE)
    codes["key"] = _packed(coordinates > 0)
    codes["signs"] = _packed(cv2.gemm(centred, basis.sign_axes, 1, np.empty(0), 0) > 0)
    unsure = np.argsort(np.abs(coordinates), axis=1)[:, :WEAK_BITS]
    codes["weak"] = (unsure << (5 * np.arange(WEAK_BITS))).sum(axis=1)
    codes["direction"] = np.rint(features.frames[:, 0] * (DIRECTIONS / 360)).astype(np.int64) % DIRECTIONS
    codes["size"] = np.rint(2 * np.log2(features.frames[:, 1])).astype(np.int64) % SIZES
    return codes


def appearances_of(codes: Codes) -> Iterator[Codes]:
    """Yield the codes as they are, mirrored, inverted and both."""
    basis = _basis()
    for (mirrored, _), key_flip, sign_flip in zip(APPEARANCES, basis.key_flips, basis.sign_flips, strict=True):
        turned = codes.copy()
        if mirrored:
            turned["direction"] = -codes["direction"] % DIRECTIONS
        turned["key"] ^= key_flip
        turned["signs"] ^= sign_flip
        yield turned


def probes_of(codes: Codes) -> npt.NDArray[np.uint32]:
    """Return the keys to look each code up under, (n, 2 ** WEAK_BITS): its own, and with its weak bits both ways."""
    positions = (codes["weak"][:, None] >> (5 * np.arange(WEAK_BITS, dtype=np.uint32))) & 31
    bits = np.left_shift(np.uint32(1), positions, dtype=np.uint32)
    chosen = (np.arange(2**WEAK_BITS)[:, None] >> np.arange(WEAK_BITS)) & 1
    flips = (bits[:, None, :] * chosen[None].astype(np.uint32)).sum(axis=2, dtype=np.uint32)
    probes: npt.NDArray[np.uint32] = codes["key"][:, None] ^ flips
    return probes


def basis_from(descriptors: Descriptors) -> dict[str, npt.NDArray[np.float32]]:
    """Return the arrays of the basis file, learnt from descriptors (n, 128) of many films."""
    mirror, invert = (np.eye(128)[order] for order in (APPEARANCES[True, False], APPEARANCES[False, True]))
    mean = descriptors.mean(axis=0, dtype=np.float64)
    mean = np.mean([turn @ mean for turn in (np.eye(128), mirror, invert, mirror @ invert)], axis=0)
    spread = np.cov(descriptors - mean, rowvar=False)
    strengths, axes, classes = [], [], []
    for name, (m, i) in enumerate([(1, 1), (-1, 1), (1, -1), (-1, -1)]):
        within = (np.eye(128) + m * mirror) @ (np.eye(128) + i * invert) / 4
        strength, axis = np.linalg.eigh(within @ spread @ within)
        strengths.append(strength)
        axes.append(axis)
        classes.append(np.full(128, name))
    order = np.argsort(np.concatenate(strengths))[::-1]
    ranked, ranked_classes = np.concatenate(axes, axis=1)[:, order], np.concatenate(classes)[order]
    turned = {
        name: _turned_within_classes(ranked[:, :bits], ranked_classes[:bits], seed)
        for name, bits, seed in (("key_axes", KEY_BITS, 1), ("sign_axes", SIGN_BITS, 2))
    }
    return {"mean": mean.astype(np.float32), **turned}


def _turned_within_classes(
    axes: npt.NDArray[np.float64], classes: npt.NDArray[np.intp], seed: int
) -> npt.NDArray[np.float32]:
    chance = np.random.default_rng(seed)
    turned = axes.copy()
    for name in np.unique(classes):
        alike = np.flatnonzero(classes == name)
        rotation, _ = np.linalg.qr(chance.normal(size=(alike.size, alike.size)))
        turned[:, alike] = axes[:, alike] @ rotation
    return turned.astype(np.float32)


@cache
def _basis() -> _Basis:
    with resources.as_file(resources.files(__package__).joinpath(BASIS)) as path, np.load(path) as read:
        mean, key_axes, sign_axes = (read[name].astype(np.float32) for name in ("mean", "key_axes", "sign_axes"))
    key_flips = [np.uint32(_flips(key_axes, order)) for order in APPEARANCES.values()]
    sign_flips = [np.uint64(_flips(sign_axes, order)) for order in APPEARANCES.values()]
    return _Basis(mean, key_axes, sign_axes, key_flips, sign_flips)


def _flips(axes: npt.NDArray[np.float32], order: npt.NDArray[np.intp]) -> int:
    """Return as bits which coordinates change their sign when descriptors are reordered so."""
    turned = (axes[order] * axes).sum(axis=0)
    assert np.allclose(np.abs(turned), 1, atol=1e-2), "the basis does not respect mirroring and inverting"
    return int(_packed(turned[None] < 0)[0])


def _packed(bits: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    """Return each row of up to 64 bits as one number, the first bit lowest."""
    places = np.left_shift(np.uint64(1), np.arange(bits.shape[1], dtype=np.uint64))
    packed: npt.NDArray[np.uint64] = (bits * places).sum(axis=1, dtype=np.uint64)
    return packed
