"""What the pages show: the evidence with its quotes, the kept page, the films, and a pair in plain words."""

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image as Pictures
from sqlalchemy import event
from workspace import STORY, Desk, film, put_as

from pipelines.candidates.collection import AdoptedRow, imported_now
from pipelines.candidates.rows import candidates_for
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION
from pipelines.records import Case, Evidence, Figure, Image, Match, Media, Panel, Reading, Study, TextBlock
from pipelines.triage.row import options_of, reasons
from pipelines.triage.texts import Place, pieces_of, texts_of


def test_a_text_is_cut_where_its_quotes_begin_and_end() -> None:
    pieces = pieces_of("abcdef", [(1, 4, "age"), (3, 5, "sex"), (5, 99, "date"), (50, 60, "view")])
    assert [(piece.text, piece.start, piece.columns) for piece in pieces] == [
        ("a", 0, []), ("bc", 1, ["age"]), ("d", 3, ["age", "sex"]), ("e", 4, ["sex"]), ("f", 5, ["date"]),
    ]  # fmt: skip


def test_every_text_of_a_case_has_its_address_and_this_film_s_come_first() -> None:
    panels = [Panel(box=(0, 0, 1, 1), label="A", caption="left"), Panel(box=(1, 0, 2, 1), label="B", caption="right")]
    case = Case(
        source="papers", source_id="1", url="https://x/1", title="A case", licence="CC BY 4.0",
        blocks=[TextBlock(label="findings", text="Opacities.", study=1), TextBlock(label="body", text="  ")],
        studies=[
            Study(images=[Image(url="https://x/1.png", caption="another film")]),
            Study(
                caption="chest",
                images=[Image(url="https://x/2.png", caption="two films", figure=Figure(label="Fig 2", panels=panels))],
            ),
        ],
    )  # fmt: skip
    of_panel = "study[1].image[0].panel[1].caption"
    evidence = [Evidence(field="view", value="PA", quote="right", block=of_panel, start=0, end=5, rule="x")]
    texts = texts_of(case, Place(1, 0, 1), evidence)
    for text in texts:
        assert "".join(piece.text for piece in text.pieces) == case.text_at(text.address)
    near = [text.address for text in texts if text.near]
    assert near == [text.address for text in texts[: len(near)]]
    assert {of_panel, "block[0]", "study[1].caption"} <= set(near)
    assert "study[0].image[0].caption" in {text.address for text in texts} - set(near)
    assert next(text for text in texts if text.address == of_panel).pieces[0].columns == ["view"]


def test_vocabularies_follow_the_schema() -> None:
    assert options_of("view", "CT") == ["Axial", "Coronal", "Sagittal"]
    assert "Pneumonia/Viral/COVID-19" in options_of("finding")
    assert options_of("location") == []
    keys = [reason.key for reason in reasons()]
    assert len(set(keys)) == len(keys)
    assert len({reason.word for reason in reasons()}) == len(keys)


def test_the_row_shows_where_each_value_came_from(desk: Desk) -> None:
    page = desk.page(f"/candidates/{desk.first().id}").text
    marks = re.findall(r'<mark[^>]*data-columns="([^"]*)"[^>]*>([^<]*)<', page)
    assert any("age" in columns.split() and text == "40-year-old" for columns, text in marks)
    unclear = desk.page(f"/candidates/{desk.store.of_case('sirm', '2')[0].id}").text
    assert "licence unclear" in unclear


def test_an_accepted_case_that_changed_at_its_source_shows_the_difference(desk: Desk) -> None:
    first = desk.first()
    desk.write(f"/candidates/{first.id}/decisions", action="accept", revision=0)
    case = desk.store.case("sirm", "1")
    told = STORY.replace("40-year-old", "41-year-old")
    case = case.model_copy(update={"blocks": [TextBlock(label="presentation", text=told), *case.blocks[1:]]})
    proposal = desk.store.proposal(first.id)
    evidence = [
        one.model_copy(update={"value": "41", "quote": "41-year-old"}) if one.field == "age"
        else one.model_copy(update={"value": told, "quote": told}) if one.field == "clinical_notes" else one
        for one in proposal.evidence
    ]  # fmt: skip
    anew = proposal.model_copy(
        update={"row": proposal.row | {"age": "41", "clinical_notes": told}, "evidence": evidence}
    )
    desk.store.take_in(case, [anew], case.content_hash(), "test")
    assert first.id in desk.page("/queue?state=changed").text
    page = desk.page(f"/candidates/{first.id}").text
    assert "41-year-old" in page
    assert "as accepted" in page


def test_the_kept_page_is_shown_as_text_with_the_quote_marked(desk: Desk) -> None:
    first = desk.first()
    page = desk.page(f"/cases/sirm/1/page?candidate={first.id}").text
    assert re.search(r'<mark[^>]*data-columns="[^"]*age[^"]*"[^>]*>40-year-old<', page)
    assert "alert(3)" not in page, "a script is no text"
    assert f'href="/cases/sirm/1/page?candidate={first.id}"' in desk.page(f"/candidates/{first.id}").text
    assert "no page is kept" in desk.page("/cases/sirm/2/page").text
    assert desk.page("/cases/sirm/3/page").status_code == 404
    shutil.rmtree(desk.client.get("/") and Path(desk.blobs.root).parent / "snapshots")
    assert desk.page("/cases/sirm/1/page").status_code == 404


def test_the_page_of_a_pdf_stands_beside_the_row(desk: Desk, shared: Path) -> None:
    data = (shared / "real" / "articles" / "pdf" / "PMC7582078.pdf").read_bytes()
    article = desk.blobs.put(data)
    case = desk.store.case("sirm", "1")
    url = "https://www.sirm.org/article.pdf"
    figure = Figure(label="Figure 1", page=2, bbox=(60.0, 80.0, 300.0, 400.0))
    image = case.studies[0].images[0].model_copy(update={"url": f"{url}#page=2", "figure": figure})
    study = case.studies[0].model_copy(update={"images": [image, *case.studies[0].images[1:]]})
    document = {"url": url, "media": article}
    case = Case.model_validate(case.model_dump() | {"studies": [study.model_dump()], "documents": [document]})
    proposals = [desk.store.proposal(one.id) for one in desk.store.of_case("sirm", "1")]
    desk.store.take_in(case, proposals, case.content_hash(), "test")
    desk.store.keep_fetched(url, article)
    first = next(one for one in desk.store.of_case("sirm", "1") if one.sha256 == image.media.sha256)
    there = re.search(r'href="(/cases/[^"]*document=0[^"]*)"', desk.page(f"/candidates/{first.id}").text)[1]
    page = desk.page(there.replace("&amp;", "&")).text
    assert "page 2 of 4" in page
    assert 'data-box="10.0 10.0 50.0 50.0"' in page, "in hundredths of the page"
    picture = desk.client.get("/cases/sirm/1/document/0/page/2.png")
    assert Pictures.open(io.BytesIO(picture.content)).height == 1600
    for missing in ("0/page/5.png", "0/page/0.png", "1/page/1.png"):
        assert desk.client.get(f"/cases/sirm/1/document/{missing}").status_code == 404


def test_a_film_is_served_as_it_came_and_at_its_true_depth(desk: Desk) -> None:
    shallow, deep = (one.sha256 for one in desk.store.of_case("sirm", "1"))
    answer = desk.client.get(f"/films/{shallow}")
    assert answer.content == film(10)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "immutable" in answer.headers["Cache-Control"]
    kept = desk.client.get(f"/films/{shallow}?download=1")
    assert kept.headers["Content-Disposition"].startswith("attachment")
    samples = desk.client.get(f"/films/{deep}/samples")
    width, height = int(samples.headers["X-Width"]), int(samples.headers["X-Height"])
    came = np.frombuffer(samples.content, "<u2").reshape(height, width)
    assert np.array_equal(came, np.asarray(Pictures.open(io.BytesIO(film(11, bits=16)))))
    small = Pictures.open(io.BytesIO(desk.client.get(f"/films/{deep}/shown.png?side=32").content))
    assert max(small.size) == 32
    cut = Pictures.open(io.BytesIO(desk.client.get(f"/films/{deep}/shown.png?box=0,0,10,20").content))
    assert cut.size == (10, 20)
    for wrong in ("box=1,1,1,1", "box=90,90,99,99"):
        assert desk.client.get(f"/films/{deep}/shown.png?{wrong}").status_code == 415
    assert desk.client.get(f"/films/{deep}/shown.png?side=99999").status_code == 422


def test_a_pair_is_compared_in_plain_words(desk: Desk) -> None:
    first = desk.first()
    other = first.matches[0].candidate
    page = desk.page(f"/candidates/{first.id}/twin/{other}").text
    for sentence in (
        "Their fingerprints differ in 4 of 256 bits.",
        "Laid over each other, they correlate at 0.980.",
        "The other is turned by 2° clockwise.",
        "They overlap: the other shows 50% of this one, this one 50% of the other.",
        "This one is under CC BY 4.0, the other under no stated licence.",
    ):
        assert sentence in page
    assert "this one</b>: states a licence" in page
    from_there = desk.page(f"/candidates/{other}/twin/{first.id}").text
    assert "This one is turned by 2° clockwise." in from_there
    assert "the other</b>: states a licence" in from_there
    overlaid = desk.client.get(f"/candidates/{first.id}/twin/{other}.png")
    assert Pictures.open(io.BytesIO(overlaid.content)).size == (64, 48)
    assert overlaid.headers["X-Aligned"] == "0", "nothing ties two films of noise together"
    assert desk.page(f"/candidates/{first.id}/twin/{first.id}").status_code == 404
    assert desk.page(f"/candidates/{first.id}/twin/nobody").status_code == 404


def test_a_copy_to_the_byte_leads_to_the_candidate_that_came_first(desk: Desk) -> None:
    first = desk.first()
    again = desk.store.case("sirm", "1").model_copy(update={"source_id": "9", "url": "https://www.sirm.org/casi/9/"})
    readings = [Reading(study=0, image=place) for place in range(2)]
    desk.store.take_in(again, candidates_for(again, readings), again.content_hash(), "test")
    copy = desk.store.of_case("sirm", "9")[0]
    desk.store.keep_match(copy.id, Match(candidate=first.id, relation="same bytes", distance=0, correlation=1.0))
    assert copy.state == "duplicate"
    page = desk.page(f"/candidates/{copy.id}").text
    assert f'came with <a href="/candidates/{first.id}">sirm 1</a>' in page
    overlaid = re.search(r' twin="([^"]+)"', desk.page(f"/candidates/{copy.id}/twin/{first.id}").text)
    assert overlaid is not None
    assert overlaid[1] == f"/films/{first.sha256}", "a film lies over itself without being warped"
    detail = {"candidate": first.id, "keep": first.id}
    decided = desk.write(f"/candidates/{copy.id}/decisions", action="duplicate", revision=copy.revision, detail=detail)
    assert decided.status_code == 200
    page = desk.page(f"/candidates/{copy.id}").text
    assert "byte for byte, came with" not in page
    assert f"called a duplicate of {first.id}" in page


def test_a_file_that_is_no_picture_is_handed_out_and_never_drawn(desk: Desk) -> None:
    first = desk.first()
    sha256 = put_as(desk.blobs, b"DICM", "application/dicom", "dcm")
    media = Media(sha256=sha256, mime="application/dicom", extension="dcm", size=4)
    images = [Image(url="https://www.sirm.org/9.dcm", media=media)]
    about = {"source_id": "9", "url": "https://www.sirm.org/casi/9/", "studies": [Study(images=images)]}
    case = desk.store.case("sirm", "1").model_copy(update=about)
    desk.store.keep_fetched(images[0].url, media)
    desk.store.take_in(case, candidates_for(case, [Reading(study=0, image=0)]), case.content_hash(), "test")
    [volume] = desk.store.of_case("sirm", "9")
    page = desk.page(f"/candidates/{volume.id}").text
    assert "application/dicom: no picture that a page can show" in page
    for pair, which in ((f"{volume.id}/twin/{first.id}", "This one"), (f"{first.id}/twin/{volume.id}", "The other")):
        page = desk.page(f"/candidates/{pair}").text
        assert f"{which} is no picture that a page can show" in page
        assert f'href="/films/{sha256}?download=1"' in page
        assert 'data-key="x"' not in page
        drawn = which == "The other"
        assert ("<film-view" in page, 'data-command="larger"' in page) == (drawn, drawn)


def test_a_split_picture_leads_to_its_films(desk: Desk) -> None:
    first = desk.first()
    boxes = [[0, 0, 32, 48], [32, 0, 64, 48]]
    assert desk.write(f"/candidates/{first.id}/panels", revision=0, boxes=boxes).json()["state"] == "split"
    page = desk.page(f"/candidates/{first.id}").text
    panels = [one for one in desk.store.of_case("sirm", "1") if one.panel]
    for panel, label in zip(panels, "AB", strict=True):
        assert re.search(rf'<a href="/candidates/{panel.id}"[^>]*>panel {label}', page)
    assert "is decided on by itself" not in desk.page(f"/candidates/{panels[0].id}").text


def test_going_back_in_the_browser_brings_the_whole_page(desk: Desk) -> None:
    partly = desk.client.get("/queue", headers={"HX-Request": "true"})
    wholly = desk.client.get("/queue", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<header" not in partly.text.partition("<main")[0]
    assert '<header class="top">' in wholly.text


def test_a_film_is_judged_against_the_published_one(desk: Desk) -> None:
    first = desk.first()
    media = desk.blobs.put(film(77))
    row = AdoptedRow(filename="old.png", row={"age": "41", "url": "https://example.org/old"}, media=media)
    desk.store.adopt(imported_now("metadata.csv", "0" * 64, "utf-8", ["age", "url"], 1, "ada"), [row])
    desk.store.keep_published("old.png", media.sha256, FINGERPRINT_VERSION, b"")
    desk.store.keep_match(first.id, Match(published="old.png", relation="same image", distance=9, correlation=0.97))
    page = desk.page(f"/candidates/{first.id}/twin/published/old.png").text
    assert "Their fingerprints differ in 9 of 256 bits." in page
    assert "https://example.org/old" in page
    overlaid = desk.client.get(f"/candidates/{first.id}/twin/published/old.png/laid.png")
    assert Pictures.open(io.BytesIO(overlaid.content)).size == (64, 48)
    assert desk.page(f"/candidates/{first.id}/twin/published/new.png").status_code == 404
    detail = {"published": "old.png", "relation": "unrelated"}
    answer = desk.write(f"/candidates/{first.id}/decisions", action="judge", revision=first.revision, detail=detail)
    assert answer.status_code == 200
    judged = next(match.judged for match in desk.store.candidate(first.id).matches if match.published == "old.png")
    assert judged is not None
    assert (judged.relation, judged.by) == ("unrelated", "cleo")


def test_the_queue_counts_filters_and_searches(desk: Desk) -> None:
    assert len(re.findall(r'class="title"', desk.page("/queue").text)) == 4
    assert len(re.findall(r'class="title"', desk.page("/queue?issue=licence+unclear").text)) == 2
    assert len(re.findall(r'class="title"', desk.page("/queue?text=fever&licence=CC+BY+4.0").text)) == 2
    assert len(re.findall(r'class="title"', desk.page("/queue?state=accepted").text)) == 0
    assert desk.page("/queue?state=nonsense").status_code == 422


def test_a_case_is_handed_in_as_files_that_were_looked_at(open_desk: Callable[..., Desk]) -> None:
    came = []
    desk = open_desk(enter=lambda handed_in: came.append([path.read_bytes() for path in handed_in.files]) or [])
    given = {"csrf": desk.token(), "source": "figure1", "url": "https://app.figure1.com/images/1", "text": "A man."}
    files = [("files", ("../../x.exe", film(1))), ("files", ("b.pdf", b"%PDF-1.4\n%%EOF\n"))]
    answer = desk.client.post("/enter", data=given, files=files)
    assert answer.status_code == 200, answer.text
    assert came == [[film(1), b"%PDF-1.4\n%%EOF\n"]]
    page = desk.client.post("/enter", data=given, files={"files": ("film.png", b"<html><body>no</body></html>")})
    assert page.status_code == 422
    assert "film.png: a web page" in page.text
    assert "A man." in page.text, "what was typed comes back"
    for changed, said in (
        ({"source": "nowhere"}, "No source is named"),
        ({"url": "http://[::1"}, "is no web address"),
        ({"url": "javascript:alert(1)"}, "is no web address"),
    ):
        assert said in desk.client.post("/enter", data=given | changed, files=files).text
    assert "at least one film" in desk.client.post("/enter", data=given).text
    assert len(came) == 1


def test_a_desk_that_takes_no_cases_says_so(open_desk: Callable[..., Desk]) -> None:
    assert open_desk(enter=None).page("/enter").status_code == 404


def test_a_page_asks_the_store_as_often_for_many_as_for_few(desk: Desk) -> None:
    asked: list[str] = []
    event.listen(desk.store.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    numbers = []
    for path in ("/queue", "/queue?licence=CC+BY+4.0"):
        asked.clear()
        desk.page(path)
        numbers.append(len(asked))
    assert numbers[0] == numbers[1] <= 6
