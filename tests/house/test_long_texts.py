"""What reads a page's words while others wait is done with 100,000 of any sign: time grows with a text, not its square.

Everything named here runs on the event loop, or in a thread that holds the interpreter while one expression matches.
"""

import time
from collections.abc import Callable

import pytest
from parsel import Selector

from crawlers.pages.dates import day_of
from crawlers.pages.radiopaedia import case_in as radiopaedia_case_in
from crawlers.pages.sirm import case_of as sirm_case_of
from crawlers.pages.wordpress import Passage, Picture
from crawlers.source import source_named
from pipelines.candidates.schema import problems_of
from pipelines.figures.captions import joined, panel_captions
from pipelines.figures.kinds import kind_of
from pipelines.figures.mentions import mentions_of, sentences_of
from pipelines.figures.sections import label_of_section, patient_in
from pipelines.records import COLUMNS
from pipelines.references.doi import doi_of_url, dois_in
from pipelines.references.licences import licence_of

LENGTH = 100_000  # characters
SECONDS = 3.0  # of the processor; each took from 7 s to minutes before


def repeated(unit: str) -> str:
    return unit * (LENGTH // len(unit))


def lines_joined(text: str) -> str:
    return joined(text.split("\n"))


def doi_in_address(text: str) -> str | None:
    return doi_of_url(f"https://example.org/{text}")


def doi_in_cell(text: str) -> object:
    return problems_of(dict.fromkeys(COLUMNS, "") | {"doi": text})


def mentions_of_long_label(text: str) -> list[str]:
    return mentions_of(text, ["Figure 1 shows it."])


def mentions_of_figure(text: str) -> list[str]:
    return mentions_of("Figure 1", [text])


def kind_by_caption(text: str) -> str:
    return kind_of("Figure 1", text)


def post_of(text: str) -> object:
    parts = [
        Passage("A. Rossi, B. Verdi"),
        Passage("Ospedale di Montescuro"),
        Picture("https://example.org/a.jpg", text),
    ]
    return sirm_case_of(parts, "Caso 1", "https://www.sirm.org/2020/03/31/covid-19-caso-1/", source_named("sirm"))


def radiopaedia_page_of(text: str) -> object:
    page = Selector(
        '<h1 class="header-title">A case</h1><meta name="dc.identifier" content="rID-1">'
        '<div id="citation-info"><div class="row"><b class="col-sm-3">Citation:</b>'
        f'<p class="col-sm-8">{text}</p></div>'
        f'</div><div class="case-study" id="study-1"></div><a href="{text}/discussion!">Discussion</a>'
    )
    return radiopaedia_case_in(page, "https://radiopaedia.org/cases/a", source_named("radiopaedia"))


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (licence_of, "CC BY" + " " * LENGTH),
        (licence_of, repeated("CC0 ")),
        (licence_of, repeated("not CC BY ")),
        (licence_of, "public domain" + " " * LENGTH + "x"),
        (licence_of, "Creative Commons Attribution" + repeated(" ,")),
        (dois_in, "10.1000/" + ")" * LENGTH),
        (doi_in_address, "10.1000/" + repeated("/pdf")),
        (doi_in_cell, "10.1000/" + ")" * LENGTH),
        (panel_captions, repeated("a, ")),
        (panel_captions, repeated("(A and ")),
        (lines_joined, repeated("a line of words-\n")),
        (sentences_of, repeated("et al. ")),
        (sentences_of, repeated("e.g. A ")),
        (mentions_of_figure, "Figure 1" + repeated(", 1")),
        (mentions_of_figure, "Figure " + "1" * LENGTH),
        (mentions_of_long_label, "1" * LENGTH + "x"),
        (mentions_of_long_label, "1" + " " * LENGTH + "x"),
        (label_of_section, "case" + " " * LENGTH + "x"),
        (patient_in, repeated("1.")),
        (kind_by_caption, repeated("CT ")),
        (day_of, repeated("1 ")),
        (radiopaedia_page_of, repeated("/cases/a")),
        (radiopaedia_page_of, repeated(" (accessed on ")),
        (post_of, repeated("non RX ")),
    ],
    ids=lambda value: value.__name__ if callable(value) else f"{value[:12]}…",
)
def test_is_done_with_a_hundred_thousand_characters(read: Callable[[str], object], text: str) -> None:
    began = time.process_time()
    read(text)
    assert time.process_time() - began < SECONDS
