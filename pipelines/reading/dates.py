"""Find dates in a text and read them: the span is cut here, its reading is dateparser's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache

import dateparser

from pipelines.reading.phrases import rules_of

# A day without a year is parsed, and counted between, in a leap year: that of the pandemic's first winter.
LEAP_YEAR = 2020
_DIGIT = re.compile(r"\d")
_ISO = re.compile(r"(?<![\d/.-])(?P<year>(?:19|20)\d{2})(?P<sep>[-/])(?P<month>\d{2})(?P=sep)(?P<day>\d{2})(?![\d/-])")
_NUMERIC = re.compile(
    r"(?<![\d/.,-])(?P<a>\d{1,2})(?P<sep>[/.-])(?P<b>\d{1,2})(?:(?P=sep)(?P<year>(?:19|20)\d{2}|\d{2}))?(?![\d/%]|[.,]\d|\s?(?:mmHg|mm|cm|mg|ml|g|l|kg|°)\b)"
)
# A date with its year shows how the others of its text are written, those without a year in two digits each.
_FULL = re.compile(r"(?<![\d/])\d{1,2}/\d{1,2}/(?:(?:19|20)\d{2}|\d{2})(?![\d/])")
_ON = re.compile(r"\b(?:on|dated|since|until|from|dal|del|il)\s(?:the\s)?$", re.IGNORECASE)
# A film's name says of what stands right behind it, or before a colon, that it is a day: 'CXR (23/03)', '3/23 CXR: …'.
_OF_FILM = re.compile(
    r"\b(?:x-?rays?|cxr|rx|films?|radiogra\w+|ct|scan|control|performed|taken|obtained|done)"
    r"\s?[:,(]?\s?(?:(?:of|on|from|dated)\s)?(?:the\s)?$",
    re.IGNORECASE,
)
_BEFORE_FILM = re.compile(r"[\s:,-]{1,3}(?:\w+\s){0,2}(?:x-?ray|cxr|rx|film|radiogra\w+|ct)\b", re.IGNORECASE)
_OF_WHOLE = re.compile(r"\s?(?:h|hours?|zones?|points?|fields?|segments?|of|out)\b", re.IGNORECASE)
# '10-12 March', '3, 7 and 12 March', 'March 10-12': which of the days is meant stands elsewhere.
_LIST_BEFORE = re.compile(r"(?<![\d.,])\d{1,2}(?:\s?[-&]\s?|\s(?:and|to|e)\s)$")
_RANGE_AFTER = re.compile(r"\s?-\s?\d{1,2}(?![\d.,:/]|\s?(?:days?|h|hours?)\b)")
_WORDS_BEFORE = 30
_SHORT = re.compile(r"\d{2}/\d{2}")


@dataclass(frozen=True, slots=True)
class Day:
    """Hold a day as a text tells it, and its span in the text (characters); the year may be untold."""

    year: int | None
    month: int
    day: int
    start: int
    end: int

    def on(self) -> date:
        """Return the calendar day, in the year told, else in a leap year."""
        return date(self.year or LEAP_YEAR, self.month, self.day)

    def before(self, days: int) -> "Day":
        """Return the day that lies so many days before, told by the same words."""
        on = self.on() - timedelta(days=days)
        return Day(on.year if self.year else None, on.month, on.day, self.start, self.end)

    def written(self) -> str:
        """Return the day as the collection writes it: 'March 4, 2020', or 'March 4' where no year is known."""
        name = f"{self.on():%B} {self.day}"
        return f"{name}, {self.year}" if self.year else name


@cache
def _named(language: str) -> re.Pattern[str]:
    months = "|".join(sorted(rules_of("dates", language)["months"], key=len, reverse=True))
    day, year = r"\d{1,2}(?:st|nd|rd|th|°)?", r"(?:(?:,?\s{1,2}|-)((?:19|20)\d{2}))?"
    day_first = rf"{day}[\s-](?:of\s)?(?:{months})\b\.?{year}"
    month_first = rf"(?:{months})\b\.?\s{day}{year}"
    return re.compile(rf"(?<![\w/])(?:{day_first}|{month_first})(?![\w/])", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _parsed(span: str, language: str, order: str) -> date | None:
    settings = {"DATE_ORDER": order, "REQUIRE_PARTS": ["day", "month"], "PARSERS": ["absolute-time"]}
    found = dateparser.parse(span, languages=[language], settings=settings)
    return found.date() if found else None


@lru_cache(maxsize=4096)
def days_in(text: str, language: str, order: str = "") -> tuple[Day, ...]:
    """Return the days a plain text tells, in order; a slashed date whose order nothing tells is left out.

    `order` ('DMY' or 'MDY') is what the text about it tells of its dates.
    """
    if not _DIGIT.search(text):
        return ()
    found = [*_iso(text), *_by_name(text, language), *_by_numbers(text, language, order)]
    return tuple(sorted(found, key=lambda day: day.start))


def _iso(text: str) -> Iterator[Day]:
    for match in _ISO.finditer(text):
        if parsed := _parsed(match.group(), "en", "YMD"):
            yield Day(parsed.year, parsed.month, parsed.day, match.start(), match.end())


def _by_name(text: str, language: str) -> Iterator[Day]:
    for match in _named(language).finditer(text):
        year = match[1] or match[2]
        if _LIST_BEFORE.search(text, 0, match.start()) or _RANGE_AFTER.match(text, match.end()):
            continue
        span = re.sub(r"(?<=\d)(?:st|nd|rd|th|°)|\bof\b", "", match.group()).replace("-", " ")
        parsed = _parsed(span if year else f"{span} {LEAP_YEAR}", language, "DMY" if span[0].isdigit() else "MDY")
        if parsed:
            yield Day(int(year) if year else None, parsed.month, parsed.day, match.start(), match.end())


def ambiguous_dates_in(text: str, language: str) -> list[str]:
    """Return the slashed dates whose day and month cannot be told apart."""
    order = order_of(text, language)
    return [] if order else [m.group() for m in _slashed(text, language) if int(m["a"]) != int(m["b"])]


def order_of(text: str, language: str) -> str:
    """Return 'DMY' or 'MDY' as the language or the text's own dates tell it; both at once tell nothing."""
    if order := str(rules_of("dates", language)["order"]):
        return order
    numeric = list(_slashed(text, language, short=_FULL.search(text) is not None))
    told = {"DMY" if int(m["a"]) > 12 else "MDY" for m in numeric if max(int(m["a"]), int(m["b"])) > 12}
    return told.pop() if len(told) == 1 else ""


def _slashed(text: str, language: str, *, short: bool = False) -> Iterator[re.Match[str]]:
    """Yield what is written as a numeric date is; `short` where the text's own dates show that '17/03' is one, too."""
    for match in _NUMERIC.finditer(text):
        first, second = int(match["a"]), int(match["b"])
        # '7.5' is a number; a dot parts a date only where a year follows. '1/2' in English is a fraction.
        long = match["year"] and len(match["year"]) == 4
        plausible = long or (match["sep"] != "-" and match["year"]) or (match["sep"] == "/" and language == "it")
        # '14/3' cannot be a part of a whole; beside dates, or behind 'on', it is a day.
        sure = max(first, second) > 12 and (short or _is_day(text, match))
        plausible = plausible or (match["sep"] == "/" and (sure or (short and bool(_SHORT.fullmatch(match.group())))))
        if plausible and 1 <= min(first, second) <= 12 and max(first, second) <= 31:
            yield match


def _is_day(text: str, match: re.Match[str]) -> bool:
    """Tell whether the words about '23/03' make it a day and no share of a whole."""
    start, end = match.span()
    if _OF_WHOLE.match(text, end):
        return False
    before = text[max(0, start - _WORDS_BEFORE) : start]
    opens = not before.strip() and _BEFORE_FILM.match(text, end) is not None
    return opens or _ON.search(before) is not None or _OF_FILM.search(before) is not None


def _by_numbers(text: str, language: str, order: str) -> Iterator[Day]:
    order = order or order_of(text, language)
    for match in _slashed(text, language, short=bool(order)):
        first, second = int(match["a"]), int(match["b"])
        own = "DMY" if first > 12 else "MDY" if second > 12 else order
        # '12/18' among dates in the other order is a score.
        if (not own and first != second) or (order and not match["year"] and own not in ("", order)):
            continue
        day, month = (first, second) if own != "MDY" else (second, first)
        year = match["year"]
        full = (int(year) if len(year) == 4 else 2000 + int(year)) if year else None
        if parsed := _parsed(f"{day}/{month}/{full or LEAP_YEAR}", "en", "DMY"):
            yield Day(full, parsed.month, parsed.day, match.start(), match.end())
