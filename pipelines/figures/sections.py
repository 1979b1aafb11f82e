"""What the headings of an article say of the text below them: what it is about, and whom."""

import re
from collections.abc import Iterable, Sequence

from pipelines.records import BlockLabel, TextBlock

_PATIENT = re.compile(r"^(?:\d+(?:\.\d+)*\.?\s+)?(?P<patient>(?:case|patient)\s+(?:\d+|[ivx]+|[a-e]))\b", re.IGNORECASE)
_SECTION_LABELS: tuple[tuple[re.Pattern[str], BlockLabel], ...] = (
    (re.compile(r"\b(?:outcome|follow[\s-]?up)\b", re.IGNORECASE), "outcome"),
    (re.compile(r"\b(?:discussion|conclusions?)\b", re.IGNORECASE), "discussion"),
    (
        re.compile(
            r"^(?:\W|\d)*(?:clinical\s+|our\s+|the\s+)?(?:case|patient)s?"
            r"(?:\s+(?:reports?|presentations?|descriptions?|history|summary|series|no\.?|#|\d+|[ivx]+|[a-e]))*\b\W*$"
            r"|\bcase (?:report|presentation|description)s?\b",
            re.IGNORECASE,
        ),
        "presentation",
    ),
)


def label_of_section(heading: str) -> BlockLabel | None:
    """Return what a section is about by its heading, or None where the heading does not say."""
    return next((label for words, label in _SECTION_LABELS if words.search(heading)), None)


def patient_in(heading: str) -> str:
    """Return the patient a heading names ("Case 2" of "3. Case 2: a man of 42"), or ""."""
    match = _PATIENT.match(heading)
    return match["patient"] if match else ""


def patient_of(mentions: Iterable[str], blocks: Sequence[TextBlock]) -> str:
    """Return the patient in whose text all mentions of a figure stand, or ""."""
    patients = {block.patient for sentence in mentions for block in blocks if block.patient and sentence in block.text}
    return patients.pop() if len(patients) == 1 else ""
