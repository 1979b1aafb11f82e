"""The replayed sites, crawled by plain HTTP: what a spider may rely on, and the traps it must not fall into."""

import io
import json
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

import httpx2 as httpx
import parsel
import pytest
from PIL import Image

from crawlers.replay import figure1, radiopaedia, sirm
from crawlers.replay.expected import ExpectedFilm, expected
from crawlers.replay.traps import TRAPS
from crawlers.replay.world import ERAS, World

LISTING = "https://radiopaedia.org/search?lang=us&page=1&scope=cases&sort=date_of_publication"
# The traps that the evidence lists for fixtures, in its words.
LISTED_TRAPS = {
    "banner above title", "bare h1 = author", "NBSP in certainty", "empty modality", "missing modality",
    "empty caption", "missing findings", "findings as ul", "Annotated image", "Diagram", "Photo", "multi-patient page",
    "CT-only case", "junk query", "gb spelling", "mirror host", "slug vs rID", *(f"study id: {era}" for era in ERAS),
    "lazy data: images", "CSS upper-casing of labels", "label/value with no whitespace", "e-mails in affiliations",
    "decimal comma", "dot thousands", "PCR/PRC", "d/m dates without year", "several temperatures",
    "challenge page with HTTP 200", "sign-in redirect", "pagination disabled", "same case on two URLs",
    "licence missing", "licence odd",
}  # fmt: skip


def fetched(web: httpx.Client, url: str, **headers: str) -> httpx.Response:
    return web.get(f"/{url.removeprefix('https://')}", headers=headers)


def page_at(web: httpx.Client, url: str) -> parsel.Selector:
    answer = fetched(web, url)
    assert answer.status_code == 200, url
    return parsel.Selector(answer.text)


def listing_pages(web: httpx.Client, url: str | None, next_link: str) -> list[parsel.Selector]:
    pages = []
    while url:
        pages.append(page_at(web, url))
        following = pages[-1].css(f"{next_link}::attr(href)").get()
        url = urljoin(url, following) if following else None
    return pages


def test_radiopaedia_lists_every_case_over_four_pages(web: httpx.Client, world: World) -> None:
    pages = listing_pages(web, LISTING, "a.next_page[rel=next]")
    cards = [page.css("a.search-result.search-result-case::attr(href)").getall() for page in pages]
    assert [len(links) for links in cards] == [20, 20, 20, 11]
    named = {link.partition("?")[0].rpartition("/")[2] for links in cards for link in links}
    assert named == {case.slug for case in world.radiopaedia} | {"97033"}
    assert pages[0].css(".search-results-count::text").get() == "71 results found"


def test_radiopaedia_finds_by_modality_and_by_words(web: httpx.Client, world: World) -> None:
    by_modality = listing_pages(web, f"{LISTING}&modality=X-ray", "a.next_page[rel=next]")
    words = Counter(
        word for page in by_modality for word in page.css(".search-result-modalities").xpath("string()").getall()
    )
    assert all("X-ray" in word for word in words)
    assert not page_at(web, f"{LISTING}&modality=x-ray").css("a.search-result")
    assert len(page_at(web, f"{LISTING}&q=Legionella").css("a.search-result")) == 1


def test_every_layout_era_is_met_on_the_way_from_the_listing(web: httpx.Client, world: World) -> None:
    carriers = {
        "2026": "[id^='study-']",
        "2024": "a.view-fullscreen-link[href*='/studies/']",
        "2023": "div.main-study-desc[id]",
        "2017": "div.case-study[data-study-id][data-study-stacks-url]",
        "2015": "#case-images ul.stack img",
    }
    met: Counter[str] = Counter()
    for case in world.radiopaedia:
        page = page_at(web, f"{case.url}?lang=us")
        carried = [era for era, carrier in carriers.items() if page.css(carrier)]
        assert carried == [case.era], case.url
        met[case.era] += 1
    assert set(met) == set(ERAS)
    assert min(met.values()) >= 2


def test_stacks_have_the_shape_of_the_captured_objects(web: httpx.Client, shared: Path) -> None:
    captured = json.loads((shared / "evidence/pages/radiopaedia/stacks_image_objects_real.json").read_text())
    with_crop, without_crop = set(captured[0]), set(captured[2])
    for study, keys in (("970851", with_crop), ("756011", without_crop)):
        stacks = fetched(web, f"https://radiopaedia.org/studies/{study}/stacks?lang=us").json()
        assert set(stacks[0]) == {"modality", "images"}
        assert all(set(image) == keys for image in stacks[0]["images"])
    kinds = {key: {type(image.get(key)) for image in captured} for key in with_crop}
    served = fetched(web, "https://radiopaedia.org/studies/970851/stacks").json()[0]["images"][0]
    assert {key for key, value in served.items() if type(value) not in kinds[key]} == {"aux_modality"}


def test_images_of_a_stack_stand_out_of_order(web: httpx.Client) -> None:
    images = fetched(web, "https://radiopaedia.org/studies/756011/stacks").json()[0]["images"]
    assert [image["position"] for image in images] == [2, 1]
    assert [image["plane_projection"] for image in images] == ["Lateral", "Frontal"]


def test_the_annotated_viewer_names_every_image(web: httpx.Client) -> None:
    study = fetched(web, "https://radiopaedia.org/studies/1757801/annotated_viewer_json?lang=us").json()["study"]
    assert [series["perspective"] for series in study["series"]] == ["Frontal", "Lateral"]
    for series in study["series"]:
        frame, files = series["frames"][0], series["encodings"]["thumbnailed_files"][0]
        assert fetched(web, f"{radiopaedia.IMAGES}/{frame['id']}/{files['original']}").status_code == 200


def test_each_study_answers_by_the_one_route_of_its_era(web: httpx.Client, world: World) -> None:
    for case in world.radiopaedia:
        routes = {
            route: fetched(web, f"https://radiopaedia.org/studies/{case.studies[0].id}/{route}").status_code
            for route in ("stacks", "annotated_viewer_json")
        }
        answering = {route for route, status in routes.items() if status == 200}
        expected_route = {"2026": {"annotated_viewer_json"}, "2015": set()}.get(case.era, {"stacks"})
        assert answering == expected_route, case.url


def test_a_study_page_of_2024_holds_the_stacks(web: httpx.Client) -> None:
    study = fetched(web, "https://radiopaedia.org/cases/97085/studies/970851?lang=us").text
    held = re.search(r"var stackedImages = (\[.*\]);", study)
    assert held
    assert json.loads(held[1]) == fetched(web, "https://radiopaedia.org/studies/970851/stacks").json()


def test_slug_rid_and_mirror_show_one_page(web: httpx.Client) -> None:
    urls = (
        "radiopaedia.org/cases/75601",
        "radiopaedia.org/cases/covid-19-pneumonia-601",
        "images.radiopaedia.org/cases/75601",
    )
    assert len({fetched(web, f"https://{url}?embed_domain=x&lang=us").content for url in urls}) == 1


def test_sirm_lists_25_posts_in_two_themes(web: httpx.Client, world: World) -> None:
    pages = listing_pages(web, f"https://www.sirm.org{sirm.CATEGORY}", "a.next.page-numbers")
    links = [link for page in pages for link in page.css("main h2 a::attr(href)").getall()]
    assert links == [post.url for post in sorted(world.sirm, key=lambda post: post.path, reverse=True)]
    assert [len(page.css("main h2 a")) for page in pages] == [10, 10, 5]
    themes = [bool(page_at(web, link).css(".entry-content")) for link in links]
    assert (sum(themes), len(themes)) == (13, 25)


def test_the_print_view_holds_whole_posts(web: httpx.Client, world: World) -> None:
    printed = page_at(web, f"https://www.sirm.org{sirm.CATEGORY}?print=print-search")
    whole = printed.xpath("string()").get("")
    newest = sorted(world.sirm, key=lambda post: post.path)[-10:]
    assert all(part in whole for post in newest for part in post.body if isinstance(part, str))


def test_a_derivative_is_smaller_than_its_full_size(web: httpx.Client, world: World) -> None:
    post = next(post for post in world.sirm if post.path.endswith("covid19-caso-2/"))
    reduced = f"https://www.sirm.org{sirm.reduced_path(post, post.files[0], 300)}"
    assert reduced.endswith("-300x200.jpeg")
    full = f"https://www.sirm.org{sirm.upload_path(post, post.files[0])}"
    sizes = [Image.open(io.BytesIO(fetched(web, url).content)).size for url in (reduced, full)]
    assert sizes == [(300, 200), (1500, 1000)]
    assert reduced in fetched(web, post.url).text


def test_figure1_redirects_old_links_to_the_public_case(web: httpx.Client, world: World) -> None:
    case = world.figure1[0]
    for old in (f"https://app.figure1.com/images/{case.id}", f"https://app.figure1.com/rd/images/{case.id}"):
        answer = fetched(web, old)
        assert (answer.status_code, answer.headers["Location"]) == (301, case.url)
    assert case.caption in page_at(web, case.url).css(".case-caption p::text").get("")


def test_the_collection_opens_to_a_bearer_token_only(web: httpx.Client, world: World) -> None:
    url = f"https://api.figure1.com/collections/{figure1.COLLECTION}"
    assert [fetched(web, url, **headers).status_code for headers in ({}, {"Authorization": "Basic eA=="})] == [401, 401]
    collection = fetched(web, url, Authorization="Bearer any").json()
    listed = [case.id for case in world.figure1 if not case.wall]
    assert [item["_id"] for item in collection["_embedded"]["items"]] == listed
    assert len(listed) == collection["size"] == 12


def test_walled_cases_ask_for_a_sign_in(web: httpx.Client, world: World) -> None:
    walled = {case.wall: case for case in world.figure1 if case.wall}
    assert fetched(web, walled["redirect"].url).headers["Location"].startswith("https://pro.figure1.com/login")
    assert "Sign in" in fetched(web, walled["in place"].url).text


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_the_trap_is_set(web: httpx.Client, trap: object) -> None:
    answer = fetched(web, trap.url)
    assert answer.status_code == trap.status
    assert re.search(trap.sign, answer.content, re.DOTALL)


def test_every_trap_of_the_evidence_is_set() -> None:
    assert {trap.name for trap in TRAPS} >= LISTED_TRAPS


def test_no_listing_leads_to_a_trap_that_ends_a_run(web: httpx.Client, world: World) -> None:
    ending = {trap.url.partition("?")[0].rpartition("/")[2] for trap in TRAPS if trap.ends_run}
    ending |= {name for case in world.figure1 if case.wall for name in (case.id, case.uuid)}
    pages = listing_pages(web, LISTING, "a.next_page[rel=next]")
    pages += listing_pages(web, f"https://www.sirm.org{sirm.CATEGORY}", "a.next.page-numbers")
    links = {link for page in pages for link in page.css("a::attr(href)").getall()}
    assert not [link for link in links if link.partition("?")[0].rpartition("/")[2] in ending - {figure1.COLLECTION}]


def test_robots_allow_what_is_crawled_and_forbid_something(web: httpx.Client, world: World) -> None:
    def rules(host: str) -> RobotFileParser:
        parser = RobotFileParser()
        parser.parse(fetched(web, f"https://{host}/robots.txt").text.splitlines())
        return parser

    truth = expected(world)
    urls = [case.url for case in truth.cases if case.source != "papers"]
    urls += [film.image_url for case in truth.cases for film in case.films]
    hosts = {url.split("/")[2] for url in urls}
    by_host = {host: rules(host) for host in hosts}
    assert all(by_host[url.split("/")[2]].can_fetch("any", url) for url in urls)
    forbidden = f"https://radiopaedia.org{radiopaedia.NOT_FOR_ROBOTS_PATH}"
    assert fetched(web, forbidden).status_code == 200
    assert not by_host["radiopaedia.org"].can_fetch("any", forbidden)
    assert not by_host["www.sirm.org"].can_fetch("any", "https://www.sirm.org/wp-admin/")
    assert "Crawl-delay: 0.2" in fetched(web, "https://pro.figure1.com/robots.txt").text


def test_every_page_says_that_it_is_reconstructed_and_after_what(web: httpx.Client, world: World) -> None:
    urls = [
        LISTING,
        f"https://www.sirm.org{sirm.CATEGORY}",
        *(case.url for case in expected(world).cases if case.source != "papers"),
    ]
    for url in urls:
        text = fetched(web, url).text
        if text:
            assert "reconstructed page" in text.lower(), url
            assert "Structure follows" in text, url


def test_what_the_page_states_as_a_field_stands_on_it(web: httpx.Client, world: World) -> None:
    for case in expected(world).of("radiopaedia"):
        page = fetched(web, case.url).text
        for film in case.films:
            if age := film.stated.get("age"):
                assert age in page, case.url
            assert film.stated.get("doi", "") in page


def test_pairs_hold_the_same_bytes_a_copy_a_crop_and_a_follow_up(web: httpx.Client, world: World) -> None:
    pairs = expected(world).pairs
    same_bytes = [pair for pair in pairs if pair[2] == "same bytes"]
    assert [[url.split("/")[2] for url in pair[:2]] for pair in same_bytes] == [
        ["prod-images-static.radiopaedia.org", "images.figure1.com"]
    ]
    assert len({fetched(web, url).content for url in same_bytes[0][:2]}) == 1
    hosts = {frozenset(url.split("/")[2] for url in pair[:2]) for pair in pairs if pair[2] == "same image"}
    assert frozenset({"prod-images-static.radiopaedia.org", "www.sirm.org"}) in hosts  # PNG and JPEG
    assert frozenset({"www.sirm.org", "images.figure1.com"}) in hosts  # whole and cropped
    assert any("pmc-oa-opendata.s3.amazonaws.com" in pair for pair in hosts)
    assert sum(pair[2] == "same patient, other film" for pair in pairs) >= 10


def test_a_crawl_fetches_a_sane_amount_of_film(world: World) -> None:
    films = [film for case in expected(world).cases if case.listed for film in case.films if film.is_film]
    sizes = [film.file.film.width * film.file.film.height for film in films]
    assert len(films) <= 150
    assert sum(sizes) <= 170e6
    assert 4 <= sum(size > 3e6 for size in sizes) + 2 <= 10
    assert max(sizes) <= 6e6


def _sample(world: World) -> list[ExpectedFilm]:
    """Return one film of each way of encoding, as making all takes a minute."""
    films = [film for case in expected(world).cases for film in case.films if not film.file.damage]
    kinds = {
        (film.file.film.format, film.file.film.bits, film.file.film.kind, film.image_url.split("/")[2]): film
        for film in films
    }
    return list(kinds.values())


def test_films_answer_with_what_their_spec_says(web: httpx.Client, world: World) -> None:
    for film in _sample(world):
        image = Image.open(io.BytesIO(fetched(web, film.image_url).content))
        assert (image.format or "").lower() == film.file.film.format, film.image_url
        assert image.mode.startswith("I;16") == (film.file.film.bits == 16)
