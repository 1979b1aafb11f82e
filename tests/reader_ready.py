"""Read a text in each language as this is imported, so that processes forked from there on find the rules compiled."""

from pipelines.reading.reader import readings_of
from pipelines.records import Case, Image, Study, TextBlock

_TEXTS = {
    "en": "A 54-year-old man with fever for 5 days. Swab positive for SARS-CoV-2. SpO2 was 91 %. He was intubated.",
    "it": "Uomo di 54 anni con febbre da 5 giorni. Tampone positivo per SARS-CoV-2. Saturazione 91 %. Intubato.",
}
for _language, _text in _TEXTS.items():
    _studies = [Study(modality="X-ray", images=[Image(url="https://x.example/film.png", caption="Chest film, PA")])]
    _block = TextBlock(label="presentation", text=_text, language=_language)
    readings_of(
        Case(source="sirm", source_id="1", url="https://x.example/", title="", blocks=[_block], studies=_studies)
    )
