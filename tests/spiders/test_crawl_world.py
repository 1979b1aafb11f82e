"""Crawls of the whole replayed web: what is listed is found, what is not wanted is not fetched, a wall ends a run."""

import json
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from crawlers.replay.expected import ExpectedCase, expected
from crawlers.replay.radiopaedia import CHALLENGE_PATH
from crawlers.replay.server import running
from crawlers.replay.worlds import generated_world

SOURCES = ("radiopaedia", "sirm", "figure1", "papers")
WITH_TRUTH = ("radiopaedia", "sirm", "figure1")
FIXTURES = Path(__file__).parents[1] / "fixtures"
GONE = "/2020/05/12/covid-19-caso-95/"


@pytest.fixture(scope="module")
def truth():
    return expected(generated_world())


@pytest.fixture(scope="module")
def night(once, crawled, tmp_path_factory):
    """Crawl everything there is, then a web in which one post is gone and Figure 1 is met without a token."""
    return once("crawled-world", lambda: crawled_world(crawled, files_handed_in(tmp_path_factory.mktemp("handed-in"))))


def files_handed_in(folder):
    """Write a PDF, an article with the picture file of its figure beside it, and an XML that is no article."""
    (folder / "article.pdf").write_bytes(b"%PDF-1.7\n")
    (folder / "article.xml").write_bytes((FIXTURES / "papers" / "case-report" / "article.xml").read_bytes())
    (folder / "TEST2020-1.001.png").write_bytes(b"\x89PNG")
    (folder / "other.xml").write_text("<html/>")
    return folder


def crawled_world(crawled, folder):
    token, none = {"FIGURE1_TOKEN": "any"}, {"FIGURE1_TOKEN": ""}
    with running() as origin:
        whole = crawled(origin, *({"spider": name} for name in SOURCES), permits=SOURCES, env=token)
        asked = json.load(urllib.request.urlopen(f"{origin}/__requests__"))
        edit = json.dumps({"host": "www.sirm.org", "path": GONE, "drop": True}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{origin}/__edit__", edit))
        jobs = [
            {"spider": "sirm"},
            {"spider": "figure1"},
            {"spider": "radiopaedia", "arguments": {"limit": "3"}},
            {"spider": "sirm", "arguments": {"since": "2020-05-20"}},
            {"spider": "radiopaedia", "arguments": {"url": f"https://radiopaedia.org{CHALLENGE_PATH}"}},
            {"spider": "papers", "arguments": {"pdf": str(folder / "article.pdf"), "doi": "10.5555/by.hand"}},
            {"spider": "papers", "arguments": {"pdf": str(folder / "article.xml")}},
            {"spider": "papers", "arguments": {"pdf": str(folder / "other.xml")}},
        ]
        later = crawled(origin, *jobs, permits=SOURCES, env=none)
        refused = crawled(origin, {"spider": "radiopaedia"}, {"spider": "sirm", "arguments": {"lmit": "3"}})
    names = ("gone", "no token", "limit", "since", "challenge", "pdf", "xml", "no article")
    return (
        dict(zip(SOURCES, whole, strict=True))
        | dict(zip(names, later, strict=True))
        | dict(zip(("no permission", "wrong argument"), refused, strict=True))
        | {"asked": asked}
    )


def wanted_films(case: ExpectedCase) -> set[str]:
    return {film.image_url for film in case.films if film.modality in ("X-ray", "")}


def films_of(case: dict) -> set[str]:
    return {image["url"] for study in case["studies"] for image in study["images"]}


@pytest.mark.parametrize("source", WITH_TRUTH)
def test_every_case_with_a_film_is_found_once_with_all_its_films(source, night, truth):
    found = {case["url"]: case for case in night[source]["cases"]}
    assert night[source]["failures"] == []
    assert night[source]["reason"] == "finished"
    assert max(Counter(case["source_id"] for case in night[source]["cases"]).values()) == 1
    for case in truth.of(source):
        if films := wanted_films(case):
            assert found[case.url]["title"] == case.title
            assert films <= films_of(found[case.url])
            assert films_of(found[case.url]) <= {film.image_url for film in case.films if film.is_film}


@pytest.mark.parametrize("source", WITH_TRUTH)
def test_a_page_of_several_patients_says_so_and_no_other_does(source, night, truth):
    several = {case.url for case in truth.of(source) if "several patients" in case.issues}
    told = {
        case["url"]
        for case in night[source]["cases"]
        if any(issue["kind"] == "several patients" for issue in case["issues"])
    }
    assert told == several


def test_every_article_gives_its_figures_where_the_bucket_keeps_them(night):
    found = {case["doi"]: case for case in night["papers"]["cases"]}
    assert night["papers"]["failures"] == []
    for article in generated_world().articles:
        kept = {f"https://pmc-oa-opendata.s3.amazonaws.com/{article.pmcid}.1/{f.href}.jpg" for f in article.figures}
        assert films_of(found[article.doi]) == kept
        assert found[article.doi]["url"] == article.url


def test_article_pages_of_pmc_are_never_fetched(night):
    assert any(address.startswith("www.ebi.ac.uk/") for address in night["asked"])
    assert not [address for address in night["asked"] if "ncbi.nlm.nih.gov/pmc/articles" in address]


def test_cards_without_a_radiograph_are_not_opened(night, truth):
    other = [c for c in truth.of("radiopaedia") if c.films and {film.modality for film in c.films} <= {"CT", "MRI"}]
    assert len(other) > 3
    opened = {address.removeprefix("radiopaedia.org/") for address in night["asked"]}
    assert not {case.url.removeprefix("https://radiopaedia.org/") for case in other} & opened
    assert night["radiopaedia"]["stats"]["cases/skipped"] >= len(other)


def test_frontal_stays_frontal(night):
    words = {
        image["projection"]
        for case in night["radiopaedia"]["cases"]
        for study in case["studies"]
        for image in study["images"]
    }
    assert "Frontal" in words
    assert not words & {"PA", "AP"}


def test_no_case_holds_an_email_address(night):
    for source in SOURCES:
        assert "@" not in json.dumps([case["blocks"] for case in night[source]["cases"]])


def test_a_post_that_is_gone_is_read_from_the_print_view(night):
    gone = f"https://www.sirm.org{GONE}"
    (before,) = (case for case in night["sirm"]["cases"] if case["url"] == gone)
    (after,) = (case for case in night["gone"]["cases"] if case["url"] == gone)
    assert night["gone"]["failures"] == []
    assert films_of(after) == films_of(before)
    assert [block["text"] for block in after["blocks"]] == [block["text"] for block in before["blocks"]]


def test_a_collection_without_a_token_is_blocked(night):
    assert night["no token"]["reason"] == "blocked"
    assert night["no token"]["cases"] == []
    assert "FIGURE1_TOKEN" in night["no token"]["stats"]["blocked/why"]


def test_a_challenge_ends_the_run_and_yields_nothing(night):
    assert night["challenge"]["reason"] == "blocked"
    assert night["challenge"]["cases"] == []


def test_limit_and_since_are_kept(night):
    assert len(night["limit"]["cases"]) == 3
    days = sorted(case["url"] for case in night["since"]["cases"])
    assert days
    assert all(day > "https://www.sirm.org/2020/05/20" for day in days)


def test_a_pdf_handed_in_goes_to_the_figures_stage_and_its_folder_is_not_told(night):
    (case,) = night["pdf"]["cases"]
    (document,) = case["documents"]
    assert (case["source_id"], case["url"]) == ("10.5555/by.hand", "https://doi.org/10.5555/by.hand")
    assert document["local"].endswith("/article.pdf")
    assert "handed-in" not in document["url"]


def test_an_xml_handed_in_uses_the_picture_files_beside_it(night):
    (case,) = night["xml"]["cases"]
    assert [image["local"].rpartition("/")[2] for study in case["studies"] for image in study["images"]] == [
        "TEST2020-1.001.png"
    ]


def test_a_file_that_is_no_article_is_named(night):
    assert night["no article"]["cases"] == []
    assert "other.xml" in night["no article"]["failures"][0]


def test_a_crawl_that_may_not_or_cannot_begin_says_why(night):
    assert "scrapy permit radiopaedia" in night["no permission"]["fault"]
    assert "there is no argument 'lmit'" in night["wrong argument"]["fault"]
    assert "-a limit=" in night["wrong argument"]["fault"]
