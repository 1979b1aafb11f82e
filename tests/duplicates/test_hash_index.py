import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint
from pipelines.duplicates.index import FingerprintIndex

HASH = st.binary(min_size=32, max_size=32)


def with_hashes(upright, mirrored):
    return Fingerprint(FINGERPRINT_VERSION, (upright, mirrored), b"", 1, 1)


def flipped(bits, places):
    number = int.from_bytes(bits, "little")
    for place in places:
        number ^= 1 << place
    return number.to_bytes(32, "little")


def bits_apart(a, b):
    return (int.from_bytes(a, "little") ^ int.from_bytes(b, "little")).bit_count()


@settings(max_examples=60)
@given(
    st.lists(HASH, max_size=30),
    HASH,
    HASH,
    st.lists(st.sets(st.integers(0, 255), max_size=60), max_size=10),
    st.integers(0, 63),
)
def test_the_index_finds_exactly_what_a_plain_search_finds(strangers, upright, mirrored, near_by, radius):
    inverse = bytes(255 - byte for byte in upright)
    known = [*strangers, *(flipped(upright, places) for places in near_by), *(flipped(inverse, p) for p in near_by)]
    index = FingerprintIndex((str(i), with_hashes(bits, bits)) for i, bits in enumerate(known))
    expected = {}
    for i, bits in enumerate(known):
        distances = [bits_apart(bits, asked) for asked in (upright, mirrored)]
        distance = min(min(d, 256 - d) for d in distances)
        if distance <= radius:
            expected[str(i)] = distance
    found = index.near(with_hashes(upright, mirrored), radius)
    assert dict(found) == expected
    assert [distance for _, distance in found] == sorted(expected.values())


def test_the_index_grows_past_its_first_size():
    chance = np.random.default_rng(0)
    hashes = [chance.bytes(32) for _ in range(3000)]
    index = FingerprintIndex((str(i), with_hashes(bits, bits)) for i, bits in enumerate(hashes))
    assert len(index) == 3000
    assert dict(index.near(with_hashes(hashes[2999], hashes[0]))) == {"0": 0, "2999": 0}


def test_a_key_added_twice_keeps_its_newest_fingerprint():
    index = FingerprintIndex()
    index.add("film", with_hashes(bytes(32), bytes(32)))
    index.add("film", with_hashes(b"\x0f" * 32, bytes(32)))
    assert len(index) == 1
    assert "film" in index
    assert index.near(with_hashes(b"\x0f" * 32, b"\x0f" * 32)) == [("film", 0)]
    assert index.near(with_hashes(bytes(32), bytes(32))) == []


def test_an_empty_index_finds_nothing():
    assert FingerprintIndex().near(with_hashes(bytes(32), bytes(32))) == []
