"""Articles found through Crossref, publishers' PDFs, and figures of the newest version, over a replayed web."""

import json
import urllib.request
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.pages.crossref import search_url, works_in
from crawlers.pages.europepmc import newest_version_in, results_in, versions_url
from crawlers.replay.articles import RegisteredLicence, Registration, written_articles
from crawlers.replay.server import running
from crawlers.replay.world import World
from crawlers.spiders.arguments import ArgumentError, arguments_of
from crawlers.spiders.papers import PaperArguments

OPEN = RegisteredLicence("https://creativecommons.org/licenses/by/4.0/")
CLOSED = RegisteredLicence("https://www.elsevier.com/tdm/userlicense/1.0/", "tdm")
PDFS = "https://pdf.replay.example"
QUERY = "pneumonia chest radiographs in Replay"
BUCKET = "https://pmc-oa-opendata.s3.amazonaws.com"


def article(number, title, *, in_pmc=False, version=1, **registered):
    model = written_articles()[0]
    return replace(
        model,
        doi=f"10.5555/found.{number}",
        pmcid=f"PMC9970000{number}",
        pmid=f"9970000{number}",
        pii=f"S01402020199999{number}9",
        title=f"{title}: pneumonia on chest radiographs in Replay",
        published=date(2020, 3 + number, 1),
        registration=Registration(**registered),
        in_pmc=in_pmc,
        version=version,
    )


ARTICLES = (
    article(0, "Open text", in_pmc=True, version=3, pdf=f"{PDFS}/0.pdf", licences=(OPEN,)),
    article(1, "Open PDF", pdf=f"{PDFS}/1.pdf", licences=(CLOSED, OPEN)),
    article(2, "Closed licence", pdf=f"{PDFS}/2.pdf", licences=(CLOSED,)),
    article(3, "Forbidden", pdf=f"{PDFS}/3.pdf", licences=(OPEN,), pdf_open=False),
    article(4, "Not linked", licences=(OPEN,)),
)


AUTHOR, TITLE = ARTICLES[0].authors[0], ARTICLES[0].title


@pytest.fixture(scope="module")
def found(once, crawled):
    return once("papers-found", lambda: crawls(crawled))


def crawls(crawled):
    jobs = {
        "crossref": {"query": QUERY, "at": "crossref"},
        "since": {"query": QUERY, "at": "crossref", "since": "2020-05-15"},
        "both": {"query": "pneumonia", "at": "both"},
        "one": {"doi": "10.5555/found.0"},
        "reference": {"reference": f"{AUTHOR.family} {AUTHOR.initials}. {TITLE}. {ARTICLES[0].journal}. 2020;1:1-4."},
        "doubtful": {"reference": f"{TITLE}. 2020."},
        "pii": {"url": "https://www.sciencedirect.com/science/article/pii/S0140202019999909"},
        "pubmed": {"url": "https://pubmed.ncbi.nlm.nih.gov/99700000/"},
        "pdf": {"doi": "10.5555/found.1"},
        "closed": {"pmid": "99700002"},
        "unknown": {"url": "https://blog.example.org/a-film"},
    }
    with running(World("found", articles=ARTICLES)) as origin:
        edit = json.dumps({"host": "pmc-oa-opendata.s3.amazonaws.com", "path": "/", "status": 404}).encode()
        results = crawled(origin, *({"spider": "papers", "arguments": given} for given in jobs.values()))
        asked = json.load(urllib.request.urlopen(f"{origin}/__requests__"))
        urllib.request.urlopen(urllib.request.Request(f"{origin}/__edit__", edit))
        (down,) = crawled(origin, {"spider": "papers", "arguments": {"doi": "10.5555/found.0"}})
    return dict(zip(jobs, results, strict=True)) | {"down": down, "asked": asked}


def test_works_found_at_crossref_are_read_where_their_text_is_open(found):
    cases = {case["doi"]: case for case in found["crossref"]["cases"]}
    assert set(cases) == {"10.5555/found.0", "10.5555/found.1"}
    assert cases["10.5555/found.0"]["studies"]
    assert cases["10.5555/found.1"]["documents"] == [{"url": f"{PDFS}/1.pdf", "local": "", "media": None}]
    assert cases["10.5555/found.1"]["url"] == "https://doi.org/10.5555/found.1"


def test_each_work_that_may_not_be_fetched_is_named_with_its_reason(found):
    failures = sorted(found["crossref"]["failures"])
    assert len(failures) == found["crossref"]["stats"]["cases/failed"] == 2
    reasons = dict(failure.partition(": ")[::2] for failure in failures)
    assert "no open licence of it is in force" in reasons["https://doi.org/10.5555/found.2"]
    assert "robots.txt" in reasons[f"{PDFS}/3.pdf"]
    assert not [address for address in found["asked"] if address.startswith("pdf.replay.example/3")]


def test_since_is_asked_of_crossref(found):
    assert [case["doi"] for case in found["since"]["cases"]] == []
    assert [failure.partition(": ")[0] for failure in found["since"]["failures"]] == [f"{PDFS}/3.pdf"]


def test_both_services_give_an_article_once(found):
    dois = [case["doi"] for case in found["both"]["cases"]]
    assert sorted(dois) == ["10.5555/found.0", "10.5555/found.1"]


@pytest.mark.parametrize("job", ["crossref", "both", "one"])
def test_figures_come_from_the_newest_version_in_the_bucket(found, job):
    (case,) = [case for case in found[job]["cases"] if case["doi"] == "10.5555/found.0"]
    urls = [image["url"] for study in case["studies"] for image in study["images"]]
    assert urls
    assert all(url.startswith(f"{BUCKET}/PMC99700000.3/") for url in urls)


def test_a_bucket_that_tells_no_version_leaves_a_retry(found):
    (case,) = found["down"]["cases"]
    assert case["studies"][0]["images"][0]["url"].startswith(f"{BUCKET}/PMC99700000.1/")
    assert [issue["kind"] for issue in case["issues"]].count("retry") == 1


@pytest.mark.parametrize("job", ["reference", "pii", "pubmed"])
def test_an_article_is_read_by_a_reference_or_an_address_without_its_doi(found, job):
    assert found[job]["failures"] == []
    assert [case["doi"] for case in found[job]["cases"]] == ["10.5555/found.0"]


def test_an_article_asked_for_by_name_is_read_from_an_open_pdf_or_named_with_its_reason(found):
    (case,) = found["pdf"]["cases"]
    assert case["documents"][0]["url"] == f"{PDFS}/1.pdf"
    assert found["closed"]["cases"] == []
    (failure,) = found["closed"]["failures"]
    assert "no full text of it (no PMCID), and no open licence" in failure
    assert "pdf=FILE" in failure


def test_a_doubtful_reference_is_named_with_its_choices(found):
    assert found["doubtful"]["cases"] == []
    (failure,) = found["doubtful"]["failures"]
    assert "10.5555/found.0" in failure
    assert "give doi=" in failure
    (failure,) = found["unknown"]["failures"]
    assert "no DOI is known of it" in failure


@pytest.mark.parametrize(
    ("keys", "version"),
    [
        ("<CommonPrefixes><Prefix>PMC1.1/</Prefix></CommonPrefixes>", 1),
        ("<CommonPrefixes><Prefix>PMC1.2/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>PMC1.10/</Prefix>"
         "</CommonPrefixes>", 10),
        ("<Contents><Key>PMC1.4/gr1.jpg</Key></Contents><Contents><Key>PMC1.3/gr1.jpg</Key></Contents>", 4),
        ("<Contents><Key>PMC12.4/gr1.jpg</Key></Contents>", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_newest_version_is_the_highest_number(keys, version):
    listed = f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Prefix>PMC1.</Prefix>{keys}</ListBucketResult>'
    assert newest_version_in(listed.encode(), "PMC1") == version
    assert versions_url("PMC1") == f"{BUCKET}/?list-type=2&delimiter=/&prefix=PMC1."


def test_a_search_asks_politely_for_articles_of_a_day_on():
    asked = parse_qs(urlsplit(search_url("a film", date(2020, 1, 2), "desk@example.org")).query)
    assert asked["filter"] == ["type:journal-article,has-full-text:true,from-pub-date:2020-01-02"]
    assert (asked["cursor"], asked["mailto"], asked["query.bibliographic"]) == (["*"], ["desk@example.org"], ["a film"])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, ""),
        ({"link": []}, "names no PDF"),
        ({"license": []}, "registered: none"),
        ({"license": [{"URL": "https://creativecommons.org/licenses/by/4.0/", "content-version": "am"}]}, "no open"),
        ({"license": [{"URL": "https://creativecommons.org/licenses/by/4.0/", "content-version": "vor",
                       "start": {"date-time": "2999-01-01T00:00:00Z"}}]}, "in force"),
    ],
)  # fmt: skip
def test_a_pdf_is_taken_only_with_a_link_for_mining_and_an_open_licence_in_force(changed, why):
    link = {"URL": f"{PDFS}/1.pdf", "content-type": "application/pdf", "intended-application": "text-mining"}
    licence = {"URL": "http://creativecommons.org/licenses/by/4.0/", "content-version": "vor"}
    item = {"DOI": "10.5555/a", "title": ["A"], "link": [link], "license": [licence]} | changed
    (work,), cursor = works_in(json.dumps({"message": {"items": [item], "next-cursor": "x"}}).encode(), "")
    assert (bool(work.pdf), why in work.why_not, cursor) == (not why, True, "")


def test_crossref_is_asked_nothing_without_a_query():
    with pytest.raises(ArgumentError, match="at=crossref wants query="):
        arguments_of(PaperArguments, {"at": "crossref"})
    with pytest.raises(ArgumentError, match="at='scholar'"):
        arguments_of(PaperArguments, {"at": "scholar", "query": "x"})


def test_recorded_works_are_read(shared):
    recorded = shared / "evidence" / "crossref"
    for name in ("search_query_bibliographic_journal_fish_scores.json", "search_query_cursor_first_page.json"):
        works, _ = works_in((recorded / name).read_bytes(), name)
        assert len(works) == 20
        assert all(bool(work.pdf) != bool(work.why_not) for work in works)
    assert any(work.pdf.startswith("https://peerj.com/articles/") for work in works_in(
        (recorded / "search_query_bibliographic_journal_fish_scores.json").read_bytes(), "")[0])  # fmt: skip


def test_europe_pmc_names_no_pmcid_where_it_has_no_text():
    record = {"title": "A", "doi": "10.5555/a", "pmid": "1"}
    answer = {"resultList": {"result": [record]}, "nextCursorMark": "*", "request": {"cursorMark": "*"}}
    (result,), _ = results_in(json.dumps(answer).encode(), "")
    assert result.pmcid == ""
