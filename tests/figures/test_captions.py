"""Captions among lines of a page, and their parts for panels."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.figures.captions import Line, captions_in, joined, panel_captions
from pipelines.figures.kinds import kind_of
from pipelines.figures.mentions import mentions_of, sentences_of


def lines(*texts: str, block: int = 0, top: float = 100.0, size: float = 9.0, left: float = 50.0) -> list[Line]:
    return [
        Line(text, (left, top + 11 * n, left + 200, top + 11 * n + 9), size, False, block, n == 0)
        for n, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("first", "label", "text"),
    [
        ("Figure 2: Chest radiograph", "Figure 2", "Chest radiograph"),
        ("Fig. 1 Chest CT of case 1", "Fig. 1", "Chest CT of case 1"),
        ("FIGURE 3.  CT", "FIGURE 3", "CT"),
        ("Figure A.5: Films", "Figure A.5", "Films"),
        ("Fig. S1. Films", "Fig. S1", "Films"),
        ("Supplementary Figure 1. Films", "Supplementary Figure 1", "Films"),
        ("Abb. 4: Röntgenbild", "Abb. 4", "Röntgenbild"),
        ("Figura 1. RX torace", "Figura 1", "RX torace"),
    ],
)
def test_a_caption_is_known_by_its_first_line(first: str, label: str, text: str) -> None:
    (caption,) = captions_in(lines(first))
    assert (caption.label, caption.text) == (label, text)


@pytest.mark.parametrize(
    "text", ["Figure 4 shows the film", "Figures are given below", "as in Figure 1. Then", "Fig tree 1"]
)
def test_running_text_is_no_caption(text: str) -> None:
    assert captions_in(lines(text)) == []


def test_a_caption_goes_on_over_lines_and_blocks_and_ends_where_text_begins() -> None:
    page = [
        *lines("Figure 1. Chest radiograph with", "bilateral opa-", block=1),
        *lines("cities on day 3.", block=2, top=122),
        *lines("The patient was then", block=3, top=150),
    ]
    (caption,) = captions_in(page)
    assert caption.text == "Chest radiograph with bilateral opacities on day 3."


def test_a_label_in_a_block_of_its_own_is_joined_to_its_text() -> None:
    page = [*lines("Figure 1", block=1), *lines("Chest radiograph.", block=2, top=112, size=8)]
    assert captions_in(page)[0].text == "Chest radiograph."


def test_a_legend_that_stands_elsewhere_is_left_to_where_it_stands() -> None:
    assert captions_in(lines("Figure 1. (See legend on next page.)")) == []


def test_a_word_is_mended_as_the_document_writes_it() -> None:
    known = frozenset({"ground-glass", "intrathoracic"})
    assert joined(["ground-", "glass"], known) == "ground-glass"
    assert joined(["intra-", "thoracic"], known) == "intrathoracic"
    assert joined(["non-", "COVID"]) == "non-COVID"


@pytest.mark.parametrize(
    ("caption", "parts"),
    [
        ("Chest X-ray with opacities (a). CT with opacities (b).",
         [("a", "Chest X-ray with opacities"), ("b", "CT with opacities")]),
        ("(A) Day 6. (B, C) Days 10 and 13.", [("A", "Day 6"), ("BC", "Days 10 and 13")]),
        ("Films. A) PA view. B) Lateral view.", [("A", "PA view"), ("B", "Lateral view")]),
        ("(a–c) Serial films.", [("abc", "Serial films")]),
        ("Chest radiograph of a man.", []),
        ("", []),
    ],
)  # fmt: skip
def test_panels_get_their_part_of_the_caption(caption: str, parts: list[tuple[str, str]]) -> None:
    assert panel_captions(caption) == parts


@settings(deadline=None)  # imports and a busy machine are not what is tested
@given(st.text(max_size=150))
def test_no_caption_breaks_it(text: str) -> None:
    for letters, part in panel_captions(text):
        assert letters
        assert part in text
    assert isinstance(kind_of("Figure 1", text), str)
    assert "".join("".join(sentences_of(text)).split()) == "".join(text.split())


def test_a_figure_is_mentioned_by_its_number_alone_or_in_a_range() -> None:
    text = "He had fever (Fig. 2). CT followed (Figs. 1-3). See Fig. 12. Dr. Li et al. read Figure 2A. Box 2 lists all."
    assert mentions_of("Figure 2", [text]) == [
        "He had fever (Fig. 2).", "CT followed (Figs. 1-3).", "Dr. Li et al. read Figure 2A.",
    ]  # fmt: skip
    assert mentions_of("Box 2", [text]) == ["Box 2 lists all."]
    assert mentions_of("", [text]) == []


@pytest.mark.parametrize(
    ("label", "caption", "kind"),
    [
        ("Figure 1", "Chest radiograph on admission showing bilateral opacities.", "chest-xray"),
        ("Figure 1", "AP chest X‐ray, day 3", "chest-xray"),
        ("Figure 1", "Axial chest CT with ground-glass opacities.", "ct"),
        ("Figure 1", "Abdominal ultrasound of the liver", "other-radiology"),
        ("Figure 1", "Flow chart of patient selection", "other"),
        ("Figure 1", "Phylogenetic analysis of HA segments", "other"),
        ("Box 1", "Causes of miliary opacities", "other"),
        ("Figure 1", "Chest X-ray (a) and CT (b)", ""),
        ("Figure 1", "CXR images distribution for each infection", ""),
        ("Figure 1", "Normal radiograph without acute process", ""),
        ("Figure 1", "Flow chart of patients with chest X-rays", ""),
        ("Figure 1", "", ""),
    ],
)
def test_a_kind_is_named_only_where_the_words_are_plain(label: str, caption: str, kind: str) -> None:
    assert kind_of(label, caption) == kind
