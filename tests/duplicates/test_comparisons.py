"""What a crawl learns of films: whole files and panels, copies told apart by date, fingerprints of older versions."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from scrapy.utils.test import get_crawler

from pipelines.candidates.films import film_key
from pipelines.candidates.store import Store
from pipelines.comparisons import Comparisons
from pipelines.duplicates.fingerprints import FINGERPRINT_VERSION, Fingerprint
from pipelines.media.blobs import BlobStore
from pipelines.records import COLUMNS, Candidate, Case, Decision, Evidence, Figure, Image, Panel, Reading, Study
from pipelines.stages import Dossier, DuplicatesStage


class InThisProcess:
    """Stand for the workers, and note how many films were asked for at once."""

    def __init__(self) -> None:
        self.running = self.most = 0

    async def result_of(self, work: Callable[..., Any], *arguments: Any) -> Any:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        try:
            return work(*arguments)
        finally:
            self.running -= 1


class Bench:
    """Put films into a store as a crawl does, without the web."""

    def __init__(self, folder):
        self.store = Store(f"sqlite:///{folder / 'intake.sqlite'}")
        self.blobs = BlobStore(folder / "blobs")
        self.workers = InThisProcess()
        self.comparisons = Comparisons(self.store, self.blobs, self.workers)

    def candidate(self, source_id, data, panel=None, source="sirm", published="", **values):
        """Return a candidate of a case of its own, kept but not compared."""
        media = self.blobs.put(data)
        url = f"https://www.sirm.org/{source_id}"
        self.store.keep_fetched(f"{url}/film", media)
        case = Case(
            source=source, source_id=source_id, url=url, title="A film", published=published,
            studies=[Study(images=[Image(url=f"{url}/film", media=media)])],
        )  # fmt: skip
        row = dict.fromkeys(COLUMNS, "") | values
        evidence = [
            Evidence(field=field, value=value, quote="A film", block="title", start=0, end=6, rule="test")
            for field, value in values.items()
        ]
        made = Candidate(
            id=f"{source}-{source_id}-{panel.box[0] if panel else 'whole'}", source=source, source_id=source_id,
            case_url=url, image_url=f"{url}/film", sha256=media.sha256, panel=panel, row=row, evidence=evidence,
        )  # fmt: skip
        kept = [one for one in self.store.candidates_with_film(media.sha256) if one.source_id == source_id]
        self.store.take_in(case, [*kept, made], case.content_hash(), "1")
        return made

    def crawl(self, *candidates):
        """Compare the candidates' films in their order, and keep how they relate."""

        async def compared():
            for candidate in candidates:
                assert await self.comparisons.compare(film_key(candidate.sha256, candidate.panel)) == ""
                self.comparisons.keep_matches(candidate)

        asyncio.run(compared())

    def relations(self, candidate):
        """Return what a candidate's film is to others, by their ids or published names."""
        matches = self.store.candidate(candidate.id).matches
        return {match.candidate or f"published:{match.published}": match.relation for match in matches}

    def messages(self, candidate, kind):
        """Return what a person is told of a candidate, by field."""
        return {issue.field: issue.message for issue in self.store.candidate(candidate.id).issues if issue.kind == kind}


@pytest.fixture
def bench(tmp_path, migrated):
    shutil.copy(migrated, tmp_path)
    bench = Bench(tmp_path)
    yield bench
    bench.store.close()


@pytest.fixture(scope="session")
def figure(film):
    """Return a figure of two films side by side, with the box of each."""
    gutter = np.full((640, 24), 255, np.uint8)
    whole = np.hstack([film(11), gutter, film(12)])
    return whole, Panel(box=(0, 0, 720, 640), label="A"), Panel(box=(744, 0, 1464, 640), label="B")


def test_a_panel_is_compared_as_the_film_it_is(bench, figure, film, as_png, as_jpeg):
    whole, first, second = figure
    paper = [bench.candidate("paper", as_png(whole), panel) for panel in (first, second)]
    single = bench.candidate("single", as_jpeg(film(12)))
    bench.crawl(*paper, single)
    assert bench.relations(single) == {paper[1].id: "same image"}
    assert bench.relations(paper[0]) == {}, "two panels of one figure are not the same film, though of the same bytes"
    assert {film for film, _ in bench.store.fingerprints(FINGERPRINT_VERSION)} == {
        film_key(one.sha256, one.panel) for one in (*paper, single)
    }
    transform = bench.store.candidate(single.id).matches[0].transform
    assert transform["crop"] == pytest.approx([0, 0, 720, 640], abs=6), "in pixels of the panel"


def test_a_whole_figure_contains_what_another_source_shows_as_panels(bench, figure, as_png, as_jpeg):
    whole, first, _ = figure
    paper = bench.candidate("paper", as_png(whole), first)
    site = bench.candidate("site", as_jpeg(whole))
    bench.crawl(paper, site)
    assert bench.relations(site) == {paper.id: "contains"}


def test_the_same_panel_of_the_same_file_is_the_same_film(bench, figure, as_png):
    whole, first, second = figure
    papers = [
        bench.candidate(name, as_png(whole), panel) for name, panel in (("1", first), ("2", first), ("3", second))
    ]
    bench.crawl(*papers)
    assert bench.relations(papers[0]) == {papers[1].id: "same bytes"}
    assert bench.relations(papers[2]) == {}


def test_panels_that_a_person_cut_are_no_copies_of_their_figure(bench, figure, as_png):
    whole, first, _ = figure
    one = bench.candidate("paper", as_png(whole))
    cut = bench.candidate("paper", as_png(whole), first)
    bench.crawl(one, cut)
    assert bench.relations(one) == bench.relations(cut) == {}


def test_two_sources_that_date_one_film_differently_are_told_to_each_other(bench, film, as_png, as_jpeg):
    early = bench.candidate("34", as_png(film(21)), date="2020-03-04", offset="3", age="51", survival="Y", sex="F")
    late = bench.candidate("35", as_jpeg(film(21)), date="2020-03-10", offset="9", age="51.0", survival="N")
    bench.crawl(early, late)
    told = bench.messages(early, "contradiction")
    assert told.keys() == {"date", "offset", "survival"}
    assert told["date"] == f"the same film has date '2020-03-04' here and '2020-03-10' in {late.id} of {late.case_url}"
    assert bench.messages(late, "contradiction").keys() == told.keys()


def test_dates_that_may_be_one_day_do_not_contradict(bench, film, as_png, as_jpeg):
    one = bench.candidate("1", as_png(film(22)), date="March 4, 2020")
    two = bench.candidate("2", as_jpeg(film(22)), date="2020-03")
    three = bench.candidate("3", as_jpeg(film(22), quality=70), date="2020-03-04")
    bench.crawl(one, two, three)
    assert len(bench.relations(one)) == 2
    assert [bench.messages(each, "contradiction") for each in (one, two, three)] == [{}, {}, {}]


def test_follow_ups_are_not_held_against_each_other(bench, film, as_png):
    one = bench.candidate("1", as_png(film(23)), date="2020-03-04")
    other = bench.candidate("2", as_png(film(24)), date="2020-03-09")
    bench.crawl(one, other)
    assert bench.relations(one) == {}
    assert bench.store.candidate(one.id).issues == []


def test_the_issue_says_which_copy_is_better_and_why(bench, film, as_png, as_jpeg):
    whole = bench.candidate("whole", as_png(film(25)))
    crop = bench.candidate("crop", as_jpeg(np.ascontiguousarray(film(25)[60:-60, 80:-80])))
    bench.crawl(whole, crop)
    mine, theirs = (bench.messages(each, "possible duplicate")[""] for each in (whole, crop))
    assert mine == f"same image: {crop.id} of {crop.case_url}; this copy shows more of the film"
    assert theirs == f"same image: {whole.id} of {whole.case_url}; that copy shows more of the film"


def test_of_equal_copies_the_licensed_then_the_earlier_one_is_better(bench, film, as_png, as_jpeg):
    one = bench.candidate("1", as_png(film(26)), published="2020-05-01")
    earlier = bench.candidate("2", as_jpeg(film(26)), published="2020-03-01")
    licensed = bench.candidate("3", as_jpeg(film(26), quality=80), published="2021-01-01", license="CC BY 4.0")
    bench.crawl(one, earlier)
    assert bench.messages(one, "possible duplicate")[""].endswith("; that copy was published earlier")
    bench.crawl(licensed)
    assert bench.messages(licensed, "possible duplicate")[""].endswith("; this copy states a licence")


def test_a_mirrored_copy_is_said_to_be_mirrored(bench, film, as_png):
    one = bench.candidate("1", as_png(film(27)))
    other = bench.candidate("2", as_png(np.ascontiguousarray(film(27)[:, ::-1])))
    bench.crawl(one, other)
    assert bench.messages(one, "possible duplicate")[""].startswith(
        f"same image, mirrored left to right: {other.id} of "
    )


def test_films_of_an_older_version_are_fingerprinted_anew_while_a_crawl_goes_on(
    bench, figure, film, as_png, as_jpeg, caplog
):
    whole, first, second = figure
    old = [
        bench.candidate("old", as_png(film(31))),
        bench.candidate("paper", as_png(whole), first),
        bench.candidate("paper", as_png(whole), second),
    ]
    published = bench.blobs.put(as_png(film(32)))
    for candidate in old:
        bench.store.keep_fingerprint(film_key(candidate.sha256, candidate.panel), 0, b"of another algorithm")
    bench.store.keep_published("known.png", published.sha256, 0, b"of another algorithm")
    new = bench.candidate("new", as_jpeg(film(31)[20:, :]))
    again = bench.candidate("again", as_jpeg(film(32)))
    cut = bench.candidate("cut", as_jpeg(film(12)))

    async def crawled():
        for candidate in (new, again, cut):
            await bench.comparisons.compare(film_key(candidate.sha256))
            bench.comparisons.keep_matches(candidate)
        assert not bench.relations(new), "the crawl did not wait"
        await bench.comparisons._renewing

    with caplog.at_level(logging.INFO, "pipelines.comparisons"):
        asyncio.run(crawled())
    assert bench.relations(new) == {old[0].id: "same image"}
    assert bench.relations(again) == {"published:known.png": "same image"}
    assert bench.relations(cut) == {old[2].id: "same image"}
    kept = dict(bench.store.fingerprints(FINGERPRINT_VERSION))
    assert kept.keys() >= {film_key(one.sha256, one.panel) for one in (*old, new, again, cut)}
    assert all(Fingerprint.from_bytes(stored) for stored in kept.values()), "none of another version among them"
    assert [name for name, _, stored in bench.store.published(FINGERPRINT_VERSION) if stored] == ["known.png"]
    assert bench.store.published(0) == []
    assert bench.workers.most <= 2, "the crawl's own film, and one of the older ones at a time"
    assert "films to fingerprint, of an older version until now or cut by hand: 4" in caplog.text
    assert "4 of 4 films fingerprinted" in caplog.text


def test_a_crawl_cut_short_leaves_the_rest_to_the_next(bench, film, as_png):
    for seed in (33, 34):
        bench.store.keep_fingerprint(bench.candidate(str(seed), as_png(film(seed))).sha256, 0, b"old")
    new = bench.candidate("new", as_png(film(35)))

    async def cut_short():
        await bench.comparisons.compare(new.sha256)
        bench.comparisons.close()

    asyncio.run(cut_short())
    assert len(dict(bench.store.fingerprints(FINGERPRINT_VERSION))) < 3
    done = []
    asyncio.run(Comparisons(bench.store, bench.blobs, bench.workers).renew(lambda *step: done.append(step)))
    assert len(dict(bench.store.fingerprints(FINGERPRINT_VERSION))) == 3
    assert done[-1][0] == done[-1][1]


def test_a_panel_that_a_person_cut_is_compared_when_the_next_crawl_begins(bench, figure, film, as_png, as_jpeg):
    whole, first, second = figure
    paper, twin = bench.candidate("paper", as_png(whole)), bench.candidate("twin", as_jpeg(film(12)))
    bench.crawl(paper, twin)
    boxes = [panel.model_dump(mode="json") for panel in (first, second)]
    split = Decision(
        candidate=paper.id, action="split", by="Ada", at=datetime.now(UTC), revision=0, detail={"panels": boxes}
    )
    bench.store.record(split)
    asyncio.run(Comparisons(bench.store, bench.blobs, bench.workers).renew())
    cut = next(one for one in bench.store.of_case("sirm", "paper") if one.panel and one.panel.box == second.box)
    assert bench.relations(cut) == {twin.id: "same image"}


def test_nothing_is_fingerprinted_anew_twice_nor_without_its_film(bench, film, as_png):
    black = bench.candidate("black", as_png(np.zeros((300, 300), np.uint8)))
    bench.store.keep_fingerprint(black.sha256, 0, b"old")
    bench.store.keep_fingerprint("0" * 64, 0, b"old")
    steps = []
    asyncio.run(bench.comparisons.renew(lambda *step: steps.append(step)))
    asyncio.run(bench.comparisons.renew(lambda *step: steps.append(step)))
    assert steps == [(1, 1)]


def test_the_known_films_go_by_the_names_that_people_know_them_by(bench, figure, film, as_png):
    whole, first, _ = figure
    panel, single = bench.candidate("paper", as_png(whole), first), bench.candidate("1", as_png(film(13)))
    bench.crawl(panel, single)
    fingerprint = dict(bench.store.fingerprints(FINGERPRINT_VERSION))[single.sha256]
    bench.store.keep_published("a.png", single.sha256, FINGERPRINT_VERSION, fingerprint)
    files = {file.name: file for file, _ in bench.comparisons.films()}
    assert files.keys() == {"published:a.png", f"candidate:{single.id}", f"candidate:{panel.id}"}
    assert files[f"candidate:{panel.id}"].box == first.box


def test_a_panel_that_shows_no_film_is_said_to_show_none(bench, film, as_png):
    pixels = np.hstack([film(14), np.full((640, 700), 255, np.uint8)])
    media = bench.blobs.put(as_png(pixels))
    panels = [Panel(box=(0, 0, 720, 640)), Panel(box=(720, 0, 1420, 640))]
    image = Image(url="https://x/figure.png", media=media, figure=Figure(panels=panels))
    case = Case(source="papers", source_id="1", url="https://x/1", studies=[Study(images=[image])])
    dossier = Dossier(case, case.content_hash(), [Reading(study=0, image=0, panel=number) for number in range(2)])
    stage = DuplicatesStage(get_crawler())
    stage.desk = bench
    asyncio.run(stage.work(dossier))
    assert [[issue.kind for issue in reading.issues] for reading in dossier.readings] == [[], ["not a film"]]
    assert dict(bench.store.fingerprints(FINGERPRINT_VERSION)).keys() == {film_key(media.sha256, panels[0])}
