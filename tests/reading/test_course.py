"""Survival, intubation, intensive care and oxygen: asserted of the patient, not planned, denied, past or another's."""

import pytest
from reading.readings import values_in

from pipelines.reading.rows import reading_of_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He was never intubated and did not require ICU admission.", {"intubated": "N", "went_icu": "N"}),
        ("It was decided not to intubate the patient.", {"intubated": "N"}),
        (
            "Intubation was considered but he improved on high-flow oxygen.",
            {"intubated": None, "needed_supplemental_O2": "Y"},
        ),
        ("If she deteriorates she will be transferred to the ICU.", {"went_icu": None}),
        ("Non-invasive ventilation was started.", {"intubated": None}),
        (
            "She was discharged from the emergency department with antibiotics but returned two days later.",
            {"survival": None},
        ),
        (
            "He was extubated on day 9 and discharged home on day 20.",
            {"survival": "Y", "intubated": "Y", "extubated": "Y"},
        ),
        ("The patient did not survive.", {"survival": "N"}),
        ("Unfortunately, he passed away on hospital day 12.", {"survival": "N"}),
        ("No supplemental oxygen was needed.", {"needed_supplemental_O2": "N"}),
        ("She is so far not requiring oxygen.", {"needed_supplemental_O2": "N"}),
        ("Oxygen saturation was 96% on room air.", {"pO2_saturation": "96", "needed_supplemental_O2": None}),
        (
            "SpO2 88% on room air, rising to 95% with 4 L/min of oxygen via nasal cannula.",
            {"pO2_saturation": "88", "needed_supplemental_O2": "Y"},
        ),
        ("The ICU team was consulted.", {"went_icu": None}),
        ("Admitted to the intensive care unit for mechanical ventilation.", {"went_icu": "Y", "intubated": "Y"}),
        ("He had been intubated two years ago for status asthmaticus.", {"intubated": None}),
        ("There was purulent nasal discharge.", {"survival": None}),
        ("Nasal discharge was present, no fever.", {"survival": None, "temperature": None}),
        ("Several of the patients died.", {"survival": None}),
        ("The patient is still hospitalized.", {"survival": None}),
        ("The donor died of a stroke.", {"survival": None}),
        ("Endotracheal tube tip 3 cm above the carina.", {"intubated": "Y"}),
        ("Lines: right IJ catheter. No endotracheal tube.", {"intubated": None}),
        ("Chest X-ray taken in the ICU after intubation.", {"intubated": "Y", "went_icu": "Y"}),
        (
            "Patient requires 6 litres of oxygen to maintain saturations of 92%.",
            {"needed_supplemental_O2": "Y", "pO2_saturation": "92"},
        ),
        ("He recovered and was discharged after 12 days.", {"survival": "Y"}),
        ("She died of multi-organ failure.", {"survival": "N"}),
        ("The patient was discharged from ICU to the ward.", {"survival": None}),
        ("The patient was discharged from the intensive care unit on day 9.", {"survival": None, "went_icu": "Y"}),
        ("All four family members recovered.", {"survival": None}),
        (
            "Patient transferred to ITU, intubated and ventilated. He passed away 3 days later.",
            {"went_icu": "Y", "intubated": "Y", "survival": "N"},
        ),
        ("Interval intubation and NG tube insertion.", {"intubated": "Y"}),
        ("Tracheostomy in situ.", {"intubated": "Y"}),
        ("Mechanical ventilation was not required.", {"intubated": "N"}),
        ("She required no oxygen.", {"needed_supplemental_O2": "N"}),
        ("He needed no oxygen at first, then oxygen 6 L/min.", {"needed_supplemental_O2": "Y"}),
        ("He went home walking without oxygen.", {"needed_supplemental_O2": None, "survival": None}),
        ("Oxygen 2 litres by nasal prongs.", {"needed_supplemental_O2": "Y"}),
        ("She left the hospital after three weeks without sequelae.", {"survival": "Y"}),
        ("He left hospital against medical advice.", {"survival": None}),
        ("He went home after two days but came back.", {"survival": None}),
        ("The boy went home after six days.", {"survival": "Y"}),
        ("He was followed to the intensive care unit.", {"went_icu": "Y"}),
        ("Sedated on the ICU.", {"in_icu": "Y", "went_icu": "Y"}),
        ("He was later ventilated in the ICU for ten days.", {"in_icu": None, "went_icu": "Y"}),
        ("Tip of the endotracheal tube near the carina.", {"intubation_present": "Y"}),
        ("The endotracheal tube above the carina was removed.", {"intubation_present": None}),
    ],
)
def test_course_of_a_text(text: str, expected: dict[str, str | None]) -> None:
    values = values_in(text)
    assert {field: values.get(field) for field in expected} == expected


def test_a_denied_value_is_quoted_with_its_denial() -> None:
    evidence = reading_of_text("During her stay she did not require oxygen therapy.").evidence
    assert [item.quote for item in evidence if item.field == "needed_supplemental_O2"] == ["not require oxygen"]


@pytest.mark.parametrize(
    ("text", "address", "intubated"),
    [
        ("Uomo di 33 anni, già intubato nel 2018 per trauma. Oggi tosse.", "2020/05/08/covid-19-caso-90", None),
        ("A man, intubated in 2015 after a fall.", "cases/covid-19-3", None),
        ("A man, intubated in 2015 for his pneumonia.", "cases/mers-3", "Y"),
    ],
)
def test_an_illness_that_the_address_names_was_none_before_it_was_known(
    text: str, address: str, intubated: str | None
) -> None:
    assert values_in(text, url=f"https://example.org/{address}").get("intubated") == intubated
