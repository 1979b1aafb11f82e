"""The worlds that the replayed web can show: a generated one, whose texts lie beside this file as TOML."""

import hashlib
import re
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from crawlers.replay.articles import written_articles
from crawlers.replay.films import FilmSpec
from crawlers.replay.image_files import ImageFile
from crawlers.replay.world import Figure1Case, Frame, RadiopaediaCase, RadiopaediaStudy, SirmPost, World

HERE = Path(__file__).parent
NEWEST_CASE = date(2022, 11, 2)
# Sizes that uploads really have, about 1 to 1.5 Mpx; the few larger films are named in the TOML.
SIZES = ((1024, 1024), (1100, 960), (1180, 980), (1240, 1080), (960, 1140), (1200, 1200))
CT_SIZE = (512, 512)


def generated_world() -> World:
    """Return the world whose texts were written, and whose films are generated, for the demo and the tests."""
    cases = [case for path in sorted(HERE.glob("radiopaedia*.toml")) for case in _tables(path, "case")]
    return World(
        name="generated",
        radiopaedia=tuple(_radiopaedia(case, number) for number, case in enumerate(cases)),
        sirm=tuple(_sirm(post) for post in _tables(HERE / "sirm.toml", "post")),
        figure1=tuple(_figure1(case) for case in _tables(HERE / "figure1.toml", "case")),
        articles=written_articles(),
    )


def _tables(path: Path, name: str) -> list[dict[str, Any]]:
    tables: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))[name]
    return tables


def _radiopaedia(case: dict[str, Any], number: int) -> RadiopaediaCase:
    rid = case["rid"]
    studies = tuple(_study(study, rid * 10 + place, case) for place, study in enumerate(case.pop("study"), 1))
    case.setdefault("slug", f"{'-'.join(re.findall(r'[a-z0-9]+', case['title'].lower()))}-{rid % 1000}")
    published = NEWEST_CASE - timedelta(days=3 * number)
    case.setdefault("published", f"{published.day} {published:%b %Y}")
    return RadiopaediaCase(studies=studies, **_frozen(case))


def _study(study: dict[str, Any], study_id: int, case: dict[str, Any]) -> RadiopaediaStudy:
    modality = study.pop("modality", "X-ray")
    films = study.pop("films", [])
    if modality == "CT":
        films = [{"kind": "ct", "projection": "Axial", **film} for film in films]
    frames = tuple(
        Frame(
            id=study_id * 100 + place,
            projection=_stated(film.pop("projection", "Frontal")),
            truth=film.pop("truth", {}),
            file=_file(film, hashlib.sha256(f"{study_id}-{place}".encode()).hexdigest()),
        )
        for place, film in enumerate(films, 1)
    )
    return RadiopaediaStudy(id=study_id, modality=_stated(modality), frames=frames, **_frozen(study))


def _sirm(post: dict[str, Any]) -> SirmPost:
    films = [_file(film, "") for film in post.pop("films")]
    body = tuple(films[part] if isinstance(part, int) else part for part in post.pop("body"))
    return SirmPost(body=body, **_frozen(post))


def _figure1(case: dict[str, Any]) -> Figure1Case:
    digest = hashlib.sha256(case["title"].encode()).hexdigest()
    case.setdefault("id", f"5e{digest[:22]}")
    case.setdefault("uuid", f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}")
    files = tuple(
        _file(film, hashlib.sha256(f"{case['id']}-{n}".encode()).hexdigest()[:24])
        for n, film in enumerate(case.pop("films"))
    )
    return Figure1Case(files=files, **_frozen(case))


def _file(film: dict[str, Any], stem: str) -> ImageFile:
    """Make the file of a TOML table: `name` and `damage` are the file's, all else is its `FilmSpec`."""
    name, damage = film.pop("name", ""), film.pop("damage", "")
    at = int(hashlib.sha256(film["patient"].encode()).hexdigest(), 16) % len(SIZES)
    width, height = SIZES[at]
    if film.get("kind") == "ct":
        (width, height), film["view"] = CT_SIZE, "Axial"
    if "crop" in film:
        film["crop"] = tuple(film["crop"])
    spec = FilmSpec(**{"width": width, "height": height, **film})
    return ImageFile(name or f"{stem}.{spec.format}", spec, damage)


def _stated(word: str) -> str | None:
    """Return `None` for "none": TOML has no null."""
    return None if word == "none" else word


def _frozen(table: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
