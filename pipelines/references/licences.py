"""Licences in one vocabulary, "CC BY-NC-SA 3.0" or, where no version is stated, "CC BY-NC-SA"."""

import re
from collections.abc import Iterator

_CC_URL = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<parts>by(?:-(?:nc|nd|sa))*)(?:/(?P<version>\d\.\d))?"
    r"|publicdomain/(?P<free>zero|mark)(?:/(?P<free_version>\d\.\d))?)",
    re.IGNORECASE,
)
_CC_CODE = re.compile(
    r"(?<!\d)(?<!\d\s)\b(?:CC|Creative Commons)[\s\-_]*(?P<parts>BY(?:[\s\-_]*(?:NC|ND|SA)(?![a-z]))*)(?![a-z])"
    r"(?:[\s\-_]*(?:licen[cs]e)?[\s,]*(?:version\s*|v\.?\s*)?(?P<version>[1-4]\.0))?"
    r"|\b(?P<zero>CC[\s\-]?0|CC[\s\-]Zero)\b(?:[\s\-]*(?P<zero_version>1\.0))?",
    re.IGNORECASE,
)
_CC_WORDS = re.compile(
    r"\bCreative Commons[\s,:]+(?:(?:the|an?)\s+)?Attribution"
    r"(?P<parts>(?:[\s,/‐-–—-]*(?:and\s+)?(?:Non[\s‐-]?Commercial|No[\s‐-]?Deriv(?:ative|s)?(?:\s*Works)?(?:ative)?s?"
    r"|Share[\s‐-]?Alike))*)"
    r"(?:[\s,]*\(?\s*CC[\s‐-]*BY[\w\s‐-]*?\)?)?"
    r"[\s,]*(?:(?:Inter|Un)\w+\s*)?(?:public\s+)?(?:licen[cs]e)?[\s,(]*(?:version\s*|v\.?\s*)?(?P<version>[1-4]\.0)?",
    re.IGNORECASE,
)
_PUBLIC_DOMAIN = re.compile(
    r"^\W*(?:th(?:is|e) (?:work|image|file|article) is )?(?:in the )?public domain(?: mark)?\W*(?:1\.0\W*)?$",
    re.IGNORECASE,
)
_OTHERS = {"apache 2.0": "Apache 2.0", "apache-2.0": "Apache 2.0", "apache license 2.0": "Apache 2.0"}
# A waiver for the data of an article says nothing of its pictures.
_OF_DATA = re.compile(
    r"\bwaiver\b|\b(?:applies|apply) to the (?:data|metadata)\b|\bdata made available\b", re.IGNORECASE
)
_NEGATED = re.compile(r"\b(?:not|no longer|without)\b[^.]{0,40}$", re.IGNORECASE)
_REACH_OF_NOT = 50  # characters: the longest of its words and what may stand between
_ORDER = ("NC", "ND", "SA")


def licence_of(text: str) -> str | None:
    """Return the licence that a statement, code or address names, or None where that is unclear.

    A version is given only where it is stated. Publishers' own terms (PMC's pandemic waiver, Elsevier's COVID-19 grant,
    text-mining licences) are none of the vocabulary; nor is a statement that names two different licences.
    """
    if (plain := _OTHERS.get(text.strip().casefold())) is not None:
        return plain
    named = set(_named_in(text))
    bare = {name for name in named if any(other.startswith(f"{name} ") for other in named)}
    sharpest = named - bare
    return sharpest.pop() if len(sharpest) == 1 else None


def _named_in(text: str) -> Iterator[str]:
    for told in re.split(r"(?<=[.;])\s+(?=[A-Z(])|\n+", text):
        # Of long runs of white space each pattern would try every part anew.
        sentence = " ".join(told.split())
        if _OF_DATA.search(sentence):
            continue
        for match in _CC_URL.finditer(sentence):
            if match["free"]:
                name = "CC0" if match["free"].lower() == "zero" else "Public Domain"
                yield _versioned(name, match["free_version"] if name == "CC0" else None)
            else:
                yield _creative_commons(match["parts"], match["version"])
        for match in _CC_CODE.finditer(sentence):
            if _is_negated(sentence, match.start()):
                continue
            yield (
                _versioned("CC0", match["zero_version"])
                if match["zero"]
                else _creative_commons(match["parts"], match["version"])
            )
        for match in _CC_WORDS.finditer(sentence):
            if not _is_negated(sentence, match.start()):
                yield _creative_commons(match["parts"], match["version"])
        if _PUBLIC_DOMAIN.match(sentence):
            yield "Public Domain"


def _is_negated(sentence: str, at: int) -> bool:
    return _NEGATED.search(sentence, max(0, at - _REACH_OF_NOT), at) is not None


def _creative_commons(parts: str, version: str | None) -> str:
    squeezed = re.sub(r"[^a-z]", "", parts.lower().removeprefix("by"))
    squeezed = squeezed.replace("noncommercial", "nc").replace("sharealike", "sa")
    squeezed = re.sub(r"noderiv(?:ative|s)?s?(?:works)?", "nd", squeezed)
    named = [part for part in _ORDER if part.lower() in re.findall("nc|nd|sa", squeezed)]
    return _versioned("-".join(["CC BY", *named]), version)


def _versioned(name: str, version: str | None) -> str:
    return f"{name} {version}" if version else name
