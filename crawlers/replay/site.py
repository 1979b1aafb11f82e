"""What a replayed site is: one or more hosts and a function from a request to an answer.

`server.py` mounts sites; `radiopaedia.py`, `sirm.py`, `figure1.py`, `crossref.py` and `europepmc.py` each make theirs
with `sites(world)`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

HTML = "text/html; charset=utf-8"
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
IMAGE_TYPES = {"jpeg": "image/jpeg", "jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


@dataclass(frozen=True)
class SiteRequest:
    """Hold one request as the real host would see it: decoded path, query values by name, lower-case header names."""

    host: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    films_cache: Path | None = None

    def value(self, name: str, default: str = "") -> str:
        """Return the first query value of that name."""
        return next(iter(self.query.get(name, [])), default)


@dataclass(frozen=True)
class SiteResponse:
    """Hold one answer; `delay` is seconds to wait before it is sent."""

    body: bytes = b""
    status: int = 200
    content_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass(frozen=True)
class Site:
    """Name the hosts a site answers for; `answer` returns `None` where the site has no such page (404)."""

    name: str
    hosts: tuple[str, ...]
    answer: Callable[[SiteRequest], SiteResponse | None]
    entrances: tuple[tuple[str, str], ...] = ()  # (what a person finds there, real URL), for the front page
    cases: int = 0


def page(template: str, status: int = 200, **values: Any) -> SiteResponse:
    """Render a template of `templates/` as an HTML page."""
    return SiteResponse(rendered(template, **values).encode(), status)


def rendered(template: str, **values: Any) -> str:
    """Render a template of `templates/` as text."""
    return _templates().get_template(template).render(**values)


def json_answer(value: Any, status: int = 200) -> SiteResponse:
    """Answer with JSON."""
    return SiteResponse(json.dumps(value, ensure_ascii=False).encode(), status, JSON)


def redirect(url: str, status: int = 301) -> SiteResponse:
    """Send the client to another real URL."""
    return SiteResponse(status=status, headers={"Location": url})


def robots(*lines: str) -> SiteResponse:
    """Answer a robots.txt for every user agent."""
    return SiteResponse("\n".join(("User-agent: *", *lines, "")).encode(), content_type=TEXT)


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=jinja2.select_autoescape(default_for_string=True, default=True),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
