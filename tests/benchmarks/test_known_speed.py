"""What a single question costs among many films; run with `pytest tests/benchmarks --benchmark-enable -n 0`."""

from pathlib import Path

import numpy as np
import pytest
from random_codes import random_codes

from pipelines.candidates.collection import AdoptedRow, imported_now
from pipelines.candidates.lookups import films_with_fingerprint
from pipelines.candidates.store import Store
from pipelines.candidates.tables import fingerprints
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint
from pipelines.duplicates.hashes import HASH_BYTES
from pipelines.duplicates.kept_index import KeptIndex
from pipelines.media.blobs import BlobStore
from pipelines.publish.lookup import Lookup
from pipelines.records import COLUMNS

FILMS = 2_000  # the times grow in proportion; a hundred thousand are the same with a larger number
FILMS_UNMEASURED = 20
FEATURES = 300


def random_fingerprint(chance: np.random.Generator) -> Fingerprint:
    codes = random_codes(chance, FEATURES)
    hashes = chance.bytes(HASH_BYTES), chance.bytes(HASH_BYTES)
    return Fingerprint(FINGERPRINT_VERSION, hashes, codes.tobytes(), 900, 900)


@pytest.fixture(scope="module")
def known(request: pytest.FixtureRequest) -> dict[str, Fingerprint]:
    chance = np.random.default_rng(0)
    films = FILMS if request.config.getoption("benchmark_enable") else FILMS_UNMEASURED
    return {chance.bytes(32).hex(): random_fingerprint(chance) for _ in range(films)}


@pytest.fixture(scope="module")
def folder(known: dict[str, Fingerprint], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a workspace of as many films and adopted rows."""
    folder = tmp_path_factory.mktemp("known")
    films = [
        {"film": film, "version": FINGERPRINT_VERSION, "fingerprint": fingerprint.to_bytes()}
        for film, fingerprint in known.items()
    ]
    cells = dict.fromkeys(COLUMNS, "") | {"clinical_notes": "a word or two " * 60}
    rows = [
        AdoptedRow(filename=f"{place}.png", row=cells | {"doi": f"10.1148/ryct.{place}"}) for place in range(len(films))
    ]
    with Store(f"sqlite:///{folder}/intake.sqlite") as store:
        with store.writing() as connection:
            connection.execute(fingerprints.insert(), films)
        store.adopt(imported_now("metadata.csv", "0" * 64, "utf-8", list(COLUMNS), len(rows), "Ada"), rows)
    index = KeptIndex.at(folder / "films.index")
    index.add((film, fingerprint.to_bytes()) for film, fingerprint in known.items())
    index.keep(folder / "films.index")
    return folder


def test_known_doi(benchmark, folder, known):
    with Store(f"sqlite:///{folder}/intake.sqlite") as store:
        lookup = Lookup(store, BlobStore(folder / "blobs"), folder / "films.index", lambda films: None)
        (answer,) = benchmark(lookup.answers, f"10.1148/ryct.{len(known) // 2}")
    assert answer.state == "adopted"


def test_known_film_from_a_cold_index(benchmark, folder, known):
    film, fingerprint = next(iter(known.items()))

    def named():
        index = KeptIndex.at(folder / "films.index")
        assert index.unknown_of(films_with_fingerprint(store, FINGERPRINT_VERSION)) == []
        return index.near(fingerprint)

    with Store(f"sqlite:///{folder}/intake.sqlite") as store:
        assert benchmark(named) == [(film, 0)]
