"""Write related pairs as one HTML page that needs nothing else: each pair flipped in place, and its difference."""

import base64
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

from pipelines.duplicates.better_copy import CROPPED, Copy, better_copy
from pipelines.duplicates.film import use_one_thread
from pipelines.duplicates.overlay import overlaid
from pipelines.duplicates.pairs import FilmFile, Pair, Unread
from pipelines.duplicates.verification import Comparison, Transform
from pipelines.duplicates.words import RELATIONS, changes_in
from pipelines.media.sniff import media_of
from pipelines.records import Media

MOST_PICTURED = 150  # pairs; at LONGEST they come to 17 MB, which browsers open at once
LONGEST = 720  # pixels of a film's longer side: what fits on a screen beside its numbers
QUALITY = 80
_FEW = 4  # pairs; they are drawn before other processes have started
_ORDINALS = {"a": "first", "b": "second"}


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold a pair as it is shown: what its files are, what is to say of them, and the films as `data:` addresses.

    All but the pair is blank where a file can be read no more, and the second film where it is the first.
    """

    pair: Pair
    first_size: str = ""
    second_size: str = ""
    sentences: tuple[str, ...] = ()
    first: str = ""
    second: str = ""
    difference: str = ""


def page_of(
    pairs: Sequence[Pair],
    unread: Sequence[Unread] = (),
    *,
    known: Sequence[FilmFile] = (),
    workers: int | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> str:
    """Return the pairs as an HTML page, grouped by relation, in each group the surest first.

    `known` tells where the films lie whose names are no paths. The first `MOST_PICTURED` pairs are pictured, the others
    listed; `on_progress` is told how many are, and of how many.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pipelines.duplicates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    ordered = sorted(pairs, key=_place)
    files = {film.name: film for film in known}
    asked = [
        (pair, files.get(pair.a) or FilmFile(pair.a, Path(pair.a)), files.get(pair.b) or FilmFile(pair.b, Path(pair.b)))
        for pair in ordered[:MOST_PICTURED]
    ]
    shown = list(_pictured(asked, workers, on_progress))
    groups = [
        (RELATIONS[relation], list(group)) for relation, group in groupby(shown, key=lambda one: one.pair.relation)
    ]
    script = resources.files(__package__).joinpath("templates/pairs.js").read_text(encoding="utf-8")
    return environment.get_template("pairs.html").render(
        groups=groups,
        total=len(pairs),
        listed=ordered[MOST_PICTURED:],
        unread=unread,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _place(pair: Pair) -> tuple[int, float, int, str, str]:
    return list(RELATIONS).index(pair.relation), -(pair.correlation or 0), pair.distance, pair.a, pair.b


def _pictured(
    pairs: Sequence[tuple[Pair, FilmFile, FilmFile]], workers: int | None, on_progress: Callable[[int, int], None]
) -> Iterator[Shown]:
    if len(pairs) <= _FEW:
        yield from map(_shown, pairs)
        return
    with ProcessPoolExecutor(workers or os.cpu_count(), get_context("spawn"), initializer=use_one_thread) as pool:
        for done, shown in enumerate(pool.map(_shown, pairs)):
            on_progress(done + 1, len(pairs))
            yield shown


def _shown(asked: tuple[Pair, FilmFile, FilmFile]) -> Shown:
    pair, *films = asked
    try:
        a, b = (film.data() for film in films)
        overlay, first, second = overlaid(a, b, longest=LONGEST), media_of(a), media_of(b)
    except (OSError, ValueError):  # deleted or changed since it was compared
        return Shown(pair)
    pictures = [overlay.first_jpeg(QUALITY)]
    if pair.relation != "same bytes":
        pictures += [overlay.twin_jpeg(QUALITY), overlay.difference_jpeg(QUALITY)]
    return Shown(pair, _size(first), _size(second), tuple(_sentences(pair, first, second)), *map(_address, pictures))


def _sentences(pair: Pair, a: Media, b: Media) -> Iterator[str]:
    """Yield how one film became the other, how much of each other they show, and which copy is the better one."""
    if pair.relation not in ("same image", "contains") or not pair.transform:
        return
    if changes := changes_in(pair.transform):
        yield f"The second is {', '.join(changes)}."
    for name, other, covered in (("second", "first", pair.covers_a), ("first", "second", pair.covers_b)):
        if covered is not None and covered < 1 - CROPPED:
            yield f"The {name} shows {covered:.0%} of the {other}."
    if pair.relation == "same image":
        found = Comparison(
            pair.relation, pair.distance, covers_a=pair.covers_a, covers_b=pair.covers_b,
            transform=Transform(**pair.transform),
        )  # fmt: skip
        better = better_copy(Copy(bits=a.bits), Copy(bits=b.bits), found)
        if better.copy:
            yield f"The {_ORDINALS[better.copy]} {better.reason}."


def _size(media: Media) -> str:
    return f"{media.width} × {media.height} pixels of {media.bits} bits, {media.size / 1024:,.0f} KB"


def _address(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
