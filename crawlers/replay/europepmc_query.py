"""The query language of Europe PMC, as far as its articles' fields go: AND, OR, NOT, brackets, phrases, ranges."""

import re
from collections.abc import Callable, Iterator

from crawlers.replay.articles import Article

Test = Callable[[Article], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<mark>[()])|(?P<word>AND|OR|NOT)(?=[\s()]|$)|(?:(?P<field>\w+):)?"
    r'(?:"(?P<phrase>[^"]*)"|\[(?P<first>\S+) TO (?P<last>\S+)\]|(?P<term>[^\s()"]+)))'
)
_WORDS = re.compile(r"[\w-]+")


class NotAQuery(ValueError):  # noqa: N818
    """Report a query that cannot be read."""


def predicate_of(query: str) -> Test:
    """Return the predicate that tells whether an article answers the query; a field that is not known answers for none.

    Raise `NotAQuery` where brackets or operators do not fit together.
    """
    tokens = list(_tokens_in(query))
    test, rest = _alternatives(tokens)
    if rest:
        raise NotAQuery(f"{query!r} goes on after its end")
    return test


def _tokens_in(query: str) -> Iterator[re.Match[str]]:
    at, end = 0, len(query.rstrip())
    while at < end:
        match = _TOKEN.match(query, at)
        if match is None:
            raise NotAQuery(f"{query[at:]!r} is no part of a query")
        yield match
        at = match.end()


_Tokens = list[re.Match[str]]


def _alternatives(tokens: _Tokens) -> tuple[Test, _Tokens]:
    test, tokens = _conjunction(tokens)
    while tokens and tokens[0]["word"] == "OR":
        other, tokens = _conjunction(tokens[1:])
        test = _either(test, other)
    return test, tokens


def _conjunction(tokens: _Tokens) -> tuple[Test, _Tokens]:
    test, tokens = _single(tokens)
    while tokens and tokens[0]["word"] != "OR" and tokens[0]["mark"] != ")":
        other, tokens = _single(tokens[1:] if tokens[0]["word"] == "AND" else tokens)
        test = _both(test, other)
    return test, tokens


def _single(tokens: _Tokens) -> tuple[Test, _Tokens]:
    if not tokens:
        raise NotAQuery("the query ends where a term was due")
    first, rest = tokens[0], tokens[1:]
    if first["word"] == "NOT":
        test, rest = _single(rest)
        return (lambda article: not test(article)), rest
    if first["mark"] == "(":
        test, rest = _alternatives(rest)
        if not rest or rest[0]["mark"] != ")":
            raise NotAQuery("a bracket is not closed")
        return test, rest[1:]
    if first["mark"] or first["word"]:
        raise NotAQuery(f"{first.group().strip()!r} stands where a term was due")
    return _term(first), rest


def _either(one: Test, other: Test) -> Test:
    return lambda article: one(article) or other(article)


def _both(one: Test, other: Test) -> Test:
    return lambda article: one(article) and other(article)


def _term(token: re.Match[str]) -> Test:
    field = (token["field"] or "").upper()
    if token["first"] is not None:
        first, last = token["first"], token["last"]
        return lambda article: field == "FIRST_PDATE" and first <= article.published.isoformat() <= last
    value = (token["phrase"] if token["phrase"] is not None else token["term"]).casefold()
    return lambda article: any(_matches(field, value, known.casefold()) for known in _values(article, field))


def _matches(field: str, value: str, known: str) -> bool:
    if field in ("", "TITLE", "ABSTRACT"):
        words = " ".join(_WORDS.findall(known))
        return f" {' '.join(_WORDS.findall(value))} " in f" {words} "
    return value == known


def _values(article: Article, field: str) -> list[str]:
    values = {
        "": [article.text, *(figure.caption for figure in article.figures), article.found_by],
        "TITLE": [article.title, article.found_by],
        "ABSTRACT": [article.abstract],
        "DOI": [article.doi],
        "PMCID": [article.pmcid],
        "EXT_ID": [article.pmid or article.pmcid],
        "SRC": ["MED" if article.pmid else "PMC"],
        "PUB_TYPE": [article.type],
        "PUB_YEAR": [str(article.published.year)],
        "JOURNAL": [article.journal],
        "AUTH": [f"{author.family} {author.initials}" for author in article.authors],
        "OPEN_ACCESS": ["y"],  # said of every article with full text, also where no licence allows reuse
        "IN_EPMC": ["y"],
    }
    return values.get(field, [])
