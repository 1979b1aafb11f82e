"""Read where the films were taken: the institution the page states, else the first affiliation of the article."""

import re

from pipelines.emails import email_in
from pipelines.reading.claims import Claim
from pipelines.reading.films import Film
from pipelines.reading.text import segment_of
from pipelines.records import Issue

_LINE = re.compile(r"[^\n;]+")
# SIRM's posts name the hospital in a line of its own, beneath the authors.
_HOSPITAL = re.compile(
    r"\b(?:hospital\w*|ospedal\w+|azienda ospedalier\w+|AORN|AOU|ASST|ASL|IRCCS|policlinico|university|università"
    r"|clinic|clinica|medical cent\w+|istituto)\b",
    re.IGNORECASE,
)


def place_of(film: Film) -> tuple[list[Claim], list[Issue]]:
    """Return the location as the source words it, without e-mail addresses."""
    case = film.case
    if case.institution.strip():
        return [_claim("institution", case.institution, 0, len(case.institution))], []
    for label in ("affiliation", "credit"):
        for index, block in enumerate(case.blocks):
            if block.label != label:
                continue
            for line in _LINE.finditer(block.text):
                email = email_in(line.group())
                told = line.group()[: email.start()].rstrip(" ,.") if email else line.group()
                named = label == "affiliation" or _HOSPITAL.search(told)
                if named and told.strip():
                    return [_claim(f"block[{index}]", block.text, line.start(), line.start() + len(told))], []
    return [], []


def _claim(address: str, text: str, start: int, end: int) -> Claim:
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    value = words.strip()
    segment = segment_of(address, text, "name", "en")
    return Claim("location", value, segment, start, start + len(value), "location: as the source words it")
