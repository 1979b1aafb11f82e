"""The running text of a PDF: sections as their headings part them, sentences whole over columns and pages."""

from collections.abc import Sequence

from pipelines.figures.captions import Line
from pipelines.figures.pdf_pages.document import Page, Pdf
from pipelines.figures.prose import blocks_of, words_of


def page(number: int, *blocks: Sequence[str | Line]) -> Page:
    """Set blocks below one another, a line every 12 points."""
    lines: list[Line] = []
    for block, texts in enumerate(blocks):
        for n, text in enumerate(texts):
            top = 20.0 * len(lines)
            line = text if isinstance(text, Line) else Line(text, (50, top, 300, top + 10), 10, False, block, n == 0)
            lines.append(line)
    return Page(number, 600, 800, [], lines, [])


def read(*pages: Page) -> list[tuple[str, str, str]]:
    pdf = Pdf({}, "", list(pages))
    return [(b.label, b.patient, b.text) for b in blocks_of(pdf, words_of(pdf), [[] for _ in pages])]


def cell(text: str, left: float, block: int) -> Line:
    return Line(text, (left, 700, left + 40, 710), 10, False, block, left == 50)


def test_a_section_is_one_block_and_a_sentence_goes_on_over_the_page() -> None:
    first = page(
        1,
        ["A man with a cough"],
        ["2. Case 1"],
        ["A 55-year-old woman was admitted with fever after a one-", "week history of a dry cough and of"],
        ["1"],
    )
    second = page(2, ["growing shortness of breath.", "Her film was clear (Figure 1)."], ["She went home."])
    third = page(3, ["2.1. Later visits"], ["She came again."], ["Acknowledgements"], ["We thank."], ["References"])
    assert read(first, second, third) == [
        ("body", "", "A man with a cough"),
        (
            "presentation",
            "Case 1",
            "2. Case 1\nA 55-year-old woman was admitted with fever after a one-week history of a dry cough and of "
            "growing shortness of breath. Her film was clear (Figure 1).\nShe went home.",
        ),
        ("presentation", "Case 1", "2.1. Later visits\nShe came again."),
        ("body", "", "Acknowledgements\nWe thank."),
    ]


def test_rows_of_a_table_are_no_text() -> None:
    row = [cell("D-dimer", 50, 1), cell("Case 1", 150, 1), cell("Case 2", 250, 1)]
    assert read(page(1, ["Both recovered."], row)) == [("body", "", "Both recovered.")]


def test_a_heading_set_with_its_paragraph_is_told_from_it() -> None:
    heading = Line("Case presentation", (50, 100, 150, 110), 10, True, 0, True)
    below = Line("A man of 40 was admitted.", (50, 112, 300, 122), 10, False, 0, False)
    assert read(page(1, [heading, below])) == [("presentation", "", "Case presentation\nA man of 40 was admitted.")]
