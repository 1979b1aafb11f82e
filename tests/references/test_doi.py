"""DOIs in text and in addresses; the addresses are of the kinds the published collection cites."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.references.doi import doi_in, doi_of_url, dois_in, normal_doi, pii_of_url, same_doi

SUFFIX = st.text("abcXYZ0189.-_;()/:", min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1148/ryct.2020200034", "10.1148/ryct.2020200034"),
        ("doi:10.1148/ryct.2020200034.", "10.1148/ryct.2020200034"),
        ("https://doi.org/10.53347/rID-74560", "10.53347/rID-74560"),
        ("https://doi.org/10.1007%2Fs00270-020-02470-0", "10.1007/s00270-020-02470-0"),
        ("10.1016/S0140-6736(20)30211-7", "10.1016/S0140-6736(20)30211-7"),
        ("doi: 10.1002/(SICI)10(96)71:1<1::AID-JSFA>3.0.CO;2-T", "10.1002/(SICI)10(96)71:1<1::AID-JSFA>3.0.CO;2-T"),
    ],
)  # fmt: skip
def test_a_doi_is_bared(text: str, doi: str) -> None:
    assert normal_doi(text) == doi


@pytest.mark.parametrize("text", ["", "10.1148", "11.1148/abc", "rID-74560", "10.1148/", "https://doi.org/"])
def test_what_is_no_doi_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no DOI"):
        normal_doi(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cite (https://doi.org/10.53347/rID-74560) and doi: 10.1148/ab.1.", ["10.53347/rID-74560", "10.1148/ab.1"]),
        ("see 10.1016/S0140-6736(20)30211-7), then", ["10.1016/S0140-6736(20)30211-7"]),
        ("twice 10.1148/AB.1 and 10.1148/ab.1", ["10.1148/AB.1"]),
        ("<10.1148/ab.1> and href=10.1148/cd.2</a>", ["10.1148/ab.1", "10.1148/cd.2"]),
        ("blood 110.1234/5 and 10.5/8", []),
    ],
)
def test_dois_are_found_in_text(text: str, found: list[str]) -> None:
    assert dois_in(text) == found


@settings(deadline=None)  # imports and a busy machine are not what is tested
@given(SUFFIX, st.sampled_from(["({})", "[{}]", "{}.", "{},", "“{}”", "doi:{};", "https://doi.org/{}"]))
def test_punctuation_around_a_doi_never_reaches_it(suffix: str, around: str) -> None:
    try:
        doi = normal_doi(f"10.1234/{suffix}")
    except ValueError:
        assume(False)
    # Of an unclosed bracket nobody can tell whether the next one closes it or the sentence's.
    assume(doi.count("(") == doi.count(")"))
    assert doi_in(f"see {around.format(doi)} there") == doi
    assert normal_doi(doi) == doi
    assert same_doi(doi.upper(), doi.lower())


@settings(deadline=None)  # imports and a busy machine are not what is tested
@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    assert all(normal_doi(doi) == doi for doi in dois_in(text))


@pytest.mark.parametrize(
    ("url", "doi"),
    [
        ("https://www.thelancet.com/article/PIIS0140-6736%2820%2930211-7/pdf", "10.1016/S0140-6736(20)30211-7"),
        ("https://www.kjronline.org/DOIx.php?id=10.3348/kjr.2020.0132", "10.3348/kjr.2020.0132"),
        ("https://www.nature.com/articles/s41591-020-0819-2", "10.1038/s41591-020-0819-2"),
        ("https://academic.oup.com/ageing/article/doi/10.1093/ageing/afaa068/5823067", "10.1093/ageing/afaa068"),
        ("https://www.medrxiv.org/content/10.1101/2020.03.01.20029769v2.full.pdf", "10.1101/2020.03.01.20029769"),
        ("https://www.frontiersin.org/articles/10.3389/fmed.2020.00145/full", "10.3389/fmed.2020.00145"),
        ("https://doi.org/10.6084/m9.figshare.12275009.v1", "10.6084/m9.figshare.12275009.v1"),
        ("https://www.sciencedirect.com/science/article/pii/S0929664620300449", None),
        ("https://radiopaedia.org/cases/covid-19-pneumonia-1", None),
        ("https://www.nature.com/articles/", None),
        ("", None),
    ],
)  # fmt: skip
def test_an_address_gives_only_the_doi_it_carries(url: str, doi: str | None) -> None:
    assert doi_of_url(url) == doi


@pytest.mark.parametrize(
    ("url", "pii"),
    [
        ("https://www.sciencedirect.com/science/article/pii/S0929664620300449?via%3Dihub", "S0929664620300449"),
        ("https://journal.chestnet.org/article/S0012-3692(20)30764-9/pdf", "S0012369220307649"),
        ("https://radiopaedia.org/cases/covid-19-pneumonia-1", None),
    ],
)
def test_a_publishers_identifier_is_read_without_its_punctuation(url: str, pii: str | None) -> None:
    assert pii_of_url(url) == pii


def test_no_address_of_the_published_rows_gives_a_wrong_doi(shared: Path) -> None:
    rows = pd.read_csv(shared / "real" / "reading" / "rows.csv", dtype=str, keep_default_na=False)
    pairs = {(url, doi.strip()) for url, doi in zip(rows["url"], rows["doi"], strict=True) if doi.strip()}
    read = [(doi_of_url(url), doi) for url, doi in pairs]
    found = [(got, doi) for got, doi in read if got is not None]
    assert len(found) >= 16
    assert [pair for pair in found if not same_doi(*pair)] == []
