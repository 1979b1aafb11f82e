"""The house stands in floors: imports run one way, and each dangerous or slow library has one room."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Each room may import itself and the rooms on floors below its own.
FLOORS = (
    ("pipelines.records", "pipelines.emails", "pipelines.vocabularies"),
    ("pipelines.media", "pipelines.references"),
    ("pipelines.figures", "pipelines.reading", "pipelines.duplicates"),
    ("pipelines.candidates",),
    ("pipelines.triage", "pipelines.publish"),
    ("pipelines.workers",),
    ("pipelines.comparisons",),
    ("pipelines.desk",),
    ("pipelines.stages",),
    ("crawlers",),
)
# A library that is slow to load, or that must be easy to replace, stays where it is named.
KEPT_IN = {
    "scrapy": ("pipelines/stages.py", "crawlers/"),
    "twisted": ("pipelines/stages.py", "crawlers/"),
    "pymupdf": ("pipelines/figures/pdf_pages/",),
    "fitz": (),
    "sqlalchemy": ("pipelines/candidates/",),
    "alembic": ("pipelines/candidates/",),
    "habanero": ("pipelines/references/crossref.py",),
    "spacy": ("pipelines/reading/",),
    "fastapi": ("pipelines/triage/",),
    "matplotlib": ("pipelines/publish/", "pipelines/duplicates/calibration.py"),
    "imagehash": ("pipelines/duplicates/",),
}


def modules() -> list[Path]:
    return sorted(path for room in ("crawlers", "pipelines") for path in (ROOT / room).rglob("*.py"))


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                base = ".".join((*parents, base)).rstrip(".")
            yield base, node.lineno
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)


def room_of(module: str) -> tuple[str, int] | None:
    for floor, rooms in enumerate(FLOORS):
        for room in rooms:
            if module == room or module.startswith(room + "."):
                return room, floor
    return None


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_downwards(path: Path) -> None:
    here = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
    if here is None:
        assert path.name == "__init__.py", f"{path.relative_to(ROOT)} stands on no floor: give it a room"
        return
    for module, line in imports_of(path):
        there = room_of(module)
        if there is None or there[0] == here[0]:
            continue
        assert there[1] < here[1], f"{path.relative_to(ROOT)}:{line} imports {module}, which is not below {here[0]}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_stays_in_its_room(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    for module, line in imports_of(path):
        rooms = KEPT_IN.get(module.split(".")[0])
        assert rooms is None or name.startswith(rooms), f"{name}:{line} imports {module}, which is kept in {rooms}"


def test_every_file_has_one_reason_to_change() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in modules()}
    assert {name: lines for name, lines in lengths.items() if lines > 350} == {}
