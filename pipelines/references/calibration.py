"""Choose how like a searched work must be to be taken, and how far ahead of the second.

    python -m pipelines.references.calibration FOLDER

`FOLDER` holds answers of Crossref as JSON files. From each recorded work statements are made as pages and references
word them, and near misses as they really occur; `matching.toml` is written with the numbers chosen and the curve.
"""

import argparse
import itertools
import json
import random
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.references.doi import same_doi
from pipelines.references.matching import Match, accepted, matches_among, title_of, years_of
from pipelines.references.stated import Stated

Work = dict[str, Any]

ACCEPT = [0.80, 0.85, 0.90, 0.92, 0.94, 0.95, 0.96, 0.965, 0.97, 0.975, 0.98, 0.985, 0.99, 0.995]
MARGIN = [0.0, 0.02, 0.05, 0.1]
SEED = 20261123
NEAR = 3  # near misses that a search brings
NEIGHBOURS = 6  # other works of the same answer that a search brings along
# Numbers at the very edge of the first wrong acceptance would not hold for the next journal.
AWAY_FROM_WRONG = 0.005


@dataclass(frozen=True)
class Trial:
    """Hold one statement, what a search brings, and the DOI that is right; blank where none of the works is it."""

    stated: Stated
    right: str
    matches: list[Match]


def works_in(folder: Path) -> list[list[Work]]:
    """Return the works with title, author and year of each recorded answer that lists some."""
    answers = []
    for path in sorted(folder.glob("*.json")):
        message = json.loads(path.read_text(encoding="utf-8")).get("message")
        items = message.get("items", [message]) if isinstance(message, dict) else []
        whole = [work for work in items if title_of(work) and _first_family(work) and years_of(work)]
        answers += [whole] if whole else []
    return answers


def trials(answers: Sequence[Sequence[Work]], seed: int = SEED) -> Iterator[Trial]:
    """Yield each statement on each work, once with the work among its near misses, once with these alone."""
    chance = random.Random(seed)  # noqa: S311 - the same trials each time, no secret
    for answer in answers:
        for work in answer:
            # A report registered twice in the same words is one work: nothing stated tells its DOIs apart.
            others = [other for other in answer if title_of(other) != title_of(work)]
            misses = list(near_misses(work, chance))
            for stated in statements(work, chance):
                near = [*chance.sample(misses, NEAR), *chance.sample(others, min(NEIGHBOURS, len(others)))]
                yield Trial(stated, str(work["DOI"]), matches_among(stated, [*near, work]))
                yield Trial(stated, "", matches_among(stated, near))


def statements(work: Work, chance: random.Random) -> Iterator[Stated]:
    """Yield a work as pages and references state it: whole, in capitals, misread, without some of its parts."""
    title, year = title_of(work), min(years_of(work))
    names = tuple(_name(author) for author in work["author"] if author.get("family"))
    container = next(iter(work.get("container-title") or ()), "")
    whole = Stated(title=title, authors=names, year=year, container=container)
    yield whole
    yield Stated(title=title, authors=names, year=year)
    yield Stated(title=title.upper(), authors=names[:1], year=year)
    yield Stated(title=_without_accents(title), authors=tuple(map(_without_accents, names)), year=year)
    yield Stated(title=_misread(title, chance), authors=names[:3], year=year, container=container)
    yield Stated(title=f"{title} | {container}", authors=names, year=year, container=container)
    yield Stated(title=title)
    yield Stated(title=title, year=year)
    yield Stated(title=title, authors=names, container=container)
    family = [str(author.get("family") or "") for author in work["author"]]
    yield Stated(reference=f"{', '.join(family[:3])} et al. {title}. {container}. {year};4(2):11-19.")
    yield Stated(reference=f"{family[0]} A, {title}, {container} ({year}) e113.")
    yield Stated(reference=f"[7] {family[0]} et al., “{_misread(title, chance)},” {year}")


def near_misses(work: Work, chance: random.Random) -> Iterator[Work]:
    """Yield works that are nearly this one: notices on it, its other part, its preprint, the same title once more."""
    title, year = title_of(work), min(years_of(work))
    prefixes = ("Correction to: ", "Erratum: ", "Corrigendum to “", "Retracted: ", "Reply to: ", "Comment on ")
    for number, prefix in enumerate(prefixes):
        yield _like(work, f"notice{number}", title=[f"{prefix}{title}"])
    yield _like(work, "part1", title=[f"{title}: Part I"])
    yield _like(work, "part2", title=[f"{title}: Part II"])
    yield _like(work, "later", year=year + 2)
    yield _like(work, "next-year", year=year + 1)
    yield _like(work, "others", author=[{"family": "Vandersteen", "given": "Q."}])
    yield _like(work, "sibling", title=[_one_word_changed(title, chance)])
    if work.get("container-title"):
        server: Work = {"type": "posted-content", "institution": [{"name": "medRxiv"}]}
        yield _like(work, "preprint") | server | {"container-title": [], "short-container-title": []}


def outcomes(tried: Sequence[Trial], accept: float, margin: float) -> Counter[str]:
    """Count what two numbers make of the trials: right, wrong, left to a person."""
    counts: Counter[str] = Counter()
    for trial in tried:
        best = accepted(trial.matches, accept, margin)
        if best is None:
            counts["left"] += 1
        else:
            counts["right" if trial.right and same_doi(str(best.work["DOI"]), trial.right) else "wrong"] += 1
    return counts


def chosen(table: dict[tuple[float, float], Counter[str]]) -> tuple[float, float]:
    """Return the numbers with no wrong one and most right ones, kept away from the nearest pair that errs."""
    harmless = [pair for pair, counts in table.items() if not counts["wrong"]]
    least = min(accept for accept, _ in harmless)
    safe = [pair for pair in harmless if pair[0] >= least + AWAY_FROM_WRONG and pair[1] >= AWAY_FROM_WRONG]
    return max(safe, key=lambda pair: (table[pair]["right"], pair[1], pair[0]))


def written(table: dict[tuple[float, float], Counter[str]], trial_count: int, work_count: int) -> str:
    """Return `matching.toml`: the numbers, and how many trials each pair of numbers gets right, wrong and leaves."""
    accept, margin = chosen(table)
    lines = [
        "# Written by `python -m pipelines.references.calibration`; likeness is 0 to 1.",
        f"# {trial_count} statements on {work_count} recorded works; in half the right work is not in the answer.",
        f"accept = {accept}",
        f"margin = {margin}",
        "",
        "# [accept, margin, right, wrong, left to a person]",
        "curve = [",
    ]
    rows = [(*pair, *(counts[name] for name in ("right", "wrong", "left"))) for pair, counts in table.items()]
    return "\n".join([*lines, *(f"    [{', '.join(map(str, row))}]," for row in rows), "]", ""])


def _like(work: Work, name: str, *, year: int | None = None, **changed: Any) -> Work:
    dates = {key: work[key] for key in ("issued", "published", "published-online", "published-print") if key in work}
    if year is not None:
        dates = {key: {"date-parts": [[year]]} for key in dates}
    return work | dates | {"DOI": f"10.5555/near.{name}"} | changed


def _name(author: dict[str, Any]) -> str:
    return f"{author.get('given') or ''} {author['family']}".strip()


def _first_family(work: Work) -> str:
    authors = work.get("author") or [{}]
    return str(authors[0].get("family") or "")


def _without_accents(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))


def _misread(title: str, chance: random.Random) -> str:
    """Return a title with one letter of a long word lost, as text recognition and typists lose them."""
    words = title.split()
    long = [place for place, word in enumerate(words) if len(word) >= 7 and word.isalpha()]
    if not long:
        return title
    place = chance.choice(long)
    at = chance.randrange(1, len(words[place]) - 1)
    return " ".join([*words[:place], words[place][:at] + words[place][at + 1 :], *words[place + 1 :]])


def _one_word_changed(title: str, chance: random.Random) -> str:
    words = title.split()
    place = max(range(len(words)), key=lambda at: (len(words[at]), chance.random()))
    return " ".join([*words[:place], "Nephrectomy", *words[place + 1 :]])


def main() -> None:
    """Write `matching.toml` from the answers of a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="recorded answers of Crossref, as JSON files")
    answers = works_in(parser.parse_args().folder)
    tried = list(trials(answers))
    table = {pair: outcomes(tried, *pair) for pair in itertools.product(ACCEPT, MARGIN)}
    text = written(table, len(tried), sum(map(len, answers)))
    Path(__file__).with_name("matching.toml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
