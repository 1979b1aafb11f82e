"""Tell the language of a block: English and Italian are read, others are kept as text."""

import re
from functools import cache, lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier
from spacy.lang.en.stop_words import STOP_WORDS as ENGLISH
from spacy.lang.it.stop_words import STOP_WORDS as ITALIAN

READ = ("en", "it")
# The languages of the collection's sources so far, and their nearest neighbours; fewer candidates, fewer slips.
_CANDIDATES = [*READ, "fr", "de", "es", "pt", "nl", "tr", "pl", "ru", "zh", "ja", "ko", "ar", "fa"]
# Short of a paragraph, abbreviations mislead the identifier; the small words that only one language has do not.
_PARAGRAPH = 120
_SAMPLE = 600
# 'Male' heads half of the English notes, and is Italian for 'badly'.
_ITALIAN_ALONE = ITALIAN - {"male"}
_WORD = re.compile(r"\w+(?:-\w+)*")


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(_CANDIDATES)
    return identifier


@lru_cache(maxsize=4096)
def language_of(text: str, default: str = "en") -> str:
    """Return the ISO 639-1 code of a text's language, or the default where the text is too short to tell."""
    sample = text[:_SAMPLE]
    if sum(map(str.isalpha, sample)) >= _PARAGRAPH:
        return str(_identifier().classify(sample)[0])
    words = {word.lower() for word in _WORD.findall(sample)}
    english, italian = len(words & ENGLISH), len(words & _ITALIAN_ALONE)
    if english == italian:
        return default
    return "en" if english > italian else "it"
