"""Every trap that the evidence warns of, and where the generated world sets it.

A trap is proved by its sign, a pattern in the bytes that its URL answers with. Those that end a run (`ends_run`) lie
where no listing leads, so that a nightly run passes them by.
"""

from dataclasses import dataclass

from crawlers.replay import figure1, radiopaedia, sirm

_LISTING = "https://radiopaedia.org/search?lang=us&scope=cases&sort=date_of_publication"
_CASE = "https://radiopaedia.org/cases"
_IMAGE = radiopaedia.IMAGES
_POST = "https://www.sirm.org/2020"
_UPLOAD = "https://www.sirm.org/wp-content/uploads/2020"


@dataclass(frozen=True)
class Trap:
    """Name a trap, the real URL that shows it, and the pattern of bytes that proves it."""

    name: str
    url: str
    sign: bytes
    status: int = 200
    ends_run: bool = False


TRAPS = (
    # Radiopaedia: listing
    Trap("NBSP in certainty", f"{_LISTING}&page=1", rb"certainty\">(&nbsp;|\xc2\xa0)Diagnosis"),
    Trap(
        "certainty absent",
        f"{_LISTING}&q=pregnancy",
        rb"Published [^<]+</div>\s*<div class=\"search-result-completeness",
    ),
    Trap("empty modality", f"{_LISTING}&q=collapsed", rb"modalities\"><span></span>"),
    Trap("card without a picture", f"{_LISTING}&q=smoker", rb"thumbnail\"></div>"),
    Trap("card with a video placeholder", f"{_LISTING}&q=pneumomediastinum", rb"prod-assets-static"),
    Trap("CT-only card", f"{_LISTING}&q=crazy+paving", rb"modalities\"><span>CT</span></div>"),
    Trap("junk query", f"{_LISTING}&q=edema", rb"href=\"/cases/[\w-]+\?embed_domain="),
    Trap("same case on two URLs", f"{_LISTING}&q=COVID-19&page=2", rb"href=\"/cases/97033\?lang=us\""),
    Trap("pagination disabled", f"{_LISTING}&page=4", rb"<a class=\"next_page disabled\">"),
    Trap("no results", f"{_LISTING}&q=gallstone", rb"No results were found with these refinement filters applied"),
    # Radiopaedia: case pages
    Trap("banner above title", f"{_CASE}/75601", rb"<h1>IMPORTANT[^<]+</h1>[\s\S]+header-title"),
    Trap("bare h1 = author", f"{_CASE}/175801", rb"<h1>Dr Ines Calloway</h1>[\s\S]+header-title"),
    Trap("missing modality", f"{_CASE}/97060", rb"<h2></h2></div>\s*<div class=\"sub-section"),
    Trap("empty caption", f"{_CASE}/75601", rb"study-desc\"><h2></h2>"),
    Trap("missing findings", f"{_CASE}/175702", rb"study-modality\"><span>X-ray</span></div>\s*</div>"),
    Trap("findings as ul", f"{_CASE}/97071", rb"study-findings body\"><ul><li>"),
    Trap("Annotated image", f"{_CASE}/175740", rb"<span>Annotated image</span>"),
    Trap("Diagram", f"{_CASE}/175731", rb"<span>Diagram</span>"),
    Trap("Photo", f"{_CASE}/175731", rb"<span>Photo</span>"),
    Trap("multi-patient page", f"{_CASE}/175722", rb"A few more cases"),
    Trap("CT-only case", f"{_CASE}/75444", rb"study-modality\"><span>CT</span>"),
    Trap("gb spelling", f"{_CASE}/35985?lang=gb", rb"localising"),
    Trap("mirror host", "https://images.radiopaedia.org/cases/35985", rb"Left lower lobe pneumonia"),
    Trap(
        "slug vs rID", f"{_CASE}/75601", rb"canonical\" href=\"https://radiopaedia.org/cases/covid-19-pneumonia-601\""
    ),
    Trap("study id: 2026", f"{_CASE}/175801", rb"id=\"study-1758011\""),
    Trap("study id: 2024", f"{_CASE}/97085", rb"view-fullscreen-link\" href=\"/cases/97085/studies/970851\?lang=us\""),
    Trap("study id: 2023", f"{_CASE}/96401", rb"main-study-desc\" id=\"main-study-desc-964011\""),
    Trap(
        "study id: 2017", f"{_CASE}/75601", rb"data-study-id=\"756011\" data-study-stacks-url=\"/studies/756011/stacks"
    ),
    Trap("study id: 2015", f"{_CASE}/33257", rb"<ul class=\"stack\">"),
    Trap("images not in page", f"{_CASE}/97085", rb"Loading images\.\.\."),
    Trap("discussion on its own page", f"{_CASE}/175608/discussion", rb"case-discussion"),
    Trap("CSS upper-casing of labels", f"{_CASE}/33257", rb"text-transform: uppercase"),
    Trap("label/value with no whitespace", f"{_CASE}/97041", rb"<strong>Age:</strong>46 years"),
    Trap("licence missing", f"{_CASE}/96972", rb"canonical[^>]+>(?![\s\S]*rel=\"license\")"),
    Trap("licence odd", f"{_CASE}/96981", rb"rel=\"license\" href=\"https://creativecommons.org/licenses/by/4.0/\""),
    Trap("age as a decade", f"{_CASE}/175683", rb"Age:</strong> 60s"),
    Trap("age in months", f"{_CASE}/75561", rb"Age:</strong> 8 months"),
    Trap("no patient data", f"{_CASE}/96380", rb"presentation(?![\s\S]*case-patient-data)"),
    Trap("ordinal in date", f"{_CASE}/75531", rb"18th Aug 2020"),
    Trap(
        "challenge page with HTTP 200",
        f"https://radiopaedia.org{radiopaedia.CHALLENGE_PATH}",
        rb"captcha",
        ends_run=True,
    ),
    Trap("sign-in redirect", f"https://radiopaedia.org{radiopaedia.SIGN_IN_PATH}", rb"", 302, ends_run=True),
    # Radiopaedia: images
    Trap(
        "images out of order",
        "https://radiopaedia.org/studies/756011/stacks",
        rb"\"position\": 2[\s\S]+\"position\": 1",
    ),
    Trap(
        "encodings missing",
        "https://radiopaedia.org/studies/1756831/annotated_viewer_json",
        rb"\A(?![\s\S]*encodings)",
    ),
    Trap("projection is null", "https://radiopaedia.org/studies/970601/stacks", rb"\"plane_projection\": null"),
    Trap("uploader's file name", f"{_IMAGE}/97003101/IM0001.JPG", rb"^\xff\xd8\xff"),
    Trap("WebP named .png", f"{_IMAGE}/75492101/ser002img00069.png", rb"^RIFF....WEBP"),
    Trap("truncated image", f"{_IMAGE}/175588101/thorax_pa.png", rb"^\x89PNG(?![\s\S]*IEND)"),
    Trap("16-bit PNG", f"{_IMAGE}/175650101/cxr_16bit.png", rb"^\x89PNG\r\n\x1a\n....IHDR........\x10\x00"),
    # SIRM
    Trap("lazy data: images", f"{_POST}/05/12/covid-19-caso-95/", rb"src=\"data:image/gif[^>]+data-src=\"https"),
    Trap("e-mails in affiliations", f"{_POST}/03/08/covid-19-caso-15/", rb"radiologia@ospedale-pratofiorito\.example"),
    Trap("decimal comma", f"{_POST}/04/17/covid-19-caso-70/", rb"3,47 x10\^3/ul"),
    Trap("dot thousands", f"{_POST}/03/12/covid-19-caso-24/", rb"5\.430/mm3"),
    Trap("PCR/PRC", f"{_POST}/03/03/covid19-caso-2/", rb"PCR 0,75 mg/dl"),
    Trap("PCR/PRC", f"{_POST}/03/12/covid-19-caso-24/", rb"PRC 4,8 mg/dl"),
    Trap("d/m dates without year", f"{_POST}/03/17/covid-19-caso-36/", rb"Il 9/3 comparsa"),
    Trap("several temperatures", f"{_POST}/05/12/covid-19-caso-95/", rb"T 37,2 \xc2\xb0C, poi 38,4"),
    Trap("multi-patient post", f"{_POST}/05/04/covid-19-caso-85/", rb"Caso A[\s\S]+Caso B[\s\S]+Caso C"),
    Trap("CT-only post", f"{_POST}/05/31/covid-19-caso-115/", rb"La TC toracica"),
    Trap("HTML page as .jpg", f"{_UPLOAD}/03/16F3D0B5-92CE-4B84-8A17-9CF4E1A7B5BB.jpeg", rb"^<!DOCTYPE html>"),
    Trap(
        "derivative beside full size",
        f"{_POST}/03/03/covid19-caso-2/",
        rb"<img class=\"[^\"]+\" src=\"[^\"]+-300x200\.jpeg\"",
    ),
    Trap("suffix that is no size", f"{_UPLOAD}/05/covid-19-caso-95-4-12.png", rb"^\x89PNG"),
    Trap("banner among the uploads", f"https://www.sirm.org{sirm.CATEGORY}", rb"banner-congresso\.png"),
    # Figure 1
    Trap("EXIF names a person", f"{figure1.IMAGES}/light-box.jpg", rb"^\xff\xd8\xff[\s\S]+WINTERBOTTOM"),
    Trap(
        "collection without a token",
        f"https://api.figure1.com/collections/{figure1.COLLECTION}",
        rb"Unauthorized",
        401,
        True,
    ),
)
