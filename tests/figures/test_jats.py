"""Article XML: written ones for each trap, real ones for the whole."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.figures.jats import Article, NotJats, article_in

FRONT = """<front><article-meta>
<article-id pub-id-type="pmcid">123</article-id><article-id pub-id-type="doi">10.1155/2020/1</article-id>
<title-group><article-title>Three <italic>cases</italic></article-title></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Rossi</surname><given-names>Anna</given-names></name>
<email>anna@example.org</email><xref rid="a1"/></contrib>
<contrib contrib-type="editor"><name><surname>Ed</surname><given-names>I.</given-names></name>
<xref rid="a2"/></contrib></contrib-group>
<aff id="a1"><sup>1</sup>Ward 3, <institution>City Hospital</institution>, <country>Italy</country>. Electronic address:
<email>anna@example.org</email>.</aff><aff id="a2"><addr-line>Journal, Rome</addr-line></aff>
<pub-date pub-type="collection"><year>2020</year></pub-date>
<pub-date pub-type="epub"><day>2</day><month>4</month><year>2020</year></pub-date>
{permissions}</article-meta></front>"""


def article(body: str = "", permissions: str = "", before: str = "", rest: str = "") -> bytes:
    xlink = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:ali="http://www.niso.org/schemas/ali/1.0/"'
    front = FRONT.format(permissions=permissions)
    return f'{before}<article {xlink} article-type="case-report">{front}<body>{body}</body>{rest}</article>'.encode()


def read(*args: str, **parts: str) -> Article:
    return article_in(article(*args, **parts))


def test_front_matter_is_read_without_addresses_or_editors() -> None:
    got = read("<p>Text.</p>")
    assert (got.pmcid, got.doi, got.title, got.published) == ("PMC123", "10.1155/2020/1", "Three cases", "2020-04-02")
    assert got.credit == "Anna Rossi"
    assert got.institution == "Ward 3, City Hospital, Italy"
    assert "@" not in got.model_dump_json()


def test_a_section_named_after_a_patient_marks_its_text_and_its_figures() -> None:
    body = """<sec><title>2. Case 1</title><p>A woman aged 55. Her film was clear
    (<xref ref-type="fig" rid="f1">Fig. 1</xref>).</p></sec>
    <sec><title>3. Case 2</title><p>A man. Opacities were seen in Figs. 2 and 3. He left.</p></sec>
    <sec><title>Discussion</title><p>Both recovered.</p></sec>
    <fig id="f1"><label>Figure 1</label><caption><p>Chest radiograph.</p></caption><graphic xlink:href="x.001"/></fig>
    <fig id="f2"><label>Figure 2</label><caption><p>Day 1.</p></caption>
    <graphic xlink:href="x.002"/><graphic xlink:href="x.003"/></fig>"""
    got = read(body)
    assert [(b.label, b.patient) for b in got.blocks] == [
        ("presentation", "Case 1"), ("presentation", "Case 2"), ("discussion", ""),
    ]  # fmt: skip
    first, second = got.figures
    assert (first.patient, first.mentions) == ("Case 1", ["Her film was clear (Fig. 1)."])
    assert (second.patient, second.mentions) == ("Case 2", ["Opacities were seen in Figs. 2 and 3."])
    assert second.hrefs == ["x.002", "x.003"]


def test_a_figure_inside_a_paragraph_is_cut_out_of_its_text() -> None:
    got = read("<p>Before<fig id='f'><caption><p>In.</p></caption><graphic xlink:href='g'/></fig> after.</p>")
    assert got.blocks[0].text == "Before after."
    assert got.figures[0].caption == "In."


def test_alternatives_are_one_picture_and_a_group_lends_its_caption() -> None:
    got = read("""<fig-group><label>Figure 4</label><caption><p>Serial films.</p></caption>
    <fig id="a"><label>A</label><caption><p>Day 3.</p></caption>
    <alternatives><graphic xlink:href="a.tif"/><graphic xlink:href="a.jpg"/></alternatives></fig></fig-group>""")
    assert [(f.label, f.caption, f.hrefs) for f in got.figures] == [("Figure 4 A", "Serial films.\nDay 3.", ["a.tif"])]


def test_a_boxed_text_is_called_no_film_and_a_missing_graphic_is_told() -> None:
    got = read("""<fig id="figbox1"><label>Box 1</label><caption><p>Causes.</p></caption><graphic xlink:href="b"/></fig>
    <fig id="f9"><label>Figure 9</label><caption><p>Chest X-ray.</p></caption></fig>""")
    assert [f.kind for f in got.figures] == ["other", "chest-xray"]
    assert [(i.kind, i.message) for i in got.issues] == [("media missing", "Figure 9: the XML names no graphic")]


def test_raised_figures_are_not_run_into_the_number_before_them() -> None:
    got = read(
        "<p>5.2 × 10<sup>9</sup>/L, fever of 38.5<sup><xref ref-type='bibr' rid='b'>3</xref></sup> on day 4.</p>"
    )
    assert got.blocks[0].text == "5.2 × 10^9/L, fever of 38.5 [3] on day 4."


def test_the_licence_is_quoted_with_the_addresses_it_links() -> None:
    got = read(
        permissions="""<permissions><license xlink:href="https://creativecommons.org/licenses/by/4.0/">
    <license-p>Open access under
    <ext-link xlink:href="https://example.org/terms">these terms</ext-link>.</license-p>
    </license></permissions>"""
    )
    assert got.licence.split("\n") == [
        "https://creativecommons.org/licenses/by/4.0/", "https://example.org/terms", "Open access under these terms.",
    ]  # fmt: skip
    prose = '<license xlink:href="simple"><license-p>Made available.</license-p></license>'
    simple = read(permissions=f"<permissions>{prose}</permissions>")
    assert simple.licence == "Made available."
    assert read().licence == ""


def test_wrapped_and_namespaced_articles_are_read() -> None:
    wrapped = b"<pmc-articleset>" + article("<p>Text.</p>") + b"</pmc-articleset>"
    assert article_in(wrapped).doi == "10.1155/2020/1"
    ns = article("<p>Text.</p>").replace(
        b"<article ", b'<article xmlns="https://jats.nlm.nih.gov/ns/archiving/1.3/" ', 1
    )
    assert article_in(ns).blocks[0].text == "Text."


@pytest.mark.parametrize(
    "xml",
    [
        b"", b"<html><body>Sign in</body></html>", b"<article><front/></article>", b"{}", b"<article", b"\x00\xff" * 9,
        b'<?xml version="1.0"?><a><article/><article/></a>',
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_its_reason(xml: bytes) -> None:
    with pytest.raises(NotJats, match=r"XML|article|root|byte"):
        article_in(xml)


def test_entities_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("patient list")
    got = read("<p>A&x;B end.</p>", before=f'<!DOCTYPE article [<!ENTITY x SYSTEM "{secret.as_uri()}">]>')
    assert "patient list" not in got.blocks[0].text
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    with pytest.raises(NotJats, match="entity"):
        read("<p>&l8;</p>", before=f'<!DOCTYPE article [<!ENTITY l0 "ha">{laughs}]>')


@settings(deadline=None)  # imports and a busy machine are not what is tested
@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    with pytest.raises(NotJats):
        article_in(data)


REAL = {
    "PMC7582078": ("10.1155/2020/8822753", "2020-10-22", ["Case 1", "Case 2", "Case 3"]),
    "PMC5727565": ("10.1155/2017/9287021", "2017-11-28", ["", ""]),
    "PMC4304124": ("10.1186/s12879-014-0698-6", "2014-12-31", ["", "", ""]),
    "PMC2999721": ("10.1590/S1807-59322010001100026", "2010-11", ["", ""]),
    "PMC7369338": ("10.1017/S0950268820001521", "2020-07-07", ["", ""]),
}


@pytest.mark.parametrize("pmcid", REAL)
def test_real_articles(shared: Path, pmcid: str) -> None:
    got = article_in((shared / "evidence" / "pages" / "pmc" / f"{pmcid}.fulltext.xml").read_bytes())
    doi, published, patients = REAL[pmcid]
    assert (got.pmcid, got.doi, got.published) == (pmcid, doi, published)
    assert [figure.patient for figure in got.figures] == patients
    assert all(figure.caption and figure.hrefs and figure.mentions for figure in got.figures)
    assert "@" not in got.model_dump_json()


def test_the_text_box_and_the_tree_among_real_figures_are_no_films(shared: Path) -> None:
    kinds = {
        (pmcid, figure.id): figure.kind
        for pmcid in REAL
        for figure in article_in((shared / "evidence" / "pages" / "pmc" / f"{pmcid}.fulltext.xml").read_bytes()).figures
    }
    assert kinds["PMC5727565", "figbox1"] == kinds["PMC4304124", "Fig3"] == "other"
    assert kinds["PMC4304124", "Fig2"] == "chest-xray"
    assert "other" not in {kinds["PMC7582078", f"fig{n}"] for n in (1, 2, 3)}
