"""Findings: said to be the patient's; not negative panels, suspicion, history or another's illness."""

import pytest
from reading.readings import values_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The patient tested negative for COVID-19; urinary Legionella antigen was positive.",
            {"finding": "Legionella"},
        ),
        (
            "Influenza A and B were negative. RT-PCR for SARS-CoV-2 was positive.",
            {"finding": "COVID-19", "RT_PCR_positive": "Y"},
        ),
        ("Suspected COVID-19. Swab pending.", {"finding": None}),
        ("COVID-19 was ruled out; sputum grew Klebsiella pneumoniae.", {"finding": "Klebsiella"}),
        ("His wife has COVID-19.", {"finding": None}),
        ("History of tuberculosis.", {"finding": None}),
        ("MERS-CoV infection was confirmed by RT-PCR.", {"finding": "MERS"}),
        ("Patient with COVID-19 pneumonia complicated by ARDS.", {"finding": "COVID-19, ARDS"}),
        ("He lived in an area with many COVID-19 cases.", {"finding": None}),
        ("Streptococcus pneumoniae was isolated from blood cultures.", {"finding": "Streptococcus"}),
        ("Diagnosed with Pneumocystis jirovecii pneumonia.", {"finding": "Pneumocystis"}),
        ("Lobar pneumonia due to Klebsiella.", {"finding": "Klebsiella"}),
        (
            "Legionella and pneumococcal urinary antigens were negative. SARS-CoV-2 PCR positive.",
            {"finding": "COVID-19"},
        ),
        ("Real-time PCR confirmed SARS-CoV-2 infection.", {"finding": "COVID-19", "RT_PCR_positive": "Y"}),
        ("Nasopharyngeal swab: positive for COVID19.", {"finding": "COVID-19", "RT_PCR_positive": "Y"}),
        ("No evidence of tuberculosis.", {"finding": None}),
        ("Findings are typical of COVID-19.", {"finding": "COVID-19"}),
        ("Varicella pneumonia in an adult.", {"finding": "Varicella"}),
        ("Nocardia was never isolated from the lavage.", {"finding": None}),
        ("Legionella was not identified; the swab detected SARS-CoV-2.", {"finding": "COVID-19"}),
        ("Tuberculosis was excluded.", {"finding": None}),
        ("No growth of Klebsiella in any culture.", {"finding": None}),
        ("Klebsiella pneumoniae grew in two blood cultures.", {"finding": "Klebsiella"}),
        ("Middle East respiratory syndrome coronavirus was detected.", {"finding": "MERS"}),
        ("PCR positive for MERS coronavirus.", {"finding": "MERS", "RT_PCR_positive": None}),
        ("SARS coronavirus was confirmed in 2003.", {"finding": "SARS"}),
        ("Severe acute respiratory syndrome coronavirus 2 was detected.", {"finding": "COVID-19"}),
        ("Novel coronavirus confirmed.", {"finding": "COVID-19"}),
        ("Severe acute respiratory syndrome coronavirus (SARS-CoV-2) was detected.", {"finding": "COVID-19"}),
        ("Influenza pneumonia, for comparison with COVID-19.", {"finding": "Influenza"}),
        ("SARS-CoV-2 RNA was found by PCR.", {"finding": "COVID-19", "RT_PCR_positive": "Y"}),
        ("SARS-CoV-2 was not detected by RT-PCR.", {"finding": None, "RT_PCR_positive": None}),
        ("An adult with a positive COVID-19 swab.", {"RT_PCR_positive": "Y"}),
    ],
)
def test_finding_of_a_text(text: str, expected: dict[str, str | None]) -> None:
    values = values_in(text)
    assert {field: values.get(field) for field in expected} == expected
