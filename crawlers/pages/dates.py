"""Days out of the dates that listings show, to keep `-a since=`."""

import re
from datetime import date

_LONGEST = 100  # characters; of a longer text every part would be tried as a date


def day_of(text: str, language: str = "en") -> date | None:
    """Return the day that a cut-out date names ("19 Oct 2022", "18th Aug 2019"); `None` unless it names a whole day."""
    import dateparser  # a third of a second, which `scrapy list` need not wait for

    if len(text) > _LONGEST:
        return None
    bare = re.sub(r"^\D*(?=\d)", "", text).strip()
    found = dateparser.parse(bare, languages=[language], settings={"REQUIRE_PARTS": ["day", "month", "year"]})
    return found.date() if found else None
