"""Read the clinical and imaging columns of each film of a case, each value with the words it came from."""

from pipelines.reading.claims import Claim
from pipelines.reading.films import Film, films_in
from pipelines.reading.clock import clock_of
from pipelines.reading.course import course_of
from pipelines.reading.finding import finding_of
from pipelines.reading.imaging import modality_of, view_of
from pipelines.reading.laboratory import counts_of
from pipelines.reading.notes import notes_of
from pipelines.reading.patient import patient_of
from pipelines.reading.vitals import vitals_of
from pipelines.records import Case, Issue, Reading

# Raised whenever a rule changes what is read, so that stored readings can be told from fresh ones.
READER_VERSION = "1"


def readings_of(case: Case) -> list[Reading]:
    """Return one reading for each image of a case, or for each panel where an image holds several.

    Every evidence is carried by the case letter by letter; what is unknown, unsure or contradicted is an issue and no
    value. Never raises for what a text says.
    """
    return [_reading_of(film) for film in films_in(case)]


def _reading_of(film: Film) -> Reading:
    claims: list[Claim] = []
    issues: list[Issue] = []
    modality, found = modality_of(film)
    claims, issues = claims + modality, issues + found
    view, found = view_of(film, modality[0].value if modality else "")
    claims, issues = claims + view, issues + found
    told, found = patient_of(film)
    claims, issues = claims + told, issues + found
    for read in (clock_of, finding_of, course_of, vitals_of, counts_of):
        told, found = read(film)
        claims, issues = claims + told, issues + found
    return Reading(
        study=film.study,
        image=film.image,
        panel=film.panel,
        evidence=[claim.evidence() for claim in claims] + notes_of(film),
        issues=issues,
    )
