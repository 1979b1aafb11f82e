"""Offset and date: the text's own clocks; other clocks, journeys and publication days give nothing."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from reading.readings import values_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fever since two days. Chest x-ray on admission.", {"offset": "0"}),
        ("Cough for ten days. Follow-up chest X-ray shows a normal study.", {"offset": None}),
        ("Cough for ten days. One month after treatment.", {"offset": None}),
        ("Cough for ten days. Two months after treatment: the abscess resolved slowly.", {"offset": None}),
        ("He had had a cough for ten days before admission.", {"offset": "10"}),
        ("Symptoms began 6 days prior to presentation.", {"offset": "6"}),
        ("Cough and fever of 3 days' duration.", {"offset": "3"}),
        ("Chest radiograph on day 5 of illness.", {"offset": "5"}),
        ("Chest radiograph obtained on hospital day 3.", {"offset": "3"}),
        ("Chest radiograph obtained 3 days after intubation.", {"offset": None}),
        ("Chest X-ray on ECMO day 4.", {"offset": None}),
        (
            "He developed fever on March 3, 2020. Chest radiograph on March 10, 2020 shows consolidation.",
            {"offset": "7", "date": "March 10, 2020"},
        ),
        ("The patient, smoker for 20 years, treated with antibiotics for 5 days, was admitted.", {"offset": None}),
        ("Admitted on March 2, 2020; published March 30, 2020.", {"date": None}),
        ("On 14/03/2020 a chest radiograph showed opacities.", {"date": "March 14, 2020"}),
        ("On 03/04/2020 a chest radiograph showed opacities.", {"date": None}),
        ("Presented with a week of fever and cough.", {"offset": "7"}),
        ("After a few days of fever he came to hospital.", {"offset": "5"}),
        ("Day 0. Bilateral opacities.", {"offset": "0"}),
        ("Film taken 4 days after symptom onset.", {"offset": "4"}),
        ("Chest X-ray 2 weeks after onset of symptoms: resolution.", {"offset": "14"}),
        (
            "The patient developed a fever on 20 January and was admitted on 25 January. Chest "
            "radiograph on admission shows GGO.",
            {"offset": "0", "date": "January 25"},
        ),
        ("Chest radiograph on 28 January, three days after admission.", {"offset": "3", "date": "January 28"}),
        ("Illness day 9: chest film with worsening.", {"offset": "9"}),
        ("On the third day of hospitalization chest radiograph showed progression.", {"offset": "3"}),
        ("He returned from Italy 10 days ago. He reports fever since yesterday.", {"offset": "1"}),
        ("Fever for the last 24 hours.", {"offset": "1"}),
        ("Three days of fever and malaise.", {"offset": "3"}),
        ("Ten days after his return from Wuhan he developed fever.", {"offset": None}),
        ("1-week history of diabetes.", {"offset": None}),
        ("Known asthma. Presents with worsening breathlessness over 4 days.", {"offset": "4"}),
        (
            "Symptom onset was 8 days before admission. The first chest radiograph, obtained at "
            "admission, showed opacities.",
            {"offset": "0"},
        ),
        ("A 40-year-old male, 6 days post symptom onset, presented with cough.", {"offset": "6"}),
        ("Chest radiograph 24 hours later shows improvement.", {"offset": "1"}),
        ("Chest radiograph on admission, day 6 of illness.", {"offset": "6"}),
        ("Chest pain on day 11 of illness.", {"offset": "11"}),
        ("Intubated on day 11 of illness.", {"offset": None}),
        ("Short of breath since yesterday.", {"offset": "1"}),
        ("Back from Spain on 2 May 2020, ill since 4 May. Film of 9 May 2020.", {"offset": "5", "date": "May 9, 2020"}),
        ("Smoker; his cough changed six days ago.", {"offset": "6"}),
        ("Presented with a 4-day history of cough. Increasing left basilar opacity is visible.", {"offset": None}),
        ("Presented with a 4-day history of cough. A left basilar opacity is visible.", {"offset": "4"}),
    ],
)
def test_clock_of_a_text(text: str, expected: dict[str, str | None]) -> None:
    values = values_in(text)
    assert {field: values.get(field) for field in expected} == expected


CHAINS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "cases" / "chains.toml").read_text(encoding="utf-8")
)["case"]


@pytest.mark.parametrize("case", CHAINS, ids=[case["text"][:40] for case in CHAINS])
def test_follows_a_chain_of_films_and_stops_where_a_link_is_not_told(case: dict[str, Any]) -> None:
    letters: dict[str, str] = case["offsets"]
    read = {letter: values_in(case["text"], filename=f"fig1-{letter}.png").get("offset", "") for letter in letters}
    assert read == letters


FIGURES = (
    "Figure 1. Erect PA chest radiograph performed in the ED on 28.3.20. Figure 2. Portable AP chest radiograph, "
    "1.4.20, following intubation. Figure 3. Chest radiograph in outpatients, 12 weeks after discharge."
)


@pytest.mark.parametrize(
    ("filename", "offset", "date"),
    [
        ("case-fig1.jpg", "0", "March 28, 2020"),
        ("case-fig2.jpg", "4", "April 1, 2020"),
        ("case-fig3.jpg", None, None),
        ("case.jpg", None, None),
    ],
)
def test_takes_of_several_figures_captions_the_one_with_the_files_number(
    filename: str, offset: str | None, date: str | None
) -> None:
    values = values_in(FIGURES, filename=filename)
    assert (values.get("offset"), values.get("date")) == (offset, date)
