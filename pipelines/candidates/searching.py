"""The words by which a candidate is found, and the question that finds them in each kind of database."""

import re
import unicodedata
from typing import Any

from sqlalchemy import Select, column, false, func, literal_column, select, table

from pipelines.candidates.queue_tables import searched
from pipelines.records import Candidate

_ACCENT = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")
_WORDS_INDEX = table("searched_words", column("rowid"), column("searched_words"))
# PostgreSQL indexes a megabyte of words at most; a long article with its supplement has a third of that.
_MOST_CHARACTERS = 300_000


def words_of(case: dict[str, Any], candidate: Candidate) -> str:
    """Return each word once of a row, its addresses, and its case's title and texts (the case as JSON holds it)."""
    texts = [*candidate.row.values(), candidate.image_url, case["url"], case["title"], *case["aliases"]]
    texts += [block["text"] for block in case["blocks"]]
    texts += [image["caption"] for study in case["studies"] for image in study["images"]]
    return " ".join(_words(" ".join(texts)[:_MOST_CHARACTERS]))


def holding(words: str, dialect: str) -> Select[tuple[str]]:
    """Return the query for the candidates that hold words that begin like each of these."""
    asked = _words(words)
    found = select(searched.c.candidate)
    if not asked:
        return found.where(false())
    if dialect == "postgresql":
        # The very expression that is indexed.
        indexed = func.to_tsvector(literal_column("'simple'"), searched.c.words)
        query = func.to_tsquery(literal_column("'simple'"), " & ".join(f"{word}:*" for word in asked))
        return found.where(indexed.op("@@")(query))
    matching = _WORDS_INDEX.c.searched_words.op("MATCH")(" ".join(f'"{word}"*' for word in asked))
    return found.where(searched.c.id.in_(select(_WORDS_INDEX.c.rowid).where(matching)))


def _words(text: str) -> list[str]:
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
    return list(dict.fromkeys(_WORD.findall(plain.casefold())))
