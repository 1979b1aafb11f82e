"""Captions and their panels' letters in the forms that journals print."""

import pytest

from pipelines.figures.captions import Line, captions_in, panel_captions


@pytest.mark.parametrize(
    ("printed", "label", "text"),
    [
        ("Figure 1.Film of the patient", "Figure 1", "Film of the patient"),
        ("FIGURE 1 | Chest radiograph", "FIGURE 1", "Chest radiograph"),
        ("Figure 2A-C. Films of three days", "Figure 2A", "Films of three days"),
        ("Figure IV. Film", "Figure IV", "Film"),
        ("▶ Fig. 2 Film on day 3", "Fig. 2", "Film on day 3"),
        ("eFigure 3. Film", "eFigure 3", "Film"),
    ],
)
def test_a_caption_is_known_in_whatever_form_its_journal_sets_it(printed: str, label: str, text: str) -> None:
    (caption,) = captions_in([Line(printed, (50, 0, 300, 10), 10, False, 0, True)])
    assert (caption.label, caption.text) == (label, text)


@pytest.mark.parametrize(
    "printed", ["Figure 1.5 mm thick", "figures in view", "(Figure 1). She", "Figure I was told of is lost"]
)
def test_a_sentence_is_no_caption(printed: str) -> None:
    assert captions_in([Line(printed, (50, 0, 300, 10), 10, False, 0, True)]) == []


@pytest.mark.parametrize(
    ("caption", "parts"),
    [
        ("Films of day 1 (A), day 3 (B) and day 7 (C).", [("A", "Films of day 1"), ("B", "day 3"), ("C", "day 7")]),
        ("a Chest X-ray. b, c Axial CT", [("a", "Chest X-ray"), ("bc", "Axial CT")]),
        ("[A] film [B] CT", [("A", "film"), ("B", "CT")]),
        ("A) film B) CT", [("A", "film"), ("B", "CT")]),
        ("A – film; B – CT", [("A", "film"), ("B", "CT")]),
        ("Chest film (a) on day 1 and (b) on day 3.", [("a", "on day 1 and"), ("b", "on day 3")]),
        ("A CT scan of the chest. It shows opacities.", []),
        ("A Chinese man with a cough. I saw it.", []),
    ],
)  # fmt: skip
def test_letters_stand_before_or_after_their_part(caption: str, parts: list[tuple[str, str]]) -> None:
    assert panel_captions(caption) == parts
