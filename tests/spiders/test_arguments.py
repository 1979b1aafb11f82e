"""Spider arguments: typed, documented, and refused by name where they are wrong."""

from datetime import date

import pytest

from crawlers.source import source_named
from crawlers.spiders.arguments import ArgumentError, SpiderArguments, arguments_of, described
from crawlers.spiders.by_hand import HandArguments, case_entered, id_of
from crawlers.spiders.figure1 import Figure1Arguments
from crawlers.spiders.papers import PaperArguments, Papers
from crawlers.spiders.radiopaedia import Radiopaedia


def test_arguments_are_typed():
    given = arguments_of(SpiderArguments, {"limit": "3", "since": "2020-04-01", "dry": "1", "_job": "scrapyd"})
    assert (given.limit, given.since, given.dry) == (3, date(2020, 4, 1), True)


@pytest.mark.parametrize(
    ("model", "given", "said"),
    [
        (SpiderArguments, {"lmit": "3"}, "there is no argument 'lmit'"),
        (SpiderArguments, {"limit": "many"}, "limit='many'"),
        (SpiderArguments, {"limit": "0"}, "limit='0'"),
        (SpiderArguments, {"since": "yesterday"}, "since='yesterday'"),
        (SpiderArguments, {"url": "radiopaedia"}, "is no web address"),
        (SpiderArguments, {"urls": "nowhere.txt"}, "no file nowhere.txt"),
        (SpiderArguments, {"doi": "10.1/x"}, "there is no argument 'doi'"),
        (PaperArguments, {"doi": "here"}, "'here' is no DOI"),
        (PaperArguments, {"pmcid": "P1"}, "is no PMCID"),
        (PaperArguments, {"pdf": "nowhere.pdf"}, "no file nowhere.pdf"),
        (Figure1Arguments, {"since": "2020-01-01"}, "carry no dates"),
        (HandArguments, {"source": "eurorad"}, "known are figure1, papers, radiopaedia, sirm"),
    ],
)
def test_a_wrong_argument_is_named_and_an_unknown_one_with_the_right_ones(model, given, said):
    with pytest.raises(ArgumentError) as error:
        arguments_of(model, given)
    assert said in str(error.value)
    assert (described(model) in str(error.value)) == said.startswith("there is no argument")


@pytest.mark.parametrize(
    ("model", "given", "whole"),
    [
        (
            PaperArguments,
            {"at": "crossref"},
            "at=crossref wants query=…: the nightly query is in the language of Europe PMC",
        ),
        (
            HandArguments,
            {"source": "sirm", "url": "https://www.sirm.org/a"},
            "hand in at least one picture (image) or article (pdf)",
        ),
    ],
)
def test_arguments_that_do_not_go_together_are_answered_in_one_sentence(model, given, whole):
    with pytest.raises(ArgumentError) as error:
        arguments_of(model, given)
    assert str(error.value) == whole


@pytest.mark.parametrize(
    ("model", "name"), [(SpiderArguments, "urls"), (PaperArguments, "dois"), (HandArguments, "text")]
)
def test_a_file_that_is_no_text_is_named(model, name, tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes("età".encode("latin-1"))
    with pytest.raises(ArgumentError, match=r"list\.txt is no text in UTF-8; save it as such"):
        arguments_of(model, {name: str(path)})


def test_every_argument_says_what_it_means():
    for model in (SpiderArguments, PaperArguments, Figure1Arguments, HandArguments):
        assert all(field.description for field in model.model_fields.values())


def test_a_list_file_may_hold_comments_and_blank_lines(tmp_path):
    path = tmp_path / "urls.txt"
    path.write_text("\ufeff# mine\n\nhttps://radiopaedia.org/cases/a\n  https://radiopaedia.org/cases/b  \n")
    given = arguments_of(SpiderArguments, {"urls": str(path), "url": "https://radiopaedia.org/cases/c"})
    assert [url[-1] for url in given.single()] == ["c", "a", "b"]


def test_a_wrong_line_of_a_list_file_is_named(tmp_path):
    path = tmp_path / "urls.txt"
    path.write_text("https://radiopaedia.org/cases/a\nnonsense\n")
    with pytest.raises(ArgumentError, match="'nonsense' is no web address"):
        arguments_of(SpiderArguments, {"urls": str(path)}).single()


def test_a_url_of_another_site_is_refused_with_an_example():
    given = arguments_of(SpiderArguments, {"url": "https://example.org/cases/a"})
    with pytest.raises(ArgumentError, match="is no case of Radiopaedia; one looks like https://radiop"):
        Radiopaedia(given, source_named("radiopaedia")).single_cases()


@pytest.mark.parametrize(
    ("given", "queries"),
    [
        ({"doi": "https://doi.org/10.1155/2020/8822753"}, ['DOI:"10.1155/2020/8822753"']),
        ({"pmcid": "7582078"}, ["PMCID:PMC7582078"]),
        ({"pmid": "33123391"}, ["EXT_ID:33123391 AND SRC:MED"]),
        ({"url": "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC7582078/"}, ["PMCID:PMC7582078"]),
        ({"url": "https://doi.org/10.1155/2020/8822753"}, ['DOI:"10.1155/2020/8822753"']),
        ({"query": "COVID-19"}, []),
    ],
)
def test_an_article_is_asked_for_by_its_identifier(given, queries):
    assert Papers(arguments_of(PaperArguments, given), source_named("papers")).single_cases() == queries


def test_a_file_of_dois_names_the_wrong_line(tmp_path):
    path = tmp_path / "dois.txt"
    path.write_text("10.1155/2020/8822753\nnot one\n")
    papers = Papers(arguments_of(PaperArguments, {"dois": str(path)}), source_named("papers"))
    with pytest.raises(ArgumentError, match="'not one' is no DOI"):
        papers.single_cases()


def test_a_case_entered_by_hand_keeps_its_files_and_no_address(tmp_path):
    film, text = tmp_path / "film.png", tmp_path / "text.txt"
    film.write_bytes(b"\x89PNG")
    text.write_text("A man of 40. Write to someone@example.org.")
    url = "https://app.figure1.com/images/5eca99c17db39ac32e9df9bc"
    given = {"source": "figure1", "url": url, "image": str(film), "text": str(text)}
    case = case_entered(arguments_of(HandArguments, given))
    assert (case.source, case.source_id, case.url) == ("figure1", "5eca99c17db39ac32e9df9bc", url)
    assert [image.local for _, _, image in case.images()] == [str(film)]
    assert case.blocks[0].text == "A man of 40. Write to."


@pytest.mark.parametrize(
    ("source", "one", "other"),
    [
        ("papers", "https://papers.example/view?id=1", "https://papers.example/view?id=2"),
        ("papers", "https://doi.org/10.1016/j.crad.2020.1", "https://doi.org/10.1148/j.crad.2020.1"),
        ("papers", "https://papers.example/#/case/1", "https://papers.example/#/case/2"),
        ("sirm", "https://www.sirm.org/2020/03/31/x/", "https://www.sirm.org/2020/04/01/x/"),
        ("radiopaedia", "https://radiopaedia.org/cases/a/studies/1", "https://radiopaedia.org/cases/b/studies/1"),
        ("papers", f"https://papers.example/{'a' * 1000}?id=1", f"https://papers.example/{'a' * 1000}?id=2"),
    ],
)
def test_two_cases_entered_by_hand_are_two_patients(source, one, other):
    ids = [id_of(url, source_named(source)) for url in (one, other)]
    assert ids[0] != ids[1]
    assert max(map(len, ids)) <= 150


@pytest.mark.parametrize(
    ("source", "one", "other"),
    [
        ("papers", "https://papers.example/view?a=1&id=1", "http://papers.example/view?id=1&a=1"),
        ("papers", "https://doi.org/10.1016/j.crad.2020.1", "https://dx.doi.org/10.1016/j.crad.2020.1"),
        ("papers", "https://pmc.ncbi.nlm.nih.gov/articles/PMC1/", "https://europepmc.org/article/PMC/PMC1"),
        (
            "sirm",
            "https://archivio.sirm.org/2020/03/31/covid-19-caso-40",
            "https://www.sirm.org/2020/03/31/covid-19-caso-40/",
        ),
        ("radiopaedia", "https://radiopaedia.org/cases/a", "https://images.radiopaedia.org/cases/a/studies/1?lang=us"),
    ],
)
def test_one_case_entered_under_two_addresses_is_one_patient(source, one, other):
    facts = source_named(source)
    assert id_of(one, facts) == id_of(other, facts)
