"""Functions that read pages, each on the trap it is there for."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector
from scrapy.http import Response

from crawlers.faults import LayoutChanged
from crawlers.pages.dates import day_of
from crawlers.pages.europepmc import results_in
from crawlers.pages.markup import case_without_emails, lines_of, page_of
from crawlers.pages.radiopaedia import cards_in, case_url_of, next_page_in
from crawlers.pages.radiopaedia_images import Stack, stacks_in, study_with
from crawlers.pages.sirm import case_of
from crawlers.pages.sirm import next_page_in as next_category_in
from crawlers.pages.wordpress import Passage, Picture, parts_in, prose_container_in
from crawlers.source import source_named
from pipelines.records import Case, Image, Study, TextBlock

POST = "https://www.sirm.org/2020/03/19/covid-19-caso-40/"
UPLOADS = "https://www.sirm.org/wp-content/uploads/2020/03"


def test_text_keeps_words_whole_and_paragraphs_apart():
    page = Selector("<div><p>S<sub>p</sub>O<sub>2</sub>&nbsp;92 %</p>Age:<br><b>40</b> years<script>x</script></div>")
    assert lines_of(page) == ["SpO2 92 %", "Age:", "40 years"]


def test_every_text_of_a_case_is_cleaned_and_no_url_is_changed():
    url = "https://example.org/@someone@example.org"
    image = Image(url=url, caption="by ada@example.org")
    case = Case(source="sirm", source_id="a", url=url, credit="ada@example.org", studies=[Study(images=[image])])
    case.blocks = [TextBlock(label="body", text="Mail ada@example.org now")]
    cleaned = case_without_emails(case)
    assert (cleaned.url, cleaned.studies[0].images[0].url) == (url, url)
    assert "ada@" not in cleaned.model_dump_json()


def test_a_picture_at_a_page_address_is_no_page():
    with pytest.raises(LayoutChanged, match="file of another kind"):
        page_of(Response("https://radiopaedia.org/cases/a", body=b"\x89PNG"))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Published 19 Oct 2022", "2022-10-19"),
        ("18th Aug 2019", "2019-08-18"),
        ("2020-03-09", "2020-03-09"),
        ("Published Oct 2022", None),
        ("", None),
    ],
)
def test_only_a_whole_day_counts(text, day):
    found = day_of(text)
    assert (found and found.isoformat()) == day


@pytest.mark.parametrize(
    "url",
    [
        "https://radiopaedia.org/cases/a-1?lang=us",
        "https://images.radiopaedia.org/cases/a-1?iframe=true&embed_domain=x",
        "https://radiopaedia.org/cases/a-1/studies/99?lang=gb",
        "https://radiopaedia.org/play/12/entry/3/case/a-1/discussion",
    ],
)
def test_a_case_has_one_address(url):
    assert case_url_of(url) == "https://radiopaedia.org/cases/a-1"


def test_a_listing_without_results_says_so_or_is_an_error():
    none = "<p>No results were found with these refinement filters applied.</p>"
    assert cards_in(Selector(none), "https://radiopaedia.org/search") == []
    with pytest.raises(LayoutChanged, match="search results"):
        cards_in(Selector("<p>Welcome</p>"), "https://radiopaedia.org/search")


def test_a_disabled_next_link_leads_nowhere():
    page = Selector('<a class="next_page disabled" rel="next" href="/search?page=9">Next</a>')
    assert next_page_in(page, "https://radiopaedia.org/search") == ""


def stack(modality: str, images: int, key: int | None = None) -> Stack:
    return Stack(modality, [Image(url=f"https://x/{i}", position=i) for i in range(images)], key)


@pytest.mark.parametrize(
    ("stacks", "urls", "issues"),
    [
        ([stack("X-ray", 2), stack("X-ray", 1)], 3, []),
        ([stack("CT", 40, key=17), stack("CT", 40)], 2, []),
        ([stack("Diagram", 1)], 0, []),
        ([stack("", 2)], 2, ["missing value"]),
        ([stack("EOS imaging", 40)], 1, ["unknown vocabulary"]),
        ([stack("CT", 0)], 0, ["media missing"]),
    ],
)
def test_every_film_and_one_slice_a_stack(stacks, urls, issues):
    study, found = study_with(Study(), stacks, source_named("radiopaedia"))
    assert len(study.images) == urls
    assert [issue.kind for issue in found] == issues


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"study": {"id": 1}}', b'[{"modality": "CT"}]', b"null"])
def test_an_unknown_answer_for_images_is_an_error(body):
    with pytest.raises(LayoutChanged):
        stacks_in(body, "https://radiopaedia.org/studies/1/stacks")


def test_real_image_objects_give_originals_in_their_order(shared):
    path = shared / "evidence" / "pages" / "radiopaedia" / "stacks_image_objects_real.json"
    objects = json.loads(path.read_text(encoding="utf-8"))
    (found,) = stacks_in(json.dumps([{"modality": "MRI", "images": objects}]).encode(), "https://x/")
    assert [image.position for image in found.images] == sorted(item["position"] for item in objects)
    assert all("_gallery" not in image.url for image in found.images)


@pytest.mark.parametrize(
    ("markup", "url"),
    [
        (f'<a href="{UPLOADS}/a.jpeg"><img src="{UPLOADS}/a-300x200.jpeg"></a>', f"{UPLOADS}/a.jpeg"),
        (f'<img src="{UPLOADS}/a-300x200.jpg">', f"{UPLOADS}/a.jpg"),
        (f'<img src="{UPLOADS}/a-300x200.jpg" srcset="{UPLOADS}/a-768x512.jpg 768w, {UPLOADS}/a.jpg 2000w">', "a.jpg"),
        (f'<img src="data:image/gif;base64,R0" data-lazy-src="{UPLOADS}/a-300x200.png">', f"{UPLOADS}/a.png"),
        (f'<img src="data:image/gif;base64,R0"><noscript><img src="{UPLOADS}/a.png"></noscript>', f"{UPLOADS}/a.png"),
        (f'<a href="{POST}a/"><img src="{UPLOADS}/a-150x150.png"></a>', f"{UPLOADS}/a.png"),
        (f'<a href="https://www.sirm.org/2020/04/01/other/"><img src="{UPLOADS}/b.png"></a>', None),
        ('<img src="https://s.w.org/images/core/emoji/smile.png">', None),
    ],
)
def test_a_picture_is_taken_at_full_size(markup, url):
    pictures = [part for part in parts_in(Selector(f"<div>{markup}</div>"), POST) if isinstance(part, Picture)]
    assert [picture.url.endswith(url) for picture in pictures] == ([True] if url else [])


@given(st.lists(st.sampled_from(["div", "section", "article", "main", "td"]), max_size=6), st.integers(0, 3))
def test_prose_is_found_under_any_nesting(tags, extra):
    inner = (
        f'<p>{"Paziente di 50 anni con febbre. " * 4}</p><p><img src="{UPLOADS}/a.jpg"></p>' + "<p>Altro.</p>" * extra
    )
    opening, closing = "".join(f"<{tag}>" for tag in tags), "".join(f"</{tag}>" for tag in reversed(tags))
    menu = f'<nav><p>{"menu " * 200}</p></nav><aside><img src="{UPLOADS}/banner.png"></aside>'
    page = Selector(f"<html><body>{menu}<div>{opening}{inner}{closing}</div></body></html>")
    parts = parts_in(prose_container_in(page, POST), POST)
    assert [part.url for part in parts if isinstance(part, Picture)] == [f"{UPLOADS}/a.jpg"]
    assert not any("menu" in part.text for part in parts if isinstance(part, Passage))


@pytest.mark.parametrize(
    ("lines", "authors", "institution"),
    [
        (["Autori: S. Velluti°, D. Carnevali* (°Pneumologia, *Radiologia)", "Azienda Ospedaliera di Roccalba"],
         "S. Velluti°, D. Carnevali* (°Pneumologia, *Radiologia)", "Azienda Ospedaliera di Roccalba"),
        (["P. Landi – Presidio Ospedaliero di Montescuro"], "P. Landi", "Presidio Ospedaliero di Montescuro"),
        (["Dr.ssa Resta E.C., Dr. D’Ettorre E.", "S.S. Radiologia Oncologica, Taranto"],
         "Dr.ssa Resta E.C., Dr. D’Ettorre E.", "S.S. Radiologia Oncologica, Taranto"),
        (["R. Campa, A. Leonardi, R. Occhiato Radiology AOU Policlinico - Rome"],
         "R. Campa, A. Leonardi, R. Occhiato", "Radiology AOU Policlinico - Rome"),
        (["Marta Brandani, Santa Maria Hospital (Valdarno, Arezzo)"],
         "Marta Brandani", "Santa Maria Hospital (Valdarno, Arezzo)"),
        (["UOC Radiology ASST Bergamo Est"], "", "UOC Radiology ASST Bergamo Est"),
        (["Paziente ricoverato in Ospedale a Milano."], "", ""),
    ],
)  # fmt: skip
def test_authors_and_hospital_stand_before_the_prose(lines, authors, institution):
    parts = [Passage(line) for line in (*lines, "Uomo di 51 anni con febbre.")]
    case = case_of(parts, "COVID-19: caso 1", POST, source_named("sirm"))
    stated = {block.label: block.text for block in case.blocks}
    assert (stated.get("credit", ""), case.institution) == (authors, institution)
    assert stated["body"].endswith("Uomo di 51 anni con febbre.")


@pytest.mark.parametrize(
    ("before", "word"),
    [
        ("RX torace", "RX torace"),
        ("Esegue RX torace negativo e poi TC.", ""),
        ("Esegue TC", "TC"),
        (
            "Febbre. Il radiogramma del torace mostra un addensamento basale e altre opacità a destra.",
            "radiogramma del torace",
        ),
        ("Stazionario, in attesa del tampone.", ""),
        ("Non è stato eseguito alcun RX torace.", ""),
        ("Non ha febbre, RX torace", "RX torace"),
    ],
)
def test_modality_is_taken_from_the_words_beside_a_picture_or_left_blank(before, word):
    case = case_of([Passage(before), Picture(f"{UPLOADS}/a.jpg")], "COVID-19: caso 1", POST, source_named("sirm"))
    assert [image.modality for _, _, image in case.images()] == [word]


def test_the_next_category_page_is_found_without_class_names():
    page = Selector('<a href="/category/c/page/2/">2</a><a href="/category/c/page/3/">3</a>')
    assert next_category_in(page, "https://www.sirm.org/category/c/page/2/").endswith("/page/3/")
    assert next_category_in(page, "https://www.sirm.org/category/c/page/3/") == ""


def test_saved_and_live_search_records_read_alike(shared):
    for path in sorted((shared / "evidence" / "pages" / "pmc").glob("*.eupmc_result.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        (saved,), _ = results_in(json.dumps({"resultList": {"result": [record]}}).encode(), "https://x/")
        plain = {name: value[0] if isinstance(value, list) else value for name, value in record.items()}
        (live,), _ = results_in(json.dumps({"resultList": {"result": [plain]}}).encode(), "https://x/")
        assert saved == live
        assert path.name.startswith(f"{saved.pmcid}.")


def test_the_last_page_of_results_names_no_next_one():
    last = {"request": {"cursorMark": "AoE="}, "nextCursorMark": "AoE=", "resultList": {"result": [{"pmid": "1"}]}}
    assert results_in(json.dumps(last).encode(), "https://x/")[1] == ""
    last["nextCursorMark"] = "AoF="
    assert results_in(json.dumps(last).encode(), "https://x/")[1] == "AoF="
