"""Cases confirmed and completed against a Crossref on loopback."""

from typing import Any

import pytest
from answers_kept import NoCache
from pytest_httpserver import HTTPServer

from pipelines.records import Case, Document, TextBlock
from pipelines.references.crossref import Crossref
from pipelines.references.record import referenced

DOI = "10.1155/2020/8822753"
TITLE = "COVID-19 Pneumonia in Patients on Chronic Hydroxychloroquine Therapy: Three Cases"
WORK: dict[str, Any] = {
    "DOI": DOI, "title": [TITLE], "container-title": ["Case Reports in Infectious Diseases"], "publisher": "Hindawi",
    "published-online": {"date-parts": [[2020, 10, 22]]},
    "license": [
        {"URL": "https://www.elsevier.com/tdm/userlicense/1.0/", "content-version": "tdm"},
        {"URL": "https://creativecommons.org/licenses/by/4.0/", "content-version": "vor"},
    ],
}  # fmt: skip


@pytest.fixture
def crossref(httpserver: HTTPServer) -> Crossref:
    return Crossref(httpserver.url_for(""), None, NoCache(), attempts=1)


def serve(httpserver: HTTPServer, work: dict[str, Any]) -> None:
    httpserver.expect_request(f"/works/{work['DOI']}").respond_with_json({"message": work})


def unknown(httpserver: HTTPServer, path: str) -> None:
    httpserver.expect_request(f"/works/{path}").respond_with_data("Resource not found.", status=404)


def case(**parts: Any) -> Case:
    return Case(**({"source": "papers", "source_id": "1", "url": "https://example.org/1", "title": TITLE} | parts))


def said(got: Case) -> list[tuple[str, str]]:
    return [(issue.kind, issue.field) for issue in got.issues]


def test_a_stated_doi_is_confirmed_and_the_record_can_be_quoted(httpserver: HTTPServer, crossref: Crossref) -> None:
    serve(httpserver, WORK)
    given = case(doi=DOI, licence="CC BY 4.0")
    got = referenced(given, crossref)
    assert got.issues == []
    assert got.text_at("block[0]").split("\n") == [
        f"DOI: {DOI}", f"Title: {TITLE}", "Container: Case Reports in Infectious Diseases", "Published: 2020-10-22",
        "Licence: https://www.elsevier.com/tdm/userlicense/1.0/ (tdm)",
        "Licence: https://creativecommons.org/licenses/by/4.0/ (vor)", "Publisher: Hindawi",
    ]  # fmt: skip
    assert given.blocks == []
    assert referenced(got, crossref) == got


def test_another_title_is_a_contradiction_and_the_pages_doi_stays(httpserver: HTTPServer, crossref: Crossref) -> None:
    serve(httpserver, WORK | {"title": ["Avian influenza in ducks"]})
    got = referenced(case(doi=DOI), crossref)
    assert (got.doi, got.blocks, said(got)) == (DOI, [], [("contradiction", "doi")])


def test_a_subtitle_or_word_order_is_no_contradiction(httpserver: HTTPServer, crossref: Crossref) -> None:
    serve(httpserver, WORK | {"title": ["COVID-19 pneumonia in patients on chronic hydroxychloroquine therapy"],
                              "subtitle": ["Three cases"]})  # fmt: skip
    assert said(referenced(case(doi=DOI), crossref)) == []


def test_a_stated_doi_that_crossref_does_not_know_stays(httpserver: HTTPServer, crossref: Crossref) -> None:
    unknown(httpserver, "10.53347/rID-74560")
    unknown(httpserver, "10.53347/rID-74560/agency")
    got = referenced(case(source="radiopaedia", doi="10.53347/rID-74560"), crossref)
    assert (got.doi, got.issues) == ("10.53347/rID-74560", [])


def test_a_doi_in_the_address_is_taken_once_its_title_agrees(httpserver: HTTPServer, crossref: Crossref) -> None:
    serve(httpserver, WORK)
    url = f"https://www.hindawi.com/journals/crid/{DOI}/"
    assert referenced(case(url=url), crossref).doi == DOI
    other = referenced(case(url=url, title="A film of a broken wrist"), crossref)
    assert (other.doi, said(other)) == ("", [("reference unresolved", "doi")])
    untitled = referenced(case(url=url, title=""), crossref)
    assert (untitled.doi, said(untitled)) == ("", [("reference unresolved", "doi")])


def test_a_publishers_identifier_is_looked_up_and_never_computed(httpserver: HTTPServer, crossref: Crossref) -> None:
    httpserver.expect_request(
        "/works", query_string={"filter": "alternative-id:S0929664620300449", "rows": "2"}
    ).respond_with_json({"message": {"total-results": 1, "items": [WORK]}})
    serve(httpserver, WORK)
    got = referenced(case(url="https://www.sciencedirect.com/science/article/pii/S0929664620300449"), crossref)
    assert (got.doi, got.issues) == (DOI, [])


def test_a_citation_is_read_but_a_doi_in_passing_is_not(httpserver: HTTPServer, crossref: Crossref) -> None:
    serve(httpserver, WORK)
    cited = case(blocks=[TextBlock(label="citation", text=f"Cite as https://doi.org/{DOI}.")])
    assert referenced(cited, crossref).doi == DOI
    mentioned = case(blocks=[TextBlock(label="discussion", text=f"Compare {DOI}.")])
    assert referenced(mentioned, crossref) == mentioned


@pytest.mark.parametrize(("agency", "doi"), [("DataCite", "10.6084/m9.figshare.1"), ("Crossref", ""), (None, "")])
def test_a_doi_of_another_agency_is_told_from_an_invented_one(
    httpserver: HTTPServer, crossref: Crossref, agency: str | None, doi: str
) -> None:
    if agency:
        answer = {"message": {"agency": {"label": agency}}}
        httpserver.expect_request("/works/10.6084/m9.figshare.1/agency").respond_with_json(answer)
    else:
        unknown(httpserver, "10.6084/m9.figshare.1/agency")
    unknown(httpserver, "10.6084/m9.figshare.1")
    got = referenced(case(url="https://doi.org/10.6084/m9.figshare.1"), crossref)
    assert (got.doi, said(got)) == (doi, [] if doi else [("reference unresolved", "doi")])


def test_an_article_without_doi_is_offered_choices_and_given_none(httpserver: HTTPServer, crossref: Crossref) -> None:
    works = [WORK, WORK | {"DOI": "10.1/other", "title": ["Ducks"]}]
    httpserver.expect_request("/works", query_string={"query.bibliographic": TITLE, "rows": "10"}).respond_with_json(
        {"message": {"total-results": 2, "items": works}}
    )
    got = referenced(case(documents=[Document(url="file:///a.pdf")]), crossref)
    assert (got.doi, said(got)) == ("", [("reference unresolved", "doi")])
    assert DOI in got.issues[0].message
    assert "10.1/other" not in got.issues[0].message


def test_an_article_with_authors_and_year_is_found_and_its_preprint_told(
    httpserver: HTTPServer, crossref: Crossref
) -> None:
    work = WORK | {"author": [{"family": "Marchetti"}, {"family": "O’Neill"}],
                   "relation": {"has-preprint": [{"id-type": "doi", "id": "10.1101/2020.05.01"}]}}  # fmt: skip
    notice = work | {"DOI": "10.1155/2021/1", "title": [f"Corrigendum to “{TITLE}”"]}
    serve(httpserver, work)
    asked = {"query.bibliographic": f"{TITLE} Luca Marchetti Ann O'Neill 2020", "rows": "10"}
    answer = {"message": {"total-results": 2, "items": [notice, work]}}
    httpserver.expect_request("/works", query_string=asked).respond_with_json(answer)
    article = case(
        documents=[Document(url="file:///a.pdf")], credit="Luca Marchetti, Ann O'Neill", published="2020-10-22"
    )
    got = referenced(article, crossref)
    assert (got.doi, got.issues) == (DOI, [])
    assert "Preprint: 10.1101/2020.05.01" in got.blocks[-1].text


def test_a_doi_of_datacite_is_recorded_with_its_agency(httpserver: HTTPServer, crossref: Crossref) -> None:
    unknown(httpserver, "10.6084/m9.figshare.1")
    answer = {"message": {"agency": {"label": "DataCite"}}}
    httpserver.expect_request("/works/10.6084/m9.figshare.1/agency").respond_with_json(answer)
    got = referenced(case(doi="10.6084/m9.figshare.1"), crossref)
    assert got.issues == []
    assert got.blocks[-1].text == "DOI: 10.6084/m9.figshare.1\nAgency: DataCite"


@pytest.mark.parametrize(("stated", "issues"), [
    ("CC BY-NC 4.0", [("contradiction", "license")]), ("CC BY", []), ("", []),
    ("https://creativecommons.org/licenses/by/4.0/", []),
])  # fmt: skip
def test_two_licences_that_disagree_are_told(
    httpserver: HTTPServer, crossref: Crossref, stated: str, issues: list[tuple[str, str]]
) -> None:
    serve(httpserver, WORK)
    got = referenced(case(doi=DOI, licence=stated), crossref)
    assert (got.licence, said(got)) == (stated, issues)


@pytest.mark.parametrize("key", ["updated-by", "update-to"])
def test_a_retraction_is_told(httpserver: HTTPServer, crossref: Crossref, key: str) -> None:
    serve(httpserver, WORK | {key: [{"type": "retraction", "label": "Retraction", "DOI": "10.1155/2021/1"}]})
    got = referenced(case(doi=DOI), crossref)
    assert said(got) == [("retracted or corrected", "")]
    assert "Retraction, 10.1155/2021/1" in got.issues[0].message


def test_no_answer_leaves_a_retry_and_no_doi_made_up(httpserver: HTTPServer, crossref: Crossref) -> None:
    httpserver.expect_request(f"/works/{DOI}").respond_with_data("<html>busy</html>", status=503)
    got = referenced(case(url=f"https://doi.org/{DOI}"), crossref)
    assert (got.doi, said(got)) == ("", [("retry", "doi")])


def test_a_malformed_stated_doi_is_told(crossref: Crossref) -> None:
    got = referenced(case(doi="rID-74560"), crossref)
    assert (got.doi, said(got)) == ("rID-74560", [("reference unresolved", "doi")])
