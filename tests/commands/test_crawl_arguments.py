"""Wrong arguments of a crawl are wrong words of a command: told in one line, and no run of the workspace."""

from pathlib import Path

import pytest
from running import scrapy


@pytest.mark.parametrize("further", [(), ("-a", "dry=1")])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("papers", "-a", "doi=notadoi"),
            "doi='notadoi': 'notadoi' is no DOI: one reads 10.<registrant>/<suffix>, as in 10.1148/ryct.2020200034",
        ),
        (
            ("sirm", "-a", "url=https://example.org/a"),
            "https://example.org/a is no case of SIRM; one looks like https://www.sirm.org/2020/03/31/covid-19-caso-40/",
        ),
    ],
)
def test_a_wrong_argument_is_told_in_one_line(
    words: tuple[str, ...], further: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    place = tmp_path / "workspace"
    done = scrapy("crawl", *words, *further, "-s", f"DATA_DIR={place}")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1].endswith(f" error: {said}")
    assert not place.exists()


def test_an_unknown_argument_is_answered_with_the_right_ones(tmp_path: Path) -> None:
    done = scrapy("crawl", "sirm", "-a", "urll=https://www.sirm.org/x", "-s", f"DATA_DIR={tmp_path}")
    assert done.code == 2
    assert "there is no argument 'urll'.\nArguments are:\n" in done.err
    assert "\n  -a url=…  the URL of one case; needs no permission\n" in done.err
