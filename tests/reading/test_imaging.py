"""View and modality: what the words say of the film shown, not of one it is compared with."""

import pytest
from reading.readings import values_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PA and lateral chest radiographs show clear lungs.", {"view": None, "modality": "X-ray"}),
        ("Lateral chest radiograph.", {"view": "L", "modality": "X-ray"}),
        ("Frontal chest radiograph shows bilateral opacities.", {"view": None, "modality": "X-ray"}),
        (
            "Portable AP chest x-ray: bilateral consolidation in the lateral segments.",
            {"view": "AP", "modality": "X-ray"},
        ),
        ("Supine AP chest film.", {"view": "AP Supine", "modality": "X-ray"}),
        ("PA pressure was 35 mmHg on echocardiography.", {"view": None}),
        ("Bilateral opacities seen later.", {"view": None}),
        ("Axial CT image in lung window.", {"view": "Axial", "modality": "CT"}),
        ("Chest CT was not performed. Chest radiograph: consolidation.", {"modality": "X-ray"}),
        ("CXR: consolidation, not seen on the previous CT.", {"modality": "X-ray"}),
        ("Head CT was normal. CXR showed infiltrates.", {"modality": "X-ray"}),
        (
            "A 50-year-old man with a 2-week history of dry cough, and 3 days of fever. AP chest radiograph.",
            {"offset": "14", "view": "AP"},
        ),
        ("Frontal and lateral radiographs of the chest.", {"view": None, "modality": "X-ray"}),
        ("Chest radiograph in AP projection: consolidations.", {"view": "AP", "modality": "X-ray"}),
        ("CXR (AP, supine).", {"view": "AP Supine", "modality": "X-ray"}),
        ("CXR PA: bilateral consolidation.", {"view": "PA", "modality": "X-ray"}),
        ("Erect PA chest X-ray.", {"view": "PA"}),
        ("Coronal reformatted CT shows peripheral GGO.", {"view": "Coronal", "modality": "CT"}),
        ("Non-contrast chest CT, sagittal view.", {"view": "Sagittal", "modality": "CT"}),
        ("HRCT demonstrates crazy paving.", {"modality": "CT"}),
        ("Portable AP erect film shows basal haze.", {"modality": "X-ray", "view": "AP Erect"}),
        ("Supine portable film: white lungs.", {"modality": "X-ray", "view": "AP Supine"}),
        ("Left lateral decubitus chest film: layering effusion.", {"modality": "X-ray", "view": None}),
        ("A film on this subject was shown to the family.", {"modality": None}),
    ],
)
def test_imaging_of_a_text(text: str, expected: dict[str, str | None]) -> None:
    values = values_in(text)
    assert {field: values.get(field) for field in expected} == expected
