"""Sex and age: only from words that say them about the patient, never from relatives, donors or a decade."""

import pytest
from reading.readings import values_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A 34 y/o gentleman with cough.", {"sex": "M", "age": "34"}),
        ("Seventy-two-year-old lady with dyspnoea.", {"sex": "F", "age": "72"}),
        ("This 5-month-old girl had fever.", {"sex": "F", "age": "0.42"}),
        (
            "Patient in her 60s with fever. Her husband, 71, died of COVID-19.",
            {"age": None, "survival": None, "sex": "F"},
        ),
        (
            "A patient was admitted with cough. Her 45-year-old husband had tested positive for COVID-19.",
            {"age": None, "finding": None},
        ),
        (
            "His wife (62 years old) was intubated. The patient himself remained stable on room air.",
            {"sex": "M", "age": None, "intubated": None},
        ),
        ("The patient received a kidney from a 40-year-old male donor.", {"sex": None, "age": None}),
        (
            "45F with SOB, SpO2 91% RA, T 38.4.",
            {"sex": "F", "age": "45", "temperature": "38.4", "pO2_saturation": "91"},
        ),
        ("Male, 58. Cough.", {"sex": "M"}),
        ("Lady, 74, COVID-19 positive.", {"sex": "F", "age": "74"}),
        ("ETT in good position. 63 y M.", {"sex": "M", "age": "63"}),
        ("Woman with cough, T 38 F.", {"sex": "F", "age": None}),
        ("Her brother, 80, died. She is 77 and breathless.", {"sex": "F", "age": "77", "survival": None}),
        ("She is 12 weeks pregnant.", {"sex": "F", "age": None}),
        ("His father is ill; he is 40% better.", {"sex": "M", "age": None}),
        ("A girl of 5 years with cough.", {"sex": "F", "age": "5"}),
        ("58M, fever for two weeks.", {"sex": "M", "age": "58", "offset": "14"}),
        (
            "A 61-year-old man was intubated. A 35-year-old woman was discharged home.",
            {"sex": None, "age": None, "intubated": None, "survival": None},
        ),
        (
            "Case 1: A 61-year-old man who died. Case 2: A 35-year-old woman, discharged home. The "
            "images are from case 2.",
            {"sex": "F", "age": "35", "survival": "Y"},
        ),
        ("A 61-year-old mother of two presented with fever.", {"sex": "F", "age": "61"}),
        (
            "68-year-old businessman with fever 101.3 F for 4 days.",
            {"sex": "M", "age": "68", "temperature": "38.5", "offset": "4"},
        ),
        (
            "She was pregnant; her mother, a 63-year-old woman, died in the ICU.",
            {"sex": "F", "age": None, "survival": None, "went_icu": None},
        ),
        ("An elderly woman in her seventies.", {"sex": "F", "age": None}),
        (
            "Donna settantottenne, deceduta dopo 5 giorni in terapia intensiva.",
            {"sex": "F", "age": "78", "survival": "N", "went_icu": "Y"},
        ),
        (
            "Previously healthy 28-year-old. She has had fever for 5 days. Chest radiograph (PA view) normal.",
            {"sex": "F", "age": "28", "offset": "5", "view": "PA"},
        ),
    ],
)
def test_patient_of_a_text(text: str, expected: dict[str, str | None]) -> None:
    values = values_in(text)
    assert {field: values.get(field) for field in expected} == expected
