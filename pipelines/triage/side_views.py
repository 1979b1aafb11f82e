"""What the pages beside the queue and the candidate show; see `views.py`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pipelines.triage.views import Differing, Event, Film, Piece, Reason


@dataclass(frozen=True)
class Side:
    """Show one of two films: what is known of its file and of its publication; `answer` is the id that `keep` takes.

    `width` and `height` are the film's own pixels, of a panel those of its box.
    """

    name: str
    answer: str
    href: str
    film: Film
    width: int
    height: int
    state: str
    title: str
    case_url: str
    date: str
    licence: str
    doi: str


@dataclass(frozen=True)
class TwinView:
    """Show a pair: `overlaid` is the other film on this one's pixel grid (blank where they cannot be aligned).

    `sentences` say in plain words how they compare; `better` is the side to keep of one image, and why; `other_key` is
    the key of `detail` that names the other film in a decision: `candidate` or `published`. `other_decisions` is where
    a candidate of that revision is decided on in its turn; blank for a published film.
    """

    mine: Side
    other: Side
    overlaid: str
    sentences: list[str]
    better: Literal["mine", "other", ""]
    better_reason: str
    relation: str
    judged: str
    differing: list[Differing]
    other_key: Literal["candidate", "published"]
    revision: int
    query: str
    back: str
    decisions: str
    other_decisions: str = ""
    other_revision: int = 0


@dataclass(frozen=True)
class PageView:
    """Show a kept page as plain text, and the case's PDF pages; `paragraphs` hold the quoted pieces apart.

    `fetched` is None where no snapshot is kept; `download` hands the page out as it was fetched.
    """

    title: str
    url: str
    fetched: datetime | None
    paragraphs: list[list[Piece]]
    download: str
    documents: list["DocumentPage"]
    back: str


@dataclass(frozen=True)
class DocumentPage:
    """Show a page of a kept PDF as a picture; `box` marks a figure in hundredths of the page's width and height."""

    name: str
    src: str
    number: int
    pages: int
    before: str
    after: str
    box: tuple[float, float, float, float] | None
    download: str


@dataclass(frozen=True)
class EnterView:
    """Take a case by hand; after a failed try, what was given comes back with the problems in plain words."""

    sources: list[str]
    problems: list[str]
    given: dict[str, str]
    most_files: int
    most_megabytes: int
    entered: str = ""


@dataclass(frozen=True)
class HistoryView:
    """Show decisions, the newest first; `undo` is what `u` would take back now."""

    events: list[Event]
    more: str
    undo: Event | None


@dataclass(frozen=True)
class BulkLine:
    """Say what a bulk decision would do to one candidate, or did."""

    id: str
    href: str
    revision: int
    title: str
    finding: str
    thumbnail: str
    state: str
    becomes: str


@dataclass(frozen=True)
class BulkView:
    """Show a bulk decision: first what would change, then (`done`) what was recorded and what others had changed.

    `left_out` candidates pass the filter too and are not part of it. When it is done, `lines` know of those
    recorded no more than id and state.
    """

    query: str
    queue: str
    action: str
    reason: str
    reasons: list[Reason]
    lines: list[BulkLine]
    left_out: int
    done: bool = False
    conflicts: list[BulkLine] = field(default_factory=list)


@dataclass(frozen=True)
class LoginView:
    """Ask for name and password; `next` is where to go then."""

    next: str
    problem: str


@dataclass(frozen=True)
class ConflictView:
    """Show to the second of two people what the first did; `tried` is what the second would have done."""

    id: str
    href: str
    state: str
    revision: int
    tried: str
    events: list[Event]


@dataclass(frozen=True)
class MessageView:
    """Say one thing in plain words, and where to go from there."""

    title: str
    text: str
    href: str = "/queue"
    link: str = "to the queue"
