"""What a case's readings hold: values with their words, for the right film, and blanks with their reasons."""

from pipelines.reading.reader import readings_of
from pipelines.records import Case, Figure, Image, Issue, Panel, Reading, Study, TextBlock

FILM = "https://example.org/1.png"


def case_of(*blocks: TextBlock, studies: list[Study] | None = None, **parts: str) -> Case:
    url = parts.pop("url", "https://example.org/1")
    films = studies or [Study(images=[Image(url=FILM)])]
    return Case(source="test", source_id="1", url=url, blocks=list(blocks), studies=films, **parts)


def read(case: Case) -> list[Reading]:
    readings = readings_of(case)
    for reading in readings:
        for evidence in reading.evidence:
            assert case.carries(evidence), evidence
    return readings


def values_of(reading: Reading) -> dict[str, str]:
    return {evidence.field: evidence.value for evidence in reversed(reading.evidence)}


def issues_of(reading: Reading) -> set[tuple[str, str]]:
    return {(issue.kind, issue.field) for issue in reading.issues}


def test_reads_the_fields_a_page_states() -> None:
    film = Image(url=FILM, projection="Lateral")
    case = case_of(
        TextBlock(label="patient data", text="Age: 40 years\nGender: Male"),
        studies=[Study(modality="X-ray", images=[film])],
        institution="Example Hospital, Exampleton",
    )
    stated = {"age": "40", "sex": "M", "modality": "X-ray", "view": "L", "location": "Example Hospital, Exampleton"}
    assert stated.items() <= values_of(read(case)[0]).items()


def test_reads_a_childs_months_as_part_of_a_year_and_a_decade_as_an_issue() -> None:
    assert values_of(read(case_of(TextBlock(label="patient data", text="Age: 6 months")))[0])["age"] == "0.5"
    reading = read(case_of(TextBlock(label="patient data", text="Age: 60s\nGender: Female")))[0]
    assert "age" not in values_of(reading)
    assert ("ambiguous value", "age") in issues_of(reading)


def test_leaves_a_frontal_view_blank_with_the_projection_as_a_hint() -> None:
    case = case_of(studies=[Study(modality="X-ray", images=[Image(url=FILM, projection="Frontal")])])
    reading = read(case)[0]
    assert "view" not in values_of(reading)
    assert any("Frontal" in issue.message for issue in reading.issues if issue.field == "view")


def test_names_a_modality_that_is_in_no_vocabulary() -> None:
    reading = read(case_of(studies=[Study(modality="Annotated image", images=[Image(url=FILM)])]))[0]
    assert "modality" not in values_of(reading)
    assert ("unknown vocabulary", "modality") in issues_of(reading)


def test_never_takes_the_day_of_publication_for_the_films() -> None:
    case = case_of(
        TextBlock(label="reference record", text="Published: 2020-03-30"),
        TextBlock(label="citation", text="Chest radiograph. Published 30 March 2020."),
        published="30 Mar 2020",
        url="https://example.org/2020/03/30/case",
    )
    assert "date" not in values_of(read(case)[0])


def test_keeps_presenting_values_to_the_first_study_and_each_studys_own_to_itself() -> None:
    case = case_of(
        TextBlock(label="presentation", text="A 50-year-old woman with fever of 38.5 °C and cough for 4 days."),
        TextBlock(label="findings", text="Patchy consolidation.", study=0),
        TextBlock(label="findings", text="Six days later. Endotracheal tube in place.", study=1),
        studies=[Study(modality="X-ray", images=[Image(url=f"https://example.org/{n}.png")]) for n in (1, 2)],
    )
    first, second = (values_of(reading) for reading in read(case))
    assert {"offset": "4", "temperature": "38.5", "intubated": "Y", "sex": "F"}.items() <= first.items()
    assert "intubation_present" not in first
    assert {"intubation_present": "Y", "intubated": "Y", "age": "50"}.items() <= second.items()
    assert "temperature" not in second


def test_reads_each_panel_from_its_own_caption_along_the_chain_of_days() -> None:
    panels = [
        Panel(box=(0, 0, 9, 9), label="A", caption="AP radiograph on admission."),
        Panel(box=(9, 0, 18, 9), label="B", caption="Radiograph obtained 3 days later."),
        Panel(box=(18, 0, 27, 9), label="C", caption="Coronal CT image obtained 2 days later."),
    ]
    film = Image(url=FILM, caption="COVID-19 pneumonia in a 61-year-old man.", figure=Figure(panels=panels))
    readings = read(case_of(studies=[Study(images=[film])]))
    assert [reading.panel for reading in readings] == [0, 1, 2]
    assert [values_of(reading).get("offset") for reading in readings] == ["0", "3", "5"]
    assert [values_of(reading).get("view") for reading in readings] == ["AP", None, "Coronal"]
    assert [values_of(reading).get("modality") for reading in readings] == ["X-ray", "X-ray", "CT"]
    assert {values_of(reading)["finding"] for reading in readings} == {"Pneumonia/Viral/COVID-19"}


def test_scopes_blocks_to_the_images_patient_and_blanks_where_nothing_tells_which() -> None:
    blocks = (
        TextBlock(label="presentation", text="A 70-year-old man who died.", patient="1"),
        TextBlock(label="presentation", text="A 30-year-old woman, discharged home.", patient="2"),
    )
    films = [Image(url=f"https://example.org/{n}.png", patient=patient) for n, patient in enumerate(("1", "2", ""))]
    one, two, unknown = read(case_of(*blocks, studies=[Study(images=films)]))
    assert {"sex": "M", "age": "70", "survival": "N"}.items() <= values_of(one).items()
    assert {"sex": "F", "age": "30", "survival": "Y"}.items() <= values_of(two).items()
    assert {"sex", "age", "survival"}.isdisjoint(values_of(unknown))
    assert ("several patients", "") in issues_of(unknown)


def test_reads_a_title_only_as_surely_as_the_source_does() -> None:
    assert values_of(read(case_of(title="COVID-19 pneumonia", certainty="Diagnosis certain"))[0])["finding"]
    doubtful = read(case_of(title="COVID-19 pneumonia", certainty="Diagnosis possible"))[0]
    assert "finding" not in values_of(doubtful)
    assert ("ambiguous value", "finding") in issues_of(doubtful)


def test_gathers_notes_in_the_sources_words_the_films_part_first() -> None:
    case = case_of(
        TextBlock(label="presentation", text="Fever and cough."),
        TextBlock(label="findings", text="Bilateral opacities.", study=0),
        TextBlock(label="discussion", text="Recovered fully."),
    )
    notes = [evidence for evidence in read(case)[0].evidence if evidence.field == "clinical_notes"]
    assert {evidence.value for evidence in notes} == {"Bilateral opacities. Fever and cough. Recovered fully."}
    assert " ".join(evidence.quote for evidence in notes) == notes[0].value


def test_keeps_another_language_as_text_with_an_issue() -> None:
    text = (
        "Patient masculin de soixante ans hospitalisé pour une toux fébrile avec dyspnée depuis trois jours. "
        "La radiographie montre des opacités bilatérales, et le malade est transféré en réanimation."
    )
    reading = read(case_of(TextBlock(label="presentation", text=text)))[0]
    assert set(values_of(reading)) == {"clinical_notes"}
    assert ("language", "") in issues_of(reading)


def test_never_publishes_an_e_mail_address_as_a_place() -> None:
    case = case_of(TextBlock(label="affiliation", text="Example Clinic, Rome, Italy. E-mail: someone@example.org"))
    assert values_of(read(case)[0])["location"] == "Example Clinic, Rome, Italy"


def test_blanks_what_two_places_contradict_and_keeps_what_the_page_states() -> None:
    stated = TextBlock(label="patient data", text="Gender: Female")
    told = TextBlock(label="presentation", text="This 40-year-old man had a cough.")
    reading = read(case_of(stated, told))[0]
    assert values_of(reading)["sex"] == "F"
    assert ("contradiction", "sex") in issues_of(reading)
    spoken = TextBlock(label="presentation", text="He had a cough. She was admitted.")
    reading = read(case_of(spoken))[0]
    assert "sex" not in values_of(reading)
    assert ("contradiction", "sex") in issues_of(reading)


def test_gives_a_pages_fields_to_no_film_where_the_page_tells_of_several_patients() -> None:
    case = case_of(
        TextBlock(label="patient data", text="Age: 8 years\nGender: Female"),
        TextBlock(label="presentation", text="Three days of cough. Temperature 39 °C. She was intubated."),
        TextBlock(label="findings", text="A second patient, a boy of 11 years: effusion.", study=1),
        studies=[Study(modality="X-ray", images=[Image(url=f"https://example.org/{n}.png")]) for n in (1, 2)],
        title="COVID-19 in an 8-year-old girl",
    ).model_copy(update={"issues": [Issue(kind="several patients", message="the page tells of several patients")]})
    first, second = read(case)
    assert {"sex", "age", "offset", "temperature", "intubated"}.isdisjoint(values_of(first))
    assert ("several patients", "") in issues_of(first)
    assert {"sex": "M", "age": "11"}.items() <= values_of(second).items()


def test_takes_each_patients_first_study_for_the_presenting_one() -> None:
    case = case_of(
        TextBlock(label="body", text="Man of 50 years with cough for 3 days.", patient="1"),
        TextBlock(label="body", text="Woman of 40 years with fever of 38.2 °C for 6 days.", patient="2"),
        studies=[Study(images=[Image(url=f"https://example.org/{n}.png", patient=n)]) for n in ("1", "2", "2")],
    )
    one, two, later = (values_of(reading) for reading in read(case))
    assert one["offset"] == "3"
    assert {"offset": "6", "temperature": "38.2"}.items() <= two.items()
    assert {"offset", "temperature"}.isdisjoint(later)


def test_never_gives_a_film_a_view_that_its_own_projection_word_excludes() -> None:
    films = [
        Image(url=f"https://example.org/{word}.png", projection=word) for word in ("Frontal", "Lateral", "Oblique")
    ]
    text = "The mass is seen best on the lateral view."
    case = case_of(TextBlock(label="findings", text=text, study=0), studies=[Study(modality="X-ray", images=films)])
    assert [values_of(reading).get("view") for reading in read(case)] == [None, "L", None]
    text = "Portable AP film with a catheter."
    case = case_of(TextBlock(label="findings", text=text, study=0), studies=[Study(modality="X-ray", images=films)])
    assert [values_of(reading).get("view") for reading in read(case)] == ["AP", "L", None]


def test_reads_two_views_of_one_examination_as_taken_at_one_time() -> None:
    mention = "Frontal and lateral films (Figures 1, 2) show a mass."
    text = f"Temperature was 38.4 °C. {mention}"
    figures = [
        Figure(mentions=[mention]),
        Figure(mentions=[mention]),
        Figure(mentions=["Figure 3 is of a year later."]),
    ]
    films = [Image(url=f"https://example.org/{n}.png", figure=figure) for n, figure in enumerate(figures)]
    case = case_of(TextBlock(label="presentation", text=text), studies=[Study(images=[film]) for film in films])
    assert [values_of(reading).get("temperature") for reading in read(case)] == ["38.4", "38.4", None]


def test_gives_a_compound_figure_no_single_modality() -> None:
    film = Image(url=FILM, caption="Chest X-ray showing opacities (a). CT chest showing ground glass (b).")
    reading = read(case_of(studies=[Study(images=[film])]))[0]
    assert "modality" not in values_of(reading)
    assert ("ambiguous value", "modality") in issues_of(reading)
