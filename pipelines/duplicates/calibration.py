"""Learn the basis of the local codes, and measure where the verdicts' thresholds lie.

    python -m pipelines.duplicates.calibration basis FOLDER ...
    python -m pipelines.duplicates.calibration curve --copies PAIRS.csv --follow-ups DATA.csv
    python -m pipelines.duplicates.calibration draw

`PAIRS.csv` names true copies in its columns `a` and `b`; `DATA.csv` has `patient_id` and `image_id` (a file's name
without its ending). The films lie beside the tables. The curve goes to standard output as CSV: the share of copies,
follow-ups and strangers that reach each limit of fine detail and of agreeing blocks. `calibration.csv` is the last one;
`draw` draws it anew as `calibration.svg`, with the limits of `thresholds.toml`.
"""

import argparse
import csv
import io
import itertools
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from pipelines.duplicates.agreement import Agreement, agreement_of
from pipelines.duplicates.alignment import alignment_of
from pipelines.duplicates.canonical import NoFingerprint
from pipelines.duplicates.codes import BASIS, basis_from
from pipelines.duplicates.film import Film, film_of
from pipelines.duplicates.verdict import thresholds

CURVE = Path(__file__).with_name("calibration.csv")
DRAWING = CURVE.with_suffix(".svg")
# Told apart by readers who see colours differently (Okabe and Ito 2008).
_COLOURS = {"copies": "#0072b2", "follow-ups": "#e08214", "strangers": "#7a828a"}
STRANGERS = 3000  # pairs drawn; all of them would take an hour and say no more
_NONE = Agreement(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def films_in(folders: Iterable[Path]) -> dict[Path, Film]:
    """Return the films of folders by path; files that show none are left out."""
    films = {}
    for path in sorted(itertools.chain.from_iterable(folder.iterdir() for folder in folders)):
        try:
            films[path] = film_of(path.read_bytes())
        except NoFingerprint:
            continue
    return films


def agreements(pairs: Iterable[tuple[Film, Film]]) -> list[Agreement]:
    """Return how well each pair of films agrees, once aligned; all zero where they could not be."""
    found = []
    for a, b in pairs:
        alignment = alignment_of(a, b)
        found.append((agreement_of(a, b, alignment) if alignment else None) or _NONE)
    return found


def copies_in(pairs_csv: Path) -> list[tuple[Path, Path]]:
    """Return the pairs of true copies that a table names."""
    with pairs_csv.open(encoding="utf-8", newline="") as lines:
        return [(pairs_csv.parent / row["a"], pairs_csv.parent / row["b"]) for row in csv.DictReader(lines)]


def patients_in(data_csv: Path, films: Iterable[Path]) -> dict[Path, str]:
    """Return the patient of each film that a table names."""
    with data_csv.open(encoding="utf-8", newline="") as lines:
        patient = {row["image_id"]: row["patient_id"] for row in csv.DictReader(lines)}
    return {path: patient[path.stem] for path in films if path.parent == data_csv.parent and path.stem in patient}


def curve_of(kinds: Mapping[str, Sequence[Agreement]]) -> list[dict[str, float]]:
    """Return for each limit the share of each kind of pair whose detail, and whose agreeing blocks, reach it."""
    return [
        {"limit": round(float(limit), 2)}
        | {
            f"{kind} by {measure}": round(float(np.mean([getattr(a, measure) >= limit for a in pairs])), 4)
            for kind, pairs in kinds.items()
            for measure in ("detail", "agreeing")
        }
        for limit in np.arange(0.02, 1.0, 0.02)
    ]


def _write_basis(folders: Sequence[Path]) -> None:
    descriptors = np.concatenate([film.features.descriptors for film in films_in(folders).values()])
    arrays = {name: array.astype(np.float16) for name, array in basis_from(descriptors).items()}
    np.savez_compressed(Path(__file__).with_name(BASIS), **arrays)  # type: ignore[arg-type]


def _write_curve(copies_csv: Path, follow_ups_csv: Path) -> None:
    films = films_in(dict.fromkeys([copies_csv.parent, follow_ups_csv.parent]))
    copies = [pair for pair in copies_in(copies_csv) if pair[0] in films and pair[1] in films]
    patient = patients_in(follow_ups_csv, films)
    follow_ups = [pair for pair in itertools.combinations(sorted(patient), 2) if patient[pair[0]] == patient[pair[1]]]
    drawn = random.Random(1)  # noqa: S311 - a sample, not a secret
    pairs = (tuple(drawn.sample(sorted(patient), 2)) for _ in range(STRANGERS))
    strangers = [(a, b) for a, b in pairs if patient[a] != patient[b]]
    kinds = {"copies": copies, "follow-ups": follow_ups, "strangers": strangers}
    rows = curve_of({kind: agreements((films[a], films[b]) for a, b in pairs) for kind, pairs in kinds.items()})
    writer = csv.DictWriter(sys.stdout, rows[0])
    writer.writeheader()
    writer.writerows(rows)


def drawing_of(curve: Path) -> bytes:
    """Return a curve of `calibration.csv`'s form as an SVG, the same bytes for the same curve."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with curve.open(encoding="utf-8", newline="") as lines:
        rows = [{name: float(number) for name, number in row.items()} for row in csv.DictReader(lines)]
    limits = thresholds()
    measures = {
        "detail": ("median correlation of fine structure", limits.same_image_detail, limits.same_patient_detail),
        "agreeing": ("share of blocks that agree", limits.same_image_agreeing, limits.same_patient_agreeing),
    }
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "calibration", "font.family": "sans-serif"}):
        figure = Figure(figsize=(10, 4.2), layout="constrained")
        sides = figure.subplots(1, 2, sharey=True)
        for axes, (measure, (meaning, same_image, same_patient)) in zip(sides, measures.items(), strict=True):
            for kind, colour in _COLOURS.items():
                reached = [row[f"{kind} by {measure}"] * 100 or None for row in rows]
                axes.plot([row["limit"] for row in rows], reached, color=colour, label=kind, linewidth=2)
            for limit, name in ((same_image, "same image"), (same_patient, "same patient")):
                axes.axvline(limit, color="black", linewidth=1, linestyle="dashed")
                axes.text(limit + 0.01, 0.04, f"{name}: {limit:.2f}", rotation=90, va="bottom", fontsize=9)
            axes.set(xlabel=meaning, xlim=(0, 1), yscale="log", ylim=(0.03, 130))
            axes.grid(visible=True, alpha=0.3)
            axes.yaxis.set_major_formatter("{x:g} %")
        sides[0].set_ylabel("pairs that reach it")
        sides[0].legend(loc="center left", bbox_to_anchor=(0.42, 0.72))
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def main() -> None:
    """Run the command line that the module's text describes."""
    parser = argparse.ArgumentParser(description="Learn the local codes' basis, or measure the verdicts' thresholds.")
    commands = parser.add_subparsers(dest="command", required=True)
    basis = commands.add_parser("basis")
    curve = commands.add_parser("curve")
    commands.add_parser("draw")
    basis.add_argument("folders", nargs="+", type=Path)
    curve.add_argument("--copies", type=Path, required=True)
    curve.add_argument("--follow-ups", type=Path, required=True)
    asked = parser.parse_args()
    if asked.command == "basis":
        _write_basis(asked.folders)
    elif asked.command == "draw":
        DRAWING.write_bytes(drawing_of(CURVE))
    else:
        _write_curve(asked.copies, asked.follow_ups)


if __name__ == "__main__":
    main()
