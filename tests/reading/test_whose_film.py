"""Whose film is shown where a text tells of a family, and what may be read of him."""

import pytest
from readings import values_in

_FAMILY = "A couple fell ill. The index patient was a man aged 71 years who was intubated on day 2. "


@pytest.mark.parametrize(
    "text",
    [
        "The film shown is that of his wife, aged 64 years, who had had fever for 5 days. Her saturation was 96%.",
        "This X-ray belongs to his wife, 64: fever 5 days, sats 96%. The wife was not ventilated.",
        "Here is the chest radiograph of his wife (64), who had coughed for 5 days; SpO2 96%.",
    ],
)
def test_reads_the_relative_whom_the_film_shows(text: str) -> None:
    values = values_in(_FAMILY + text)
    assert (values["sex"], values["age"], values["offset"], values["pO2_saturation"]) == ("F", "64", "5", "96")
    assert values.get("intubated") != "Y"


def test_leaves_blank_what_is_of_one_of_several() -> None:
    values = values_in(_FAMILY + "The image is of one of the sons. SpO2 was 91%.")
    assert not {"sex", "age", "intubated", "pO2_saturation"} & set(values)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("A 40-year-old man, living with his 70-year-old father, was admitted with four days of fever.", "4"),
        ("A 28-year-old nurse, whose mother had died of COVID-19, presented with five days of cough.", "5"),
        ("A 44-year-old woman, whose husband, aged 60, had a cough for 3 days, is well.", None),
    ],
)
def test_the_verb_behind_a_relative_is_the_patients(text: str, offset: str | None) -> None:
    assert values_in(text).get("offset") == offset


def test_an_own_part_on_no_known_clock_has_no_days() -> None:
    text = "A man moved for ECMO on day 12 of symptoms. c) Chest X-ray three days after decannulation."
    assert "offset" not in values_in(text, filename="ecmo-1c.jpg")
