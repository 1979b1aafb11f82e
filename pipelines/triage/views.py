"""What the pages show: one frozen model for each template, with no markup and no query left in it.

Every template gets `frame: Frame` and `view`, which is by template:

- `queue.html` QueueView; `candidate.html` CandidateView, of which `_film.html` shows `view.film`, `_row.html`
  `view.fields` and `view.issues`, `_text.html` `view.texts`, `_matches.html` `view.matches`
- of `side_views.py`: `twin.html` TwinView; `page.html` PageView; `enter.html` EnterView; `history.html` HistoryView;
  `bulk.html` BulkView, before and after; `login.html` LoginView; `conflict.html` ConflictView; `message.html`
  MessageView, also for every error

Addresses (`href`, `src`, …) are paths on this server, made here and nowhere else; `query` is a filter as a query string
without its question mark, blank for the default. Text is plain text. `start` and `end` count characters (Unicode code
points), as Python does and JavaScript's `length` does not.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Frame:
    """Hold what surrounds every page; `csrf` goes with each write, as `X-CSRF-Token` or as the form field `csrf`.

    `partial` asks for the page's content without its surroundings (an htmx request); `signed_in` tells whether there
    is a session to end.
    """

    reviewer: str = ""
    csrf: str = ""
    signed_in: bool = False
    can_enter: bool = False
    partial: bool = False


@dataclass(frozen=True)
class Option:
    """Offer one value of a filter, with how many candidates it would show."""

    value: str
    label: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """Offer the values of one filter; `name` is its query parameter."""

    name: str
    label: str
    options: list[Option]


@dataclass(frozen=True)
class Progress:
    """Count candidates by state; `shown` of them pass the filter, or at least so many where it is not `exact`.

    `settled` are those that nobody need decide on: decided, known from elsewhere, or no films.
    """

    states: dict[str, int]
    settled: int
    total: int
    shown: int
    exact: bool


@dataclass(frozen=True)
class Line:
    """Show one candidate in a list; `opens_case` marks the first of its case on this page."""

    id: str
    href: str
    thumbnail: str
    source: str
    source_id: str
    title: str
    patientid: str
    finding: str
    view: str
    modality: str
    date: str
    offset: str
    licence: str
    state: str
    revision: int
    issues: int
    matches: int
    certain: bool
    changed: bool
    held_by: str
    opens_case: bool


@dataclass(frozen=True)
class QueueView:
    """Show a page of the queue; `filter` holds the chosen value of each parameter, `more` the next page or blank."""

    filter: dict[str, str]
    query: str
    facets: list[Facet]
    progress: Progress
    lines: list[Line]
    more: str


@dataclass(frozen=True)
class Reason:
    """Offer one reason to reject for: the key that gives it, its word (what is recorded), and what it means."""

    key: str
    word: str
    meaning: str


@dataclass(frozen=True)
class Box:
    """Draw one panel over the whole figure: left, top, right, bottom in pixels of the file; `href` is its own page."""

    box: tuple[int, int, int, int]
    label: str
    current: bool
    href: str = ""


@dataclass(frozen=True)
class Film:
    """Draw one film with `<film-view>`; `samples` is blank where `src` shows all there is.

    `drawable` is false for a file that is no picture; `download` hands out the original bytes, always.
    """

    sha256: str
    src: str
    samples: str
    download: str
    thumbnail: str
    mime: str
    size: int
    width: int
    height: int
    bits: int
    drawable: bool
    boxes: list[Box] = field(default_factory=list)


@dataclass(frozen=True)
class IssueLine:
    """Say one thing that a person must know."""

    kind: str
    message: str


@dataclass(frozen=True)
class EvidenceLine:
    """Show why a field has its value; `text` is the id of the `Text` it quotes, blank where that is not shown.

    `own` marks what a person entered without a quote; `by` names the person of any value that a person gave.
    """

    block: str
    start: int
    end: int
    quote: str
    rule: str
    text: str
    own: bool
    by: str


@dataclass(frozen=True)
class Field:
    """Show one cell of the row; `kind` says how it is edited, `options` its vocabulary (blank is always allowed).

    A `path` may also be a value that is not offered. `hint` says in words what the column takes.
    """

    column: str
    kind: Literal["word", "path", "number", "date", "text", "long text"]
    value: str
    options: list[str]
    unit: str
    hint: str
    own: bool
    evidence: list[EvidenceLine]
    issues: list[IssueLine]


@dataclass(frozen=True)
class Piece:
    """Hold a stretch of a text, from character `start`; `columns` are those whose values quote it."""

    text: str
    start: int
    columns: list[str]


@dataclass(frozen=True)
class Text:
    """Show one text of the case; its pieces joined are the text at `address`, letter by letter.

    `id` is its anchor on the page, `near` marks what the page says of this very film.
    """

    id: str
    address: str
    heading: str
    language: str
    near: bool
    pieces: list[Piece]


@dataclass(frozen=True)
class MatchLine:
    """Show one film that resembles this one; `href` opens the pair, `judged` says what a person made of it."""

    href: str
    name: str
    other: str
    published: str
    relation: str
    sentence: str
    thumbnail: str
    state: str
    judged: str


@dataclass(frozen=True)
class Sibling:
    """Name one film of the same case, this one among them."""

    id: str
    href: str
    thumbnail: str
    label: str
    state: str
    current: bool


@dataclass(frozen=True)
class Linked:
    """Name another candidate and lead to it."""

    name: str
    href: str


@dataclass(frozen=True)
class Published:
    """Name a published row and lead to its film beside the candidate's; `withdrawn` says by whom, when and why."""

    name: str
    href: str
    withdrawn: str


@dataclass(frozen=True)
class Event:
    """Tell one decision in words."""

    candidate: str
    href: str
    action: str
    sentence: str
    by: str
    at: datetime
    revision: int


@dataclass(frozen=True)
class Lease:
    """Say who has the candidate on the screen; `mine` is the person who reads this."""

    by: str
    until: datetime
    mine: bool


@dataclass(frozen=True)
class Differing:
    """Set two values of one column side by side; `quote` is what the second rests on, where that is known."""

    column: str
    mine: str
    other: str
    quote: str = ""


@dataclass(frozen=True)
class ChangedSince:
    """Show what the source and the reading say otherwise since the row was accepted.

    `values` compare what was accepted with what is proposed now; `wording` is a unified diff of the case's texts.
    """

    values: list[Differing]
    wording: list[str]


@dataclass(frozen=True)
class CandidateView:
    """Show THE screen: one film, its row, the texts it rests on, and its twins.

    `decisions`, `fields_to`, `panels_to` and `hold` take the writes; `after` and `before` are the neighbours in the
    queue (blank at its ends); `page` is the kept page, `document` the kept PDF at this film's page (blank without).
    `panels` are the films that a picture was split into; `copy_of` is the candidate that brought the same bytes first,
    for one that nobody decided on; `published` is the row that publishes the same bytes, or did.
    """

    id: str
    source: str
    source_id: str
    title: str
    case_url: str
    image_url: str
    caption: str
    state: str
    standing: str
    revision: int
    film: Film
    fields: list[Field]
    issues: list[IssueLine]
    texts: list[Text]
    matches: list[MatchLine]
    siblings: list[Sibling]
    panels: list[Linked]
    copy_of: Linked | None
    published: Published | None
    events: list[Event]
    reasons: list[Reason]
    lease: Lease | None
    changed: ChangedSince | None
    query: str
    queue: str
    after: str
    before: str
    decisions: str
    fields_to: str
    panels_to: str
    hold: str
    page: str
    document: str
