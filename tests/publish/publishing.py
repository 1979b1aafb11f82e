"""A desk with candidates that were accepted, without a crawl: the store, the blobs, and who decides."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image as Picture

from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore
from pipelines.publish.checks import Terms
from pipelines.publish.publication import Publication, publish
from pipelines.records import COLUMNS, Candidate, Case, Decision, Evidence, Image, Panel, Study

TITLE = "COVID-19 pneumonia in a 54-year-old"
WHEN = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


def film_bytes(seed: int, kind: str = "PNG", **options: object) -> bytes:
    """Return a small grey picture that no other seed has."""
    samples = np.random.default_rng(seed).integers(0, 255, (40, 60), np.uint8)
    file = io.BytesIO()
    Picture.fromarray(samples).save(file, kind, **options)
    return file.getvalue()


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its place."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@dataclass
class Desk:
    """Hold one workspace and propose, decide and publish in it."""

    folder: Path
    store: Store
    blobs: BlobStore

    @property
    def out(self) -> Path:
        return self.folder / "published"

    def propose(self, name: str, film: bytes, panel: Panel | None = None, **values: str) -> Candidate:
        """Take in a case with one film; its row is whole and sound unless `values` say otherwise."""
        media = self.blobs.put(film)
        self.store.keep_fetched(f"https://sirm.org/{name}.png", media)
        url = f"https://sirm.org/{name}"
        case = Case(
            source="sirm", source_id=name, url=url, title=TITLE,
            studies=[Study(modality="X-ray", images=[Image(url=f"{url}.png", media=media)])],
        )  # fmt: skip
        sound = {
            "patientid": f"sirm-{name}", "finding": "Pneumonia/Viral/COVID-19", "modality": "X-ray", "folder": "images",
            "filename": f"{name}.{media.extension}", "url": url, "license": "CC BY 4.0",
        }  # fmt: skip
        row = dict.fromkeys(COLUMNS, "") | sound | values
        evidence = [
            Evidence(field=field, value=value, quote=TITLE, block="title", start=0, end=len(TITLE), rule="test")
            for field, value in row.items()
            if value
        ]
        id = f"{name}-{','.join(map(str, panel.box)) if panel else 'whole'}"
        candidate = Candidate(
            id=id, source="sirm", source_id=name, case_url=url, image_url=f"{url}.png", sha256=media.sha256,
            panel=panel, row=row, evidence=evidence,
        )  # fmt: skip
        self.store.take_in(case, [candidate], case.content_hash(), "1")
        return self.store.candidate(id)

    def decide(self, candidate: Candidate, action: str, **facts: object) -> Candidate:
        facts = {"candidate": candidate.id, "action": action, "by": "Ada", "at": WHEN} | facts
        revision = self.store.candidate(candidate.id).revision
        return self.store.record(Decision.model_validate(facts | {"revision": revision}))

    def accept(self, name: str, film: bytes, panel: Panel | None = None, **values: str) -> Candidate:
        return self.decide(self.propose(name, film, panel, **values), "accept")

    def publish(self, **terms: object) -> Publication:
        return publish(self.store, self.blobs, self.out, Terms(**terms))  # type: ignore[arg-type]
