"""Licence statements as sites, articles and Crossref word them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.figures.jats import article_in
from pipelines.references.licences import licence_of

BMC = (
    "This is an Open Access article distributed under the terms of the Creative Commons Attribution License "
    "(http://creativecommons.org/licenses/by/4.0), which permits unrestricted use. The Creative Commons Public Domain "
    "Dedication waiver (http://creativecommons.org/publicdomain/zero/1.0/) applies to the data made available in this "
    "article, unless otherwise stated."
)


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("CC BY 4.0", "CC BY 4.0"),
        ("cc by-nc-nd", "CC BY-NC-ND"),
        ("CC-BY-NC-SA 3.0", "CC BY-NC-SA 3.0"),
        ("CC0", "CC0"),
        ("http://creativecommons.org/licenses/by-nc-nd/4.0/", "CC BY-NC-ND 4.0"),
        ("https://creativecommons.org/licenses/by/3.0/igo/legalcode", "CC BY 3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "Public Domain"),
        ("Public domain", "Public Domain"),
        ("distributed under the Creative Commons Attribution License, which permits use", "CC BY"),
        ("Creative Commons Attribution 4.0 International License", "CC BY 4.0"),
        ("Creative Commons Attribution-ShareAlike 3.0 Unported", "CC BY-SA 3.0"),
        ("Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 (CC BY-NC-ND 4.0)", "CC BY-NC-ND 4.0"),
        ("https://creativecommons.org/licenses/by/4.0/\nunder the Creative Commons Attribution License", "CC BY 4.0"),
        ("modified CC BY-NC-SA 3.0\nhttp://creativecommons.org/licenses/by-nc-sa/3.0/", "CC BY-NC-SA 3.0"),
        (BMC, "CC BY 4.0"),
    ],
)  # fmt: skip
def test_a_stated_licence_is_named_in_one_vocabulary(text: str, licence: str) -> None:
    assert licence_of(text) == licence


@pytest.mark.parametrize(
    "text",
    [
        "", "simple", "open-access", "All rights reserved", "Creative Commons licence",
        "https://www.elsevier.com/tdm/userlicense/1.0/", "http://www.bmj.com/covid-19-tdm",
        "This article is made available via the PMC Open Access Subset for unrestricted re-use",
        "Elsevier hereby grants permission to make all its COVID-19-related research available",
        "figures under CC BY 4.0 or CC BY-NC 4.0", "This is not CC BY 4.0", "he took 10 cc by mouth",
        "The article is in the public domain of no country",
    ],
)  # fmt: skip
def test_an_unclear_licence_is_none(text: str) -> None:
    assert licence_of(text) is None


@settings(deadline=None)  # imports and a busy machine are not what is tested
@given(
    st.sampled_from(["", "-NC", "-ND", "-SA", "-NC-ND", "-NC-SA"]),
    st.sampled_from(["", " 1.0", " 2.0", " 3.0", " 4.0"]),
)
def test_every_code_names_itself(parts: str, version: str) -> None:
    code = f"CC BY{parts}{version}"
    assert licence_of(code) == licence_of(code.lower()) == licence_of(f"Licence: {code}.") == code


@settings(deadline=None)  # imports and a busy machine are not what is tested
@given(st.text(max_size=120))
def test_no_text_breaks_it(text: str) -> None:
    assert licence_of(text) is None or licence_of(text)


@pytest.mark.parametrize(
    ("name", "licence"),
    [
        ("PMC7582078.fulltext.xml", "CC BY 4.0"),
        ("PMC4304124.fulltext.xml", "CC BY 4.0"),
        ("PMC5727565.fulltext.xml", "CC BY 4.0"),
        ("PMC2999721.fulltext.xml", "CC BY-NC 3.0"),
        ("PMC7369338.fulltext.xml", None),
        ("pone.0046493.nxml", "CC BY"),
    ],
)
def test_real_articles(shared: Path, name: str, licence: str | None) -> None:
    article = article_in((shared / "evidence" / "pages" / "pmc" / name).read_bytes())
    assert licence_of(article.licence) == licence
