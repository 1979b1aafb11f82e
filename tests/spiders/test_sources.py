"""The facts files: complete, tagged with their evidence, and strict."""

import re

import pytest

from crawlers import source as source_module
from crawlers.source import FOLDER, source_named, sources
from crawlers.spiders.figure1 import Figure1
from crawlers.spiders.papers import Papers
from crawlers.spiders.radiopaedia import Radiopaedia
from crawlers.spiders.sirm import Sirm

SPIDERS = (Figure1, Papers, Radiopaedia, Sirm)


def test_each_source_has_a_spider_of_its_name():
    assert [spider.name for spider in SPIDERS] == [source.name for source in sources()]


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.name)
def test_a_source_is_consistent(source):
    assert source.id_in(source.example_url)
    assert all(word == " ".join(word.lower().split()) for word in source.modalities)
    assert all(text == text.lower() for text in source.blocked.texts)
    assert all(0 <= share <= 1 for share in source.expectations.fill.values())
    assert source.permission.how or not source.permission.needed
    assert "{query}" in source.search_url


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_facts_carry_their_evidence(path):
    text = path.read_text(encoding="utf-8")
    assert len(re.findall(r"\[(?:CAP|CODE|SAID|INFER|GUESS)", text)) >= 4


def test_an_unknown_source_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="known are figure1, papers, radiopaedia, sirm"):
        source_named("eurorad")


@pytest.mark.parametrize(
    ("source", "url", "id"),
    [
        (
            "radiopaedia",
            "https://radiopaedia.org/cases/covid-19-pneumonia-2/studies/75249?lang=us",
            "covid-19-pneumonia-2",
        ),
        ("radiopaedia", "https://radiopaedia.org/play/21577/entry/443223/case/28529", "28529"),
        ("sirm", "https://archivio.sirm.org/2020/03/31/covid-19-caso-40/", "covid-19-caso-40"),
        ("figure1", "https://app.figure1.com/rd/images/5e6f0123456789abcdef0123", "5e6f0123456789abcdef0123"),
        ("papers", "https://pmc.ncbi.nlm.nih.gov/articles/PMC7582078/pdf/main.pdf", "PMC7582078"),
        ("papers", "https://doi.org/10.1016/j.crad.2020.1", ""),
        ("papers", "https://papers.example/articles/PMC7582078", ""),
    ],
)
def test_a_url_names_a_case_by_the_id_that_the_source_gave_it(source, url, id):
    assert source_named(source).id_in(url) == id


def test_a_misspelt_fact_is_an_error_that_names_the_file(tmp_path, monkeypatch):
    text = (FOLDER / "sirm.toml").read_text(encoding="utf-8").replace("delay =", "dealy =")
    (tmp_path / "sirm.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(source_module, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"sirm\.toml[\s\S]*dealy"):
        source_named.__wrapped__("sirm")


def test_a_pattern_that_names_no_id_is_an_error(tmp_path, monkeypatch):
    text = (FOLDER / "sirm.toml").read_text(encoding="utf-8").replace("(?P<id>", "(?:")
    (tmp_path / "sirm.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(source_module, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match="names no part of the URL as the case's id"):
        source_named.__wrapped__("sirm")


@pytest.mark.parametrize(("word", "meaning"), [("X-Ray", "X-ray"), (" ct ", "CT"), ("Photo", "skip"), ("EOS", None)])
def test_a_modality_word_is_looked_up_and_never_guessed(word, meaning):
    assert source_named("radiopaedia").modality_of(word) == meaning


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Presentiamo due pazienti.", "due pazienti"),
        ("Caso B: donna", "Caso B:"),
        ("Il caso è tipico. Paziente di 50 anni.", ""),
        ("COVID-19: caso 101", ""),
    ],
)
def test_several_patients_are_told_by_the_words_of_the_page(text, words):
    assert source_named("sirm").several_patients_in(text) == words
