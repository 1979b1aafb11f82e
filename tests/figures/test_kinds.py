"""What a picture is, by its words and its looks together."""

from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipelines.figures.compound import picture_in, seen_in
from pipelines.figures.kinds import judged, judged_in_order
from pipelines.figures.looks import Look, look_of

Picture = np.ndarray[Any, Any]


def png(picture: Picture) -> bytes:
    file = BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def film() -> Picture:
    random = np.random.default_rng(3)
    body = np.full((300, 300), 150, np.float32) + np.linspace(0, 60, 300)[:, None]
    for x in (90, 210):
        cv2.ellipse(body, (x, 130), (45, 95), 0, 0, 360, 50, -1)
    return np.clip(cv2.GaussianBlur(body, (0, 0), 6) + random.normal(0, 4, body.shape), 1, 254).astype(np.uint8)


def a_slice() -> Picture:
    random = np.random.default_rng(4)
    body = np.zeros((300, 300), np.float32)
    cv2.ellipse(body, (150, 140), (120, 90), 0, 0, 360, 170, -1)
    for x in (95, 205):
        cv2.ellipse(body, (x, 135), (42, 60), 0, 0, 360, 40, -1)
    soft: Picture = cv2.GaussianBlur(body, (0, 0), 2)
    return np.clip(soft + random.normal(0, 4, body.shape) * (soft > 5), 0, 255).astype(np.uint8)


def chart() -> Picture:
    page = np.full((300, 400, 3), 255, np.uint8)
    for n, colour in enumerate(((200, 40, 40), (40, 200, 40), (40, 40, 200))):
        cv2.rectangle(page, (60 + 100 * n, 280 - 60 * (n + 1)), (120 + 100 * n, 280), colour, -1)
    return page


def test_looks_are_told_apart() -> None:
    assert look_of(film()) == "film"
    assert look_of(a_slice()) == "slice"
    assert look_of(chart()) == "drawing"
    blue = np.stack([film() // 3, film() // 2, film()], axis=-1)
    assert look_of(blue) == "film"
    colours = np.random.default_rng(5).integers(0, 255, (6, 6, 3)).astype(np.uint8)
    assert look_of(cv2.resize(colours, (300, 300), interpolation=cv2.INTER_CUBIC).astype(np.uint8)) == "colours"


@pytest.mark.parametrize(
    ("caption", "look", "kind"),
    [
        ("Chest radiograph on admission.", "film", "chest-xray"),
        ("Chest radiograph on admission.", "tones", "chest-xray"),
        ("Chest radiograph on admission.", "drawing", "other"),
        ("Images most in disagreement.", "film", "chest-xray"),
        ("Images most in disagreement.", "tones", "unsure"),
        ("Results on nine cases.", "slice", "ct"),
        ("Normal radiograph without acute process", "tones", "chest-xray"),
        ("Axial chest CT on day 3.", "tones", "ct"),
        ("Film and CT of the chest: chest X-ray, then computed tomography.", "slice", "ct"),
        ("Class activation maps over chest X-rays", "colours", "chest-xray"),
        ("Nurses in protective clothing", "colours", "other"),
        ("Petri dish after three days", "tones", "unsure"),
        ("Number of cases a day", "drawing", "other"),
        ("Our framework. Films pass an encoder.", "tones", "other"),
        ("Abdominal ultrasound", "tones", "other-radiology"),
    ],
)
def test_words_and_looks_together_name_the_kind(caption: str, look: Look, kind: str) -> None:
    assert judged("Figure 1", caption, look).kind == kind


@given(st.text(max_size=80), st.sampled_from(["film", "slice", "tones", "colours", "mixed", "drawing"]))
def test_every_judgement_has_a_measure(caption: str, look: Look) -> None:
    found = judged("Figure 1", caption, look)
    assert found.kind
    assert 0 < found.confidence <= 1


def test_kinds_named_in_order_are_those_of_the_panels() -> None:
    assert judged_in_order("CT scan and CXR of the patient", ["tones", "film"]) == ["ct", "chest-xray"]
    assert judged_in_order("CT scan and CXR of the patient", ["film", "slice"]) == []
    assert judged_in_order("CXR of the patient", ["film", "film"]) == []


def test_panels_get_letter_part_and_kind() -> None:
    pair = np.concatenate([film(), np.full((300, 8), 255, np.uint8), a_slice()], axis=1)
    seen = seen_in(png(pair), "Figure 2", "Chest X-ray on day 3 (a). Chest CT on day 5 (b).")
    assert [(p.label, p.caption, p.kind) for p in seen.panels] == [
        ("a", "Chest X-ray on day 3", "chest-xray"), ("b", "Chest CT on day 5", "ct"),
    ]  # fmt: skip
    assert seen.panels[0].box[2] == pytest.approx(300, abs=3)
    assert (seen.flags, seen.drafted) == ([], [])


def test_a_count_that_the_caption_denies_leaves_the_cut_to_a_person() -> None:
    pair = np.concatenate([film(), np.full((300, 8), 255, np.uint8), film()], axis=1)
    seen = seen_in(png(pair), "Figure 2", "Chest X-rays on day 3 (a), day 4 (b), and day 5 (c).")
    assert (seen.panels, seen.flags, len(seen.drafted)) == ([], ["needs split"], 2)
    assert seen_in(png(film()), "Figure 2", "Chest X-ray (a). Chest X-ray (b).").flags == ["needs split"]


def test_deep_samples_are_seen_and_no_file_is_unsure() -> None:
    deep = film().astype(np.uint16) * 16
    seen = picture_in(png(deep))
    assert seen is not None
    assert np.array_equal(seen, film())
    assert seen_in(b"", "Figure 1", "").kind == seen_in(b"no picture", "Figure 1", "").kind == "unsure"


def test_real_films_look_like_films(shared: Path) -> None:
    films = sorted((shared / "real" / "films" / "figure1").glob("*.jpg"))[::2]
    looks = [look_of(np.asarray(Image.open(path).convert("RGB"))) for path in films]
    assert looks.count("film") >= 0.85 * len(looks)
    assert "drawing" not in looks
