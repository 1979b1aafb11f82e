"""Make text fit for matching without moving a single character, so that every span found is a span of the source."""

import re

import ftfy

# One character for one character: the quote is cut from the untouched text at the same place.
_ONE_FOR_ONE = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2007\u2009\u200a\u202f\u2002\u2003\u200b\u00ad\t\r", " "),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u00ab\u00bb", '"'),
        **dict.fromkeys("\u00ba\u02da\u2070", "°"),
        "\u2103": "°",
        "\u2109": "F",
        "\u00d7": "x",
        "\u03bc": "\u00b5",
        "\u2079": "9",
        "\u00b3": "3",
        "\u2082": "2",
    }
)
_TAG_OR_ENTITY = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|&(?:[a-zA-Z]{2,8}|#\d{1,6});")
# A run of UTF-8 bytes that were read as Windows-1252: a lead byte and what follows it.
_MOJIBAKE = re.compile(r"[ÂÃâ][\u0080-\u00ff\u0152-\u0192\u02c6-\u02dc\u2010-\u203a\u20ac\u2122]{1,2}")
# A degree sign lost on the way: '38\ufffdC', '39 ?C'.
_LOST_DEGREE = re.compile(r"(?<=\d)(\s?)[\ufffd?](?=\s?[CF]\b)")
_RAISED_POINT = re.compile(r"(?<=\d)[·∙](?=\d)")


def _padded(text: str, length: int) -> str:
    return text.ljust(length) if len(text) <= length else " " * length


def _without_markup(match: re.Match[str]) -> str:
    found = match.group()
    return " " * len(found) if found.startswith("<") else _padded(ftfy.fix_text(found, unescape_html=True), len(found))


def plain_of(text: str) -> str:
    """Return text of the same length with markup blanked, mojibake mended, and dashes, quotes and spaces plain."""
    if "<" in text or "&" in text:
        text = _TAG_OR_ENTITY.sub(_without_markup, text)
    if not text.isascii():
        text = _MOJIBAKE.sub(lambda match: _padded(ftfy.fix_encoding(match.group()), len(match.group())), text)
        text = _RAISED_POINT.sub(".", text).translate(_ONE_FOR_ONE)
    return _LOST_DEGREE.sub(r"\1°", text).replace("\ufffd", " ")
