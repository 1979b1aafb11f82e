"""Candidates from a case and its readings: one row for each film, each value with the words it rests on."""

import hashlib
import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.candidates.schema import finding_path, folder_of, problems_of
from pipelines.candidates.splits import candidate_id
from pipelines.candidates.undecided import NO_FILMS
from pipelines.emails import email_in
from pipelines.figures.captions import panel_captions
from pipelines.records import COLUMNS, Candidate, Case, Evidence, Image, Issue, IssueKind, Media, Panel, Reading
from pipelines.references.doi import normal_doi
from pipelines.references.licences import licence_of

logger = logging.getLogger(__name__)

# What is said of other pictures of the case, or of a stage's luck, is no matter of this film's row.
_NOT_OF_THE_ROW: frozenset[IssueKind] = frozenset(
    {"media missing", "media damaged", "retry", "needs split", "not a film"}
)
_RECORDED_LICENCE = re.compile(r"^Licence: (?P<url>\S+) \((?:vor|unspecified)\)$", re.MULTILINE)
_UNSAFE = re.compile(r"[^a-z0-9.]+")


@dataclass(frozen=True)
class Film:
    """Name one film of a case: an image, or a panel of it, by index."""

    case: Case
    study: int
    image: int
    panel: int | None = None

    @property
    def record(self) -> Image:
        """Return the image that the film is, or is part of."""
        return self.case.studies[self.study].images[self.image]

    @property
    def media(self) -> Media:
        """Return the file that the film is in."""
        assert self.record.media is not None
        return self.record.media

    @property
    def cut(self) -> Panel | None:
        """Return the film's box within the file, where it is a panel."""
        return self.record.figure.panels[self.panel] if self.record.figure and self.panel is not None else None

    @property
    def kind(self) -> str:
        """Return what the panel, or else the figure, was judged to show; blank for a picture of no article."""
        figure = self.record.figure
        return self.cut.kind if self.cut and self.cut.kind else figure.kind if figure else ""

    @property
    def id(self) -> str:
        """Return the candidate's id: the same for the same bytes of the same case, in whatever order they come."""
        box = self.cut.box if self.cut else None
        return candidate_id(self.case.source, self.case.source_id, self.media.sha256, box)


def candidates_for(case: Case, readings: list[Reading]) -> list[Candidate]:
    """Return one candidate for each film whose file is kept, in the case's order.

    A picture that could not be kept has no row; its issue stays on the case. A value whose quote the case does not
    carry, or that breaks the schema, is left blank with an issue.
    """
    read = {(reading.study, reading.image, reading.panel): reading for reading in readings}
    proposed: dict[str, Candidate] = {}
    for film in _films_in(case):
        reading = read.get((film.study, film.image, film.panel)) or read.get((film.study, film.image, None))
        candidate = _candidate(film, reading or Reading(study=film.study, image=film.image))
        if candidate.id in proposed:
            first = proposed[candidate.id]
            first.issues = [*first.issues, _shown_again(film, first, candidate)]
        else:
            proposed[candidate.id] = candidate
    return list(proposed.values())


def _films_in(case: Case) -> Iterator[Film]:
    for study, image, record in case.images():
        if record.media is None:
            continue
        panels = range(len(record.figure.panels)) if record.figure else ()
        yield from (Film(case, study, image, panel) for panel in panels or (None,))


def _candidate(film: Film, reading: Reading) -> Candidate:
    issues = [issue for issue in film.case.issues if issue.kind not in _NOT_OF_THE_ROW]
    issues += reading.issues
    issues += [issue for issue in _issues_of_picture(film) if issue.kind not in {told.kind for told in issues}]
    evidence = []
    for found in (*_read(reading), *_identity(film), *_reference(film)):
        if isinstance(found, Evidence) and not film.case.carries(found):
            found = _not_carried(found)
        if isinstance(found, Issue):
            told = any((issue.kind, issue.field) == (found.kind, found.field) for issue in issues)
            issues += [] if told else [found]
        else:
            evidence.append(found)
    evidence += _folder(evidence)
    evidence, broken = _sound(evidence)
    row = dict.fromkeys(COLUMNS, "") | {found.field: found.value for found in evidence}
    return Candidate(
        id=film.id,
        source=film.case.source,
        source_id=film.case.source_id,
        case_url=film.case.url,
        image_url=film.record.url,
        sha256=film.media.sha256,
        panel=film.cut,
        kind=film.kind,
        row=row,
        evidence=evidence,
        issues=_distinct([*issues, *broken]),
    )


def _read(reading: Reading) -> Iterator[Evidence | Issue]:
    for found in (found for found in reading.evidence if found.value):
        if found.field != "finding":
            yield found
        elif path := finding_path(found.value):
            yield found.model_copy(update={"value": path})
        else:
            message = f"{found.value!r} ({found.quote!r}) is in no hierarchy of data/vocabularies/findings.toml"
            yield Issue(kind="unknown vocabulary", field="finding", message=message)


def _identity(film: Film) -> Iterator[Evidence | Issue]:
    """Yield patientid, file name and address."""
    case = film.case
    yield _patient(film)
    position = f"{film.study + 1}-{film.image + 1}" + (f"-{_panel_name(film)}" if film.cut else "")
    # The id keeps the name apart from one that a person accepted before the page put its films in another order.
    name = f"{case.source}-{_portable(case.source_id)}-{position}-{film.id[:6]}.{film.media.extension}"
    address = f"study[{film.study}].image[{film.image}].url" if film.record.url else "source_id"
    yield _quoted(case, address, None, "filename", name, "file name: source, case, study, image, id")
    yield _quoted(case, "url", None, "url", case.url, "the page's canonical address")


def _patient(film: Film) -> Evidence | Issue:
    case = film.case
    patients = {image.patient for _, _, image in case.images() if image.patient}
    patients |= {block.patient for block in case.blocks if block.patient}
    several = len(patients) > 1 or any(issue.kind == "several patients" for issue in case.issues)
    if not several:
        patient = f"{case.source}-{case.source_id}"
        return _quoted(case, "source_id", None, "patientid", patient, "one patient to a case")
    if not film.record.patient:
        message = "the page tells of several patients and does not say whose film this is"
        return Issue(kind="several patients", field="patientid", message=message)
    patient = f"{case.source}-{case.source_id}-{_portable(film.record.patient)}"
    return _quoted(case, "source_id", None, "patientid", patient, "one of several patients of a case")


def _reference(film: Film) -> Iterator[Evidence | Issue]:
    """Yield DOI, licence and credit."""
    case = film.case
    if case.doi:
        try:
            yield _quoted(case, "doi", None, "doi", normal_doi(case.doi), "DOI of the case, in its normal form")
        except ValueError:
            yield Issue(kind="reference unresolved", field="doi", message=f"{case.doi!r} is no DOI")
    yield _licence(case)
    email = email_in(case.credit)
    if credit := case.credit[: email.start() if email else None].strip(" \t\n,;:<("):
        start = case.credit.index(credit)
        yield _quoted(case, "credit", (start, start + len(credit)), "other_notes", credit, "credit line")


def _licence(case: Case) -> Evidence | Issue:
    """Return the licence by the source's own statement, else by what Crossref records of the published version."""
    if named := licence_of(case.licence):
        return _quoted(case, "licence", None, "license", named, "licence as the source states it")
    if case.licence:
        return _unclear(f"the source's words {case.licence!r} name no one licence")
    recorded = [
        _quoted(case, f"block[{index}]", line.span("url"), "license", value, "licence as Crossref records it")
        for index, block in enumerate(case.blocks)
        if block.label == "reference record"
        for line in _RECORDED_LICENCE.finditer(block.text)
        if (value := licence_of(line["url"]))
    ]
    if len({evidence.value for evidence in recorded}) == 1:
        return recorded[0]
    return _unclear("several licences are recorded" if recorded else "the source states no licence")


def _unclear(message: str) -> Issue:
    return Issue(kind="licence unclear", field="license", message=message)


def _not_carried(evidence: Evidence) -> Issue:
    logger.error("rule %r quotes %r, which %s does not read", evidence.rule, evidence.quote, evidence.block)
    message = f"left blank: {evidence.quote!r}, said to carry {evidence.value!r}, does not stand at {evidence.block}"
    return Issue(kind="contradiction", field=evidence.field, message=message)


def _folder(evidence: list[Evidence]) -> Iterator[Evidence]:
    for found in evidence:
        if found.field == "modality" and (folder := folder_of(found.value)):
            yield found.model_copy(update={"field": "folder", "value": folder, "rule": "folder of the modality"})


def _sound(evidence: list[Evidence]) -> tuple[list[Evidence], list[Issue]]:
    """Return the evidence of values that agree and keep the schema, and an issue for each that does not."""
    values = defaultdict(set)
    for found in evidence:
        values[found.field].add(found.value)
    issues = [
        Issue(kind="contradiction", field=field, message=f"left blank: {' against '.join(sorted(map(repr, rivals)))}")
        for field, rivals in values.items()
        if len(rivals) > 1
    ]
    blank = {issue.field for issue in issues}
    row = dict.fromkeys(COLUMNS, "") | {found.field: found.value for found in evidence if found.field not in blank}
    issues += problems_of(row)
    blank |= {issue.field for issue in issues}
    if "modality" in blank:
        blank.add("folder")
    return [found for found in evidence if found.field not in blank], issues


def _issues_of_picture(film: Film) -> Iterator[Issue]:
    media, figure = film.media, film.record.figure
    if media.mime == "application/dicom":
        message = "a DICOM file: its header may name the patient; hand in a PNG made from it before it is published"
        yield Issue(kind="not a film", message=message)
    elif not media.mime.startswith("image/"):
        yield Issue(kind="not a film", message=f"the file is {media.mime}, no picture")
    if film.kind in NO_FILMS:
        label = (figure and figure.label) or "the figure"
        yield Issue(kind="not a film", message=f"{label} is none by its caption or its looks")
    if media.frames > 1:
        yield Issue(kind="needs split", message=f"the file holds {media.frames} pictures")
    if figure is None or figure.panels:
        return
    letters = {letter.upper() for told, _ in panel_captions(film.record.caption) for letter in told}
    if len(letters) > 1:
        message = f"the caption tells of panels {', '.join(sorted(letters))}; the picture is not cut into them"
        yield Issue(kind="needs split", message=message)
    elif "needs split" in figure.flags:
        message = "the picture looks like several films; where one ends and the next begins is not certain"
        yield Issue(kind="needs split", message=message)


def _shown_again(film: Film, first: Candidate, again: Candidate) -> Issue:
    read = [column for column in COLUMNS if column not in ("filename", "clinical_notes")]
    differing = [c for c in read if first.row[c] and again.row[c] and first.row[c] != again.row[c]]
    where = f"the page shows the same bytes again as study {film.study + 1}, image {film.image + 1}"
    words = [where, *(f"{column}: {first.row[column]!r} here, {again.row[column]!r} there" for column in differing)]
    return Issue(kind="contradiction" if differing else "possible duplicate", message="; ".join(words))


def _quoted(case: Case, block: str, span: tuple[int, int] | None, field: str, value: str, rule: str) -> Evidence:
    """Return evidence that quotes a span of a text of the case, or all of it."""
    text = case.text_at(block)
    start, end = span or (0, len(text))
    return Evidence(field=field, value=value, quote=text[start:end], block=block, start=start, end=end, rule=rule)


def _panel_name(film: Film) -> str:
    assert film.cut is not None
    assert film.panel is not None
    return _UNSAFE.sub("", film.cut.label.lower()) or str(film.panel + 1)


def _portable(name: str) -> str:
    """Return the name in lower-case letters, digits, points and hyphens, with a hash where that changed it."""
    safe = _UNSAFE.sub("-", name.lower()).strip("-.")
    return safe if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:6]}".lstrip("-")


def _distinct(issues: list[Issue]) -> list[Issue]:
    return list({issue.model_dump_json(): issue for issue in issues}.values())
