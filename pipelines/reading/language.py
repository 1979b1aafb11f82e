"""Tell the language of a block: English and Italian are read, others are kept as text."""

from functools import cache, lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

READ = ("en", "it")
# The languages of the collection's sources so far, and their nearest neighbours; fewer candidates, fewer slips.
_CANDIDATES = ["en", "it", "fr", "de", "es", "pt", "nl", "tr", "pl", "ru", "zh", "ja", "ko", "ar", "fa"]
# Below this many letters a caption such as 'ETT in situ' is told wrong as often as right.
_ENOUGH_LETTERS = 40
_SAMPLE = 600


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(_CANDIDATES)
    return identifier


@lru_cache(maxsize=4096)
def language_of(text: str, default: str = "en") -> str:
    """Return the ISO 639-1 code of a text's language, or the default where the text is too short to tell."""
    sample = text[:_SAMPLE]
    if sum(map(str.isalpha, sample)) < _ENOUGH_LETTERS:
        return default
    return str(_identifier().classify(sample)[0])
