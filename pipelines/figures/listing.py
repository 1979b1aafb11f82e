"""The figures of files, PDF, JATS XML or pictures, as plain objects, with their pictures written to a folder."""

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from pipelines.figures.article import CutFigure, DrawnFigure, article_at
from pipelines.figures.boxes import Box
from pipelines.figures.compound import seen_in
from pipelines.figures.jats import article_in
from pipelines.figures.kinds import RADIOLOGY
from pipelines.figures.pdf import SECONDS, UnreadableDocument, answer_of, readers
from pipelines.media.sniff import NotMedia, media_of
from pipelines.records import Panel

MARKUP = frozenset({".xml", ".nxml"})
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif"})
ARTICLES = MARKUP | {".pdf"}
# What JATS leaves out of the name of a graphic, in the order in which copies of one are of worth.
_EXTENSIONS = ("", ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".gif")
_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")

Row = dict[str, Any]


@dataclass(frozen=True)
class Listed:
    """Hold the figures of one file, one object each, and what of it was lost, a line each."""

    rows: list[Row] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def listings(
    files: Sequence[Path],
    out: Path,
    *,
    workers: int | None = None,
    on_fault: Callable[[str], None] = lambda line: None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Row]:
    """Yield the figures of files in their order, pictures written below `out`; each file is read under limits.

    A file that cannot be read, and a part of one that was lost, goes to `on_fault` as a line; `on_progress` is told how
    many files are done, and of how many. `workers` processes share the work: as many as there are cores by default.
    """
    folders = _folders_for(files, out)
    pool = readers(workers or os.cpu_count() or 1)
    try:
        futures = [pool.schedule(listed, args=(path, folders[path]), timeout=SECONDS) for path in files]
        for done, (path, future) in enumerate(zip(files, futures, strict=True), 1):
            try:
                found = answer_of(future, path)
            except UnreadableDocument as error:
                on_fault(str(error))
            else:
                for fault in found.faults:
                    on_fault(f"{path}: {fault}")
                yield from found.rows
            on_progress(done, len(files))
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def files_in(path: Path) -> list[Path]:
    """Return a file, or the articles of a folder and all below it; its pictures where it holds no article."""
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.rglob("*") if file.is_file())
    articles = [file for file in files if file.suffix.lower() in ARTICLES]
    return articles or [file for file in files if file.suffix.lower() in PICTURES]


def listed(path: Path, folder: Path) -> Listed:
    """Return the figures of one file, their pictures written to `folder`; raise `ValueError` or `OSError` with why."""
    if path.suffix.lower() in MARKUP:
        return _of_jats(path, folder)
    if path.suffix.lower() in PICTURES:
        return Listed([_row_of_picture(path, folder)])
    return _of_pdf(path, folder)


def _of_pdf(path: Path, folder: Path) -> Listed:
    article = article_at(path, drawn=True)
    figures: list[list[CutFigure] | DrawnFigure] = [*article.drawings]
    figures += [list(pictures) for _, pictures in groupby(article.figures, lambda f: (f.page, f.label, f.whole))]
    rows = []
    for number, figure in enumerate(sorted(figures, key=_place), 1):
        if isinstance(figure, DrawnFigure):
            rows.append(_row(path, figure, kind="other", kind_confidence=0.8, flags=["drawn, no picture"]))
        else:
            rows.append(_row_of_figure(path, figure, folder, f"p{figure[0].page:03}-{number:03}"))
    return Listed(rows, article.faults)


def _place(figure: list[CutFigure] | DrawnFigure) -> tuple[int, float]:
    """Return page and top of a figure, by which figures follow one another."""
    if isinstance(figure, DrawnFigure):
        return figure.page, figure.bbox[1] if figure.bbox else 0.0
    return figure[0].page, figure[0].whole[1]


def _row_of_figure(path: Path, pictures: list[CutFigure], folder: Path, name: str) -> Row:
    first = pictures[0]
    flags = {flag for picture in pictures for flag in picture.flags}
    file = _written(first.together or first.data, folder, name)
    kinds = [picture.kind for picture in pictures]
    kind = next((kind for kind in (*RADIOLOGY, "unsure") if kind in kinds), first.kind)
    sure = max(picture.kind_confidence for picture in pictures if picture.kind == kind)
    row = _row(path, first, kind=kind, kind_confidence=sure, flags=sorted(flags), **file)
    if len(pictures) == 1:
        row["panels"] = _panels(first, row)
        if first.drawn:
            row["drawn"] = _written(first.drawn, folder, f"{name}-drawn")["path"]
        return row
    for n, picture in enumerate(pictures):
        own = _written(picture.data, folder, f"{name}-{picture.letter or n + 1}")
        box = _within(picture.bbox, first.whole, row["width"], row["height"])
        for panel in _panels(picture, own):
            row["panels"].append(panel | {"box": _scaled(panel["box"], own, box), "own": own | {"box": panel["box"]}})
        if picture.drawn:
            row["panels"][-1]["drawn"] = _written(picture.drawn, folder, f"{name}-{n + 1}-drawn")["path"]
    return row


def _panels(picture: CutFigure, file: Row) -> list[Row]:
    """Return the films of a picture: its panels, those drafted where they are left to a person, or all of it."""
    whole = Panel(
        box=(0, 0, file["width"], file["height"]),
        label=picture.letter,
        caption=picture.part,
        kind=picture.kind,
        kind_confidence=picture.kind_confidence,
    )
    return [_panel(panel) for panel in picture.panels or picture.drafted or [whole]]


def _panel(panel: Panel) -> Row:
    return panel.model_dump(mode="json")


def _within(box: Box, whole: Box, width: int, height: int) -> list[int]:
    """Return a box on the page in pixels of a picture of the whole."""
    across, down = width / (whole[2] - whole[0]), height / (whole[3] - whole[1])
    left, top = (box[0] - whole[0]) * across, (box[1] - whole[1]) * down
    right, bottom = (box[2] - whole[0]) * across, (box[3] - whole[1]) * down
    return [round(edge) for edge in (left, top, right, bottom)]


def _scaled(box: Sequence[int], file: Row, place: Sequence[int]) -> list[int]:
    """Return a box in pixels of a file in those of the picture where the file lies at `place`."""
    across, down = (place[2] - place[0]) / file["width"], (place[3] - place[1]) / file["height"]
    return [
        round(place[0] + box[0] * across), round(place[1] + box[1] * down),
        round(place[0] + box[2] * across), round(place[1] + box[3] * down),
    ]  # fmt: skip


def _of_jats(path: Path, folder: Path) -> Listed:
    article = article_in(path.read_bytes())
    rows: list[Row] = []
    faults = [issue.message for issue in article.issues if issue.kind == "media missing"]
    for number, figure in enumerate(article.figures, 1):
        name = f"{number:03}"
        row: Row = {"file": str(path), "page": None, "label": figure.label, "caption": figure.caption}
        row |= {"mentions": figure.mentions, "bbox": None, "kind": figure.kind or "unsure", "kind_confidence": 0.5}
        row |= _NO_FILE | {"flags": [], "panels": []}
        for n, href in enumerate(figure.hrefs):
            graphic = _graphic_at(path.parent, href)
            if graphic is None:
                faults.append(f"{figure.label or figure.id}: the graphic {href!r} does not lie beside it")
                continue
            try:
                found = _seen_file(graphic, folder, f"{name}-{n + 1}", figure.label, figure.caption, len(figure.hrefs))
            except NotMedia as refusal:
                faults.append(f"{figure.label or figure.id}: {graphic.name}: {refusal}")
                continue
            own = {key: found[key] for key in _NO_FILE}
            if row["path"]:
                row["flags"] = ["several pictures"]
                row["panels"] += [panel | {"own": own | {"box": panel["box"]}} for panel in found["panels"]]
            else:
                row |= found
        rows.append(row)
    return Listed(rows, faults)


def _graphic_at(folder: Path, href: str) -> Path | None:
    """Return the file a `graphic` names, which lies beside the XML; None where it does not, or is named elsewhere."""
    name = Path(href).name
    return next((folder / (name + end) for end in _EXTENSIONS if name and (folder / (name + end)).is_file()), None)


def _row_of_picture(path: Path, folder: Path) -> Row:
    return {
        "file": str(path), "page": None, "label": "", "caption": "", "mentions": [], "bbox": None,
        **_seen_file(path, folder, "001", "", "", 1),
    }  # fmt: skip


def _seen_file(path: Path, folder: Path, name: str, label: str, caption: str, of: int) -> Row:
    """Return what a picture file shows, and a copy of it; raise `NotMedia` where it is none."""
    data = path.read_bytes()
    media = media_of(data)
    if not media.width:
        raise NotMedia("unknown kind", f"the file is {media.mime}, no picture")
    seen = seen_in(data, label, caption, alone=of == 1)
    whole = Panel(box=(0, 0, media.width, media.height), kind=seen.kind, kind_confidence=seen.confidence)
    file = _written(data, folder, name, media.extension) | {"bits": media.bits}
    panels = [_panel(panel) for panel in seen.panels or seen.drafted or [whole]]
    judged = {"kind": seen.kind, "kind_confidence": seen.confidence}
    return judged | file | {"flags": seen.flags, "panels": panels}


_NO_FILE: Row = {"path": "", "sha256": "", "width": 0, "height": 0, "bits": 0}


def _row(source: Path, figure: CutFigure | DrawnFigure, **found: Any) -> Row:
    bbox = figure.whole if isinstance(figure, CutFigure) else figure.bbox
    row: Row = {"file": str(source), "page": figure.page, "label": figure.label, "caption": figure.caption}
    row |= {"mentions": figure.mentions, "bbox": bbox and [round(edge, 2) for edge in bbox]}
    row |= {"kind": found.pop("kind"), "kind_confidence": found.pop("kind_confidence")}
    flags = found.pop("flags")
    return row | _NO_FILE | found | {"flags": flags, "panels": []}


def _written(data: bytes, folder: Path, name: str, extension: str = "") -> Row:
    """Write a picture and return where it is and what it measures."""
    from PIL import Image

    with Image.open(BytesIO(data)) as picture:
        width, height = picture.size
        is_png = picture.format == "PNG"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.{extension or ('png' if is_png else 'jpg')}"
    file.write_bytes(data)
    # The depth of a PNG stands in its header (PNG specification, 11.2.1); Pillow hides that of 16-bit colour.
    bits = data[24] if is_png else 8
    sha256 = hashlib.sha256(data).hexdigest()
    return {"path": str(file), "sha256": sha256, "width": width, "height": height, "bits": bits}


def _folders_for(files: Sequence[Path], out: Path) -> dict[Path, Path]:
    """Return a folder for the pictures of each file; files of one name get one with a digest of where they lie."""
    names = [_UNSAFE.sub("-", path.stem).strip("-.") or "file" for path in files]
    folders = {}
    for path, name in zip(files, names, strict=True):
        digest = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:6]
        folders[path] = out / (name if names.count(name) == 1 else f"{name}-{digest}")
    return folders
