"""A small workspace to serve: two cases with hostile texts, their films, a twin and a kept page."""

import hashlib
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
from argon2 import PasswordHasher
from PIL import Image as Pictures
from scrapy.http import HtmlResponse

from crawlers.middlewares.snapshot import warc_record
from pipelines.candidates.rows import candidates_for
from pipelines.candidates.store import Store
from pipelines.media.blobs import BlobStore
from pipelines.records import Candidate, Case, Evidence, Image, Match, Media, Reading, Study, TextBlock

PASSWORD = "correct horse battery staple"
# A real hash takes a quarter of a second of each of four cores, at every sign-in.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}'><b onclick=x>"
STORY = f"A 40-year-old man with fever \N{LUNGS} came on day 3. {HOSTILE} He went home."


def film(seed: int, bits: int = 8) -> bytes:
    """Return a PNG of noise."""
    noise = np.random.default_rng(seed).integers(0, 2**bits, (48, 64), np.uint16 if bits > 8 else np.uint8)
    file = io.BytesIO()
    Pictures.fromarray(noise).save(file, "PNG")
    return file.getvalue()


def filled(workspace: Path) -> Path:
    """Fill a new workspace and return it."""
    with Store(f"sqlite:///{workspace}/intake.sqlite") as store:
        blobs = BlobStore(workspace / "blobs")
        for number in (1, 2):
            case = _case(number, blobs)
            for _, _, image in case.images():
                store.keep_fetched(image.url, image.media)
            store.take_in(case, candidates_for(case, _readings(case)), case.content_hash(), "test")
        first, second = (store.of_case("sirm", str(number))[0] for number in (1, 2))
        transform = {"mirror": False, "invert": False, "rotation": -2.0, "scale": 1.0, "crop": [0, 0, 64, 24]}
        store.keep_match(
            first.id,
            Match(candidate=second.id, relation="same image", distance=4, correlation=0.98, transform=transform),
        )
        _keep_page(store, workspace / "snapshots")
        store.add_user("ada", PASSWORD_HASH)
        store.add_user("ben", PASSWORD_HASH)
    return workspace


def _case(number: int, blobs: BlobStore) -> Case:
    images = [
        Image(
            url=f"https://www.sirm.org/{number}-{place}.png",
            position=place,
            caption=HOSTILE,
            projection=HOSTILE,
            media=blobs.put(film(10 * number + place, bits=16 if place else 8)),
        )
        for place in range(2)
    ]
    return Case(
        source="sirm",
        source_id=str(number),
        url=f"https://www.sirm.org/casi/{number}/",
        title=f"Case {number} {HOSTILE}",
        blocks=[TextBlock(label="presentation", text=STORY, language="en"), TextBlock(label="note", text=HOSTILE)],
        studies=[Study(modality=HOSTILE, caption=HOSTILE, images=images)],
        licence="CC BY 4.0" if number == 1 else "",
        credit=HOSTILE,
        institution=HOSTILE,
    )


def _readings(case: Case) -> list[Reading]:
    start = STORY.index("40-year-old")
    age = Evidence(
        field="age", value="40", quote="40-year-old", block="block[0]", start=start, end=start + 11, rule="age"
    )
    notes = Evidence(
        field="clinical_notes", value=STORY, quote=STORY, block="block[0]", start=0, end=len(STORY), rule="notes"
    )
    return [Reading(study=0, image=place, evidence=[age, notes]) for place in range(2)]


def _keep_page(store: Store, folder: Path) -> None:
    body = f"<html><head><title>x</title></head><body><p>{STORY}</p><script>alert(3)</script></body></html>".encode()
    now, url = datetime.now(UTC), "https://www.sirm.org/casi/1/"
    response = HtmlResponse(url, body=body, headers={"Content-Type": "text/html; charset=utf-8"})
    record = warc_record(response, now)
    folder.mkdir()
    (folder / "pages.warc.gz").write_bytes(b"before" + record)
    store.keep_snapshot(url, "pages.warc.gz", len(b"before"), len(record), hashlib.sha256(body).hexdigest(), now)


def put_as(blobs: BlobStore, data: bytes, mime: str, extension: str) -> str:
    """Keep bytes that the sniffer would refuse, as if an older one had let them pass; return their SHA-256."""
    sha256 = hashlib.sha256(data).hexdigest()
    blobs.put(data, Media(sha256=sha256, mime=mime, extension=extension, size=len(data)))
    return sha256


@dataclass
class Desk:
    """Hold a served desk and one person's client, which sends the page's token with each write."""

    client: httpx.Client
    store: Store
    blobs: BlobStore

    def page(self, path: str) -> httpx.Response:
        """Return a page as a browser asks for it."""
        return self.client.get(path, headers={"Accept": "text/html"})

    def token(self) -> str:
        """Return the token of the pages."""
        return re.search(r'name="csrf" content="([^"]+)"', self.page("/queue").text)[1]

    def write(self, path: str, **body: object) -> httpx.Response:
        """Write as the page's script does."""
        return self.client.post(path, json=body, headers={"X-CSRF-Token": self.token()})

    def first(self) -> Candidate:
        """Return the first candidate."""
        return self.store.of_case("sirm", "1")[0]
