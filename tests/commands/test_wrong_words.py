"""What is wrong with a command's words is said in one sentence, before any work, and nothing is left behind."""

from pathlib import Path

import pytest
from running import scrapy

STRAY = "unexpected 'papers': this command takes options alone"
NO_FOLDER = "there is no folder nowhere to write {} into"
NO_FILE = "no file {}; give the path of an existing file"
TEXTS, COLLECTION = "tests/fixtures/texts.csv", "tests/fixtures/metadata.csv"
SOURCES = "there are figure1, papers, radiopaedia, sirm"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("candidates papers", STRAY),
        ("candidates --sauce sirm", "unknown option --sauce; the right ones are shown by -h"),
        ("candidates --source radiopedia", f"no source is named 'radiopedia'; {SOURCES}"),
        ("candidates --state maybe", "argument --state: invalid choice: 'maybe'"),
        ("candidates", "there is no store at {}/intake.sqlite: DATA_DIR names the workspace; scrapy crawl, add and"),
        ("candidates -s DATABASE_URL=intake.sqlite", "write sqlite:///FILE or postgresql+psycopg://"),
        ("candidates -s DATABASE_URL=mysql://ada@db/intake", "DATABASE_URL names mysql, where no store can be kept"),
        ("runs papers", STRAY),
        ("runs", "there is no store at"),
        ("runs --last -3", "argument --last: '-3' is no whole number above 0"),
        ("runs --last 0", "argument --last: '0' is no whole number above 0"),
        ("nightly papers", STRAY),
        ("nightly --json nowhere/night.json", NO_FOLDER.format("night.json")),
        ("demo papers", STRAY),
        ("add --source papers --url https://e.org/1 --image a.png papers", STRAY),
        (
            "add --source sirm --url https://e.org/1 --image nowhere.png",
            f"image='nowhere.png': {NO_FILE.format('nowhere.png')}",
        ),
        ("triage papers", STRAY),
        ("triage --port 65536", "argument --port: '65536' is no port; one is a number from 0 to 65535"),
        ("replay papers", STRAY),
        ("replay --port 99999", "argument --port: '99999' is no port; one is a number from 0 to 65535"),
        ("replay --films nowhere", "--films DIR and --rows FILE go together: a text without films is no case"),
        ("publish papers", STRAY),
        ("publish --licenses CC-BY,GPL", "no licence is named 'GPL'; write CC0, CC-BY, CC-BY-NC-SA 4.0, …"),
        ("publish", "there is no store at"),
        ("permit sirm --basis letter", "a permission needs one SOURCE, --basis and --by"),
        ("permit --basis letter --by ada", "a permission needs one SOURCE, --basis and --by"),
        ("permit surm --basis letter --by ada", f"no source is named 'surm'; {SOURCES}"),
        ("permit sirm --basis letter --by ada -s DATA_DIR=/dev/null", "File exists; check DATA_DIR, or DATABASE_URL"),
        ("crawl", "name one source to crawl"),
        ("crawl sirm -a limit=many", "limit='many': Input should be a valid integer"),
        (
            "crawl sirm -a urls=nowhere.txt",
            f"urls='nowhere.txt': {NO_FILE.format('nowhere.txt')}",
        ),
        ("figures tests/commands --out {}/out", "the folders hold no PDF, JATS file or picture"),
        ("figures README.md", "--out DIR says where the pictures are written"),
        ("figures README.md --out README.md", "the pictures cannot be written into README.md: File exists"),
        ("figures README.md --out {}/out --html tests", "tests is a folder; name a file in it"),
        ("figures README.md --out {}/out --workers 0", "argument --workers: '0' is no whole number above 0"),
        ("duplicates", "name folders or files of films"),
        ("duplicates {}", "{} holds no file to compare"),
        ("duplicates README.md --against {}", "{} holds no file to compare"),
        ("duplicates nowhere", "there is no nowhere"),
        ("duplicates README.md --html nowhere/pairs.html", NO_FOLDER.format("pairs.html")),
        ("duplicates README.md --against collection", "there is no store at"),
        ("known", "name what to look up: "),
        ("known 10.1056/nejmc2001272 --csv nosuch.csv", "nosuch.csv: No such file or directory"),
        ("known 10.1056/nejmc2001272", "there is no store at"),
        ("report nosuch.csv", "nosuch.csv: No such file or directory"),
        ("report README.md", "README.md: no column is named filename, by which films are found"),
        (f"report {COLLECTION} --html nowhere/report.html", NO_FOLDER.format("report.html")),
        (f"report {COLLECTION} --json /dev/full", "/dev/full cannot be written: No space left on device"),
        ("report", "there is no store at"),
        (f"import {COLLECTION}", "say where the films are: --images DIR, or --allow-missing-images"),
        ("import nowhere.csv --allow-missing-images", "nowhere.csv: No such file or directory"),
        (f"import {COLLECTION} --allow-missing-images --problems nowhere/x.csv", NO_FOLDER.format("x.csv")),
        ("interpret", "name one table with the columns row_id, clinical_notes, filename, url"),
        ("interpret nowhere.csv", "nowhere.csv: No such file or directory"),
        ("interpret tests", "tests: Is a directory"),
        (f"interpret {TEXTS} --out nowhere/read.csv", NO_FOLDER.format("read.csv")),
        (f"interpret {TEXTS} --out /dev/full", "/dev/full cannot be written: No space left on device"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(words: str, said: str, tmp_path: Path) -> None:
    words, said = words.replace("{}", str(tmp_path)), said.replace("{}", str(tmp_path))
    done = scrapy(*words.split(), environment={"DATA_DIR": str(tmp_path)})
    assert done.code == 2
    assert said in done.err.partition("error: ")[2]
    assert "Traceback" not in done.err
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
