"""Temperature, saturation and cell counts: the unit decides, and a number of something else is left alone."""

import pytest
from reading.readings import values_in

from pipelines.reading.rows import reading_of_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Temperature was 38·6°C, pulse 110.", {"temperature": "38.6"}),
        ("Temperature of 100.4 F.", {"temperature": "38"}),
        ("T 38�C; sats 92%.", {"temperature": "38", "pO2_saturation": "92"}),
        ("Febrile to 39.2 ºC. PaO2 63 mmHg. FiO2 60%.", {"temperature": "39.2", "pO2_saturation": None}),
        ("pO2 96 % in air", {"pO2_saturation": "96"}),
        ("pO2 53 mmHg", {"pO2_saturation": None}),
        ("Ejection fraction 45%. Haematocrit 38%.", {"pO2_saturation": None}),
        ("WBC 3.2 x 10^9/L, lymphocytes 0.6 × 10³/µL", {"leukocyte_count": "3.2", "lymphocyte_count": "0.6"}),
        ("White cell count 11,200/mm3 with 85% neutrophils", {"leukocyte_count": "11.2", "neutrophil_count": None}),
        ("WBC 11.2", {"leukocyte_count": None}),
        ("saturating at 89% on 2L", {"pO2_saturation": "89"}),
        ("oxygen saturation (SpO2) of 93%", {"pO2_saturation": "93"}),
        ("saturations dropped to 84%", {"pO2_saturation": "84"}),
        ("Oxygen saturations 85% on air.", {"pO2_saturation": "85"}),
        ("Desaturated to 79% on room air.", {"pO2_saturation": "79"}),
        ("Temp 37.9C, RR 24, O2 sats 94% RA", {"temperature": "37.9", "pO2_saturation": "94"}),
        ("She was pyrexial at 38.8 degrees Celsius.", {"temperature": "38.8"}),
        ("A fever of 102F was recorded.", {"temperature": "38.9"}),
        ("max temperature 39.5℃", {"temperature": "39.5"}),
        ("WBC 4,500/µL; lymphocytes 800/µL", {"leukocyte_count": "4.5", "lymphocyte_count": "0.8"}),
        ("leukocytes 5.6 G/L", {"leukocyte_count": "5.6"}),
        (
            "White blood cell count was 12.3 × 10⁹/L (neutrophils 10.1 × 10⁹/L)",
            {"leukocyte_count": "12.3", "neutrophil_count": "10.1"},
        ),
    ],
)
def test_measurements_of_a_text(text: str, expected: dict[str, str | None]) -> None:
    values = values_in(text)
    assert {field: values.get(field) for field in expected} == expected


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("SpO2 was 80-85% on room air.", "pO2_saturation", "told as a range only: '80-85%'"),
        ("Temperature was 38-39 °C.", "temperature", "told as a range only: '38-39 °C'"),
        ("SpO2 was 150%.", "pO2_saturation", "'SpO2 was 150%' is not within 10 to 100 %: "),
        ("Temperature of 12 °C.", "temperature", "'Temperature of 12 °C' is not within 25 to 44 °C: "),
        ("She had fever > 39 °C.", "temperature", "39 is a bound, not a measurement: 'fever > 39 °C'"),
        ("SpO2 < 90%.", "pO2_saturation", "90 is a bound, not a measurement: 'SpO2 < 90%'"),
        ("Saturations fell below 85%.", "pO2_saturation", "85 is a bound, not a measurement: "),
        ("Febbre oltre 39 °C.", "temperature", "39 is a bound, not a measurement: 'Febbre oltre 39 °C'"),
    ],
)
def test_says_of_a_number_that_it_is_no_measurement(text: str, field: str, message: str) -> None:
    told = [issue.message for issue in reading_of_text(text).issues if issue.field == field]
    assert len(told) == 1
    assert told[0].startswith(message)
