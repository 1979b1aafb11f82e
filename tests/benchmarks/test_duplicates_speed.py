"""What finding duplicates costs beside the naive way; run with `pytest tests/benchmarks --benchmark-enable -n 0`."""

import io

import imagehash
import numpy as np
import pytest
from PIL import Image
from random_codes import random_codes

from pipelines.duplicates.crops import CropIndex
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint, fingerprint_of
from pipelines.duplicates.hashes import HASH_BYTES
from pipelines.duplicates.index import FingerprintIndex
from pipelines.duplicates.verification import compared

FILMS = 20_000  # a search's time grows in proportion; a million are the same with a larger number
FEATURES = 300


@pytest.fixture(scope="module")
def films(shared):
    paths = sorted((shared / "real" / "films" / "crossposted").glob("*.jp*g"))[:8]
    return [path.read_bytes() for path in paths]


def test_naive_hash_of_a_film(benchmark, films):
    benchmark(lambda: [imagehash.phash(Image.open(io.BytesIO(film)), 16) for film in films])


def test_fingerprint_of_a_film(benchmark, films):
    assert all(benchmark(lambda: [fingerprint_of(film) for film in films]))


def test_proof_of_a_pair(benchmark, films):
    benchmark(lambda: compared(films[0], films[1]))


def random_hashes(chance):
    return chance.bytes(HASH_BYTES), chance.bytes(HASH_BYTES)


def test_query_by_hash(benchmark):
    chance = np.random.default_rng(0)
    known = [Fingerprint(FINGERPRINT_VERSION, random_hashes(chance), b"", 1, 1) for _ in range(FILMS)]
    index = FingerprintIndex((str(i), fingerprint) for i, fingerprint in enumerate(known))
    found = benchmark(index.near, known[77])
    assert found[0] == ("77", 0)


def test_naive_query_by_hash(benchmark):
    chance = np.random.default_rng(0)
    known = chance.integers(0, 2**64, FILMS, np.uint64)
    found = benchmark(lambda: np.flatnonzero(np.bitwise_count(known ^ known[77]) <= 6))
    assert 77 in found


def test_query_by_votes(benchmark):
    chance = np.random.default_rng(0)
    index = CropIndex()
    for i in range(FILMS // 10):
        index.add(str(i), random_codes(chance, FEATURES))
    asked = random_codes(chance, FEATURES)
    index.add("asked", asked)
    assert benchmark(index.near, asked) == [("asked", FEATURES)]
