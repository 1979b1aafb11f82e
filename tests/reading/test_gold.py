"""What is read out of real case texts, against what a careful reader found that they support."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.reading.rows import interpreted

READ = ("row_id", "clinical_notes", "filename", "url", "other_notes")


@pytest.mark.parametrize(
    ("scorer", "prefix", "precision", "recall"),
    [("score.py", "", 0.985, 0.98), ("score_italian.py", "italian_", 0.98, 0.985)],
)
def test_keeps_its_floors_on_real_texts(
    shared: Path, tmp_path: Path, scorer: str, prefix: str, precision: float, recall: float
) -> None:
    folder = shared / "real" / "reading"
    with (folder / f"{prefix}rows.csv").open(encoding="utf-8", newline="") as file:
        rows = [{name: row[name] for name in READ} for row in csv.DictReader(file)]
    scored = None if prefix else set((folder / "gold_rows.txt").read_text(encoding="utf-8").split())
    prefills = list(interpreted(row for row in rows if scored is None or row["row_id"] in scored))
    with (tmp_path / "read.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("row_id", "column", "value", "quote"), *prefills])
    for script in ("score.py", "score_italian.py"):
        shutil.copy(folder / script, tmp_path)
    command = [sys.executable, scorer, "read.csv", "--gold", str(folder / f"{prefix}gold.csv"), "--json"]
    command += ["--text", str(folder / f"{prefix}rows.csv")]
    command += [] if prefix else ["--rows", str(folder / "gold_rows.txt")]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    overall = json.loads(answer.stdout)["OVERALL"]
    assert overall["p_anchored"] >= precision
    assert overall["recall"] >= recall
    assert overall["grounded"] == 1.0
    assert overall["filled_on_blank"] / max(1, overall["blank"]) <= 0.004
