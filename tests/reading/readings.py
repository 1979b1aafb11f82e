"""Read a text of one film, and check on the way that every quote stands where its evidence says."""

from pipelines.reading.finding import short_form
from pipelines.reading.rows import reading_of_text


def values_in(text: str, *, filename: str = "film.png", url: str = "https://example.org/1") -> dict[str, str]:
    values: dict[str, str] = {}
    for evidence in reading_of_text(text, filename=filename, url=url).evidence:
        sources = {"block[0]": text, "url": url, "study[0].image[0].url": filename}
        assert sources[evidence.block][evidence.start : evidence.end] == evidence.quote
        value = short_form(evidence.value) if evidence.field == "finding" else evidence.value
        values.setdefault(evidence.field, value)
    return values
