"""The page of a report: whole in itself, escaped, and readable without its pictures."""

import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from pipelines.publish.report import Statistics
from pipelines.publish.report_page import page_of

EVIL = '<script>alert(1)</script><img src="//evil.example/x">'
TABLE = pd.DataFrame(
    {
        "finding": ["COVID-19", EVIL, "No Finding", "$\\frac{1}{0}$ 肺炎", ""],
        "view": ["PA", "AP", EVIL, "", "L"],
        "sex": ["M", "F", EVIL, "", "M"],
        "age": ["41", "old", "", "77", "9"],
        "offset": ["-3", "0", "99", "", EVIL],
        "survival": ["Y", "N", EVIL, "", ""],
        "license": ["CC BY 4.0", EVIL, "", "", ""],
        "url": ["https://sirm.org/a", "https://evil.example/&<>", "", "", ""],
    }
)


class Page(HTMLParser):
    """Collect what a page loads, names and draws."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.labels: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.ids += [told["id"]] if "id" in told else []
        self.addresses += [told[name] for name in ("src", "href", "xlink:href", "data") if name in told]
        if tag == "svg":
            self.labels.append(f"{told['role']} {told['aria-label']}")


@pytest.fixture(scope="module")
def text() -> str:
    return page_of([Statistics("Candidates", TABLE), Statistics("Publication", TABLE.head(0))])


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_nothing_is_loaded_from_anywhere(text: str, page: Page) -> None:
    assert all(address.startswith("#") for address in page.addresses)
    assert not {"script", "img", "link", "iframe", "object"} & set(page.tags)
    assert not re.findall(r"url\((?!#)|@import", text)
    assert "default-src 'none'" in text


def test_scraped_words_are_words(text: str) -> None:
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "$\\frac{1}{0}$ 肺炎" in text


def test_each_plot_has_a_name_and_its_numbers(page: Page) -> None:
    assert len(page.labels) == 5
    assert all(label.startswith("img Candidates, ") for label in page.labels)
    assert page.tags.count("figcaption") == page.tags.count("figure") == 5
    assert page.tags.count("caption") == page.tags.count("table") > 8


def test_ids_are_unique_and_point_somewhere(page: Page, text: str) -> None:
    assert len(page.ids) == len(set(page.ids))
    pointed = {*(address[1:] for address in page.addresses), *re.findall(r"url\(#([^)]+)\)", text)}
    assert pointed <= set(page.ids)


def test_a_section_without_films_says_so(text: str) -> None:
    assert "There are no films here yet." in text


def test_the_same_counts_give_the_same_page(text: str) -> None:
    again = page_of([Statistics("Candidates", TABLE), Statistics("Publication", TABLE.head(0))])
    assert again == text


def test_the_colours_are_the_page_s(text: str) -> None:
    drawn = text[text.index("<svg") :]
    assert "var(--series-1)" in drawn
    assert "currentColor" in drawn
    assert not re.findall(r"(?:fill|stroke): #", drawn)
