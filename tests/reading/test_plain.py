"""Text made fit for matching keeps every character's place, so that a span found is a span of the source."""

from hypothesis import given
from hypothesis import strategies as st

from pipelines.reading.plain import plain_of


@given(st.text(max_size=300))
def test_keeps_every_texts_length(text: str) -> None:
    assert len(plain_of(text)) == len(text)


@given(st.text(alphabet="38.·°ÂâÃ©€™?\ufffdCF<>p/&nbsp; ", max_size=80))
def test_keeps_the_length_of_broken_text(text: str) -> None:
    assert len(plain_of(text)) == len(text)


def test_mends_what_hides_a_number() -> None:
    assert plain_of("38\ufffdC, 38·6 °C, 39 ?C, 38Â°C").split(", ") == ["38°C", "38.6 °C", "39 °C", "38° C"]
    assert plain_of("<p>Fever</p>").strip() == "Fever"
    assert plain_of("the patient’s ground‐glass") == "the patient's ground-glass"
