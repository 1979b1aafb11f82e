"""Tell whether words speak of an illness years ago: before 'ten years ago', or behind it while nothing turns back."""

import re

from pipelines.reading.phrases import words_of

# Behind words, the characters within which 'two years ago' is theirs; and what comes between where it is another's.
_SOON_AFTER, _STAY_AFTER = 25, 60
_OF_ANOTHER = re.compile(
    r"[.;:,]|\b(?:and|who|which|since|after|following|diagnosed|known|background|transplant\w*|now|"
    r"e|che|dopo|diagnosticat\w+|not[oa]|trapiant\w*)\b",
    re.IGNORECASE,
)
# 'Admitted to ITU with meningitis ten years ago': the reason of a stay stands between it and its time.
_REASON = re.compile(
    r"(?:\s(?:in|on|to|at)\s(?:the\s|our\s|an?\s)?\w+(?:\s\w+){0,2}?)?\s(?:with|from|for|due to|because of|con|per)\b",
    re.IGNORECASE,
)
_OPENS = re.compile(r"\W*(?:\w+\W+){0,2}\Z")
# The patient as a subject, or the present, begins what is told of this illness.
_TURNS = re.compile(r";|,\s(?:he|she|the patient|his|her|ora|il paziente|la paziente)\b", re.IGNORECASE)
_NOW = re.compile(
    r"\b(?:now|currently|today|this time|presents?|presented|presenting|is|has|ora|adesso|oggi|attualmente|giunge|è)\b",
    re.IGNORECASE,
)
_PRESENT, _AND = ("now", "currently", "today", "ora", "adesso", "oggi"), re.compile(r"[,;]|\b(?:and|e)\b")
# Earlier words that a stay in hospital is told by: what follows them behind a comma was part of it.
_STAY = re.compile(
    r"\b(?:ICU|ITU|intensive|intubat\w*|ventilat\w*|admi(?:tted|ssion\w*)|hospitali\w*|ricover\w*|intensiva)\b", re.I
)


def long_ago(text: str, start: int, end: int, language: str) -> bool:
    """Tell whether the words from `start` to `end` of a sentence are told of a time years before this illness."""
    for match in words_of("scope", "history_after", language).finditer(text):
        left, right = match.span()
        if left >= end:
            behind = _REASON.match(text, end)
            at, reach = (behind.end(), _STAY_AFTER) if behind else (end, _SOON_AFTER)
            return left <= end + reach and not _OF_ANOTHER.search(text, at, left)
        if right <= start and _reaches(text, left, right, start):
            return True
    return False


def turns_to_now(text: str, start: int, end: int) -> bool:
    """Tell whether between two places of a sentence it turns to the present: 'a kidney 5 years ago and now …'.

    The words at the second may turn to it themselves: 'as a child and presents with …'.
    """
    if _NOW.search(text, start, end):
        return True
    turn = _NOW.match(text, end)
    return turn is not None and (turn[0].lower() in _PRESENT or _AND.search(text, start, end) is not None)


def _reaches(text: str, left: int, right: int, start: int) -> bool:
    if turns_to_now(text, right, start) or ";" in text[right:start]:
        return False
    if _OPENS.match(text, 0, left):
        return not _TURNS.search(text, min(right + 2, start), start)
    if _TURNS.search(text, right, start):
        return False
    return "," not in text[right:start] or bool(_STAY.search(text, 0, left))
