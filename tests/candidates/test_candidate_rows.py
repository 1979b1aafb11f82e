"""A case and its readings become rows in which every value quotes the case, or the cell is blank with an issue."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.candidates.rows import candidates_for
from pipelines.candidates.schema import problems_of
from pipelines.records import (
    Candidate,
    Case,
    Evidence,
    Figure,
    Image,
    Issue,
    Media,
    Panel,
    Reading,
    Study,
    TextBlock,
)

TEXT = "A 40 year old man with COVID-19. Frontal X-ray. Axial CT."


def film(name: str = "one", **facts: Any) -> Media:
    return Media(
        **{"sha256": name.encode().hex().ljust(64, "0"), "mime": "image/png", "extension": "png", "size": 9} | facts
    )


def image(name: str = "one", **facts: Any) -> Image:
    return Image(**{"url": f"https://radiopaedia.org/images/{name}.jpg", "media": film(name)} | facts)


def case_of(*images: Image, **facts: Any) -> Case:
    base = {
        "source": "radiopaedia", "source_id": "75662", "url": "https://radiopaedia.org/cases/covid-19-pneumonia-12",
        "blocks": [TextBlock(label="presentation", text=TEXT)], "studies": [Study(images=list(images))],
    }  # fmt: skip
    return Case(**base | facts)


def quoting(field: str, value: str, quote: str) -> Evidence:
    start = TEXT.index(quote)
    return Evidence(
        field=field, value=value, quote=quote, block="block[0]", start=start, end=start + len(quote), rule="test"
    )


def row_of(case: Case, *evidence: Evidence) -> Candidate:
    (candidate,) = candidates_for(case, [Reading(study=0, image=0, evidence=list(evidence))])
    return candidate


def kinds(candidate: Candidate) -> set[tuple[str, str]]:
    return {(issue.kind, issue.field) for issue in candidate.issues}


def test_a_row_holds_what_was_read_and_where_it_came_from() -> None:
    case = case_of(
        image(),
        doi="https://doi.org/10.53347/rID-75662",
        licence="https://creativecommons.org/licenses/by-nc-sa/3.0/",
        credit="Case courtesy of Dr Ada Byron, ada@example.org",
    )
    age, modality = quoting("age", "40", "40 year old"), quoting("modality", "X-ray", "X-ray")
    candidate = row_of(case, age, modality, quoting("finding", "COVID-19", "COVID-19"))
    filled = {column: value for column, value in candidate.row.items() if value}
    assert filled.pop("filename") == f"radiopaedia-75662-1-1-{candidate.id[:6]}.png"
    assert filled == {
        "patientid": "radiopaedia-75662", "age": "40", "modality": "X-ray", "folder": "images",
        "finding": "Pneumonia/Viral/COVID-19", "doi": "10.53347/rID-75662", "url": case.url,
        "license": "CC BY-NC-SA 3.0", "other_notes": "Case courtesy of Dr Ada Byron",
    }  # fmt: skip
    assert all(case.carries(evidence) for evidence in candidate.evidence)
    assert candidate.issues == []
    assert candidate.image_url == "https://radiopaedia.org/images/one.jpg"


def test_a_picture_that_was_not_kept_has_no_row() -> None:
    case = case_of(image(media=None), image("two"), issues=[Issue(kind="media missing", message="404")])
    (candidate,) = candidates_for(case, [])
    assert candidate.sha256 == film("two").sha256
    assert "media missing" not in {kind for kind, _ in kinds(candidate)}


def test_the_files_name_is_that_of_its_bytes() -> None:
    candidate = row_of(case_of(image(url="https://x/film.png", media=film(mime="image/webp", extension="webp"))))
    assert candidate.row["filename"].endswith(".webp")


def test_an_unknown_modality_leaves_the_folder_blank() -> None:
    assert row_of(case_of(image())).row["folder"] == ""
    assert row_of(case_of(image()), quoting("modality", "CT", "CT")).row["folder"] == "volumes"


def test_a_value_that_its_quote_does_not_carry_is_left_blank() -> None:
    misplaced = quoting("sex", "M", "man").model_copy(update={"block": "block[3]"})
    candidate = row_of(case_of(image()), misplaced)
    assert candidate.row["sex"] == ""
    assert ("contradiction", "sex") in kinds(candidate)


def test_two_values_for_one_cell_leave_it_blank() -> None:
    candidate = row_of(case_of(image()), quoting("sex", "M", "man"), quoting("sex", "F", "40"))
    assert candidate.row["sex"] == ""
    assert ("contradiction", "sex") in kinds(candidate)


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("sex", "male", "unknown vocabulary"),
        ("view", "Frontal", "unknown vocabulary"),
        ("finding", "Measles", "unknown vocabulary"),
        ("temperature", "100.4", "ambiguous value"),
        ("location", "ada@example.org", "ambiguous value"),
    ],
)
def test_a_value_that_breaks_the_schema_is_an_issue_and_blank(field: str, value: str, kind: str) -> None:
    candidate = row_of(case_of(image()), quoting(field, value, "man"))
    assert candidate.row[field] == ""
    assert field not in {evidence.field for evidence in candidate.evidence}
    assert (kind, field) in kinds(candidate)


def test_a_view_of_the_other_modality_is_left_blank() -> None:
    candidate = row_of(case_of(image()), quoting("view", "Axial", "Axial"), quoting("modality", "X-ray", "X-ray"))
    assert (candidate.row["view"], candidate.row["modality"]) == ("", "X-ray")
    assert ("contradiction", "view") in kinds(candidate)


# Licence


def test_a_licence_that_nobody_states_is_blank_and_an_issue() -> None:
    for licence in ("", "All rights reserved", "CC BY 4.0 or CC BY-NC 4.0"):
        candidate = row_of(case_of(image(), licence=licence))
        assert candidate.row["license"] == ""
        assert ("licence unclear", "license") in kinds(candidate)


def test_crossrefs_licence_counts_where_the_source_states_none() -> None:
    text = "DOI: 10.1/x\nLicence: https://www.elsevier.com/tdm/userlicense/1.0/ (tdm)\n"
    text += "Licence: https://creativecommons.org/licenses/by/4.0/ (vor)"
    record = TextBlock(label="reference record", text=text)
    candidate = row_of(case_of(image(), blocks=[record]))
    (evidence,) = [evidence for evidence in candidate.evidence if evidence.field == "license"]
    assert (evidence.value, evidence.quote) == ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")
    own = row_of(case_of(image(), blocks=[record], licence="CC BY-NC 4.0"))
    assert own.row["license"] == "CC BY-NC 4.0"
    page_is_unclear = row_of(case_of(image(), blocks=[record], licence="see the publisher's terms"))
    assert page_is_unclear.row["license"] == ""


# Patients, panels and copies


def test_patients_of_one_page_are_never_merged() -> None:
    images = [image("one", patient="Case 1"), image("two", patient="Case 2"), image("three")]
    first, second, third = candidates_for(case_of(*images), [])
    assert first.row["patientid"] != second.row["patientid"]
    assert first.row["patientid"].startswith("radiopaedia-75662-")
    assert third.row["patientid"] == ""
    assert ("several patients", "patientid") in kinds(third)
    told = [TextBlock(label="presentation", text=TEXT, patient=patient) for patient in ("1", "2")]
    assert row_of(case_of(image(), blocks=told)).row["patientid"] == ""
    assert row_of(case_of(image(), issues=[Issue(kind="several patients", message="two")])).row["patientid"] == ""
    assert row_of(case_of(image(patient="1"))).row["patientid"] == "radiopaedia-75662"


def test_each_panel_is_a_candidate_over_the_untouched_figure() -> None:
    panels = [
        Panel(box=(0, 0, 50, 80), label="(A)"),
        Panel(box=(50, 0, 99, 80), label="(b)"),
        Panel(box=(0, 80, 9, 99)),
    ]
    case = case_of(image(figure=Figure(label="Figure 1", panels=panels)))
    read = Reading(study=0, image=0, panel=1, evidence=[quoting("modality", "CT", "CT")])
    candidates = candidates_for(case, [read])
    assert [candidate.panel for candidate in candidates] == panels
    assert len({candidate.id for candidate in candidates}) == 3
    assert {candidate.sha256 for candidate in candidates} == {film().sha256}
    assert [candidate.row["folder"] for candidate in candidates] == ["", "volumes", ""]
    names = [candidate.row["filename"].rsplit("-", 1)[0] for candidate in candidates]
    assert names == ["radiopaedia-75662-1-1-a", "radiopaedia-75662-1-1-b", "radiopaedia-75662-1-1-3"]


@pytest.mark.parametrize(
    ("caption", "split"),
    [
        ("Chest X-ray on day 1 (A) and day 4 (B).", True),
        ("(a, b) Chest X-ray and CT.", True),
        ("A, Chest X-ray. B, CT.", True),
        ("A: Chest X-ray; B: CT", True),
        ("Chest X-ray of hepatitis (B) carrier", False),
        ("A chest X-ray. Before admission.", False),
        ("", False),
    ],
)
def test_a_caption_of_several_panels_asks_for_a_split(caption: str, split: bool) -> None:
    assert (("needs split", "") in kinds(row_of(case_of(image(caption=caption, figure=Figure()))))) is split


def test_a_picture_that_looks_like_several_films_asks_for_a_split() -> None:
    looked_at = Figure(flags=["needs split"])
    assert ("needs split", "") in kinds(row_of(case_of(image(caption="Chest X-ray.", figure=looked_at))))
    assert ("needs split", "") not in kinds(row_of(case_of(image(caption="Chest X-ray.", figure=Figure()))))


def test_files_that_are_no_plain_picture_are_told() -> None:
    dicom = row_of(case_of(image(media=film(mime="application/dicom", extension="dcm"))))
    assert "its header may name the patient" in dicom.issues[0].message
    assert ("not a film", "") in kinds(row_of(case_of(image(media=film(mime="application/pdf", extension="pdf")))))
    assert ("needs split", "") in kinds(row_of(case_of(image(media=film(frames=40)))))


def test_the_same_bytes_twice_on_a_page_are_one_candidate() -> None:
    case = case_of(image("one"), image("one"))
    again = [Reading(study=0, image=at, evidence=[quoting("offset", "3", "40")]) for at in (0, 1)]
    assert ("possible duplicate", "") in kinds(*candidates_for(case, again))
    again[1].evidence = [quoting("offset", "9", "40")]
    (candidate,) = candidates_for(case, again)
    assert ("contradiction", "") in kinds(candidate)
    assert "offset: '3' here, '9' there" in candidate.issues[-1].message


def test_the_id_is_that_of_the_content() -> None:
    one, two = candidates_for(case_of(image("one"), image("two")), [])
    turned = candidates_for(case_of(image("two"), image("one"), title="another title"), [])
    assert [candidate.id for candidate in turned] == [two.id, one.id]
    elsewhere = row_of(case_of(image("one"), source_id="75663"))
    assert elsewhere.id != one.id


def test_ids_that_look_alike_in_a_file_name_stay_apart() -> None:
    names = [
        row_of(case_of(image(), source_id=id)).row["filename"] for id in ("10.1/a-b", "10.1/a/b", "10.1/A-b", "..")
    ]
    assert len({name.rsplit("-", 1)[0].lower() for name in names}) == 4
    assert all(problems_of(row_of(case_of(image(), source_id="../é")).row) == [] for _ in names)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
pictures = st.builds(
    image,
    st.sampled_from(["one", "two", "three"]),
    patient=st.sampled_from(["", "", "1", "2"]),
    caption=words,
    figure=st.none()
    | st.builds(Figure, panels=st.lists(st.builds(Panel, box=st.just((0, 0, 9, 9)), label=words), max_size=2)),
)


@settings(deadline=None)
@given(
    images=st.lists(pictures, max_size=5),
    texts=st.fixed_dictionaries(dict.fromkeys(("doi", "licence", "credit", "title"), words)),
    source_id=words.filter(bool),
    read=st.lists(st.tuples(st.sampled_from(["sex", "age", "view", "modality", "finding", "date"]), words), max_size=6),
)
def test_whatever_a_case_holds_each_value_quotes_it(
    images: list[Image], texts: dict[str, str], source_id: str, read: list[tuple[str, str]]
) -> None:
    case = case_of(*images, source_id=source_id, **texts)
    evidence = [quoting(field, value, "man") for field, value in read]
    candidates = candidates_for(case, [Reading(study=0, image=at, evidence=evidence) for at in range(len(images))])
    for candidate in candidates:
        assert all(case.carries(evidence) for evidence in candidate.evidence)
        assert {(e.field, e.value) for e in candidate.evidence} == {item for item in candidate.row.items() if item[1]}
        assert [issue for issue in problems_of(candidate.row) if issue.field] == []
    names = [candidate.row["filename"] for candidate in candidates]
    assert len(set(names)) == len({candidate.id for candidate in candidates}) == len(names)
