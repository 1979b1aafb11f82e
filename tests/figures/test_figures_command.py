"""`scrapy figures` as a person runs it: what it prints, what it writes, and what its exit code says."""

import json
from pathlib import Path

from PIL import Image
from running import scrapy


def test_figures_are_printed_and_what_is_not_read_is_told(tmp_path: Path) -> None:
    Image.effect_noise((300, 240), 60).save(tmp_path / "film.png")
    (tmp_path / "page.pdf").write_bytes(b"<html>Sign in</html>")
    sheet = tmp_path / "sheet.html"
    files = (tmp_path / "film.png", tmp_path / "page.pdf", tmp_path / "nowhere.pdf")
    done = scrapy("figures", *files, "--out", tmp_path / "out", "--html", sheet, "--workers", "1")
    assert done.code == 1
    (row,) = map(json.loads, done.out.splitlines())
    assert Path(row["path"]).read_bytes() == (tmp_path / "film.png").read_bytes()
    told = [line for line in done.err.splitlines() if line.startswith("not read: ")]
    assert len(told) == 2
    assert any("nowhere.pdf" in line for line in told)
    assert "page.pdf: it is no PDF" in " ".join(told)
    assert "Traceback" not in done.err
    assert "film.png" in sheet.read_text()
