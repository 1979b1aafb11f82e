"""What a case's readings hold: values with their words, for the right film, and blanks with their reasons."""

from pipelines.reading.reader import readings_of
from pipelines.records import Case, Image, Reading, Study, TextBlock


def case_of(*blocks: TextBlock, studies: list[Study] | None = None, **parts: str) -> Case:
    return Case(
        source="test",
        source_id="1",
        url=parts.pop("url", "https://example.org/cases/1"),
        blocks=list(blocks),
        studies=studies or [Study(images=[Image(url="https://example.org/1.png")])],
        **parts,
    )


def values_of(reading: Reading) -> dict[str, str]:
    return {evidence.field: evidence.value for evidence in reading.evidence}


def test_reads_the_fields_a_page_states() -> None:
    case = case_of(
        TextBlock(label="patient data", text="Age: 40 years\nGender: Male"),
        studies=[Study(modality="X-ray", images=[Image(url="https://example.org/1.png", projection="Lateral")])],
    )
    reading = readings_of(case)[0]
    assert {"age": "40", "sex": "M", "modality": "X-ray", "view": "L"}.items() <= values_of(reading).items()
    assert all(case.carries(evidence) for evidence in reading.evidence)
