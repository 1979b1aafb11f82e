"""The replayed web filled from rows and films: the source's words reach the pages, the maintainers' labels do not."""

import csv
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from crawlers.replay.real import real_world
from crawlers.replay.server import app_for

RADIOPAEDIA = "https://radiopaedia.org/cases/covid-19-pneumonia-15"
ARTICLE = "https://www.nejm.org/doi/full/10.1056/NEJMc2001272"
LABELS = {
    "patientid": "1",
    "sex": "LABELSEX",
    "age": "LABELAGE",
    "view": "PA",
    "modality": "X-ray",
    "location": "LABELTOWN",
}
ROWS = [
    {
        "url": RADIOPAEDIA,
        "clinical_notes": "Fever.",
        "other_notes": "Case courtesy of Dr A Bee, Radiopaedia.org, rID: 75037",
    },
    {"url": RADIOPAEDIA, "clinical_notes": "Fever.", "view": "L"},
    {
        "url": "https://www.sirm.org/2020/03/10/covid-19-caso-32/",
        "clinical_notes": "Man with asthenia.",
        "other_notes": "Credit to R. Bee Radiology Reggio",
    },
    {"url": "https://app.figure1.com/rd/images/5e6dd879fde9502400e58b2f", "clinical_notes": "Tired."},
    {"url": ARTICLE, "clinical_notes": "He flew home."},
    {"url": ARTICLE, "clinical_notes": "CT showed haze.", "modality": "CT"},
    {"row_id": "it1", "clinical_notes": "Autori: A. Bi\nPaziente di anni 53, febbre. RX torace: velatura."},
    {"row_id": "m7", "clinical_notes": "An adult with cough."},
    {"url": "https://example.org/without-a-text"},
]


@pytest.fixture
def material(tmp_path: Path) -> tuple[Path, Path]:
    films = tmp_path / "films" / "deeper"
    films.mkdir(parents=True)
    for number in range(4):
        Image.new("L", (400, 300), 40 * number).save(films / f"LABELNAME-{number}.png")
    rows = tmp_path / "rows.csv"
    with rows.open("w", encoding="utf-8", newline="") as file:
        columns = ("row_id", *LABELS, "doi", "url", "clinical_notes", "other_notes")
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(LABELS | row for row in ROWS)
    return films.parent, rows


def test_rows_become_pages_of_the_site_their_url_names(material: tuple[Path, Path]) -> None:
    world = real_world([material[0]], [material[1]])
    assert [(case.rid, case.slug, case.author) for case in world.radiopaedia] == [
        (75037, "covid-19-pneumonia-15", "Dr A Bee")
    ]
    assert [len(study.frames) for study in world.radiopaedia[0].studies] == [2]
    assert [post.path for post in world.sirm] == ["/2020/03/10/covid-19-caso-32/", "/2020/04/07/covid-19-caso-it1/"]
    assert [case.id for case in world.figure1] == ["5e6dd879fde9502400e58b2f"]
    assert [article.doi for article in world.articles] == ["10.1056/NEJMc2001272", "10.5555/replay.1"]
    assert len(world.articles[0].figures) == 1  # the text on the CT brings no film with it


def test_pages_hold_the_text_and_no_label(material: tuple[Path, Path]) -> None:
    web = TestClient(app_for(real_world([material[0]], [material[1]])), follow_redirects=True)
    pages = {
        "radiopaedia.org/cases/75037": "Fever.",
        "www.sirm.org/2020/03/10/covid-19-caso-32/": "Man with asthenia.",
        "www.sirm.org/2020/04/07/covid-19-caso-it1/": "Paziente di anni 53",
        "www.sirm.org/category/senza-categoria/covid-19/?print=print-search": "R. Bee Radiology Reggio",
        "radiopaedia.org/search?q=covid": "Covid 19 pneumonia",
    }
    for url, text in pages.items():
        page = web.get(f"/{url}").text
        assert text in page, url
        assert "LABEL" not in page
    viewed = web.get("/radiopaedia.org/studies/7503701/annotated_viewer_json").text
    assert "Fever." in viewed
    assert "LABEL" not in viewed


def test_films_are_served_byte_for_byte_and_dealt_alike_each_time(material: tuple[Path, Path]) -> None:
    world = real_world([material[0]], [material[1]])
    assert world == real_world([material[0]], [material[1]])
    file = world.sirm[0].files[0]
    answer = TestClient(app_for(world)).get(f"/www.sirm.org/wp-content/uploads/2020/03/{file.name}")
    assert answer.content == file.film.read_bytes()


def test_what_is_missing_is_named(material: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"no image lies under .*empty"):
        real_world([tmp_path / "empty"], [material[1]])
    (tmp_path / "none.csv").write_text("url,clinical_notes\nhttps://example.org,\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"none\.csv holds a text"):
        real_world([material[0]], [tmp_path / "none.csv"])
    with pytest.raises(ValueError, match=r"empty cannot be read: Is a directory"):
        real_world([material[0]], [tmp_path / "empty"])
    (tmp_path / "latin.csv").write_bytes("clinical_notes\netà\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"latin\.csv is no CSV table in UTF-8"):
        real_world([material[0]], [tmp_path / "latin.csv"])


def test_the_real_rows_fill_every_site(shared: Path) -> None:
    real = shared / "real"
    world = real_world([real / "films"], [real / "reading/rows.csv", real / "reading/italian_rows.csv"])
    assert len(world.radiopaedia) >= 30
    assert len(world.sirm) >= 50
    assert len(world.articles) >= 50
    assert len({case.rid for case in world.radiopaedia}) == len(world.radiopaedia)
    web = TestClient(app_for(world))
    assert all(web.get(f"/radiopaedia.org/cases/{case.slug}").status_code == 200 for case in world.radiopaedia)
    assert all(web.get(f"/www.sirm.org{post.path}").status_code == 200 for post in world.sirm)
    assert all(web.get(f"/pro.figure1.com/cases/{case.uuid}").status_code == 200 for case in world.figure1)
