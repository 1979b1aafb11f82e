"""Articles of the replayed web: JATS, PDF, Crossref and Europe PMC in the shapes that were recorded."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pymupdf
import pytest
from lxml import etree

from crawlers.replay import crossref, europepmc
from crawlers.replay.article_jats import jats_of
from crawlers.replay.article_pdf import pdf_of
from crawlers.replay.articles import Article, ArticleFigure, picture_of, written_articles
from crawlers.replay.europepmc_query import NotAQuery, predicate_of
from crawlers.replay.site import SiteRequest, SiteResponse
from crawlers.replay.world import World
from pipelines.records import COLUMNS

ARTICLES = written_articles()
WORLD = World("articles alone", articles=ARTICLES)
HREF = "{http://www.w3.org/1999/xlink}href"
REST = "/europepmc/webservices/rest"
Ask = Callable[..., SiteResponse]

each_article = pytest.mark.parametrize("article", ARTICLES, ids=[article.pmcid for article in ARTICLES])


@pytest.fixture(scope="session")
def ask(films_cache: Path) -> Ask:
    """Ask a replayed site for a path, with query values by name."""
    by_host = {host: site for module in (crossref, europepmc) for site in module.sites(WORLD) for host in site.hosts}

    def asked(host: str, path: str, headers: dict[str, str] | None = None, **query: str) -> SiteResponse:
        values = {name.replace("_", "."): [value] for name, value in query.items()}
        answer = by_host[host].answer(SiteRequest(host, path, values, headers or {}, films_cache=films_cache))
        assert answer is not None
        return answer

    return asked


def article_like(title: str) -> Article:
    return next(article for article in ARTICLES if title in article.title)


def tree_of(article: Article) -> etree._Element:
    parser = etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False)
    return etree.fromstring(jats_of(article), parser)


def message_of(answer: SiteResponse) -> Any:
    return json.loads(answer.body)["message"]


def test_every_truth_is_a_column_of_the_row():
    figures = [figure for article in ARTICLES for figure in article.figures]
    panels = [p for figure in figures if isinstance(figure.picture, tuple) for p in figure.picture]
    stated = [set(thing.truth) for thing in (*ARTICLES, *figures, *panels)]
    blank = [set(thing.blank) for thing in (*ARTICLES, *figures)]
    assert set().union(*stated, *blank) <= set(COLUMNS)
    for article in ARTICLES:
        assert not set(article.truth) & set(article.blank)


@each_article
def test_jats_states_identity_figures_and_films(article: Article, films_cache: Path):
    xml = jats_of(article)
    assert xml == jats_of(article)
    assert b".dtd" in xml.splitlines()[0]
    root = tree_of(article)
    ids = {one.get("pub-id-type"): one.text for one in root.iterfind("front/article-meta/article-id")}
    assert ids["doi"] == article.doi
    assert ids.get("pmcid", "") == (article.pmcid.removeprefix("PMC") if article.states_pmcid else "")
    figures = root.findall(".//fig")
    assert [fig.findtext("label") for fig in figures] == [figure.label for figure in article.figures]
    assert [fig.find("graphic").get(HREF) for fig in figures] == [figure.href for figure in article.figures]
    assert not any(href.endswith((".jpg", ".jpeg")) for href in (figure.href for figure in article.figures))
    linked = {link.get("rid") for link in root.iterfind(".//xref[@ref-type='fig']")}
    assert linked <= {fig.get("id") for fig in figures}
    for figure in article.figures:
        assert picture_of(figure, films_cache).startswith(b"\xff\xd8")


def test_licences_take_every_shape():
    shapes = {}
    for article in ARTICLES:
        licence = tree_of(article).find("front/article-meta/permissions/license")
        links = [] if licence is None else [link.get(HREF) for link in licence.iterfind(".//ext-link")]
        shapes[article.licence.shape] = (None if licence is None else licence.get(HREF), len(links))
    assert shapes == {
        "attribute": ("https://creativecommons.org/licenses/by/4.0/", 0),
        "link": (None, 1),
        "link and waiver": (None, 2),
        "simple": ("simple", 0),
        "prose": (None, 0),
        "reference": (None, 0),
        "none": (None, 0),
    }


def test_affiliations_come_as_a_line_and_in_parts():
    affiliations = [aff for article in ARTICLES for aff in tree_of(article).iterfind(".//aff")]
    assert {part.tag for aff in affiliations for part in aff} >= {"sup", "label", "addr-line", "institution", "country"}


def test_traps_of_real_articles_occur():
    dates = {date.get("pub-type") for article in ARTICLES for date in tree_of(article).iterfind(".//pub-date")}
    assert dates == {"epub", "collection", "ppub"}
    assert any(not article.pmid for article in ARTICLES)
    assert any(not article.states_pmcid for article in ARTICLES)
    assert any(author.email for article in ARTICLES for author in article.authors)
    kinds = {figure.kind for article in ARTICLES for figure in article.figures}
    assert kinds == {"film", "text box", "flow chart", "photograph"}
    assert {article.type for article in ARTICLES} == {"case-report", "brief-report", "review-article"}
    assert any(b"ALFARSI" in picture_of(figure) for figure in article_like("Middle East").figures)


@each_article
def test_pdf_holds_the_text_and_the_very_films(article: Article, films_cache: Path):
    data = pdf_of(article, films_cache)
    assert data == pdf_of(article, films_cache)
    with pymupdf.open(stream=data) as document:
        text = " ".join(" ".join(page.get_text() for page in document).split())
        cut = [document.extract_image(found[0])["image"] for page in document for found in page.get_images()]
    digests = {hashlib.sha256(image).hexdigest() for image in cut}
    assert digests == {hashlib.sha256(picture_of(figure, films_cache)).hexdigest() for figure in article.figures}
    assert article.doi in text
    for figure in article.figures:
        assert figure.caption.split(".")[0].replace("- ", "-")[:40] in text


def test_an_article_of_plain_text_and_a_file_needs_no_more(tmp_path: Path):
    film = tmp_path / "film.png"
    film.write_bytes(picture_of(ARTICLES[0].figures[0]))
    figure = ArticleFigure("Figure 1", "“A film” – kept", film, "film")
    plain = Article("10.5555/x", "PMC1", "Told", "No Journal", ARTICLES[0].published, (), (), (figure,))
    assert picture_of(figure) == film.read_bytes()
    assert tree_of(plain).findtext(".//fig/caption/p") == "“A film” – kept"
    assert pdf_of(plain).startswith(b"%PDF")
    assert europepmc.sites(World("plain", articles=(plain,)))


def test_crossref_knows_a_doi_however_it_is_encoded(ask: Ask):
    doi = article_like("Lobar").doi
    work = message_of(ask(crossref.HOST, f"/works/{doi.lower()}"))
    assert (work["DOI"], work["alternative-id"]) == (doi, ["S0140202019307649"])
    agency = message_of(ask(crossref.HOST, f"/works/{doi}/agency"))
    assert agency["agency"]["id"] == "crossref"


def test_crossref_refuses_as_recorded(ask: Ask, shared: Path):
    recorded = shared / "evidence" / "crossref"
    unknown = ask(crossref.HOST, "/works/10.53347/rID-175801")
    assert (unknown.status, unknown.body) == (404, (recorded / "agency_404_resource_not_found.txt").read_bytes())
    refused = ask(crossref.HOST, "/works", rows="things")
    assert refused.status == 400
    assert json.loads(refused.body) == json.loads((recorded / "error_400_rows_not_integer.json").read_bytes())


def test_crossref_states_its_pace_by_pool(ask: Ask):
    public = ask(crossref.HOST, "/works", rows="0").headers
    polite = ask(crossref.HOST, "/works", {"user-agent": "x (mailto:a@example.org)"}, rows="0").headers
    names = ("x-rate-limit-limit", "x-rate-limit-interval", "x-concurrency-limit", "x-api-pool")
    assert [public[name] for name in names] == ["5", "1s", "1", "public"]
    assert [polite[name] for name in names] == ["10", "1s", "3", "polite"]


def test_crossref_finds_by_reference_and_by_identifier(ask: Ask):
    article = article_like("Silent Hypoxaemia")
    found = message_of(ask(crossref.HOST, "/works", query_bibliographic=f"{article.title} Marchetti 2020", rows="2"))
    assert len(found["items"]) == 2
    assert found["items"][0]["DOI"] == article.doi
    assert found["items"][0]["score"] > found["items"][1]["score"] > 0
    by_pii = message_of(ask(crossref.HOST, "/works", filter="alternative-id:S0140202019307649"))
    assert [work["DOI"] for work in by_pii["items"]] == [article_like("Lobar").doi]
    nothing = message_of(ask(crossref.HOST, "/works", query="adfaaf"))
    assert (nothing["total-results"], nothing["items"]) == (0, [])


def test_crossref_and_the_page_disagree_on_one_licence(ask: Ask):
    article = article_like("Acute respiratory distress")
    (licence,) = message_of(ask(crossref.HOST, f"/works/{article.doi}"))["license"]
    assert (licence["content-version"], "by-nc-nd" in licence["URL"]) == ("vor", True)
    assert article.licence.code == "CC BY"


def test_crossref_holds_notices_on_both_sides(ask: Ask):
    corrected = article_like("Corrected and Republished")
    work = message_of(ask(crossref.HOST, f"/works/{corrected.doi}"))
    assert work["update-to"][0]["type"] == "correction"
    notice = message_of(ask(crossref.HOST, f"/works/{work['updated-by'][0]['DOI']}"))
    assert notice["update-to"][0]["DOI"] == corrected.doi


def test_crossref_records_have_the_recorded_keys(ask: Ask, shared: Path):
    recorded = shared / "evidence" / "crossref"
    real = json.loads((recorded / "work_by_doi_pone_public_pool.json").read_bytes())
    answer = json.loads(ask(crossref.HOST, f"/works/{ARTICLES[0].doi}").body)
    assert set(answer) == set(real)
    every = {key for path in recorded.glob("*work*_*.json") for key in json.loads(path.read_bytes())["message"]}
    assert set(answer["message"]) - {"update-to"} <= every
    assert set(answer["message"]) >= {"DOI", "title", "author", "license", "issued", "resource", "container-title"}
    assert set(answer["message"]["license"][0]) == set(real["message"]["license"][0])
    assert set(answer["message"]["author"][1]) == set(real["message"]["author"][0])
    listed = json.loads((recorded / "search_query_bibliographic_journal_fish_scores.json").read_bytes())
    assert set(message_of(ask(crossref.HOST, "/works", query="films"))) == set(listed["message"])


def test_our_client_reads_the_replayed_crossref(web: httpx.Client):
    from pipelines.references.crossref import Crossref

    class NoCache:
        def answer(self, key: str) -> None:
            return None

        def keep(self, *args: object) -> None:
            return None

    client = Crossref(f"{web.base_url}/{crossref.HOST}", "maintainer@example.org", NoCache())
    article = article_like("Three Patients")
    work = client.work(article.doi)
    assert work is not None
    assert work["title"] == [article.title]
    assert client.work("10.53347/rID-175801") is None
    assert client.works_like(article.title)[0]["DOI"] == article.doi


def found_by(ask: Ask, query: str, **more: str) -> Any:
    asked = {"format": "json", "resultType": "core", **more}
    return json.loads(ask(europepmc.SEARCH_HOST, f"{REST}/search", query=query, **asked).body)


@pytest.mark.parametrize(
    ("query", "pmcids"),
    [
        ('DOI:"10.5555/jrcr/2020/8812345"', ["1"]),
        ("PMCID:PMC99000003", ["3"]),
        ("EXT_ID:99100005 AND SRC:MED", ["5"]),
        ('(TITLE:"COVID-19" OR TITLE:SARS) AND "chest radiograph" AND PUB_TYPE:"case-report"', ["1", "7", "8"]),
        ("pneumonia NOT TITLE:COVID-19 NOT abstract", ["5"]),
        ("IN_EPMC:y AND FIRST_PDATE:[2017-01-01 TO 2019-12-31]", ["4", "5"]),
        ("UNKNOWN_FIELD:y", []),
    ],
)
def test_europe_pmc_answers_queries(ask: Ask, query: str, pmcids: list[str]):
    found = found_by(ask, query)
    assert found["hitCount"] == len(pmcids)
    assert [record["pmcid"] for record in found["resultList"]["result"]] == [f"PMC9900000{n}" for n in pmcids]


@pytest.mark.parametrize("query", ["(TITLE:a", "a )", "AND", '"open', ""])
def test_a_query_that_does_not_fit_together_is_refused(query: str):
    with pytest.raises(NotAQuery):
        predicate_of(query)


def test_europe_pmc_pages_until_the_mark_repeats(ask: Ask):
    mark, seen = "*", []
    for _ in range(10):
        page = found_by(ask, "OPEN_ACCESS:y", cursorMark=mark, pageSize="3")
        seen += [record["pmcid"] for record in page["resultList"]["result"]]
        if page["nextCursorMark"] == mark:
            break
        mark = page["nextCursorMark"]
    assert seen == [article.pmcid for article in ARTICLES]


def unwrapped(value: Any) -> Any:
    """Undo the lists of one in which the recorder kept each value."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def test_europe_pmc_records_have_the_recorded_keys(ask: Ask, shared: Path):
    recorded = sorted((shared / "evidence" / "pages" / "pmc").glob("*.eupmc_result.json"))
    real = [json.loads(path.read_bytes()) for path in recorded]
    always = set.intersection(*(set(record) for record in real))
    ever = set.union(*(set(record) for record in real))
    for record in found_by(ask, "IN_EPMC:y")["resultList"]["result"]:
        # Some of the articles have no PubMed id, and no ORCID list of their own is kept.
        assert always - {"pmid", "authorIdList", "pageInfo"} <= set(record) <= ever
        assert record["isOpenAccess"] == "Y"
        author, known = (set(unwrapped(one["authorList"])["author"][0]) for one in (record, unwrapped(real[-1])))
        assert author <= known


def test_full_texts_and_figures_lie_where_clients_fetch_them(ask: Ask, films_cache: Path):
    article = article_like("Three Patients")
    xml = ask(europepmc.SEARCH_HOST, f"{REST}/{article.pmcid}/fullTextXML")
    assert (xml.body, xml.content_type) == (jats_of(article), "application/xml")
    folder = f"/{article.pmcid}.1"
    for figure in article.figures:
        film = ask(europepmc.BUCKET_HOST, f"{folder}/{figure.href}.jpg")
        assert (film.body, film.content_type) == (picture_of(figure, films_cache), "image/jpeg")
    assert ask(europepmc.BUCKET_HOST, f"{folder}/{article.pmcid}.1.pdf").body.startswith(b"%PDF")
    missing = ask(europepmc.BUCKET_HOST, f"{folder}/gone.jpg")
    assert (missing.status, b"NoSuchKey" in missing.body) == (404, True)


def test_bucket_metadata_names_every_file_with_its_digest(ask: Ask):
    article = article_like("Middle East")
    told = json.loads(ask(europepmc.BUCKET_HOST, f"/metadata/{article.pmcid}.1.json").body)
    assert told == json.loads(ask(europepmc.BUCKET_HOST, f"/{article.pmcid}.1/{article.pmcid}.1.json").body)
    assert (told["license_code"], told["pmid"], told["is_retracted"]) == ("CC BY-NC", None, False)
    for address in [told["xml_url"], told["pdf_url"], *told["media_urls"]]:
        path, _, digest = address.removeprefix("s3://pmc-oa-opendata").partition("?md5=")
        served = ask(europepmc.BUCKET_HOST, path).body
        assert digest == hashlib.md5(served, usedforsecurity=False).hexdigest()


def test_converter_knows_every_name_of_an_article(ask: Ask):
    path = "/pmc/utils/idconv/v1.0/"
    told = json.loads(ask(europepmc.CONVERTER_HOST, path, ids="99100001,PMC99000004,10.5555/unheard-of").body)
    assert [record.get("pmcid") for record in told["records"][:2]] == ["PMC99000001", "PMC99000004"]
    assert told["records"][2]["status"] == "error"
