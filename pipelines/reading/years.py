"""Tell which year a text's case is of, and whether a year told beside words lies before it."""

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from pipelines.reading.finder import Finder
from pipelines.reading.language import READ
from pipelines.reading.phrases import finder_of, rules_of

# No year of a citation ('2021;295:202'), of a quantity ('2000 mL') or of a name ('COVID-2019', '2019-nCoV').
_YEAR = re.compile(
    r"(?<![\w.,])(?<!disease\s)(?<!COVID\s)(?<!COVID-)(?<!©\s)(?<!©)(?<!al\.\s)(?<!al\.,\s)(?<!\d-)(?P<year>(?:19|20)\d\d)"
    r"(?!\w|[.,/]\d|-nCoV|\s?;\s?\d|\s?\(\d|\s?(?:m?L|l|cc|mg|g|µg|cells?|cellule|steps|metres|meters|patients|pazienti|cases|/)\b)"
    r"|(?<![\w.])(?P<iso>(?:19|20)\d\d)-[01]\d(?!\d)"
    r"|(?<![\w.])[0-3]?\d[./-][0-3]?\d[./-](?P<last>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
# A year that says when something was: 'in 2009', 'in March of 2009', 'nel marzo 2009', 'nel 2009'.
_WHEN = re.compile(
    r"(?<!\w)(?:in|during|nel|durante il|on|il|back in|around)\s(?:(?:the\s)?(?:early|late|year|mid)[\s-]|l'anno\s)?"
    r"(?:(?:\d{1,2}\s)?(?P<month>[^\W\d_]{3,9})\.?\s(?:\d{1,2},?\s)?(?:of\s|del\s)?)?(?P<year>(?:19|20)\d\d)(?![\w%]|[.,/-]\d)",
    re.IGNORECASE,
)
# 'Intubated 2014', 'ICU (2014)': right behind words, a year needs no preposition.
_RIGHT_BEHIND = re.compile(r"\s\(?(?P<year>(?:19|20)\d\d)(?!\w|\s?%|[.,/-]\d)")
# Behind words, the characters within which a year is theirs; and what comes between where it is another's.
_SOON_AFTER = 45
_OF_ANOTHER = re.compile(
    r"[.;:]|,\s(?!in\b|nel\b)|\b(?:and|with|e|con|diagnosed|known|background|who|which|since|diagnosticat\w+|not\w)\b",
    re.I,
)
# Before words, a year is theirs where it opens their sentence, and nothing tells of another time between.
_OPENS = re.compile(r"\W*(?:\w+\W+){0,3}\Z")
_ANEW = re.compile(
    r";|\b(?:now|currently|today|presents?|presented|presenting|is|but|ora|adesso|oggi|attualmente|giunge|è|ma)\b", re.I
)
# 'He had been intubated in 2009' tells of an earlier illness, whatever else the text dates.
_HAD = re.compile(
    r"\b(?:had(?:\salready|\spreviously)?(?:\sbeen)?|er[ao]n?o?\s(?:già\s)?stat[oaie]|aveva)\s(?:\w+\s){0,2}\Z", re.I
)


class Era(NamedTuple):
    """Hold the year that a text's case is of, 0 where none is told, and the month before which its illness was not."""

    year: int
    since: tuple[int, int]

    def begins_after(self, year: int, month: int) -> bool:
        """Tell whether a year, or a month (0 where none is told) of it, is before the case.

        A course may run over New Year: a month of the year before the last one told is of this illness.
        """
        # Of a bare year, an illness known from its last month on was none.
        return (year, month or 11) < self.since or year < self.year - bool(month)


NO_ERA = Era(0, (0, 0))


@cache
def _illnesses() -> tuple[tuple[Finder, tuple[int, int]], ...]:
    return tuple(
        (finder_of(_own_names(finding), {}), _month_of(finding["since"]))
        for finding in rules_of("findings")["finding"]
        if "since" in finding
    )


def _own_names(finding: dict[str, Any]) -> list[str]:
    """Return the names of a new illness that no older one shares: a coronavirus may be that of SARS."""
    names = [*finding["names"], *finding.get("cased", [])]
    return [name for name in names if not name.lower().endswith(("virus", "virus disease"))]


def _month_of(written: str) -> tuple[int, int]:
    year, month = written.split("-")
    return int(year), int(month)


@cache
def _months() -> dict[str, int]:
    months: dict[str, int] = {}
    for language in READ:
        months |= {name[:3]: at for at, name in enumerate(rules_of("dates", language)["months"][:12], 1)}
    return months


@lru_cache(maxsize=512)
def era_of(text: str) -> Era:
    """Return when a text's case was: in the latest year it tells, and since the illnesses it names were known."""
    years = [int(match["year"] or match["iso"] or match["last"]) for match in _YEAR.finditer(text)]
    since = max((known for name, known in _illnesses() if name.search(text)), default=(0, 0))
    return Era(max(years, default=0), since)


@lru_cache(maxsize=2048)
def _times(text: str) -> tuple[tuple[int, int, int, int], ...]:
    """Return the span of each year or month that a sentence says something was in, its year, and its month or 0."""
    months = _months()
    return tuple(
        (*match.span(), int(match["year"]), months.get((match["month"] or "")[:3].lower(), 0))
        for match in _WHEN.finditer(text)
    )


def lies_before(text: str, start: int, end: int, era: Era) -> bool:
    """Tell whether the year told of the words from `start` to `end` of a sentence is before the case's own.

    It stands right behind them, or opens the sentence.
    """
    if behind := _RIGHT_BEHIND.match(text, end):
        return era.begins_after(int(behind["year"]), 0)
    times = _times(text)
    for left, right, year, month in reversed(times):
        if right <= start:
            opens = _OPENS.match(text, 0, left) and not _ANEW.search(text, right, start)
            return bool(opens) and era.begins_after(year, month)
    for left, _, year, month in times:
        if left >= end:
            near = left <= end + _SOON_AFTER and not _OF_ANOTHER.search(text, end, left)
            return near and (era.begins_after(year, month) or _HAD.search(text, 0, start) is not None)
    return False
