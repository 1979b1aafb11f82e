"""The replayed SIRM: a WordPress category of Italian case posts in two themes, and its uploads.

How the society's pages were marked up is not known; both themes are WordPress as it comes, and the text order follows
the captured posts.
"""

import re
from datetime import date
from html import escape
from typing import Any
from urllib.parse import urlencode

from crawlers.replay.films import FilmSpec
from crawlers.replay.image_files import ImageFile, served, size_of
from crawlers.replay.site import Site, SiteRequest, SiteResponse, page, robots
from crawlers.replay.world import SirmPost, World

POSTS_PER_PAGE = 10
CATEGORY = "/category/senza-categoria/covid-19/"
BANNER = ImageFile("banner-congresso.png", FilmSpec("sirm banner", kind="diagram", width=600, height=150))
BANNER_PATH = f"/wp-content/uploads/2019/01/{BANNER.name}"
EVIDENCE = "the rendered text of four captured posts of 2020 and WordPress's own markup (assumed)"
# An undisplayed pixel, as lazy-loading plugins put it in place of the picture.
LAZY = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
MONTHS = ("Gennaio", "Febbraio", "Marzo", "Aprile", "Maggio", "Giugno", "Luglio", "Agosto", "Settembre", "Ottobre",
          "Novembre", "Dicembre")  # fmt: skip
WIDTHS = (150, 300, 768, 1024)
_ARCHIVE_PATH = re.compile(rf"^(?:{CATEGORY}|/)(?:page/(?P<page>\d+)/)?$")
_REDUCED_PATH = re.compile(r"^(?P<stem>.+)-(?P<width>\d+)x(?P<height>\d+)(?P<extension>\.\w+)$")


def sites(world: World) -> list[Site]:
    """Return the site under its own host and under the hosts that it was also reached by."""
    replayed = _Sirm(world.sirm)
    entrances = (
        ("The COVID-19 category, newest first", f"https://www.sirm.org{CATEGORY}"),
        ("The same, print view with full texts", f"https://www.sirm.org{CATEGORY}?print=print-search"),
    )
    hosts = ("www.sirm.org", "sirm.org", "archivio.sirm.org")
    return [Site("SIRM", hosts, replayed.answer, entrances, len(world.sirm))]


def upload_path(post: SirmPost, file: ImageFile) -> str:
    """Return where WordPress put an upload: by year and month of the post."""
    year, month = _day_of(post).strftime("%Y %m").split()
    return f"/wp-content/uploads/{year}/{month}/{file.name}"


def reduced_path(post: SirmPost, file: ImageFile, width: int) -> str:
    """Return where WordPress put the copy of that width: `-WxH` before the extension."""
    full_width, full_height = size_of(file)
    stem, dot, extension = upload_path(post, file).rpartition(".")
    return f"{stem}-{width}x{round(full_height * width / full_width)}{dot}{extension}"


class _Sirm:
    def __init__(self, posts: tuple[SirmPost, ...]) -> None:
        self.posts = sorted(posts, key=_day_of, reverse=True)
        self.by_path = {post.path: post for post in posts}
        self.uploads = {upload_path(post, file): file for post in posts for file in post.files} | {BANNER_PATH: BANNER}

    def answer(self, request: SiteRequest) -> SiteResponse | None:
        if request.path == "/robots.txt":
            return robots("Disallow: /wp-admin/", "Allow: /wp-admin/admin-ajax.php")
        if request.path.startswith("/wp-content/uploads/"):
            return self._upload(request)
        if match := _ARCHIVE_PATH.match(request.path):
            return self._archive(request, int(match["page"] or 1))
        post = self.by_path.get(request.path) or self.by_path.get(f"{request.path}/")
        if post is None:
            return None
        return page(f"sirm/post_{post.theme}.html", **_shown(post))

    def _upload(self, request: SiteRequest) -> SiteResponse | None:
        if file := self.uploads.get(request.path):
            return served(file, request.films_cache)
        match = _REDUCED_PATH.match(request.path)
        file = self.uploads.get(f"{match['stem']}{match['extension']}") if match else None
        if match is None or file is None or int(match["width"]) not in WIDTHS:
            return None
        return served(file, request.films_cache, int(match["width"]))

    def _archive(self, request: SiteRequest, number: int) -> SiteResponse | None:
        """Answer the category, or the search `?s=` of any WordPress site, one page of posts at a time."""
        words = request.value("s").lower().split()
        found = [post for post in self.posts if all(word in _words_of(post) for word in words)]
        posts = found[(number - 1) * POSTS_PER_PAGE : number * POSTS_PER_PAGE]
        if not posts or (not words and not request.path.startswith(CATEGORY)):
            return None
        print_view = request.value("print") == "print-search"
        start, asked = ("/", f"?{urlencode({'s': request.value('s')})}") if words else (CATEGORY, "")
        last = -(-len(found) // POSTS_PER_PAGE)
        template = "sirm/print.html" if print_view else f"sirm/category_{posts[0].theme}.html"
        return page(
            template,
            heading="COVID-19",
            evidence=EVIDENCE,
            posts=[_shown(post) for post in posts],
            number=number,
            last=last,
            link=lambda n: f"https://www.sirm.org{start}{f'page/{n}/' if n > 1 else ''}{asked}",
            banner=BANNER_PATH,
        )


def _shown(post: SirmPost) -> dict[str, Any]:
    """Return what the templates show of a post: its parts in order, each a paragraph or a picture with its copies."""
    day = _day_of(post)
    parts = [_picture(post, part) if isinstance(part, ImageFile) else {"text": part} for part in post.body]
    return {
        "post": post,
        "heading": post.title,
        "evidence": EVIDENCE,
        "parts": parts,
        "day": f"{day.day} {MONTHS[day.month - 1]} {day.year}",
        "iso_day": day.isoformat(),
        "excerpt": escape(next((part for part in post.body if isinstance(part, str)), "")[:140]) + " […]",
        "lazy": LAZY,
        "banner": BANNER_PATH,
    }


def _picture(post: SirmPost, file: ImageFile) -> dict[str, Any]:
    site = "https://www.sirm.org"
    width, _ = size_of(file)
    copies = {copy: f"{site}{reduced_path(post, file, copy)}" for copy in WIDTHS if copy < width}
    full = f"{site}{upload_path(post, file)}"
    small, large = copies.get(300, full), copies[max(w for w in copies if w <= 768)] if copies else full
    return {"text": "", "full": full, "width": width, "copies": copies, "small": small, "large": large}


def _words_of(post: SirmPost) -> str:
    return " ".join((post.title, post.hospital, *(part for part in post.body if isinstance(part, str)))).lower()


def _day_of(post: SirmPost) -> date:
    year, month, day = re.findall(r"\d+", post.path)[:3]
    return date(int(year), int(month), int(day))
