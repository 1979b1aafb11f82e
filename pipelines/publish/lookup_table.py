"""Answer from a published `known.csv` alone, without a store and without films."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

from pipelines.publish.cells import verbatim
from pipelines.publish.lookup import Answer, Unanswerable, is_doi, kind_of
from pipelines.publish.memory import KNOWN


class KnownTable:
    """Hold the lines of a `known.csv`; they are searched as they stand, and only what is found is read."""

    def __init__(self, path: Path) -> None:
        """Read the table; raise `Unanswerable` for a file that is none."""
        try:
            with path.open(encoding="utf-8", newline="") as file:
                lines = list(csv.reader(file))
        except OSError as error:
            raise Unanswerable(f"{path}: {error.strerror}") from None
        except (ValueError, csv.Error) as error:
            raise Unanswerable(f"{path}: {error}") from None
        self._lines = lines[1:]
        if not lines or tuple(lines[0]) != KNOWN or any(len(line) != len(KNOWN) for line in self._lines):
            raise Unanswerable(f"{path} is no known.csv: its columns are not {', '.join(KNOWN)}")

    def answers(self, asked: str) -> list[Answer]:
        """Return what the table knows of an argument, a blank answer where it knows nothing; raise `Unanswerable`."""
        kind = kind_of(asked)
        if kind == "film":
            found = list(self._of_film(asked))
        elif kind == "doi":
            found = self._of_doi(asked)
        else:
            plain = asked.rstrip("/")
            wanted = {"sha256": plain.lower(), "case_url": plain, "filename": plain}
            found = [
                _answer(asked, line) for line in self._lines
                if any(_cell(line, name).rstrip("/") == value for name, value in wanted.items())
            ]  # fmt: skip
        return found or [Answer(asked)]

    def _of_doi(self, asked: str) -> list[Answer]:
        from pipelines.references.doi import normal_doi, same_doi

        bare = normal_doi(asked)
        near = [line for line in self._lines if bare.casefold() in _cell(line, "doi").casefold()]
        return [
            _answer(asked, line)
            for line in near
            if is_doi(verbatim(_cell(line, "doi"))) and same_doi(normal_doi(verbatim(_cell(line, "doi"))), bare)
        ]

    def _of_film(self, asked: str) -> Iterator[Answer]:
        data = Path(asked).read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        same = [line for line in self._lines if _cell(line, "sha256") == sha256]
        if same:
            yield from (_answer(asked, line, relation="same bytes", distance=0) for line in same)
            return
        near = list(self._near(asked, data))
        yield from near or self._not_compared(asked)

    def _not_compared(self, asked: str) -> Iterator[Answer]:
        """Yield an answer that leaves it open where the table holds fingerprints of another version."""
        from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION

        stored = [line for line in self._lines if _cell(line, "fingerprint")]
        if other := sum(_cell(line, "version") != str(FINGERPRINT_VERSION) for line in stored):
            note = f"films not compared: {other}, whose fingerprints are not of version {FINGERPRINT_VERSION}"
            yield Answer(asked, known=None, note=note)

    def _near(self, asked: str, data: bytes) -> Iterator[Answer]:
        import numpy as np

        from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint, NoFingerprint, fingerprint_of
        from pipelines.duplicates.hashes import HASH_BITS, RADIUS
        from pipelines.duplicates.kept_index import distances_from

        try:
            fingerprint = fingerprint_of(data)
        except NoFingerprint as refusal:
            raise Unanswerable(f"{asked}: these bytes are in no line, and {refusal}") from None
        version = str(FINGERPRINT_VERSION)
        lines = [line for line in self._lines if _cell(line, "version") == version and _cell(line, "fingerprint")]
        if not lines:
            return
        try:
            hashes = [Fingerprint.from_bytes(bytes.fromhex(_cell(line, "fingerprint"))).hashes[0] for line in lines]
        except ValueError as error:
            raise Unanswerable(f"a fingerprint of the table cannot be read: {error}") from None
        known = np.frombuffer(b"".join(hashes), np.uint64).reshape(len(lines), -1)
        distances = distances_from(fingerprint.hashes, known)
        for place in np.argsort(distances, kind="stable"):
            if distances[place] > RADIUS:
                return
            distance = int(distances[place])
            limit = f"{distance} of {HASH_BITS} bits differ, at most {RADIUS} in copies; no film here to prove it with"
            yield _answer(asked, lines[place], known=None, distance=distance, note=f"may be the same image: {limit}")


def _cell(line: list[str], name: str) -> str:
    return line[KNOWN.index(name)]


def _answer(
    asked: str, line: list[str], known: bool | None = True, relation: str = "", distance: int | None = None,
    note: str = "",
) -> Answer:  # fmt: skip
    cells = dict(zip(KNOWN, map(verbatim, line), strict=True))
    return Answer(
        asked, known, state=cells["state"], reason=cells["reason"], url=cells["case_url"], filename=cells["filename"],
        sha256=cells["sha256"], relation=relation, distance=distance, note=note,
    )  # fmt: skip
