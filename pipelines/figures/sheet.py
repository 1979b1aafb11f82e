"""A contact sheet of figures: one HTML file that needs no other, for a person to look through."""

import base64
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, select_autoescape
from PIL import Image

from pipelines.figures.compound import picture_in

# Pixels of a thumbnail's longer side.
THUMBNAIL = 480


def contact_sheet(rows: Iterable[dict[str, Any]], faults: Sequence[str] = ()) -> str:
    """Return a page that shows figures as `listings` yields them, each with its panels drawn in, and the faults."""
    pages = Environment(loader=PackageLoader("pipelines.figures", "."), autoescape=select_autoescape())
    figures = [row | {"thumbnail": _thumbnail(row["path"]), "frames": list(_frames(row))} for row in rows]
    return pages.get_template("sheet.html").render(figures=figures, faults=faults)


def _thumbnail(path: str) -> str:
    """Return a small JPEG of a picture as a data URI; blank where there is none."""
    picture = picture_in(Path(path).read_bytes()) if path else None
    if picture is None:
        return ""
    small = Image.fromarray(np.asarray(picture))
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    file = BytesIO()
    small.save(file, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def _frames(row: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield the panels of a figure with their boxes in per cent of its picture."""
    if not row["width"] or len(row["panels"]) < 2:
        return
    for number, panel in enumerate(row["panels"], 1):
        left, top, right, bottom = panel["box"]
        if "own" in panel and "several pictures" in row["flags"]:
            continue
        yield {
            "left": round(100 * left / row["width"], 2),
            "top": round(100 * top / row["height"], 2),
            "width": round(100 * (right - left) / row["width"], 2),
            "height": round(100 * (bottom - top) / row["height"], 2),
            "name": panel["label"] or str(number),
            "kind": panel["kind"],
        }
