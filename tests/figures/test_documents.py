"""Article files of a case: their figures as images, their text as blocks, their faults as issues."""

from hashlib import sha256
from pathlib import Path

import numpy as np
from fpdf import FPDF
from PIL import Image

from pipelines.figures.documents import with_figures_of, with_panels_of
from pipelines.records import Case, Document, Figure, Media, Study, TextBlock
from pipelines.records import Image as Image_

URL = "https://example.org/a.pdf"
LICENCE = "This is open access under the Creative Commons Attribution 4.0 International License."
TITLE = "Three cases of COVID-19 pneumonia"


def kept(data: bytes) -> Media:
    return Media(sha256=sha256(data).hexdigest(), mime="image/png", extension="png", size=len(data))


def article(path: Path) -> Path:
    pdf = FPDF(format="letter")
    pdf.set_title(TITLE)
    pdf.add_page()
    pdf.set_font("helvetica", size=20)
    pdf.cell(text=TITLE, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("helvetica", size=10)
    for text in ("doi: 10.1155/2020/1", "Write to anna@example.org or {b, c}@example.org.", LICENCE, "2. Case 1"):
        pdf.multi_cell(0, text=text, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(8)
    pdf.multi_cell(0, text="Her film (Figure 1) showed opacities.")
    pdf.image(Image.linear_gradient("L"), x=30, y=110, w=100)
    pdf.set_xy(30, 212)
    pdf.cell(text="Figure 1. Chest radiograph of case 1.")
    pdf.output(str(path))
    return path


def case(**parts: object) -> Case:
    return Case.model_validate({"source": "papers", "source_id": "1", "url": URL} | parts)


def test_figures_become_images_with_caption_and_place(tmp_path: Path) -> None:
    path = article(tmp_path / "a.pdf")
    given = case(documents=[Document(url=URL)])
    got = with_figures_of(given, given.documents[0], path, kept)
    ((image,),) = [study.images for study in got.studies]
    assert image.url.startswith(f"{URL}#page=1&viewrect=")
    assert image.caption == "Chest radiograph of case 1."
    assert image.media is not None
    assert image.figure is not None
    assert (image.figure.label, image.figure.page, image.figure.kind) == ("Figure 1", 1, "chest-xray")
    assert image.figure.mentions == ["Her film (Figure 1) showed opacities."]
    assert (got.title, got.doi) == (TITLE, "10.1155/2020/1")
    assert (got.licence, image.patient) == (LICENCE, "Case 1")
    (told,) = [block for block in got.blocks if "showed opacities" in block.text]
    assert (told.label, told.patient) == ("presentation", "Case 1")
    assert "@" not in got.model_dump_json()
    assert with_figures_of(got, got.documents[0], path, kept) == got
    assert given.studies == []


def test_what_the_page_states_wins_over_the_file(tmp_path: Path) -> None:
    given = case(title="Stated", doi="10.1/stated", blocks=[TextBlock(label="body", text="Full text.")])
    got = with_figures_of(given, Document(url=URL), article(tmp_path / "a.pdf"), kept)
    assert (got.title, got.doi, got.blocks) == ("Stated", "10.1/stated", given.blocks)


def test_an_unreadable_file_is_an_issue_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"<html>Sign in</html>")
    got = with_figures_of(case(), Document(url=URL), path, kept)
    (issue,) = got.issues
    assert (issue.kind, got.studies) == ("unreadable document", [])
    assert issue.message.startswith(f"{URL}: it is no PDF")


def test_pictures_that_came_with_the_article_are_judged_and_parted(tmp_path: Path) -> None:
    grain = np.random.default_rng(7).integers(0, 40, (200, 240))
    film = (np.add.outer(np.arange(200) * 0.6, np.arange(240) * 0.3) + grain).astype(np.uint8)
    pair = Image.fromarray(np.concatenate([film, np.full((200, 8), 255, np.uint8), 255 - film], axis=1))
    pair.save(tmp_path / "pair.png")
    data = (tmp_path / "pair.png").read_bytes()
    media = kept(data).model_copy(update={"width": pair.width, "height": pair.height})
    (tmp_path / media.sha256).write_bytes(data)
    words = "Chest X-ray on day 1 (a). Chest X-ray on day 5 (b)."
    figure = Image_(url=f"{URL}/1.png", caption=words, figure=Figure(label="Figure 1"), media=media)
    given = case(studies=[Study(images=[figure, Image_(url="x")])])
    got = with_panels_of(given, tmp_path.joinpath)
    found = got.studies[0].images[0].figure
    assert found is not None
    assert [(panel.label, panel.caption, panel.kind) for panel in found.panels] == [
        ("a", "Chest X-ray on day 1", "chest-xray"), ("b", "Chest X-ray on day 5", "chest-xray"),
    ]  # fmt: skip
    assert with_panels_of(got, tmp_path.joinpath) == got
    assert given.studies[0].images[0].figure == Figure(label="Figure 1")
