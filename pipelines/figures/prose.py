"""A PDF's running text, and the title and DOI it states of itself."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pipelines.emails import without_emails
from pipelines.figures.captions import Caption, Line, joined
from pipelines.figures.mentions import sentences_of
from pipelines.figures.pdf_pages.document import Pdf
from pipelines.figures.sections import label_of_section, patient_in
from pipelines.records import TextBlock
from pipelines.references.doi import dois_in, normal_doi
from pipelines.references.licences import licence_of

# Where publishers put the article's own DOI: PRISM, Crossmark and Dublin Core in the XMP packet.
_XMP_DOI = re.compile(
    r"<(?:prism:doi|crossmark:DOI|pdfx:doi|dc:identifier)>\s*(?:doi:)?\s*(10\.[^<\s]+)", re.IGNORECASE
)
# A heading stands alone on its line: a number, one to eight words, no full stop.
_HEADING = re.compile(r"^(?:\d+(?:\.\d+)*\.?\s+)?[A-Z][^.!?]*$")
_NUMBERED = re.compile(r"^\d+(?:\.\d+)*\.?\s")
_SUBSECTION = re.compile(r"^\d+\.\d")
_OTHER_SECTION = re.compile(
    r"^(?:abstract|summary|background|introduction|(?:materials?|patients?)?(?: and |/)?methods?|results?"
    r"|acknowledge?ments?|funding|(?:conflicts?|declarations?) of (?:competing )?interests?|competing interests?"
    r"|(?:informed )?consent|ethic\w+.*|abbreviations|authors?[’']? contributions?|(?:data )?availability.*)$",
    re.IGNORECASE,
)
_END = re.compile(r"^(?:\d+\.?\s+)?(?:references|bibliography|literature cited)$", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"^(?:page\s+)?\d{1,4}(?:\s+of\s+\d{1,4})?$", re.IGNORECASE)
_DOI_ALONE = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:?\s*)10\.\S+$", re.IGNORECASE)
_FINISHED = re.compile(r"[.!?:][)\]\"”’]*$")
MAX_HEADING_WORDS = 8
# Characters from which on a line without an end is a sentence broken off, and no name or heading.
MIN_BEGUN = 60
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
    """Return the text in reading order up to the references, one block a section, as JATS has them.

    Before the first heading each paragraph is a block. `captions` are those of each page, in order; they, running
    heads and tables are left out.
    """
    blocks: list[TextBlock] = []
    headed = False
    for lines in _paragraphs(pdf, captions):
        if _END.match(lines[0].text.strip()):
            break
        text = without_emails(joined([line.text for line in lines], words))
        if len(lines) == 1 and _is_heading(lines[0].text):
            under = blocks[-1] if headed and _SUBSECTION.match(text) else TextBlock(label="body", text="")
            label, patient = label_of_section(text) or under.label, patient_in(text) or under.patient
            blocks.append(TextBlock(label=label, text=text, patient=patient))
            headed = True
        elif begun := _begun(blocks, text):
            blocks[-1].text = blocks[-1].text.removesuffix(begun) + joined([begun, text], words)
        elif headed:
            blocks[-1].text = f"{blocks[-1].text}\n{text}"
        else:
            blocks.append(TextBlock(label="body", text=text))
    return blocks


def _paragraphs(pdf: Pdf, captions: Sequence[Sequence[Caption]]) -> Iterator[list[Line]]:
    """Yield the lines of each paragraph, without captions, running heads, page numbers and rows of tables."""
    recurring = _running_heads(pdf)
    for page, read_apart in zip(pdf.pages, captions, strict=True):
        apart = {index for caption in read_apart for index in caption.lines}
        by_block: dict[int, list[Line]] = {}
        for index, line in enumerate(page.lines):
            if index not in apart and line.text not in recurring and not _PAGE_NUMBER.match(line.text):
                by_block.setdefault(line.block, []).append(line)
        for lines in by_block.values():
            if len(lines) > 1 and _is_heading(lines[0].text) and _stands_out(lines[0], lines[1]):
                yield lines[:1]
                yield lines[1:]
            elif not _is_row(lines) and not _is_masthead(lines):
                yield lines


def _stands_out(heading: Line, following: Line) -> bool:
    below = heading.box[3] <= following.box[1] + 0.5 * following.size
    return below and (heading.size > following.size + 0.5 or (heading.bold and not following.bold))


def _is_row(lines: Sequence[Line]) -> bool:
    """Tell whether lines are cells of a table: most stand on one height with another, and apart from it."""
    ordered = sorted(lines, key=lambda line: (line.box[1], line.box[0]))
    cells = [
        line
        for pair in pairwise(ordered)
        for line, other in (pair, pair[::-1])
        if abs(line.box[1] - other.box[1]) < 0.3 * line.size
        and max(line.box[0] - other.box[2], other.box[0] - line.box[2]) > line.size
    ]
    return 2 * len({id(line) for line in cells}) > len(lines)


def _is_masthead(lines: Sequence[Line]) -> bool:
    """Tell whether lines name the journal and the article: short ones, one of them the DOI and nothing else."""
    return all(len(line.text) < MIN_BEGUN for line in lines) and any(_DOI_ALONE.match(line.text) for line in lines)


def _is_heading(line: str) -> bool:
    text = " ".join(line.split())
    if not _HEADING.match(text) or len(text.split()) > MAX_HEADING_WORDS:
        return False
    return bool(label_of_section(text) or _NUMBERED.match(text) or _OTHER_SECTION.match(text))


def _begun(blocks: Sequence[TextBlock], text: str) -> str:
    """Return the paragraph that a text goes on with over the end of a column or page; "" where it is one of its own."""
    if not text[:1].islower() or not blocks:
        return ""
    last = blocks[-1].text.rsplit("\n", 1)[-1]
    return last if len(last) >= MIN_BEGUN and not _FINISHED.search(last) else ""


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
