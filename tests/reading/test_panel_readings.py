"""Which part of a caption speaks of which lettered panel."""

import pytest

from pipelines.reading.panels import letter_of_file, parts_in, place_of_file, places_in


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("A man. (a) First film. (b) Second film.", {"a": "(a) First film.", "b": "(b) Second film."}),
        ("Films. A, Film at entry. B, Film a week on.", {"a": "A, Film at entry.", "b": "B, Film a week on."}),
        ("Films on day 4 (b) and day 5 (c)", {"b": "Films on day 4 (b)", "c": "and day 5 (c)"}),
        ("Ill on day 2 (2A). Worse on day 6 (2B).", {"a": "Ill on day 2 (2A).", "b": "Worse on day 6 (2B)."}),
        (
            "Clear on 3 May (Panel A). Worse on 7 May (Panel B, arrow).",
            {"a": "Clear on 3 May (Panel A).", "b": "Worse on 7 May (Panel B, arrow)."},
        ),
        ("A radiograph shows opacities. A tube is seen.", {}),
    ],
)
def test_parts_of_a_caption(text: str, parts: dict[str, str]) -> None:
    found = {letter: text[part.start : part.end].strip() for part in parts_in(text) for letter in part.letters}
    assert found == parts


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("fig1b.png", "b"),
        ("x-Fig4a-day7.jpeg", "a"),
        ("gr2_lrg-c.jpg", "c"),
        ("ecmo-1b.jpg", "b"),
        ("lancet_gr2a.jpg", "a"),
        ("film-pa.png", ""),
        ("case-12.jpg", ""),
    ],
)
def test_letter_of_a_file_name(name: str, letter: str) -> None:
    assert letter_of_file(name) == letter


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Two films. Top: 3 May, clear. Bottom: 9 May, worse.",
            {"top": "Top: 3 May, clear.", "bottom": "Bottom: 9 May, worse."},
        ),
        (
            "Films at entry (left) and on day 6 (right).",
            {"left": "Films at entry (left)", "right": "and on day 6 (right)."},
        ),
        (
            "The upper right panel is of day 2. The lower panel is of day 9.",
            {"top right": "The upper right panel is of day 2.", "bottom": "The lower panel is of day 9."},
        ),
        ("Left lung clear. Left: no effusion.", {}),
    ],
)
def test_parts_named_by_place(text: str, parts: dict[str, str]) -> None:
    found = {place: text[part.start : part.end].strip() for part in places_in(text) for place in part.letters}
    assert found == parts


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("fig1-left.png", "left"),
        ("a_upper-right.jpg", "top right"),
        ("x-center.png", "middle"),
        ("right-lower-lobe.png", ""),
    ],
)
def test_place_of_a_file_name(name: str, place: str) -> None:
    assert place_of_file(name) == place
