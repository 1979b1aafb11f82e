"""Draw the counts of a report (the paper's Figure 2) as SVG that takes its colours and letters from the page."""

import html
import io
import re
import warnings
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from pipelines.publish.report import TOTAL, Statistics
from pipelines.publish.report_rows import NOT_STATED, UNKNOWN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_BARS = 24  # more cannot be read; the table beside the plot holds them all
_LONGEST = 34  # letters of a label
# Drawn in these and replaced by the page's own, which change with the reader's colour scheme.
_INK, _RULE = "#010203", "#040506"
_SERIES = ("#010101", "#020202", "#030303", "#040404")
_PAGE_COLOURS = {_INK: "currentColor", _RULE: "var(--rule)"} | {
    drawn: f"var(--series-{number})" for number, drawn in enumerate(_SERIES, 1)
}
# Hatched too, so that the parts of a bar are told apart without colour.
_HATCHES = ("", "////", "....", "")
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "report",  # the same counts give the same bytes
    "svg.fonttype": "none",  # text stays text: selectable, spoken, and in the page's type
    "text.parse_math": False,  # a dollar in a crawled word is a dollar
    "font.size": 9,
    "hatch.linewidth": 0.6,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), _INK),
    **dict.fromkeys(("axes.spines.top", "axes.spines.right"), False),
}


def plots_of(statistics: Statistics) -> dict[str, str]:
    """Return the plots by name: ages, findings, views, offsets and outcomes, each one `<svg>` element."""
    import matplotlib

    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        # A letter that the drawing's font lacks is set in the page's.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        drawn = {
            "ages": _stacked(statistics.ages.counts, "age in years", {"M": "male", "F": "female"}),
            "findings": _bars(statistics.findings),
            "views": _bars(statistics.views),
            "offsets": _stacked(statistics.offsets.counts, "days since symptoms or hospitalisation began", {}),
            "outcomes": _shares(statistics.outcomes.counts),
        }
        return {name: _svg(figure, name, statistics.name) for name, figure in drawn.items()}


def _stacked(counts: pd.DataFrame, label: str, words: dict[str, str]) -> "Figure":
    """Draw a column for each row of a table, stacked by its columns."""
    counts = counts.drop(index=TOTAL, columns=TOTAL)
    counts = counts.loc[:, counts.sum() > 0]
    figure, axes = _canvas(5.6, 3.3, "y")
    base = pd.Series(0, counts.index)
    # Where the words are many, those beyond the colours share the last.
    for number, column in enumerate(counts.columns):
        style = _series(number if column not in (NOT_STATED, UNKNOWN) else len(_SERIES) - 1)
        heights = counts[column]
        axes.bar(range(len(counts)), heights, bottom=base, width=0.82, label=words.get(column, column), **style)
        base = base + heights
    for place, height in enumerate(base):
        if height:
            axes.annotate(str(height), (place, height), (0, 2), textcoords="offset points", ha="center", fontsize=8)
    axes.set_xticks(range(len(counts)), [_cut(name) for name in counts.index], rotation=45, ha="right")
    axes.set_xlabel(label)
    axes.set_ylabel("films")
    axes.margins(x=0.01, y=0.1)
    if len(counts.columns) > 1:
        axes.legend(frameon=False, ncols=2, fontsize=8)
    return figure


def _bars(counts: "pd.Series[int]") -> "Figure":
    """Draw a line for each value, longest first where they are too many, with its count and percentage."""
    shown = counts[counts > 0]
    if len(shown) > _MOST_BARS:
        shown = shown[shown >= shown.nlargest(_MOST_BARS).min()].head(_MOST_BARS)
    figure, axes = _canvas(5.6, 0.8 + 0.23 * max(len(shown), 3), "x")
    places = range(len(shown))
    grey = _series(len(_SERIES) - 1)
    for place, (name, count) in enumerate(shown.items()):
        axes.barh(place, count, height=0.74, **(grey if name == NOT_STATED else _series(0)))
        share = f"{count} · {100 * count / counts.sum():.1f} %"
        axes.annotate(share, (count, place), (3, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_yticks(places, [_cut(str(name).removeprefix("Pneumonia/")) for name in shown.index])
    axes.set_ylim(max(len(shown), 1) - 0.4, -0.6)
    axes.set_xlabel("films")
    axes.margins(x=0.18)
    return figure


def _shares(counts: pd.DataFrame) -> "Figure":
    """Draw a full line for each outcome, parted into yes, no and not stated."""
    words = {"Y": "yes", "N": "no"}
    figure, axes = _canvas(5.6, 0.9 + 0.3 * len(counts), "x")
    films = counts.sum(axis=1).clip(lower=1)
    left = pd.Series(0.0, counts.index)
    for number, column in enumerate(counts.columns):
        shares = 100 * counts[column] / films
        style = _series(number if column not in (NOT_STATED, UNKNOWN) else len(_SERIES) - 1)
        axes.barh(range(len(counts)), shares, left=left, height=0.74, label=words.get(column, column), **style)
        left = left + shares
    axes.set_yticks(range(len(counts)), list(counts.index))
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of films")
    axes.legend(frameon=False, ncols=3, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1))
    return figure


def _canvas(width: float, height: float, values: Literal["x", "y"]) -> tuple["Figure", "Axes"]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.grid(axis=values, color=_RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    return figure, axes


def _series(number: int) -> dict[str, Any]:
    number = min(number, len(_SERIES) - 1)
    return {
        "facecolor": _SERIES[number],
        "edgecolor": "none" if not _HATCHES[number] else _RULE,
        "hatch": _HATCHES[number],
    }


def _cut(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"


def _svg(figure: "Figure", name: str, title: str) -> str:
    """Return the drawing as an element that may stand in a page beside others."""
    file = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    drawing = file.getvalue()
    drawing = drawing[drawing.index("<svg") :]
    for drawn, shown in _PAGE_COLOURS.items():
        drawing = drawing.replace(drawn, shown)
    # Ids are unique to one drawing, and a page holds several.
    prefix = re.sub(r"\W+", "-", f"{title}-{name}").strip("-").lower()
    drawing = re.sub(r'(?<=\bid=")', f"{prefix}-", drawing)
    drawing = re.sub(r'(?<=url\(#)|(?<=href="#)', f"{prefix}-", drawing)
    label = html.escape(f"{title}, {name}: the numbers are in the table that follows")
    return drawing.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
