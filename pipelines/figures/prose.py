"""A PDF's running text, and the title and DOI it states of itself."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from pipelines.figures.captions import Caption, Line, joined
from pipelines.figures.markup import without_addresses
from pipelines.figures.mentions import sentences_of
from pipelines.figures.pages import Pdf
from pipelines.figures.sections import label_of_section, patient_in
from pipelines.records import BlockLabel, TextBlock
from pipelines.references.doi import dois_in, normal_doi
from pipelines.references.licences import licence_of

# Where publishers put the article's own DOI: PRISM, Crossmark and Dublin Core in the XMP packet.
_XMP_DOI = re.compile(
    r"<(?:prism:doi|crossmark:DOI|pdfx:doi|dc:identifier)>\s*(?:doi:)?\s*(10\.[^<\s]+)", re.IGNORECASE
)
# A heading stands alone on its line: a number, one to eight words, no full stop.
_HEADING = re.compile(r"^(?:\d+(?:\.\d+)*\.?\s+)?[A-Z][^.!?]*$")
_NUMBERED = re.compile(r"^\d+(?:\.\d+)*\.?\s")
_END = re.compile(r"^(?:\d+\.?\s+)?(?:references|bibliography|literature cited)$", re.IGNORECASE)
MAX_HEADING_WORDS = 8
_LICENCE = re.compile(r"licen[cs]e|creative commons|\bCC[ -]?(?:BY|0)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_RUBRIC = re.compile(r"^(?:(?:case|brief|short) reports?|(?:original|research|review) articles?)\s+", re.IGNORECASE)
MIN_TITLE = 15


def words_of(pdf: Pdf) -> frozenset[str]:
    """Return the words a PDF writes within a line, so that one broken at a line's end can be mended as they are."""
    # The last word of a line may be half of one.
    return frozenset(
        word.casefold() for page in pdf.pages for line in page.lines for word in _WORD.findall(line.text)[:-1]
    )


def blocks_of(pdf: Pdf, words: frozenset[str], captions: Sequence[Sequence[Caption]]) -> list[TextBlock]:
    """Return the text by block, in reading order, up to the references; captions and running heads are left out.

    `captions` are those of each page, in order.
    """
    recurring = _running_heads(pdf)
    blocks: list[TextBlock] = []
    label: BlockLabel = "body"
    patient = ""
    for page, read_apart in zip(pdf.pages, captions, strict=True):
        apart = {index for caption in read_apart for index in caption.lines}
        by_block: dict[int, list[str]] = {}
        for index, line in enumerate(page.lines):
            if index not in apart and line.text not in recurring:
                by_block.setdefault(line.block, []).append(line.text)
        for lines in by_block.values():
            first = " ".join(lines[0].split())
            if _END.match(first):
                return blocks
            if _HEADING.match(first) and len(first.split()) <= MAX_HEADING_WORDS and len(lines) == 1:
                known = label_of_section(first)
                if known or _NUMBERED.match(first):
                    label, patient = known or "body", patient_in(first)
            text = without_addresses(joined(lines, words))
            blocks.append(TextBlock(label=label, text=text, patient=patient))
    return blocks


def licence_stated(blocks: Iterable[TextBlock]) -> str:
    """Return the sentence in which an article states its licence, word for word; "" where none, or several differ."""
    said = [s for block in blocks if _LICENCE.search(block.text) for s in sentences_of(block.text) if licence_of(s)]
    return said[0] if len({licence_of(sentence) for sentence in said}) == 1 else ""


def doi_of(pdf: Pdf) -> str:
    """Return the DOI that a PDF states of itself: in its metadata, or as the only one on its first page; else ""."""
    stated = [match.group(1) for match in _XMP_DOI.finditer(pdf.xmp)] + dois_in(" ".join(pdf.information.values()))
    for text in stated:
        try:
            return normal_doi(text)
        except ValueError:
            continue
    first = dois_in("\n".join(line.text for line in pdf.pages[0].lines))
    return first[0] if len(first) == 1 else ""


def title_of(pdf: Pdf) -> str:
    """Return the title: the one in the metadata if the first page prints it, else the largest print there; else ""."""
    # Text set upright along the margin is a repository's stamp.
    lines = [line for line in pdf.pages[0].lines if line.box[2] - line.box[0] > line.box[3] - line.box[1]]
    stated = " ".join(pdf.information.get("title", "").split())
    printed = _letters(line.text for line in lines)
    if len(stated) >= MIN_TITLE and _letters([stated]) in printed:
        return stated
    for size in sorted({round(line.size, 1) for line in lines}, reverse=True)[:3]:
        run = _RUBRIC.sub("", _first_run(lines, size))
        if len(run) >= MIN_TITLE and " " in run:
            return run
    return ""


def _first_run(lines: list[Line], size: float) -> str:
    """Return the first lines of one size that follow each other."""
    run: list[str] = []
    for line in lines:
        if abs(line.size - size) < 0.3:
            run.append(line.text)
        elif run:
            break
    return joined(run)


def _letters(texts: Iterable[str]) -> str:
    return re.sub(r"[\W\d_]+", "", "".join(texts)).casefold()


def _running_heads(pdf: Pdf) -> set[str]:
    counted = Counter(text for page in pdf.pages for text in {line.text for line in page.lines})
    return {text for text, pages in counted.items() if pages >= 3}
