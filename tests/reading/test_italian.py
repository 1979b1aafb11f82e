"""Italian case texts, read to the same standard as English ones."""

import pytest
from reading.readings import values_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Uomo di 64 anni, febbre da tre giorni (T max 38,5 °C), SatO2 92% in aa. RX torace AP a letto.",
            {
                "sex": "M",
                "age": "64",
                "offset": "3",
                "temperature": "38.5",
                "pO2_saturation": "92",
                "view": "AP",
                "modality": "X-ray",
            },
        ),
        (
            "Il marito della paziente è deceduto. La paziente non ha avuto bisogno di ossigeno.",
            {"sex": "F", "survival": None, "needed_supplemental_O2": "N"},
        ),
        (
            "Paziente maschio di anni 45. Tampone negativo per SARS-CoV-2. Antigene urinario per Legionella positivo.",
            {"sex": "M", "age": "45", "finding": "Legionella", "RT_PCR_positive": "N"},
        ),
        (
            "Donna, fumatrice da 30 anni, con tosse da alcuni giorni. TC torace: consolidazioni. PCR 12 mg/dl.",
            {"sex": "F", "age": None, "offset": "5", "modality": "CT", "RT_PCR_positive": None},
        ),
        (
            "Uomo di 70 anni, dimesso dal pronto soccorso e rientrato dopo due giorni. pO2 58 mmHg.",
            {"sex": "M", "age": "70", "survival": None, "pO2_saturation": None},
        ),
        (
            "Si valuta eventuale intubazione. Trasferito in rianimazione il 12/3.",
            {"intubated": None, "went_icu": "Y", "sex": "M"},
        ),
        (
            "Paziente di 55 anni, maschio, con dispnea ingravescente da 5 gg. In PS: TC 38,2°C, SO2 "
            "90%. RX torace in unica proiezione AP: addensamenti.",
            {
                "sex": "M",
                "age": "55",
                "offset": "5",
                "temperature": "38.2",
                "pO2_saturation": "90",
                "view": "AP",
                "modality": "X-ray",
            },
        ),
        (
            "Signora di anni 81, ipertesa; il 10 marzo comparsa di tosse e febbre; il 14 marzo RX torace supino.",
            {"sex": "F", "age": "81", "offset": "4", "date": "March 14", "view": "AP Supine"},
        ),
        (
            "Uomo di 70 anni con dispnea. RX torace in decubito laterale sinistro: versamento pleurico.",
            {"view": None, "modality": "X-ray"},
        ),
        (
            "Uomo di 70 anni con dispnea. RX torace in decubito supino: versamento pleurico.",
            {"view": "AP Supine", "modality": "X-ray"},
        ),
        (
            "Ragazzo di 19 anni, nessun sintomo respiratorio. Radiogramma nella norma. Tampone positivo.",
            {"sex": "M", "age": "19", "modality": "X-ray", "finding": "COVID-19"},
        ),
        (
            "Uomo, 67 aa. Febbre e tosse da circa una settimana. Tampone per COVID-19: positivo. "
            "Intubato in data 20/3 e trasferito in TI. Guarito e dimesso a domicilio.",
            {
                "sex": "M",
                "age": "67",
                "offset": "7",
                "finding": "COVID-19",
                "intubated": "Y",
                "went_icu": "Y",
                "survival": "Y",
            },
        ),
        (
            "Paziente in 3a giornata di ricovero. Rx torace in proiezione PA e laterale.",
            {"offset": "3", "modality": "X-ray", "view": None},
        ),
        (
            "Donna di 44 anni; non ha mai richiesto ossigenoterapia né ricovero in terapia intensiva.",
            {"needed_supplemental_O2": "N", "went_icu": "N"},
        ),
        ("TC torace eseguita dopo 7 giorni dall'esordio dei sintomi.", {"offset": "7", "modality": "CT"}),
        (
            "Il figlio della paziente, 30 anni, è risultato positivo al tampone. La signora è apiretica.",
            {"sex": "F", "age": None, "finding": None},
        ),
        (
            "Maschio di 38 anni. Linfociti 0,9 x10^3/ul, GB 4.300/mmc. Sat. O2 97% in AA.",
            {"lymphocyte_count": "0.9", "leukocyte_count": "4.3", "pO2_saturation": "97"},
        ),
        ("Anziana di 90 anni, exitus dopo 3 giorni. FiO2 50%.", {"age": "90", "survival": "N", "pO2_saturation": None}),
        ("Sepsi da pneumococco: emocoltura positiva; tampone per SARS-CoV-2 negativo.", {"RT_PCR_positive": "N"}),
        ("Vista l'età si è deciso di non intubare.", {"intubated": "N"}),
        ("Si decide di non intubare; in serata viene intubato.", {"intubated": "Y"}),
        ("Caso 2: donna di 60 anni, figlia della precedente, febbre da 4 giorni.", {"offset": "4", "age": "60"}),
        ("In seguito a peggioramento, viene posto in ventilazione non invasiva (CPAP).", {"intubated": None}),
        (
            "Tampone negativo; al secondo tampone positività per SARS-CoV-2.",
            {"finding": "COVID-19", "RT_PCR_positive": "Y"},
        ),
    ],
)
def test_italian_of_a_text(text: str, expected: dict[str, str | None]) -> None:
    values = values_in(text)
    assert {field: values.get(field) for field in expected} == expected
