"""The replayed Radiopaedia: listing, case pages in five layouts, both image routes, the image host, the mirror host."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from crawlers.replay.image_files import ImageFile, served, size_of
from crawlers.replay.site import Site, SiteRequest, SiteResponse, json_answer, page, redirect, robots
from crawlers.replay.world import ERAS, Era, Frame, RadiopaediaCase, RadiopaediaStudy, World

CARDS_PER_PAGE = 20
IMAGES = "https://prod-images-static.radiopaedia.org/images"
NO_IMAGE = "https://prod-assets-static.radiopaedia.org/assets/video-placeholder.png"
CHALLENGE_PATH = "/cases/covid-19-pneumonia-behind-a-challenge"
SIGN_IN_PATH = "/cases/covid-19-pneumonia-not-yet-published"
NOT_FOR_ROBOTS_PATH = "/cases/not-for-robots"  # robots.txt forbids it, and it would answer all the same
EVIDENCE: dict[Era, str] = {
    "2026": "public clients of 2026 (study ids in [id^=study-], images by annotated_viewer_json)",
    "2024": "public clients of June 2024 (a.view-fullscreen-link, var stackedImages)",
    "2023": "a public Scrapy project's change of December 2023 (main-study-desc carries the id)",
    "2017": "a page fragment of March 2020 and public clients of 2017 to March 2023 (data-study-id, stacks)",
    "2015": "public clients of 2015 (jcarousel, ul.stack); the markup around the images is assumed",
}
# Words that differ between lang=us, in which the world is written, and lang=gb.
BRITISH = {
    "localiz": "localis", "hospitaliz": "hospitalis", "hemorrhag": "haemorrhag", "edema": "oedema",
    "esophag": "oesophag", "center": "centre", "anemi": "anaemi", "diarrhea": "diarrhoea",
    "pediatric": "paediatric", "leukemi": "leukaemi", "dyspnea": "dyspnoea",
}  # fmt: skip
_REDUCED_WIDTHS = {
    "thumb": 80, "tiny": 40, "small": 200, "medium": 320, "gallery": 480, "big_gallery": 630, "jumbo": 800,
}  # fmt: skip
_IMAGE_PATH = re.compile(r"^/images/(?P<id>\d+)/(?P<name>[^/]+)$")
_REDUCED_NAME = re.compile(rf"^(?P<stem>.+)_(?P<size>{'|'.join(_REDUCED_WIDTHS)})\.jpe?g$", re.IGNORECASE)
_CASE_PATH = re.compile(r"^/cases/(?P<case>[^/]+)(?:/(?P<part>discussion|studies/(?P<study>\d+)))?$")
_STUDY_PATH = re.compile(r"^/studies/(?P<study>\d+)/(?P<route>stacks|annotated_viewer_json)$")


def sites(world: World) -> list[Site]:
    """Return the site with its mirror, and its image host."""
    replayed = _Radiopaedia(world.radiopaedia)
    listing = "https://radiopaedia.org/search?lang=us&modality=X-ray&page=1&scope=cases&sort=date_of_publication"
    entrances = (
        ("Search, X-ray cases", listing),
        *((f"A case in the layout of {era}", case.url) for era, case in replayed.first_of_each_era().items()),
    )
    return [
        Site(
            "Radiopaedia",
            ("radiopaedia.org", "images.radiopaedia.org"),
            replayed.answer,
            entrances,
            len(world.radiopaedia),
        ),
        Site("Radiopaedia images", ("prod-images-static.radiopaedia.org",), replayed.image),
    ]


def image_url(frame: Frame) -> str:
    """Return where the original upload of a frame lies."""
    return f"{IMAGES}/{frame.id}/{frame.file.name}"


class _Radiopaedia:
    def __init__(self, cases: Sequence[RadiopaediaCase]) -> None:
        self.cases = sorted(cases, key=lambda case: _day_of(case.published), reverse=True)
        self.by_name = {name: case for case in cases for name in (case.slug, str(case.rid))}
        self.by_name |= {NOT_FOR_ROBOTS_PATH.rpartition("/")[2]: case for case in cases[:1]}
        self.studies = {str(study.id): (case, study) for case in cases for study in case.studies}
        self.frames = {str(frame.id): frame for _, study in self.studies.values() for frame in study.frames}

    def first_of_each_era(self) -> dict[Era, RadiopaediaCase]:
        first = {case.era: case for case in reversed(self.cases)}
        return {era: first[era] for era in ERAS if era in first}

    def answer(self, request: SiteRequest) -> SiteResponse | None:
        if request.path == "/robots.txt":
            return robots("Disallow: /play/", "Disallow: /search/advanced", f"Disallow: {NOT_FOR_ROBOTS_PATH}")
        if request.path in ("/search", "/cases", "/cases/"):
            return self._listing(request)
        if request.path in ("/users/sign_in", SIGN_IN_PATH):
            at_sign_in = request.path == "/users/sign_in"
            return (
                page("radiopaedia/sign_in.html")
                if at_sign_in
                else redirect(f"https://{request.host}/users/sign_in", 302)
            )
        if request.path == CHALLENGE_PATH:
            return page("radiopaedia/challenge.html")
        if match := _STUDY_PATH.match(request.path):
            return self._study_json(match["study"], match["route"])
        if match := _CASE_PATH.match(request.path):
            return self._case(request, match)
        return None

    def image(self, request: SiteRequest) -> SiteResponse | None:
        """Answer for the image host: originals, and reduced copies under a suffix."""
        if request.path == "/robots.txt":
            return robots("Disallow:")
        match = _IMAGE_PATH.match(request.path)
        frame = self.frames.get(match["id"]) if match else None
        if match is None or frame is None:
            return None
        if match["name"] == frame.file.name:
            return served(frame.file, request.films_cache)
        reduced = _REDUCED_NAME.match(match["name"])
        if reduced and reduced["stem"] == frame.file.name.rpartition(".")[0]:
            copy = ImageFile(match["name"], frame.file.film)
            return served(copy, request.films_cache, _REDUCED_WIDTHS[reduced["size"].lower()])
        return None

    def _listing(self, request: SiteRequest) -> SiteResponse:
        modality, words = request.value("modality"), request.value("q").lower().replace("+", " ").split()
        found = [
            case
            for case in self.cases
            if (not modality or modality in case.modalities) and all(word in _words_of(case) for word in words)
        ]
        if request.value("sort") == "title":
            found.sort(key=lambda case: case.title)
        cards = [card for case in found for card in _cards_of(case)]
        number = int(request.value("page", "1")) if request.value("page", "1").isdigit() else 1
        kept = {name: values[0] for name, values in request.query.items() if name != "page"}
        return page(
            "radiopaedia/listing.html",
            cards=cards[(number - 1) * CARDS_PER_PAGE : number * CARDS_PER_PAGE],
            found=len(cards),
            number=number,
            last=max(1, -(-len(cards) // CARDS_PER_PAGE)),
            link=lambda n: f"{request.path}?{urlencode({**kept, 'page': n})}",
        )

    def _case(self, request: SiteRequest, match: re.Match[str]) -> SiteResponse | None:
        case = self.by_name.get(match["case"])
        if case is None:
            return None
        if match["study"]:
            study = self.studies.get(match["study"])
            if study is None or study[0] is not case or case.era != "2024":
                return None
            return page("radiopaedia/study.html", case=case, study=study[1], stacks=_stacks_of(case, study[1]))
        if match["part"] == "discussion":
            answer = page("radiopaedia/discussion.html", case=case, evidence=EVIDENCE[case.era])
        else:
            answer = page(
                "radiopaedia/case.html", case=case, evidence=EVIDENCE[case.era], image_url=image_url, size_of=size_of,
                surname=case.author.rpartition(" ")[2],
            )  # fmt: skip
        return _in_british(answer) if request.value("lang") == "gb" else answer

    def _study_json(self, study_id: str, route: str) -> SiteResponse | None:
        """Answer each study by the one route that its layout's clients used."""
        case, study = self.studies.get(study_id, (None, None))
        if case is None or study is None or (route == "stacks") == (case.era == "2026") or case.era == "2015":
            return None
        return json_answer(_stacks_of(case, study) if route == "stacks" else {"study": _viewed(case, study)})


def _cards_of(case: RadiopaediaCase) -> list[dict[str, Any]]:
    first = next((frame for study in case.studies for frame in study.frames), None)
    image = None if case.card_image == "none" or first is None else f"{_stem_url(first)}_thumb.jpeg"
    card = {"case": case, "href": f"/cases/{case.slug}?{case.card_query}"}
    card["image"] = NO_IMAGE if case.card_image == "video" else image
    if not case.listed_by_rid:
        return [card]
    return [card, {**card, "href": f"/cases/{case.rid}?lang=us"}]


def _stacks_of(case: RadiopaediaCase, study: RadiopaediaStudy) -> list[dict[str, Any]]:
    """Return the answer of /studies/<id>/stacks: one stack, its images not in the order of `position`."""
    images = [_image_of(case, frame, position) for position, frame in enumerate(study.frames, 1)]
    return [{"modality": study.modality or "", "images": images[::-1]}] if images else []


def _image_of(case: RadiopaediaCase, frame: Frame, position: int) -> dict[str, Any]:
    width, height = size_of(frame.file)
    image: dict[str, Any] = {
        "id": frame.id,
        "fullscreen_filename": f"{_stem_url(frame)}_big_gallery.jpeg",
        "public_filename": image_url(frame),
        "plane_projection": frame.projection,
        "aux_modality": None,
        "position": position,
        "content_type": frame.file.content_type,
        "width": width,
        "height": height,
        "show_feature": False,
        "show_pin": False,
        "show_case_key_image": position == 1,
        "show_stack_key_image": position == 1,
        "download_image_url": f"/images/{frame.id}/download?layout=false",
    }
    # Objects saved about 2021 lack this key; later ones have it.
    return image if case.era == "2017" else {**image, "crop_pending": False}


def _viewed(case: RadiopaediaCase, study: RadiopaediaStudy) -> dict[str, Any]:
    """Return the study of /studies/<id>/annotated_viewer_json: one series for each projection."""
    return {
        "id": study.id,
        "case_id": case.rid,
        "case_title": case.title,
        "modality": study.modality,
        "caption": study.caption,
        "findings": "".join(f"<p>{text}</p>" for text in study.findings),
        "case_key_image_id": study.frames[0].id if study.frames else None,
        "series": [
            _series(study, number, [frame for frame in study.frames if frame.projection == projection])
            for number, projection in enumerate(dict.fromkeys(frame.projection for frame in study.frames), 1)
        ],
    }


def _series(study: RadiopaediaStudy, number: int, frames: list[Frame]) -> dict[str, Any]:
    files = [
        {"original": frame.file.name, **{size: _reduced_name(frame, size) for size in ("gallery", "small", "thumb")}}
        for frame in frames
    ]
    series: dict[str, Any] = {
        "series_id": study.id * 10 + number,
        "stack_root_id": study.id * 10,
        "perspective": frames[0].projection,
        "specifics": None,
        "content_type": frames[0].file.content_type,
        "frames": [
            {"id": frame.id, "width": size[0], "height": size[1], "current": frame is frames[0]}
            for frame in frames
            for size in (size_of(frame.file),)
        ],
        "annotations": [],
    }
    if study.encodings == "missing":
        return series
    return {**series, "encodings": {"thumbnailed_files": files[: -1 if study.encodings == "shorter" else None]}}


def _stem_url(frame: Frame) -> str:
    return image_url(frame).rpartition(".")[0]


def _reduced_name(frame: Frame, size: str) -> str:
    return f"{frame.file.name.rpartition('.')[0]}_{size}.jpeg"


def _words_of(case: RadiopaediaCase) -> str:
    return " ".join((case.title, case.tags, case.linked_articles, *case.presentation, *case.discussion)).lower()


def _day_of(published: str) -> datetime:
    if not published:
        return datetime.min
    return datetime.strptime(re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", published), "%d %b %Y")


def _in_british(answer: SiteResponse) -> SiteResponse:
    text = answer.body.decode()
    for american, british in BRITISH.items():
        text = text.replace(american, british)
    return SiteResponse(text.encode(), answer.status, answer.content_type, answer.headers)
