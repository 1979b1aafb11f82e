"""Read the clinical and imaging columns of each film of a case, each value with the words it came from."""

from collections.abc import Iterator

from pipelines.reading.clock import clock_of
from pipelines.reading.course import course_of
from pipelines.reading.films import Film, films_in
from pipelines.reading.finding import finding_of
from pipelines.reading.imaging import modality_of
from pipelines.reading.laboratory import counts_of
from pipelines.reading.notes import notes_of
from pipelines.reading.patient import patient_of
from pipelines.reading.people import of_one_patient
from pipelines.reading.place import place_of
from pipelines.reading.views import view_of
from pipelines.reading.vitals import vitals_of
from pipelines.records import Case, Issue, Reading

# What is read of the patient whom the film shows, family by family.
_OF_PATIENT = (patient_of, clock_of, finding_of, course_of, vitals_of, counts_of)


def readings_of(case: Case) -> list[Reading]:
    """Return one reading for each image of a case, or for each panel where an image holds several.

    Every evidence is carried by the case letter by letter; what is unknown, unsure or contradicted is an issue and no
    value. Never raises for what a text says.
    """
    return [_reading_of(film) for film in films_in(case)]


def _reading_of(film: Film) -> Reading:
    modality, issues = modality_of(film)
    view, found = view_of(film, modality[0].value if modality else "")
    claims, issues = [*modality, *view], [*issues, *found]
    patient, found = of_one_patient(film)
    issues += found
    for read in _OF_PATIENT:
        told, found = read(patient)
        claims, issues = claims + told, issues + found
    place, found = place_of(film)
    claims, issues = claims + place, issues + found + list(_not_read(film))
    return Reading(
        study=film.study,
        image=film.image,
        panel=film.panel,
        evidence=[claim.evidence() for claim in claims] + notes_of(film),
        issues=issues,
    )


def _not_read(film: Film) -> Iterator[Issue]:
    for language in sorted({segment.language for segment in film.unread}):
        yield Issue(kind="language", message=f"text in {language!r} is kept as clinical notes and was not read")
