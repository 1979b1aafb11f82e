"""The vocabulary: what passes from room to room. Nothing else in the project defines these words.

Every text a value can be quoted from has an address within its case (`block[2]`, `study[0].image[1].caption`, `url`,
…); `Case.text_at` resolves it, so each `Evidence` can be checked against the source letter by letter.
"""

import hashlib
import json
import re
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION = 1

# The paper's Table 2 (arXiv:2003.11597) in the form and order in which the collection published it.
COLUMNS = (
    "patientid", "offset", "sex", "age", "finding", "RT_PCR_positive", "survival", "intubated",
    "intubation_present", "went_icu", "in_icu", "needed_supplemental_O2", "extubated", "temperature",
    "pO2_saturation", "leukocyte_count", "neutrophil_count", "lymphocyte_count", "view", "modality", "date",
    "location", "folder", "filename", "doi", "url", "license", "clinical_notes", "other_notes",
)  # fmt: skip

BlockLabel = Literal[
    "title", "tags", "patient data", "presentation", "history", "findings", "discussion", "outcome",
    "abstract", "body", "mention", "citation", "affiliation", "credit", "reference record", "note",
]  # fmt: skip

IssueKind = Literal[
    "missing value",        # the source should state it and does not
    "unknown vocabulary",   # a word that is in no look-up
    "ambiguous value",      # stated, but not sharply enough for the column: a decade, a frontal projection
    "contradiction",        # two places of the source, or two sources, disagree
    "licence unclear",
    "several patients",
    "needs split",          # one picture holds several films
    "not a film",
    "media missing",        # the picture could not be fetched or kept
    "media damaged",
    "unreadable document",
    "reference unresolved",
    "retracted or corrected",
    "language",
    "possible duplicate",
    "retry",                # a stage failed on this case and will be tried again
]  # fmt: skip

CandidateState = Literal["pending", "accepted", "rejected", "duplicate", "unsure", "split", "aside"]
Relation = Literal["same bytes", "same image", "contains", "same patient, other film", "unrelated"]
COPIES: tuple[Relation, ...] = ("same bytes", "same image", "contains")  # by these a film is no new one


class Record(BaseModel):
    """Hold one record; unknown fields are errors, so that a misspelt one is never lost."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class Issue(Record):
    """State something a person must know about a row; `field` is blank where it concerns the whole row."""

    kind: IssueKind
    message: str
    field: str = ""


class Evidence(Record):
    """Say why a field has its value: `quote` is the text from `start` to `end` (characters) at address `block`."""

    field: str
    value: str
    quote: str
    block: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    rule: str

    @model_validator(mode="after")
    def _spans_its_quote(self) -> Self:
        if not self.quote or self.end - self.start != len(self.quote):
            raise ValueError(f"evidence for {self.field!r}: the quote does not span {self.start}..{self.end}")
        return self


class Media(Record):
    """Describe a blob as sniffed from its bytes: size in bytes, width and height in pixels, bits a sample."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    mime: str
    extension: str
    size: int
    width: int = 0
    height: int = 0
    bits: int = 0
    frames: int = 1


class TextBlock(Record):
    """Hold text of the page as it stands, with what it is about: the case, one study, or one of several patients."""

    label: BlockLabel
    text: str
    language: str = ""
    study: int | None = None
    patient: str = ""


class Panel(Record):
    """Mark one film of a compound figure: box (left, top, right, bottom) in pixels of the untouched original."""

    box: tuple[int, int, int, int]
    label: str = ""
    caption: str = ""
    kind: str = ""
    kind_confidence: float = 0.0


class Figure(Record):
    """Say where in an article a picture stands: box in PDF points from the top left of `page` (from 1)."""

    label: str = ""
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    mentions: list[str] = Field(default_factory=list)
    panels: list[Panel] = Field(default_factory=list)
    flags: list[str] = Field(default_factory=list)
    kind: str = ""
    kind_confidence: float = 0.0


class Image(Record):
    """Name one picture of a study, in the site's own words; `local` is a file that a person handed in."""

    url: str
    position: int = 0
    modality: str = ""
    projection: str = ""
    caption: str = ""
    patient: str = ""
    local: str = ""
    figure: Figure | None = None
    media: Media | None = None


class Study(Record):
    """Hold one imaging study of the case and its images, in the site's order."""

    modality: str = ""
    caption: str = ""
    images: list[Image] = Field(default_factory=list)


class Document(Record):
    """Name an article file (PDF) whose figures are cut out by the Figures stage."""

    url: str
    local: str = ""
    media: Media | None = None


# Parts of a case that change from crawl to crawl, or are made by our own stages, say nothing of the source.
_NOT_OF_THE_SOURCE = {"media": True, "local": True}
_ADDRESS = re.compile(
    r"^(?:(?P<part>title|url|source_id|doi|licence|credit|institution|certainty|published)"
    r"|block\[(?P<block>\d+)\]"
    r"|study\[(?P<study>\d+)\]\.(?:(?P<study_part>modality|caption)"
    r"|image\[(?P<image>\d+)\]\.(?:(?P<image_part>url|modality|projection|caption)"
    r"|(?P<figure_label>label)|panel\[(?P<panel>\d+)\]\.(?P<panel_part>label|caption))))$"
)


class Case(Record):
    """Hold one published case or article as its source words it.

    `source_id` is the source's own stable id; `aliases` are its other ids and URLs; `licence`, `published` and the
    other strings are verbatim (`""` where the page states none).
    """

    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    source_id: str = Field(min_length=1)
    url: str
    title: str = ""
    aliases: list[str] = Field(default_factory=list)
    blocks: list[TextBlock] = Field(default_factory=list)
    studies: list[Study] = Field(default_factory=list)
    documents: list[Document] = Field(default_factory=list)
    credit: str = ""
    licence: str = ""
    doi: str = ""
    institution: str = ""
    certainty: str = ""
    published: str = ""
    issues: list[Issue] = Field(default_factory=list)

    def text_at(self, address: str) -> str:
        """Return the text that an evidence address names; raise `KeyError` where there is none."""
        match = _ADDRESS.match(address)
        if match is None:
            raise KeyError(f"{address!r} is no address of a text in a case")
        try:
            return self._text_of(match)
        except IndexError:
            raise KeyError(f"case {self.source}/{self.source_id} has no text at {address!r}") from None

    def _text_of(self, match: re.Match[str]) -> str:
        part = match.groupdict()
        if part["part"]:
            return str(getattr(self, part["part"]))
        if part["block"]:
            return self.blocks[int(part["block"])].text
        study = self.studies[int(part["study"])]
        if part["study_part"]:
            return str(getattr(study, part["study_part"]))
        image = study.images[int(part["image"])]
        if part["image_part"]:
            return str(getattr(image, part["image_part"]))
        figure = image.figure or Figure()
        if part["figure_label"]:
            return figure.label
        return str(getattr(figure.panels[int(part["panel"])], part["panel_part"]))

    def carries(self, evidence: Evidence) -> bool:
        """Tell whether the quote stands letter by letter where the evidence says it does."""
        try:
            return self.text_at(evidence.block)[evidence.start : evidence.end] == evidence.quote
        except KeyError:
            return False

    def images(self) -> list[tuple[int, int, Image]]:
        """Return every image with its study's index and its own index within that study."""
        return [(s, i, image) for s, study in enumerate(self.studies) for i, image in enumerate(study.images)]

    def content_hash(self) -> str:
        """Return the SHA-256 of what the source says, so that a changed page is told from one fetched again."""
        ours: Any = {
            "issues": True,
            "studies": {"__all__": {"images": {"__all__": _NOT_OF_THE_SOURCE}}},
            "documents": {"__all__": _NOT_OF_THE_SOURCE},
        }
        said = self.model_dump(exclude=ours)
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class Reading(Record):
    """Hold what was read for one film (or one panel of it): study, image and panel by index."""

    study: int
    image: int
    panel: int | None = None
    evidence: list[Evidence] = Field(default_factory=list)
    issues: list[Issue] = Field(default_factory=list)


class Judgement(Record):
    """Say what a person made of two films; `keep` is the candidate or published file to keep of one image."""

    relation: Relation
    by: str
    at: datetime
    keep: str = ""


class Match(Record):
    """Relate a film to another: Hamming distance in bits of 256, correlation after alignment in -1..1.

    Exactly one of `candidate` (an id of the store) and `published` (a file name of the published collection) is set.
    """

    candidate: str = ""
    published: str = ""
    relation: Relation
    distance: int | None = None
    correlation: float | None = None
    transform: dict[str, Any] = Field(default_factory=dict)
    judged: Judgement | None = None


class Candidate(Record):
    """Propose one row: `row` holds every column, unknown ones blank, and each filled one has evidence.

    `kind` is what its figure, or the panel of it, was judged to show; blank where it came from no article.
    """

    id: str
    source: str
    source_id: str
    case_url: str
    image_url: str
    sha256: str = ""
    panel: Panel | None = None
    kind: str = ""
    row: dict[str, str]
    evidence: list[Evidence] = Field(default_factory=list)
    issues: list[Issue] = Field(default_factory=list)
    matches: list[Match] = Field(default_factory=list)
    state: CandidateState = "pending"
    revision: int = 0

    @model_validator(mode="after")
    def _has_evidence_for_each_value(self) -> Self:
        if tuple(self.row) != COLUMNS:
            raise ValueError(f"candidate {self.id}: the row must hold exactly the schema's columns, in their order")
        bare = {item for item in self.row.items() if item[1]} - {(e.field, e.value) for e in self.evidence}
        if bare:
            raise ValueError(f"candidate {self.id}: no evidence for {', '.join(sorted(column for column, _ in bare))}")
        return self


class Decision(Record):
    """Record what a person decided on a candidate's revision; decisions are only ever appended.

    `detail` holds, by action: `edit` row, evidence, panel; `judge` and `duplicate` candidate or published, relation,
    keep; `split` the panels.
    """

    candidate: str
    action: Literal["accept", "reject", "duplicate", "unsure", "edit", "judge", "split", "undo"]
    by: str
    at: datetime
    revision: int
    reason: str = ""
    detail: dict[str, Any] = Field(default_factory=dict)


RunStatus = Literal["running", "finished", "blocked", "refused", "failed"]


class Run(Record):
    """Count what one crawl of one source saw; `problems` are the floors it did not keep, in plain words."""

    source: str
    started: datetime
    finished: datetime | None = None
    status: RunStatus = "running"
    pages: int = 0
    requests: int = 0
    cases_seen: int = 0
    cases_new: int = 0
    cases_changed: int = 0
    cases_unchanged: int = 0
    blocked: int = 0
    failed: int = 0
    images_fetched: int = 0
    images_skipped: int = 0
    candidates_new: int = 0
    issues: int = 0
    bytes: int = 0
    seconds: float = 0.0
    problems: list[str] = Field(default_factory=list)
