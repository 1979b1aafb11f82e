"""Tell the language of a block: English and Italian are read, others are kept as text."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from py3langid.langid import MODEL_FILE, LanguageIdentifier
from spacy.lang.en.stop_words import STOP_WORDS as ENGLISH
from spacy.lang.it.stop_words import STOP_WORDS as ITALIAN

from pipelines.reading.phrases import words_in_rules

READ = ("en", "it")
# The languages of the collection's sources so far, and their nearest neighbours; fewer candidates, fewer slips.
_CANDIDATES = [*READ, "fr", "de", "es", "pt", "nl", "tr", "pl", "ru", "zh", "ja", "ko", "ar", "fa"]
# Short of a paragraph, abbreviations mislead the identifier; the words that only one language has do not.
_PARAGRAPH = 120
_SAMPLE = 600
# So large a part of a text's words is English in no text of another language, which need not be identified then.
_SURELY, _TIMES = 0.3, 5
# 'Male' heads half of the English notes, and is Italian for 'badly'.
_IN_BOTH = frozenset(
    {"male", "a", "in", "i", "per", "come", "due", "no", "sei", "pcr", "sars", "mers", "ards", "covid"}
)
_WORD = re.compile(r"[^\W\d_]+")


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(_CANDIDATES)
    return identifier


class _Vocabulary(NamedTuple):
    words: frozenset[str]
    stems: tuple[str, ...]

    def count(self, words: set[str]) -> int:
        return sum(word in self.words or word.startswith(self.stems) for word in words)


@cache
def _own_words() -> tuple[_Vocabulary, _Vocabulary]:
    """Return the stop words, and the words of the rules, that only one of the two languages has."""
    english, italian = (words_in_rules(language) for language in READ)
    known = english.whole | ENGLISH, italian.whole | ITALIAN
    return (
        _Vocabulary(known[0] - known[1] - _IN_BOTH, _alone(english.stems, known[1])),
        _Vocabulary(known[1] - known[0] - _IN_BOTH, _alone(italian.stems, known[0])),
    )


def _alone(stems: frozenset[str], others: frozenset[str] | set[str]) -> tuple[str, ...]:
    """Return the stems that begin no word of the other language: 'negativ' begins both."""
    return tuple(stem for stem in stems if not any(word.startswith(stem) for word in others))


@lru_cache(maxsize=4096)
def language_of(text: str, default: str = "en") -> str:
    """Return the ISO 639-1 code of a text's language, or the default where the text is too short to tell."""
    sample = text[:_SAMPLE]
    words = {word.lower() for word in _WORD.findall(sample)}
    english, italian = (vocabulary.count(words) for vocabulary in _own_words())
    if sum(map(str.isalpha, sample)) >= _PARAGRAPH and not english > _SURELY * len(words) > italian * _TIMES:
        return str(_identifier().classify(sample)[0])
    if english == italian:
        return default
    return "en" if english > italian else "it"
