"""A real article read from its PDF says what its publisher's XML says."""

import re
from pathlib import Path

from pipelines.figures.article import article_at
from pipelines.figures.jats import article_in
from pipelines.figures.sections import patient_of


def letters(text: str) -> str:
    """Leave out what a page sets otherwise: hyphens, spaces, and the ligature that this one's font calls a T."""
    return re.sub(r"[\W_]+", "", text.replace("Th", "T")).casefold()


def test_figures_have_the_same_patient_caption_and_mentions(shared: Path) -> None:
    folder = shared / "real" / "articles"
    stated = article_in((folder / "jats" / "PMC7582078.fulltext.xml").read_bytes())
    read = article_at(folder / "pdf" / "PMC7582078.pdf")
    assert (read.title, read.doi) == (stated.title, stated.doi)
    figures = {figure.label: figure for figure in read.figures}
    assert list(figures) == [figure.label for figure in stated.figures]
    for figure in stated.figures:
        found = figures[figure.label]
        assert letters(found.caption) == letters(figure.caption)
        assert [letters(mention) for mention in found.mentions] == [letters(mention) for mention in figure.mentions]
        assert patient_of(found.mentions, read.blocks) == figure.patient
    told = {block.patient: letters(block.text) for block in stated.blocks if block.patient}
    assert {block.patient: letters(block.text) for block in read.blocks if block.patient} == told
