"""The rows to publish: those adopted from the collection and the candidates that a person accepted."""

import re
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath

from pipelines.candidates.collection import AdoptedRow
from pipelines.candidates.schema import folder_of
from pipelines.candidates.store import Store
from pipelines.records import COLUMNS, Candidate, Evidence, Media
from pipelines.references.licences import licence_of

Box = tuple[int, int, int, int]

_DIGITS = re.compile(r"(\d+)", re.ASCII)
FOLDERS = ("images", "volumes")


@dataclass(frozen=True)
class Row:
    """Hold one row to publish, with its film: a file by its SHA-256, or the box of it that is cut out.

    Exactly one of `candidate` and `adopted` is set.
    """

    cells: dict[str, str]
    media: Media | None
    evidence: tuple[Evidence, ...] = ()
    box: Box | None = None
    candidate: Candidate | None = None
    adopted: AdoptedRow | None = None

    @property
    def name(self) -> str:
        """Return what a person finds the row by."""
        filename = self.cells["filename"] or "without a file name"
        return f"{filename} (candidate {self.candidate.id})" if self.candidate else f"{filename} (adopted)"

    @property
    def licence(self) -> str | None:
        """Return the licence in the project's vocabulary, None where it is unclear."""
        return licence_of(self.cells["license"])

    @property
    def folder(self) -> str:
        """Return the folder that the film is published in."""
        told = self.cells["folder"]
        return told if told in FOLDERS else folder_of(self.cells["modality"]) or FOLDERS[0]

    @property
    def place(self) -> str:
        """Return where the film is published, from the folder of the publication; blank where there is no film."""
        return f"{self.folder}/{self.cells['filename']}" if self.media else ""


def rows_to_publish(store: Store) -> list[Row]:
    """Return every row that the next publication holds, in its order; no licence is asked for here."""
    adopted = (Row(dict(row.row), row.media, adopted=row) for row in store.adopted())
    accepted = (_accepted(candidate, store.media(candidate.sha256)) for candidate in store.candidates(state="accepted"))
    return sorted(chain(adopted, accepted), key=_order)


def _accepted(candidate: Candidate, media: Media | None) -> Row:
    cells = dict(candidate.row)
    evidence = list(candidate.evidence)
    if not cells["folder"]:
        # Where a file lies is no statement of a source; of an unknown modality it is the folder of pictures.
        cells["folder"] = folder_of(cells["modality"]) or FOLDERS[0]
        facts = {"field": "folder", "value": cells["folder"], "rule": "folder of the modality"}
        evidence += [of.model_copy(update=facts) for of in candidate.evidence if of.field == "modality"]
    box = candidate.panel.box if candidate.panel else None
    if box and cells["filename"]:
        # A panel is cut out as PNG, and a file is what its name says.
        cells["filename"] = str(PurePath(cells["filename"]).with_suffix(".png"))
    told = (of.model_copy(update={"value": cells[of.field]}) for of in evidence)
    return Row(cells, media, tuple(told), box, candidate=candidate)


def _order(row: Row) -> tuple[object, ...]:
    cells, adopted = row.cells, row.adopted
    occurrence = adopted.occurrence if adopted else 0
    offset = cells["offset"]
    days = (0, float(offset), "") if re.fullmatch(r"-?\d+(\.\d+)?", offset) else (1, 0.0, offset)
    by_name = (_natural(cells["filename"]), cells["filename"], occurrence)
    return (_natural(cells["patientid"]), days, by_name, tuple(cells[column] for column in COLUMNS))


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """Return a key by which `patient-2` comes before `patient-10`."""
    parts = _DIGITS.split(text.casefold())
    key = []
    for index, part in enumerate(parts):
        number = part.lstrip("0")
        key.append((len(number), number) if index % 2 else (-1, part))
    return tuple(key)
