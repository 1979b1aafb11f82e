"""DOIs as text: their syntax, and where a page's address or words state one."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import idutils

# Crossref's own expressions, which match 74.4 of 74.9 million DOIs (Gilmartin 2015): the modern form, early Wiley
# ones, and three old forms. https://www.crossref.org/blog/dois-and-matching-regular-expressions/
_SYNTAX = re.compile(
    r"10\.\d{4,9}/[-._;()/:a-z0-9<>\[\]+#]+"
    r"|10\.1002/\S+"
    r"|10\.\d{4}/\d+-\d+x?\(\d+\)\d+"
    r"|10\.1021/\w\w\d+"
    r"|10\.1207/[\w\d]+&\d+_\d+",
    re.IGNORECASE,
)
_IN_TEXT = re.compile(r"(?<![\w.])10\.\d{4,9}/(?:(?!</)[^\s\"'“”’,{}|\\^`\ue000-\uf8ff])+", re.IGNORECASE)
# Characters. No DOI comes near it, and to trim what is taken for one costs the square of its length.
_LONGEST = 2_000
_TRAILING = ".,;:-_/([!?*†‡§…"
_PAIRS = {")": "(", "]": "[", ">": "<"}

# What publishers append to a DOI in an address: views of the article, the file type, a preprint's version.
_VIEW = re.compile(
    r"(?:/(?:full(?:text)?|abstract|pdf|epdf|figures?|references|suppl(?:ementary)?|html|meta|download)"
    r"|\.(?:full(?:-text)?|abstract)(?:\.pdf)?|\.pdf)$",
    re.IGNORECASE,
)
_PREPRINT_VERSION = re.compile(r"(?<=\d)v\d+$")
_OUP_ARTICLE_NUMBER = re.compile(r"(?<=[a-z0-9])/\d{5,8}$", re.IGNORECASE)
_LANCET = re.compile(r"/PII(?P<pii>S\d{4}-\d{3}[\dX]\(\d\d\)\d{5}-[\dX])", re.IGNORECASE)
_NATURE = re.compile(r"^/articles/(?P<id>(?:s\d{5}-\d{3}-\d{3,5}-[\dx]|[a-z]+\d[\w.]*))(?:\.pdf)?/?$", re.IGNORECASE)
_PII = re.compile(r"\b[SB]\d{4}-?\d{3}[\dX]\(?\d\d\)?\d{5}-?[\dX]\b", re.IGNORECASE)


def normal_doi(text: str) -> str:
    """Return the bare DOI of "doi:10.…", a doi.org address or a bare one, in the letters as given.

    DOIs are compared without regard to case (`same_doi`). Raises `ValueError` where the text is no DOI.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"{len(text):,} characters are no DOI: the longest has {_LONGEST:,}")
    bare = unquote(text.strip()) if "doi.org/" in text else text.strip()
    bare = _trimmed(idutils.normalize_doi(bare) if idutils.is_doi(bare) else bare)
    if not _SYNTAX.fullmatch(bare):
        raise ValueError(f"{text!r} is no DOI: one reads 10.<registrant>/<suffix>, as in 10.1148/ryct.2020200034")
    return bare


def same_doi(one: str, other: str) -> bool:
    """Tell whether two DOIs name the same thing; letter case does not count."""
    return one.casefold() == other.casefold()


def dois_in(text: str) -> list[str]:
    """Return the different DOIs that a text holds, in order, freed of the punctuation around them."""
    found: dict[str, str] = {}
    for match in _IN_TEXT.finditer(text):
        try:
            doi = normal_doi(match.group())
        except ValueError:
            continue
        found.setdefault(doi.casefold(), doi)
    return list(found.values())


def doi_in(text: str) -> str | None:
    """Return the first DOI in a text, or None."""
    return next(iter(dois_in(text)), None)


def doi_of_url(url: str) -> str | None:
    """Return the DOI that an article's address carries in itself, or None.

    An address with a ScienceDirect PII gives None: a formula built from it is right for 1 of 18 (see `pii_of_url`).
    """
    parts = urlsplit(url.strip())
    host, path = (parts.hostname or "").removeprefix("www."), unquote(parts.path)
    if host == "thelancet.com" and (match := _LANCET.search(path)):
        return f"10.1016/{match['pii']}"
    if host == "nature.com" and (match := _NATURE.search(path)):
        return f"10.1038/{match['id']}"
    for stated in (path, *_queried(parts.query)):
        if doi := doi_in(stated):
            return _without_view(doi, host)
    return None


def pii_of_url(url: str) -> str | None:
    """Return the publisher item identifier in an Elsevier address without its punctuation, or None.

    Crossref knows it as `alternative-id`.
    """
    match = _PII.search(unquote(urlsplit(url).path))
    return re.sub(r"[-()]", "", match.group()).upper() if match else None


def _queried(query: str) -> Iterator[str]:
    values = parse_qs(query)
    yield from (value for name in ("id", "doi") for value in values.get(name, []))


def _without_view(doi: str, host: str) -> str:
    while (shorter := _VIEW.sub("", doi)) != doi and _SYNTAX.fullmatch(shorter):
        doi = shorter
    if host == "academic.oup.com":
        return _OUP_ARTICLE_NUMBER.sub("", doi)
    return _PREPRINT_VERSION.sub("", doi) if host.endswith(("biorxiv.org", "medrxiv.org")) else doi


def _trimmed(doi: str) -> str:
    """Cut off what closes the sentence or bracket around a DOI, not what belongs to it."""
    while doi:
        last = doi[-1]
        if last in _TRAILING or (last in _PAIRS and doi.count(last) > doi.count(_PAIRS[last])):
            doi = doi[:-1]
        else:
            break
    return doi
