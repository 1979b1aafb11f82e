"""What kind of picture a figure is, as far as its label and caption say so in plain words."""

import re
from typing import Literal

Kind = Literal["chest-xray", "ct", "other-radiology", "other", ""]

_RAY = r"(?:x[\s‐-]?rays?|radiographs?|roentgenogra\w+|films?)"
_CHEST_XRAY = re.compile(
    rf"\b(?:chest|thora(?:x|cic)|lung|pulmonary|bedside|portable)\s+{_RAY}\b|\b{_RAY} of the (?:chest|thorax)\b"
    r"|(?<![-\w])CXRs?(?![-\w])|\bradiografi[ae] del torace\b|\bRX (?:del )?torace\b",
    re.IGNORECASE,
)
_CT = re.compile(
    r"(?<![-\w])(?:HR)?CTA?(?![-\w])(?!\s*(?:value|threshold|score))|\bcomput(?:ed|eri[sz]ed) tomogra\w+", re.IGNORECASE
)
_OTHER_RADIOLOGY = re.compile(
    r"\bMR[IA]\b|\bmagnetic resonance\b|\bultraso(?:und|nogra\w+)\b|\bechocardiogra\w+|\bPET\b|\bscintigra\w+"
    r"|\bangiogra(?:m|phy)\b|\b(?:abdominal|abdomen|pelvi[cs]|knee|hand|wrist|spine|skull|dental|hip|foot)\s+"
    rf"{_RAY}\b",
    re.IGNORECASE,
)
_RADIOLOGY = re.compile(
    r"\bradiogra\w+|\bx[\s‐-]?rays?\b|\broentgen\w*|\btomogra\w+|\bradiolog\w+|\bimaging\b|\bC(?:XR|T)s?\b",
    re.IGNORECASE,
)
# A caption names its picture within its first words; later on it speaks of what was done with pictures.
_OPENING_WORDS = 7
# Captions of plots and drawings about films: of how many, how sorted, how learnt from.
_ABOUT_FILMS = re.compile(
    r"\b(?:distribution|architecture|pipeline|train(?:ed|ing)|networks?|models?|framework|overview|AUC|ROC|number of"
    r"|tasks?|performance|accuracy|embeddings?|instances|results|comparison|scores?|reports?|generat\w+|labels|augmentation"
    r"|percentage|proportion|frequency|time ?line|course of|studies)\b",
    re.IGNORECASE,
)
# Words that open the caption of a picture that is no film; further in, they may speak about the film.
_NO_FILM = re.compile(
    r"^(?:the |a |an |our |proposed |overall |schematic )*"
    r"(?:flow\s?-?chart|flow diagram|PRISMA\b|(?:CONSORT|STARD|study) flow diagram|timeline|time line|schematic|diagram"
    r"|architecture|block diagram|pipeline|workflow|epidemic curve|map of|photographs? of"
    r"|phylogen\w+|kaplan[\s–-]meier|forest plot|funnel plot|ROC\b|receiver operating|confusion matri\w+|histogram"
    r"|bar (?:chart|graph|plot)|box\s?plots?|scatter\s?plots?|electrocardiogra\w+|ECG\b"
    r"|(?:nucleotide|amino acid) sequence|western blot|SDS-PAGE)"
    r"|\bphylogenetic (?:tree|analysis)\b|\bflow ?chart of\b",
    re.IGNORECASE,
)


def kind_of(label: str, caption: str) -> Kind:
    """Return what the label and caption say plainly that a picture is; blank where they leave any doubt.

    A caption that names two kinds of picture (a film and a slice) is in doubt: its panels differ.
    """
    if label.strip().lower().startswith("box"):
        return "other"
    kinds: tuple[tuple[Kind, re.Pattern[str]], ...] = (
        ("chest-xray", _CHEST_XRAY), ("ct", _CT), ("other-radiology", _OTHER_RADIOLOGY),
    )  # fmt: skip
    no_film = _NO_FILM.search(caption.lstrip(" .:—–-"))
    named = [kind for kind, words in kinds if words.search(caption)]
    if not named:
        return "other" if no_film and not _RADIOLOGY.search(caption) else ""
    opening = " ".join(caption.split()[:_OPENING_WORDS])
    sentence = re.split(r"(?<=\w\w)\.\s", caption)[0]
    if len(named) > 1 or no_film or _ABOUT_FILMS.search(sentence) or not dict(kinds)[named[0]].search(opening):
        return ""
    return named[0]
