"""Which part of a caption speaks of which lettered panel."""

import pytest

from pipelines.reading.panels import letter_of_file, parts_in


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("A man. (a) First film. (b) Second film.", {"a": "(a) First film.", "b": "(b) Second film."}),
        ("Films. A, Film at entry. B, Film a week on.", {"a": "A, Film at entry.", "b": "B, Film a week on."}),
        ("Films on day 4 (b) and day 5 (c)", {"b": "Films on day 4 (b)", "c": "and day 5 (c)"}),
        ("Ill on day 2 (2A). Worse on day 6 (2B).", {"a": "Ill on day 2 (2A).", "b": "Worse on day 6 (2B)."}),
        ("A radiograph shows opacities. A tube is seen.", {}),
    ],
)
def test_parts_of_a_caption(text: str, parts: dict[str, str]) -> None:
    found = {letter: text[part.start : part.end].strip() for part in parts_in(text) for letter in part.letters}
    assert found == parts


@pytest.mark.parametrize(
    ("name", "letter"),
    [("fig1b.png", "b"), ("x-Fig4a-day7.jpeg", "a"), ("gr2_lrg-c.jpg", "c"), ("film-pa.png", ""), ("case-12.jpg", "")],
)
def test_letter_of_a_file_name(name: str, letter: str) -> None:
    assert letter_of_file(name) == letter
