"""From what is stated to a DOI: what is taken, what is never taken, and what is left to a person."""

import json
from pathlib import Path
from typing import Any

import pytest
from answers_kept import NoCache
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from pipelines.figures.jats import article_in
from pipelines.records import Case
from pipelines.references.calibration import SEED, outcomes, trials, works_in
from pipelines.references.converter import ConverterUnavailable, IdConverter, pubmed_ids_in
from pipelines.references.crossref import Crossref
from pipelines.references.matching import accepted, matches_among, thresholds
from pipelines.references.record import stated_by
from pipelines.references.resolution import resolved
from pipelines.references.stated import Stated, stated_in

TITLE = "Silent hypoxaemia in two brothers with COVID-19 pneumonia: chest radiographs over ten days"
DOI = "10.1155/2020/8822753"
WORK: dict[str, Any] = {
    "DOI": DOI, "type": "journal-article", "title": [TITLE], "container-title": ["New England Journal of Medicine"],
    "author": [{"family": "Marchetti", "given": "Luca"}, {"family": "Ó Súilleabháin"}],
    "issued": {"date-parts": [[2020, 4]]},
}  # fmt: skip
STATED = Stated(title=TITLE, authors=("Luca Marchetti", "P. O Suilleabhain"), year=2020, container="N Engl J Med")


@pytest.fixture
def crossref(httpserver: HTTPServer) -> Crossref:
    return Crossref(httpserver.url_for(""), None, NoCache(), attempts=1)


def serve(httpserver: HTTPServer, *works: dict[str, Any]) -> None:
    for work in works:
        httpserver.expect_request(f"/works/{work['DOI']}").respond_with_json({"message": work})
    answer = {"message": {"total-results": len(works), "items": list(works)}}
    httpserver.expect_request("/works").respond_with_json(answer)


def like(**changed: Any) -> dict[str, Any]:
    return WORK | {"DOI": "10.1155/other"} | changed


def taken(stated: Stated, *works: dict[str, Any]) -> str:
    best = accepted(matches_among(stated, works))
    return best.work["DOI"] if best else ""


NEAR = [
    like(title=[f"Correction to: {TITLE}"]),
    like(title=[f"Reply to “{TITLE}”"]),
    like(title=[f"{TITLE}: Part II"]),
    like(title=[TITLE.replace("two", "three")]),
    like(title=[TITLE.replace("hypoxaemia", "aspiration")]),
    like(issued={"date-parts": [[2021]]}),
    like(author=[{"family": "Vandersteen"}]),
    like(**{"type": "posted-content", "container-title": [], "institution": [{"name": "medRxiv"}]}),
    like(type="peer-review"),
]


@pytest.mark.parametrize("other", NEAR, ids=range(len(NEAR)))
def test_a_near_miss_is_neither_taken_nor_in_the_way(other: dict[str, Any]) -> None:
    assert taken(STATED, other) == ""
    assert taken(STATED, other, WORK) == DOI


@pytest.mark.parametrize(
    "stated",
    [
        Stated(title=TITLE.upper(), authors=("MARCHETTI L",), year=2020),
        Stated(title=TITLE.replace("hypoxaemia", "hypoxemia"), authors=("Marchetti, Luca",), year=2020),
        Stated(title=f"{TITLE} | NEJM", authors=("Luca Marchetti",), year=2020),
        stated_in(f"Marchetti L, Ó Súilleabháin P. {TITLE}. N Engl J Med. 2020;382:e11."),
        stated_in(f"L. Marchetti et al., “{TITLE},” New England Journal of Medicine, vol. 382, 2020"),
    ],
)
def test_the_same_work_in_other_words_is_taken(stated: Stated) -> None:
    assert taken(stated, WORK) == DOI


@pytest.mark.parametrize(
    "stated",
    [
        Stated(title=TITLE),
        Stated(title=TITLE, year=2020),
        Stated(title=TITLE, authors=("Luca Marchetti",)),
        stated_in(f"Marchetti L. Comment on: {TITLE}. N Engl J Med. 2020."),
        stated_in("Marchetti L. N Engl J Med. 2020;382:e11."),
    ],
)
def test_too_little_is_left_to_a_person(stated: Stated) -> None:
    assert taken(stated, WORK) == ""


def test_a_title_of_two_words_stands_in_any_reference() -> None:
    short = WORK | {"title": ["COVID-19"]}
    assert taken(stated_in(f"Marchetti L. {TITLE}. N Engl J Med. 2020."), short) == ""


def test_preprint_and_version_of_record_are_told_apart_by_the_container_alone() -> None:
    preprint = NEAR[7]
    assert taken(Stated(title=TITLE, authors=STATED.authors, year=2020), preprint, WORK) == ""
    on_the_server = Stated(title=TITLE, authors=STATED.authors, year=2020, container="medRxiv")
    assert taken(on_the_server, preprint, WORK) == preprint["DOI"]


def test_a_search_that_takes_none_offers_its_choices(httpserver: HTTPServer, crossref: Crossref) -> None:
    serve(httpserver, WORK, like(title=[f"Correction to: {TITLE}"]))
    got = resolved(Stated(title=TITLE), crossref)
    assert (got.doi, [match.work["DOI"] for match in got.choices]) == ("", [DOI])
    assert "Marchetti, New England Journal of Medicine, 2020" in got.issues[0].message
    assert resolved(STATED, crossref).doi == DOI
    assert resolved(STATED, crossref, search=False).issues == ()


def test_a_reference_with_a_doi_of_another_work_is_a_contradiction(httpserver: HTTPServer, crossref: Crossref) -> None:
    serve(httpserver, WORK)
    right = resolved(Stated(reference=f"Marchetti L. {TITLE}. 2020. doi:{DOI}"), crossref)
    assert (right.doi, right.way, right.confirmed) == (DOI, "stated", True)
    wrong = resolved(Stated(reference=f"Smith J. Ducks of the lower Danube. 2019. doi:{DOI}"), crossref)
    assert (wrong.doi, [issue.kind for issue in wrong.issues]) == ("", ["contradiction"])


def test_a_title_in_the_works_first_language_is_its_title(httpserver: HTTPServer, crossref: Crossref) -> None:
    serve(httpserver, WORK | {"original-title": ["Ipossiemia silente in due fratelli"]})
    assert resolved(Stated(doi=DOI, title="Ipossiemia silente in due fratelli"), crossref).confirmed
    assert not resolved(Stated(doi=DOI, title="Frattura del polso dopo una caduta"), crossref).confirmed


def test_a_notice_on_the_page_is_not_the_page(httpserver: HTTPServer, crossref: Crossref) -> None:
    serve(httpserver, WORK | {"title": [f"Erratum: {TITLE}"]})
    got = resolved(Stated(urls=(f"https://www.nejm.org/doi/{DOI}",), title=TITLE), crossref)
    assert (got.doi, got.issues[0].kind) == ("", "reference unresolved")


def test_an_untitled_page_is_taken_only_where_the_record_leads_back_to_it(
    httpserver: HTTPServer, crossref: Crossref
) -> None:
    serve(httpserver, WORK | {"resource": {"primary": {"URL": f"https://www.nejm.org/doi/{DOI}"}}})
    assert resolved(Stated(urls=(f"https://www.nejm.org/doi/full/{DOI}",)), crossref).doi == DOI
    assert resolved(Stated(urls=(f"https://doi.org/{DOI}",)), crossref).doi == DOI
    assert resolved(Stated(urls=(f"https://blog.example.org/?doi={DOI}",)), crossref).doi == ""


def test_a_pubmed_page_is_converted_and_confirmed(httpserver: HTTPServer, crossref: Crossref) -> None:
    serve(httpserver, WORK)
    converter = IdConverter(httpserver.url_for("/idconv"), "desk@example.org", NoCache(), attempts=1)
    asked = {"ids": "32157862", "format": "json", "tool": "intake-desk", "email": "desk@example.org"}
    answer = {"status": "ok", "records": [{"pmid": 32157862, "pmcid": "PMC1", "doi": DOI}]}
    httpserver.expect_request("/idconv/", query_string=asked).respond_with_json(answer)
    page = Stated(urls=("https://pubmed.ncbi.nlm.nih.gov/32157862/",))
    assert (resolved(page, crossref, converter).doi, resolved(page, crossref).doi) == (DOI, "")
    other = Stated(urls=page.urls, title="A wrist after a fall on ice")
    assert resolved(other, crossref, converter).doi == ""


@pytest.mark.parametrize(("status", "body"), [(503, "busy"), (200, "<html>Checking your browser</html>")])
def test_a_converter_that_does_not_answer_is_not_taken_for_an_unknown_id(
    httpserver: HTTPServer, status: int, body: str
) -> None:
    httpserver.expect_request("/idconv/").respond_with_data(body, status=status)
    with pytest.raises(ConverterUnavailable, match="crawl again"):
        IdConverter(httpserver.url_for("/idconv"), None, NoCache(), attempts=1).doi_of("PMC7582078")


def test_an_id_that_ncbi_does_not_know_has_no_doi(httpserver: HTTPServer) -> None:
    answer = {"records": [{"requested-id": "PMC1", "status": "error", "errmsg": "invalid article id"}]}
    httpserver.expect_request("/idconv/").respond_with_json(answer)
    assert IdConverter(httpserver.url_for("/idconv"), None, NoCache(), attempts=1).doi_of("PMC1") is None


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("https://pubmed.ncbi.nlm.nih.gov/32157862/", ["32157862"]),
        ("https://www.ncbi.nlm.nih.gov/pubmed/32157862", ["32157862"]),
        ("https://europepmc.org/article/MED/32157862", ["32157862"]),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC7582078/", ["PMC7582078"]),
        ("PMID32157862", ["32157862"]),
        ("https://www.sirm.org/2020/03/19/covid-19-caso-40/", []),
    ],
)
def test_pubmed_ids_are_read_from_addresses_and_names(text: str, ids: list[str]) -> None:
    assert pubmed_ids_in((text,)) == ids


@given(st.text(max_size=200))
def test_no_text_states_a_title_or_year_that_it_does_not_hold(text: str) -> None:
    stated = stated_in(text)
    words = " ".join(text.split())
    assert stated.title in words
    assert stated.year is None or str(stated.year) in words


def first(value: Any) -> Any:
    """Undo the lists of one in which the recorder kept each value."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def test_real_articles_are_told_from_one_another_by_what_they_state(shared: Path) -> None:
    folder = shared / "evidence" / "pages" / "pmc"
    works = {}
    for path in folder.glob("*.eupmc_result.json"):
        told = json.loads(path.read_bytes())
        named = [first(author) for author in first(told["authorList"])["author"]]
        journal = first(first(told["journalInfo"])["journal"])
        works[path.name.partition(".")[0]] = like(
            **{"DOI": first(told["doi"]), "title": told["title"], "container-title": [first(journal["title"])]},
            author=[{"family": first(author.get("lastName") or "")} for author in named],
            issued={"date-parts": [[int(first(told["pubYear"]))]]},
        )
    articles = {path.name.partition(".")[0]: path for path in folder.glob("*.fulltext.xml")}
    assert len(articles) >= 5
    for pmcid, path in articles.items():
        article = article_in(path.read_bytes())
        stated = Case(source="papers", source_id=pmcid, url="https://example.org/", title=article.title,
                      credit=article.credit, published=article.published)  # fmt: skip
        assert taken(stated_by(stated), *works.values()) == works[pmcid]["DOI"]
        others = [work for name, work in works.items() if name != pmcid]
        assert taken(stated_by(stated), *others) == ""


def test_the_numbers_hold_on_other_trials_of_the_recorded_works(shared: Path) -> None:
    answers = [works[::5] for works in works_in(shared / "evidence" / "crossref")]
    counts = outcomes(list(trials(answers, seed=SEED + 1)), *thresholds())
    assert counts["wrong"] == 0
    assert counts["right"] > 80
