"""Whatever the text: nothing is raised, every quote stands in it, and nothing is read out of noise."""

import string
import time

from hypothesis import given
from hypothesis import strategies as st
from reading.readings import values_in

PHRASES = (
    *(
        "the patient",
        "he",
        "she",
        "her husband",
        "fever for 3 days",
        "38.5 °C",
        "SpO2 92 %",
        "was not",
        "intubated",
        "died",
    ),
    *("discharged", "on admission", "chest radiograph", "CT", "AP", "PA", "(a)", "(b)", "B,", "day 4", "later", "if"),
    *(
        "12 March 2020",
        "5/4/20",
        "COVID-19",
        "positive",
        "negative",
        "no",
        "Case 2:",
        "WBC 3.2 x10^9/L",
        ",",
        ".",
        ";",
        "\n",
    ),
    *("Uomo di anni 53", "febbre da due giorni", "61-year-old woman", "man", "oxygen 4 L/min", "ICU"),
)
GUESSABLE = {"sex", "age", "offset", "finding", "survival", "intubated", "went_icu", "temperature", "pO2_saturation"}


@given(st.text(max_size=400))
def test_reads_any_text(text: str) -> None:
    values_in(text)


@given(st.lists(st.sampled_from(PHRASES), max_size=60).map(" ".join))
def test_reads_any_jumble_of_clinical_words(text: str) -> None:
    values = values_in(text)
    assert values.get("sex", "M") in ("M", "F")
    assert values.get("temperature", "38.5") == "38.5"


@given(st.text(alphabet=string.digits + " .,;:()%/-\n", max_size=300))
def test_reads_nothing_out_of_numbers(text: str) -> None:
    assert GUESSABLE.isdisjoint(values_in(text))


def test_is_done_with_an_endless_text_in_bounded_time() -> None:
    texts = (
        "The patient had fever for 3 days, 38.5 °C, and a chest radiograph on day 4. " * 400,
        "a" * 100_000,
        "after " * 16_000,
        "(a) " * 25_000,
        "12/3 " * 20_000,
        "<" * 100_000,
    )
    for text in texts:
        began = time.process_time()
        values_in(text)
        assert time.process_time() - began < 5, text[:20]


def test_reads_nothing_out_of_an_empty_text_or_a_single_word() -> None:
    assert values_in("") == {}
    assert GUESSABLE.isdisjoint(values_in("Thorax"))
